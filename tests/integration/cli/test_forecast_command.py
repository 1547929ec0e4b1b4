"""`forecast`: expected payouts by day on the command line, as text, CSV and JSON."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import tally


def test_what_is_expected_is_told_with_its_assumption(example_data: Path) -> None:
    told = tally(example_data, "forecast", "head-streamer")
    assert told.code == 0, told.err
    assert told.out.startswith("What the next settlement would pay on each day if nothing more happened")
    found = tally(example_data, "forecast", "head-streamer", "--party", "mcn", "--json").json
    assert {one["party"] for one in found["days"]} <= {"mcn"}
    table = tally(example_data, "forecast", "head-streamer", "--csv").out
    assert table.startswith("day,party,payable_minor,adds_minor")
    wrong = tally(example_data, "forecast", "head-streamer", "--days", "400")
    assert (wrong.code, "[settlement.refused]" in wrong.err) == (2, True)
    assert tally(example_data, "forecast", "nothing").code == 2
