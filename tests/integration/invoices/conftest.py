"""A world to invoice in, on each database in turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.log import Log
from tests.settlement_world import World


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    """A log with the plain four-party agreement, on each database in turn."""
    return World(Log(engine), tmp_path / "data")
