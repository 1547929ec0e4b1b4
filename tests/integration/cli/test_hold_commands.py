"""`hold`: placed, released in part, listed at a time; and what a dispute contests is held until decided."""

from __future__ import annotations

from pathlib import Path

from api.office.dispute_process import confirm_dispute
from api.office.disputes import disputes
from tests.command_line import log_size, office_at, tally
from tests.world import unappealed

PLACE = ("hold", "place", "H1", "--agreement", "head-streamer", "--account", "mcn", "--clause", "7.1",
         "--reason", "deposit")  # fmt: skip


def test_a_hold_is_placed_released_in_part_and_listed(installation: Path) -> None:
    placed = tally(installation, *PLACE, "--amount", "100.00", "--until", "2030-01-01")
    assert placed.code == 0, placed.err
    assert "mcn.balance          100.00 of 100.00 CNY held until 2029-12-31T16:00:00+00:00" in placed.out
    size = log_size(installation)
    assert tally(installation, *PLACE, "--amount", "100.00", "--until", "2030-01-01").code == 0
    assert log_size(installation) == size, "the same again adds nothing"
    released = tally(
        installation, "hold", "release", "H1", "--amount", "30.00", "--id", "1", "--reason", "x", "--json"
    )
    assert released.json[0]["held_minor"] == 7_000
    shown = tally(installation, "hold", "list", "--agreement", "head-streamer")
    assert "70.00 of 100.00" in shown.out
    assert "H1" not in tally(installation, "hold", "list", "--at", "2026-01-01T00:00:00+08:00").out
    assert tally(installation, "hold", "expire").out == "0 expired hold(s) written down\n"
    assert tally(installation, "doctor").code == 0


def test_what_does_not_fit_exits_with_2_and_says_why(installation: Path) -> None:
    beyond = tally(installation, *PLACE, "--amount", "99999999.00")
    assert (beyond.code, "[hold.beyond-balance]" in beyond.err) == (2, True)
    assert "[hold.unknown]" in tally(installation, "hold", "release", "H9", "--reason", "x").err
    assert tally(installation, "hold", "list", "--at", "yesterday").code == 2


def test_what_a_dispute_contested_was_held_until_it_was_decided(installation: Path) -> None:
    held = {one["hold"]: one["held_minor"] for one in tally(installation, "hold", "list", "--json").json}
    with office_at(installation) as office:
        found = disputes(office)
        waiting = {one.id for one in found.values() if one.awaits_review}
        assert waiting
        assert held.keys() == found.keys()
        assert {hold for hold, left in held.items() if left} == waiting
        for one in waiting:
            confirm_dispute(office, one, by="arbiter", reason="read")
            unappealed(office, one)
    assert not any(one["held_minor"] for one in tally(installation, "hold", "list", "--json").json)
