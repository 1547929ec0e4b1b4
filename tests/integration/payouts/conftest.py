"""A payday on each database in turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.log import Log
from tests.ledger_samples import FixedClock
from tests.payout_world import NOON, Payday, terms
from tests.settlement_world import World


@pytest.fixture
def payday(engine: Engine, tmp_path: Path) -> Payday:
    """A settled month of three sales, everybody with an account, nothing accepted yet."""
    clock = FixedClock(NOON)
    made = Payday(World(Log(engine, clock=clock), tmp_path / "data", [terms()]), clock)
    made.month("A", "B", "C")
    made.accounts()
    return made
