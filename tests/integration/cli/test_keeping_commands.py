"""`erase`, `rebuild`, `doctor`: data goes, proofs hold; what was tampered with is found."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ledger.checkpoints import make_checkpoint
from ledger.notes import LogKey
from tests.command_line import log_size, office_at, tally


def sale_with_a_buyer(data: Path) -> int:
    """Return the entry of the first sale that the platform's newest statement cites."""
    shown = tally(data, "statement", "show", "head-streamer.3.4", "--json", "--limit", "1").json
    return int(min(shown["shown_lines"][0]["entries"]))


def erase(data: Path, seq: int, request: str = "request-1") -> Any:
    return tally(data, "erase", str(seq), "buyer", "--reason", "the buyer asked", "--by", "platform",
                 "--id", request)  # fmt: skip


def evidence(data: Path, to: Path) -> Path:
    path = to / "platform.tally"
    assert tally(data, "export", "statement", "head-streamer.3.4", "--out", path).code == 0
    return path


def group_of(bundle: Path, seq: int, position: int) -> dict[str, Any]:
    entries = json.loads(json.loads(bundle.read_bytes())["parts"]["entries.json"])
    (entry,) = [entry for entry in entries if entry["seq"] == seq]
    found: dict[str, Any] = entry["groups"][position]
    return found


def test_a_buyer_is_erased_and_every_proof_still_holds(installation: Path, tmp_path: Path) -> None:
    seq = sale_with_a_buyer(installation)
    with office_at(installation) as office:
        (buyer,) = [group for group in office.log.groups(seq) if group.name == "buyer"]
        name = buyer.content["buyer"]
        leaf = office.log.entry(seq).leaf
        before = make_checkpoint(office.log, office.log_key)
    assert "opened" in group_of(evidence(installation, tmp_path), seq, buyer.position)

    assert erase(installation, seq).code == 0
    size = log_size(installation)
    assert erase(installation, seq).code == 0
    assert log_size(installation) == size, "the same request again changes nothing"

    rebuilt = tally(installation, "rebuild", "--json")
    assert rebuilt.code == 0
    assert rebuilt.json["unchanged"] is True
    assert [(one["seq"], one["group"]) for one in rebuilt.json["erased"]] == [(seq, "buyer")]
    assert f"erased: entry {seq}, group 'buyer'" in tally(installation, "rebuild").out

    bundle = evidence(installation, tmp_path)
    keys = installation / "example" / "keys.txt"
    ran = tally(installation, "verify", bundle, "--trust", keys, "--json")
    assert ran.code == 0
    erased = group_of(bundle, seq, buyer.position)
    assert erased["erased"] is True
    assert "opened" not in erased
    assert "erased" in json.dumps(ran.json), "the verifier names it"
    doctor = tally(installation, "doctor", "--json")
    assert doctor.code == 0, doctor.out
    with office_at(installation) as office:
        assert office.log.entry(seq).leaf == leaf
        assert office.log.root(before.size) == before.root
        salt_gone = next(group for group in office.log.groups(seq) if group.name == "buyer")
        assert (salt_gone.salt, salt_gone.opened) == (None, None)
    assert name, "there was something to erase"


def test_only_what_is_there_can_be_erased(installation: Path) -> None:
    size = log_size(installation)
    for seq, group in (("999999", "buyer"), (str(sale_with_a_buyer(installation)), "nonsense")):
        ran = tally(installation, "erase", seq, group, "--reason", "r", "--by", "platform", "--id", "x")
        assert (ran.code, ran.out) == (2, "")
    assert log_size(installation) == size


def test_a_sound_installation_is_given_a_clean_bill(example_data: Path) -> None:
    ran = tally(example_data, "doctor", "--json")
    assert ran.code == 0
    assert ran.json == {"ok": True, "entries": log_size(example_data), "findings": []}
    assert "all is as it should be" in tally(example_data, "doctor").out


