"""`tallystick relation`: the stage, what the next one asks, and the version that moves it on as a file."""

from __future__ import annotations

from pathlib import Path

from api.office.relations import relation
from ledger.registers.telling import tell
from tests.command_line import log_size, office_at, tally


def test_a_move_is_drafted_as_a_file_that_checks_and_nothing_is_written(
    installation: Path, tmp_path: Path
) -> None:
    size = log_size(installation)
    assert "strategic_alliance not ready" in tally(installation, "relation", "list").out
    assert tally(installation, "relation", "list", "--json").json[0]["stage"] == "deep_binding"
    shown = tally(installation, "relation", "show", "head-streamer", "--lang", "zh")
    assert "未满足" in shown.out
    assert tally(installation, "relation", "show", "head-streamer", "--json").json["moves"][0]["signed_by"]

    file = tmp_path / "next.json"
    day = ("--from", "2027-06-01", "-o", file)
    drafted = tally(installation, "relation", "draft", "head-streamer", "--to", "strategic_alliance", *day)
    assert (drafted.code, "does not  no dispute open" in drafted.out) == (0, True), drafted
    assert tally(installation, "check", file).code == 0
    again = tally(installation, "relation", "draft", "head-streamer", "--to", "strategic_alliance", *day)
    assert (again.code, "exists already" in again.err) == (2, True)
    pack = tally(installation, "relation", "pack", "strategic_alliance")
    assert (pack.code, "clauses:" in pack.out) == (0, True)
    assert tally(installation, "relation", "pack", "initial").code == 2
    swap = ("--replace", "mcn=mcn-b", "--name", "mcn-b=新机构/New Agency", "--from", "2027-06-01")
    moved = tally(installation, "relation", "draft", "head-streamer", *swap, "-o", tmp_path / "moved.json")
    assert "stays with mcn: balance" in moved.out
    for wrong in (("--to", "deep_binding"), ("--replace", "mcm=x"), ("--replace", "mcn"), ()):
        refused = tally(
            installation, "relation", "draft", "head-streamer", *wrong, "--from", "2027-06-01", "-o",
            tmp_path / "no.json",
        )  # fmt: skip
        assert (refused.code, refused.out) == (2, ""), wrong
    assert tally(installation, "relation", "show", "nobody").code == 2
    assert log_size(installation) == size


def test_what_an_item_comes_to_is_told_and_other_registers_are_refused(installation: Path) -> None:
    with office_at(installation) as office:
        first = relation(office, "head-streamer").agreement
        for event, fields in (("opened", {}), ("given", {"side": "first", "units": "3"})):
            tell(office.log, first, "exchange", "X-1", event, fields, by="brand", at=office.clock())
    counted = tally(installation, "relation", "count", "exchange", "X-1")
    assert (counted.code, counted.out.splitlines()[0]) == (0, "exchange X-1  head-streamer@1  no such clause")
    assert tally(installation, "relation", "count", "exchange", "X-1", "--json").json["facts"] == {
        "first_given": "3",
        "second_given": "0",
    }
    for name, item in (("session", "X-1"), ("exchange", "X-2")):
        assert tally(installation, "relation", "count", name, item).code == 2
