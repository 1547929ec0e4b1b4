"""A month played as it would have happened: what was put in is found, all of it, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.office.opening import open_office
from api.settings import Settings
from examples.simulated_month.generate import at, simulated_month
from examples.simulated_month.play import Clock, Compared, play


def played(folder: Path, *, breaches: bool) -> Compared:
    month = simulated_month(7, breaches=breaches)
    clock = Clock(at(month.happenings[0].at.date(), 0))
    settings = Settings(folder, f"sqlite:///{folder / 'tallystick.db'}", "a secret of the tests")
    with open_office(settings, clock=clock) as office:
        return play(office, clock, month, folder)


def test_every_breach_that_was_put_in_is_found_and_nothing_else(tmp_path: Path) -> None:
    found = played(tmp_path, breaches=True)
    assert (found.missed, found.false) == ([], [])
    assert len({one.code for one in found.injected}) == 10
    assert found.given == len(found.injected) == 17


def test_a_quiet_month_raises_no_notice(tmp_path: Path) -> None:
    found = played(tmp_path, breaches=False)
    assert (found.given, found.injected) == (0, frozenset())


@pytest.mark.parametrize("seed", range(5))
def test_a_seed_gives_one_month_and_another_gives_another(seed: int) -> None:
    month = simulated_month(seed, breaches=True)
    assert month == simulated_month(seed, breaches=True)
    assert month != simulated_month(seed + 1, breaches=True)
    assert not simulated_month(seed, breaches=False).injected
