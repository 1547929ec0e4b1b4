"""`tallystick dispute answer, extend, offer …`: a case walked from the command line, by the sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Ran, log_size, tally

CASE = """\
clause: "6.2"
claim: {claimant: mcn, respondent: platform, amount: 12.00, demand: "two orders short"}
decided_at: 2026-04-02
"""


def as_(installation: Path, party: str, *words: str | Path) -> Ran:
    lines = (installation / "example" / "access-codes.txt").read_text(encoding="utf-8").splitlines()
    code = dict(line.split("\t") for line in lines)[f"{party}-finance"]
    return tally(installation, "dispute", *words, "--code-file", "-", "--json", typed=f"{code}\n")


@pytest.fixture
def filed(installation: Path, tmp_path: Path) -> str:
    """The id of a case about two orders of the example."""
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    (tmp_path / "orders.txt").write_text("D01-0001\nD01-0002\nD01-0001\n", encoding="utf-8")
    path = tmp_path / "case.yaml"
    ran = tally(installation, "dispute", "file", path, "--orders", tmp_path / "orders.txt", "--json")
    assert ran.code == 0, ran.err
    assert ran.json["state"] == "served"
    assert ran.json["case"]["case"]["order_list"] == ["D01-0001", "D01-0002"]
    return str(ran.json["dispute"])


def test_a_case_is_answered_given_time_ruled_and_appealed(
    installation: Path, tmp_path: Path, filed: str
) -> None:
    asked = as_(installation, "platform", "extend", filed, "answer", "3", "--reason", "records are collected")
    assert asked.json["steps"][-1]["step"] == "extension_asked/answer/1"
    before = asked.json["windows"][0]["last_day"]
    granted = as_(installation, "mcn", "grant", filed, "extension_asked/answer/1")
    assert granted.json["windows"][0]["last_day"] > before

    answer = tmp_path / "answer.yaml"
    answer.write_text("words: All of it was paid.\n", encoding="utf-8")
    assert as_(installation, "mcn", "answer", filed, answer).code == 2
    assert as_(installation, "platform", "answer", filed, answer).json["state"] == "evidence"
    answer.write_text("words: [1, 2]\n", encoding="utf-8")
    refused = as_(installation, "platform", "answer", filed, answer)
    assert (refused.code, "case.unusable" in refused.err) == (2, True)

    early = tally(installation, "dispute", "decide", filed)
    assert (early.code, "dispute.state" in early.err, "until" in early.err) == (2, True, True)
    for party in ("mcn", "platform"):
        assert as_(installation, party, "rest", filed).code == 0
    ruled = tally(installation, "dispute", "decide", filed)
    assert "ruled, open to appeal" in ruled.out
    assert "appeal/rules: open to claimant and respondent until" in ruled.out
    appealed = as_(installation, "mcn", "appeal", filed, "--reason", "the clause says gross")
    assert (appealed.json["state"], appealed.json["level"]) == ("appealed", "panel")
    shown = tally(installation, "dispute", "show", filed)
    assert "appealed/panel/claimant" in shown.out
    assert as_(installation, "mcn", "withdraw", filed, "--reason", "tired").code == 2


def test_a_case_is_settled_with_the_keystores_of_both_sides(
    installation: Path, tmp_path: Path, filed: str
) -> None:
    keys, proposal = installation / "example" / "keystores", tmp_path / "proposal.yaml"
    proposal.write_text(
        "words: half of it\npayments:\n  - {source: platform.balance, target: mcn.balance, amount: 6.00}\n",
        encoding="utf-8",
    )

    def signed(party: str, key: str, *words: str | Path) -> Ran:
        keystore = ("--keystore", keys / f"{key}.json", "--password-file", keys / f"{key}.password")
        return as_(installation, party, *words, *keystore)

    wrong = signed("mcn", "brand", "offer", filed, proposal)
    assert (wrong.code, "signature" in wrong.err) == (2, True)
    assert signed("mcn", "mcn", "offer", filed, proposal).code == 0
    size = log_size(installation)
    assert signed("mcn", "mcn", "offer", filed, proposal).code == 0
    assert log_size(installation) == size
    assert signed("platform", "platform", "accept", filed, "2").code == 2
    done = signed("platform", "platform", "accept", filed, "1")
    assert (done.json["state"], done.json["decision"]["amount_minor"]) == ("settled", 600)
    out = installation / "agreed.tally"
    exported = tally(installation, "export", "decision", filed, "--party", "mcn", "--out", out)
    assert exported.code == 0, exported.err
    keys_file = installation / "example" / "keys.txt"
    assert tally(installation, "verify", out, "--trust", keys_file).code == 0
    assert tally(installation, "doctor").code == 0
