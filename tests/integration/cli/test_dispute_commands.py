"""`tallystick dispute`, `export` and `render`: a case from filing to evidence, and the contract in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import AGREEMENT, EXAMPLES, log_size, office_at, tally
from tests.world import unappealed

REASON = "the caps of 9.4 were applied rightly"


def case(name: str) -> Path:
    return EXAMPLES / "cases" / f"{name}.yaml"


def by_state(data: Path) -> dict[str, Any]:
    return {one["state"]: one for one in tally(data, "dispute", "list", "--json").json}


def test_the_same_case_filed_again_is_the_same_dispute(installation: Path) -> None:
    size = log_size(installation)
    for name, state in (("D01", "decided"), ("D05", "proposed")):
        filed = tally(installation, "dispute", "file", case(name), "--json")
        assert filed.code == 0
        assert filed.json == by_state(installation)[state]
        again = tally(installation, "dispute", "decide", filed.json["dispute"], "--json")
        assert again.json == filed.json
    assert log_size(installation) == size


def test_what_needs_a_person_takes_effect_when_a_person_confirms(installation: Path) -> None:
    proposed = by_state(installation)["proposed"]
    name = proposed["dispute"]
    assert "a person must look" in tally(installation, "dispute", "list").out
    early = tally(
        installation, "export", "decision", name, "--party", "brand", "--out", installation / "e.tally"
    )
    assert early.code == 2
    assert "evidence.not-ready" in early.err

    confirmed = tally(
        installation, "dispute", "confirm", name, "--by", "arbiter", "--reason", REASON, "--json"
    )
    assert confirmed.code == 0
    assert (confirmed.json["state"], confirmed.json["level"]) == ("ruled", "arbitrator")
    assert confirmed.json["decision"]["confirmed_by"] == "arbiter"
    assert confirmed.json["decision"]["postings"] == proposed["decision"]["postings"]
    size = log_size(installation)
    for stranger in ("another", "mcn-finance"):
        refused = tally(installation, "dispute", "confirm", name, "--by", stranger, "--reason", "other")
        assert refused.code == 2
    again = tally(installation, "dispute", "confirm", name, "--by", "arbiter", "--reason", "other", "--json")
    assert again.json == confirmed.json
    assert log_size(installation) == size
    with office_at(installation) as office:
        unappealed(office, name)

    keys = installation / "example" / "keys.txt"
    for party in ("brand", "streamer", "platform"):
        out = installation / f"{party}.tally"
        assert tally(installation, "export", "decision", name, "--party", party, "--out", out).code == 0
        assert tally(installation, "verify", out, "--trust", keys).code == 0
    assert tally(installation, "doctor").code == 0


def test_who_is_no_side_gets_no_evidence(installation: Path) -> None:
    name, out = by_state(installation)["decided"]["dispute"], installation / "leader.tally"
    ran = tally(installation, "export", "decision", name, "--party", "leader", "--out", out)
    assert (ran.code, ran.out) == (2, "")
    assert not out.exists()


def test_a_case_about_a_clause_nobody_signed_is_not_filed(installation: Path, tmp_path: Path) -> None:
    size = log_size(installation)
    path = tmp_path / "case.yaml"
    path.write_text(
        case("D01").read_text("utf-8").replace('clause: "6.2"', 'clause: "6.9"'), encoding="utf-8"
    )
    ran = tally(installation, "dispute", "file", path)
    assert (ran.code, ran.out) == (2, "")
    assert "6.9" in ran.err
    assert tally(installation, "dispute", "confirm", "D-0", "--by", "a", "--reason", "r").code == 2
    assert log_size(installation) == size


def test_exported_keys_are_those_of_the_example(installation: Path) -> None:
    out = installation / "keys-again.txt"
    assert tally(installation, "export", "keys", "--out", out).code == 0
    assert out.read_bytes() == (installation / "example" / "keys.txt").read_bytes()


@pytest.mark.parametrize(("lang", "words"), [("zh", ("佣金", "价格")), ("en", ("ommission", "price"))])
def test_the_contract_is_printed_as_people_read_it(tmp_path: Path, lang: str, words: tuple[str, ...]) -> None:
    ran = tally(tmp_path, "render", AGREEMENT, "--lang", lang)
    assert ran.code == 0
    assert ran.out == tally(tmp_path, "render", AGREEMENT, "--lang", lang).out
    assert all(word in ran.out for word in words)
    assert "6.2" in ran.out
