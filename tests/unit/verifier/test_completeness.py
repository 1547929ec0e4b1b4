"""A party's proof that it was shown all of its entries: what holds, what is found, and by what."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.verifier.bundle_maker import LogKey, Maker, canonical
from tests.unit.verifier.completeness_maker import PARTY, SALT, Ledger, lines, records
from verifier.files import verify_file
from verifier.place import read_place, require_place
from verifier.report import Fault, Report


def verified(proof: bytes, ledger: Ledger, *kept: bytes) -> Report:
    return verify_file(proof, ledger.trust, kept=kept)


def failed(report: Report) -> list[str]:
    """The names of the checks that do not hold."""
    return [check.name for check in report.checks if check.status in {"fails", "unusable"}]


@pytest.mark.parametrize("size", [2, 3, 4, 5, 8, 12, 13, 64, 65])
def test_all_entries_of_a_party_verify_under_a_checkpoint_of_any_size(size: int) -> None:
    ledger = Ledger(66)
    report = verified(ledger.proof(size), ledger)
    assert report.exit_code == 0
    (told,) = [check.detail for check in report.checks if check.name == "all"]
    assert told == f"these are all entries that concern {PARTY} up to entry {size - 1}"


def test_without_the_logs_key_there_is_no_yes_and_another_key_is_a_no() -> None:
    ledger = Ledger()
    assert verify_file(ledger.proof(), None).exit_code == 2
    assert verify_file(ledger.proof(), LogKey("x", "another.log").vkey).exit_code == 2
    assert verify_file(ledger.proof(), Ledger(seed="forged").trust).exit_code == 1


# ---- what a party finds with the file alone


def test_an_entry_that_is_not_shown_is_missed() -> None:
    ledger = Ledger()
    report = verified(ledger.proof(shown=[1, 2, 4, 5, 7, 10, 11]), ledger)
    assert failed(report) == ["all"]
    assert "7 entries are shown where 8 are signed for" in report.lines()[-2]


def test_an_entry_of_another_that_is_shown_in_its_stead_is_found() -> None:
    ledger = Ledger()
    assert failed(verified(ledger.proof(shown=[1, 2, 4, 5, 7, 9, 10, 11]), ledger)) == ["all"]


def test_an_entry_that_is_not_in_the_log_is_found_though_the_partys_tree_was_signed_with_it() -> None:
    honest, forged = Ledger(), Ledger(changed=[5])
    mixed = Ledger(changed=[5])
    mixed.note = honest.note  # type: ignore[method-assign]
    assert failed(verified(mixed.proof(), honest)) == ["entries"]
    assert verified(forged.proof(), forged).exit_code == 0


Change = Callable[[list[Any]], None]


def head(**changes: Any) -> Change:
    return lambda rows: rows[0].update(changes)


def entry(at: int, **changes: Any) -> Change:
    return lambda rows: rows[at].update(changes)


CHANGES: dict[str, tuple[Change, list[str]]] = {
    "a count lowered": (head(count=7), ["party", "all"]),
    "a count of more than the log has": (head(count=13), ["party", "all"]),
    "no entries at all": (head(count=0), ["party", "all"]),
    "another root": (head(root="00" * 32), ["party", "all"]),
    "another salt": (head(salt="00" * 32), ["party"]),
    "another party's name": (head(party="brand-co"), ["party"]),
    "another place": (lambda rows: rows[0].update(index=rows[0]["index"] ^ 1), ["party"]),
    "a place outside the map": (lambda rows: rows[0].update(index=rows[0]["index"] + 1024), ["party"]),
    "a path too short": (lambda rows: rows[0]["path"].pop(), ["party"]),
    "two entries swapped": (lambda rows: rows.insert(1, rows.pop(2)), ["entries", "all"]),
    "an entry twice": (lambda rows: rows.insert(1, rows[1]), ["entries", "all"]),
    "another number": (entry(2, seq=3), ["entries", "all"]),
    "a hash dropped": (lambda rows: rows[1]["before"].clear(), ["entries", "all"]),
    "a hash more": (lambda rows: rows[2]["before"].append(rows[1]["before"][0]), ["entries", "all"]),
    "a hash at the end": (lambda rows: rows[-1]["after"].append(rows[1]["before"][0]), ["entries"]),
    "the last line dropped": (lambda rows: rows.pop(), ["entries"]),
    "a line after the last": (lambda rows: rows.append(rows[-1]), ["entries"]),
    "a group's words": (
        lambda rows: rows[1]["groups"][0].update(opened=rows[1]["groups"][0]["opened"].replace("A1", "A2")),
        ["entries"],
    ),
    "a group dropped": (lambda rows: rows[1]["groups"].pop(), ["entries"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_file_is_found(name: str) -> None:
    ledger = Ledger()
    change, names = CHANGES[name]
    rows = records(ledger.proof())
    change(rows)
    report = verified(lines(rows), ledger)
    assert report.exit_code == 1
    assert failed(report) == names


def test_no_byte_of_a_proof_can_change_unseen() -> None:
    ledger = Ledger(4)
    proof = ledger.proof()
    for at in range(0, len(proof), 13):
        changed = proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1 :]
        assert verified(changed, ledger).exit_code != 0, proof[max(at - 30, 0) : at + 30]
    for end in range(0, len(proof), 97):
        assert verified(proof[:end], ledger).exit_code != 0


def test_a_checkpoint_that_signs_no_parties_proves_nothing_complete() -> None:
    ledger = Ledger()
    rows = records(ledger.proof())
    rows[0]["checkpoint"] = ledger.note(12, None)
    report = verified(lines(rows), ledger)
    assert failed(report) == ["party"]
    assert "signs nothing of parties" in report.lines()[2]


# ---- what it takes something kept to find


def test_an_entry_left_out_of_the_signed_tree_is_found_by_those_who_know_of_it_alone() -> None:
    ledger = Ledger()
    short = ledger.proof(tree=[1, 2, 4, 7, 8, 10, 11])  # entry 5 is the streamer's, too
    assert verified(short, ledger).exit_code == 0, "the file by itself cannot tell"
    known = b"orders\tid 4\norders\tid 5\n"
    report = verified(short, ledger, known)
    assert failed(report) == ["kept"]
    assert "not among the entries shown: orders id 5" in report.lines()[-2]
    assert verified(ledger.proof(), ledger, known).exit_code == 0


def test_an_entry_left_out_later_is_found_by_the_proof_kept_or_its_first_line() -> None:
    ledger = Ledger()
    earlier = ledger.proof(8)
    short = ledger.proof(tree=[1, 2, 4, 7, 8, 10, 11])
    for kept in (earlier, earlier.partition(b"\n")[0]):
        assert failed(verified(short, ledger, kept)) == ["kept"]
        assert verified(ledger.proof(), ledger, kept).exit_code == 0
        assert verified(ledger.proof(8), ledger, kept).exit_code == 0


def test_a_party_that_stands_in_the_map_twice_finds_it_by_the_salt_it_kept() -> None:
    ledger = Ledger()
    other = bytes(32)
    twice = ledger.proof(tree=ledger.own(9), salt=other, others=[ledger.leaf(12, ledger.own(12), SALT)])
    assert verified(twice, ledger).exit_code == 0, "the file by itself cannot tell"
    report = verified(twice, ledger, ledger.proof(8))
    assert failed(report) == ["kept"]
    assert "another salt" in report.lines()[-2]


def test_fewer_entries_an_older_state_and_a_fork_are_found_by_the_proof_kept() -> None:
    ledger = Ledger()
    fork = Ledger(changed=[0])
    fewer = ledger.proof(tree=[1, 2])
    for shown, kept, told in (
        (fewer, ledger.proof(8), "5 entries concerned you before, and now 2 do"),
        (ledger.proof(8), ledger.proof(), "an older state of 8"),
        (fork.proof(), ledger.proof(), "a fork: the log signed two states of 12 entries"),
        (ledger.proof(tree=[1, 2]), ledger.proof(), "a fork"),
    ):
        report = verified(shown, ledger, kept)
        assert failed(report) == ["kept"]
        assert told in report.lines()[-2]


def test_a_rewritten_beginning_is_found_by_the_proof_kept() -> None:
    ledger, rewritten = Ledger(), Ledger(changed=[4])
    report = verified(rewritten.proof(), ledger, ledger.proof(8))
    assert failed(report) == ["kept"]
    assert "the first 5 entries are not those of the proof that you kept" in report.lines()[-2]


def test_what_was_kept_of_another_party_or_log_or_is_unsound_decides_nothing() -> None:
    ledger = Ledger()
    unsound = records(ledger.proof(8))
    unsound[0]["count"] = 4
    for kept in (
        lines([{**records(ledger.proof(8))[0], "party": "brand-co"}]),
        lines(unsound[:1]),
        Ledger(seed="forged").proof(8),
        b'{"format":"tallystick/completeness/v1"}\n',
        b"no bundle\n",
        Maker().bundle(),
    ):
        report = verified(ledger.proof(), ledger, kept)
        assert report.exit_code == 2
        assert failed(report) == ["kept"]


def test_a_kept_checkpoint_shows_a_fork_in_the_map_of_parties_too() -> None:
    ledger = Ledger()
    shown = ledger.proof()
    (same,) = [records(shown)[0]["checkpoint"]]
    assert verified(shown, ledger, same.encode()).exit_code == 0
    report = verified(shown, ledger, ledger.note(12, bytes(32)).encode())
    assert failed(report) == ["kept"]
    assert "two maps of its parties" in report.lines()[-2]


def test_a_line_that_is_not_canonical_is_refused() -> None:
    ledger = Ledger()
    proof = ledger.proof()
    assert failed(verified(proof.replace(b',"seq":2}', b', "seq":2}'), ledger)) == ["entries", "all"]
    spaced = proof.replace(b'{"checkpoint"', b'{ "checkpoint"', 1)
    assert failed(verified(spaced, ledger)) == ["file"]
    assert canonical(records(proof)[0]).encode() == proof.partition(b"\n")[0]


def test_the_golden_bytes_of_a_map_are_read_by_the_verifier_too() -> None:
    golden = json.loads((Path(__file__).parents[2] / "golden" / "parties_v1.json").read_text("utf-8"))
    for row in golden["parties"]:
        first = {name: row[name] for name in ("count", "index", "party", "root", "salt")}
        path = [base64.b64encode(bytes.fromhex(one)).decode() for one in row["path"]]
        first |= {"checkpoint": golden["checkpoint"], "format": "tallystick/completeness/v1", "path": path}
        require_place(read_place(canonical(first).encode()))
        with pytest.raises(Fault):
            require_place(read_place(canonical(first | {"count": row["count"] + 1}).encode()))