SALE = "(SELECT min(seq) FROM entry WHERE kind = 'sale.recorded')"
TAMPERING = {
    "an amount": f"UPDATE posting SET amount_minor = amount_minor + 1 WHERE seq = {SALE} AND n = 0",
    "a fact": "UPDATE disclosure SET opened = CAST(replace(CAST(opened AS TEXT), '299.00', '298.00') AS BLOB)"
    f" WHERE seq = {SALE} AND name = 'order'",
    "a leaf": "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'platform', 'platfarm') AS BLOB)"
    f" WHERE seq = {SALE}",
    "a time": f"UPDATE entry SET occurred_us = occurred_us + 1 WHERE seq = {SALE}",
    "a missing entry": f"DELETE FROM entry WHERE seq = {SALE}",
    "a cut tail": "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)",
}


def tamper(data: Path, statement: str) -> None:
    """Change the database behind the product's back, as who owns the machine could, and hide the traces."""
    with closing(sqlite3.connect(data / "tallystick.db", isolation_level=None)) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("PRAGMA foreign_keys = OFF")
        assert database.execute(statement).rowcount == 1
        for _, text in triggers:
            database.execute(text)


@pytest.mark.parametrize("what", TAMPERING)
def test_a_row_changed_behind_its_back_is_found(installation: Path, what: str) -> None:
    tamper(installation, TAMPERING[what])
    ran = tally(installation, "doctor", "--json")
    assert ran.code == 1
    assert ran.json["ok"] is False
    assert ran.json["findings"]
    assert all(finding["code"] and finding["path"] for finding in ran.json["findings"])


def test_a_trigger_that_was_dropped_is_found_and_put_back_by_the_next_command(installation: Path) -> None:
    with closing(sqlite3.connect(installation / "tallystick.db")) as database:
        database.execute("DROP TRIGGER entry_update")
    ran = tally(installation, "doctor", "--json")
    assert ran.code == 1
    assert {finding["code"] for finding in ran.json["findings"]} == {"trigger.unfit"}
    assert tally(installation, "agreement", "list").code == 0
    assert tally(installation, "doctor").code == 0


def test_the_doctor_looks_at_nothing_yet_without_making_anything(tmp_path: Path) -> None:
    ran = tally(tmp_path / "new", "doctor", "--json")
    assert ran.code == 1
    assert [finding["code"] for finding in ran.json["findings"]] == ["database.unmigrated"]


def test_derived_rows_that_were_changed_come_back_by_a_rebuild_that_says_so(installation: Path) -> None:
    tamper(installation, TAMPERING["an amount"])
    assert tally(installation, "doctor").code == 1
    ran = tally(installation, "rebuild")
    assert ran.code == 1
    assert "posting" in next(line for line in ran.out.splitlines() if "differs" in line)
    assert tally(installation, "doctor").code == 0


def test_the_doctor_finds_lines_that_are_not_those_issued_and_rebuild_mends_them(installation: Path) -> None:
    (path, *_) = sorted((installation / "files").rglob("*.parquet"))
    lines = pl.read_parquet(path)
    lines.with_columns(pl.col("amount_minor") + 1).write_parquet(path)
    found = tally(installation, "doctor", "--json")
    assert found.code == 1
    assert [finding["code"] for finding in found.json["findings"]] == ["lines.altered"]
    assert tally(installation, "rebuild").code == 0
    assert tally(installation, "doctor").code == 0


def test_an_auditor_examines_a_copy_by_the_keys_that_it_trusts(example_data: Path, tmp_path: Path) -> None:
    theirs, other = tmp_path / "theirs.txt", tmp_path / "other.txt"
    theirs.write_text((example_data / "example" / "keys.txt").read_text("utf-8"), encoding="utf-8")
    name = next(line for line in theirs.read_text("utf-8").splitlines() if "+" in line).partition("+")[0]
    other.write_text(f"{LogKey(name, bytes(32)).vkey}\n", encoding="utf-8")
    assert tally(example_data, "doctor", "--trust", theirs).code == 0
    ran = tally(example_data, "doctor", "--trust", other, "--json")
    assert ran.code == 1
    assert "checkpoint.note" in {finding["code"] for finding in ran.json["findings"]}
    other.write_text("party mcn 0x12\n", encoding="utf-8")
    refused = tally(example_data, "doctor", "--trust", other)
    assert (refused.code, "line 1 of the trust file" in refused.err) == (2, True)
