"""A step of a payout that breaks off anywhere leaves nothing half done, and can be taken again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import ledger.log
from ledger.doctor import examine
from tests.payout_world import Payday


class Broken(Exception):
    """What stands in for a process that dies."""


@pytest.mark.parametrize("place", ["add_sums", "add_tiles"])
def test_a_step_that_breaks_off_is_not_taken_at_all(
    payday: Payday, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    payday.accept("mcn", "streamer")

    def broken(step: Callable[[], Any]) -> None:
        before, balances = payday.world.log.size(), payday.balance("mcn", "balance")
        with monkeypatch.context() as broken_log:
            broken_log.setattr(ledger.log, place, die)
            with pytest.raises(Broken):
                step()
        assert (payday.world.log.size(), payday.balance("mcn", "balance")) == (before, balances)

    def die(*_args: object) -> None:
        raise Broken

    broken(payday.prepare)
    batch = payday.prepare()
    broken(lambda: payday.release(batch))
    assert payday.state(batch, "mcn") == "prepared"
    batch = payday.release(batch)
    rows = [payday.say(batch, "mcn"), payday.say(batch, "streamer", "failed")]
    broken(lambda: payday.tell(*rows))
    assert [payday.state(batch, one) for one in ("mcn", "streamer")] == ["released", "released"]
    assert len(payday.tell(*rows).written) == 2
    assert examine(payday.world.log.engine) == []
