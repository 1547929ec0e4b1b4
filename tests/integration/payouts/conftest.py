"""A payday on each database in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.database import open_engine
from tests.payout_world import Payday, settled


@pytest.fixture
def payday(engine: Engine, tmp_path: Path) -> Payday:
    """A settled month of three sales, everybody with an account, nothing accepted yet."""
    return settled(engine, tmp_path / "data")


@pytest.fixture
def sheet(sqlite_url: str, tmp_path: Path) -> Iterator[Payday]:
    """The same on SQLite alone, for what no database decides."""
    engine = open_engine(sqlite_url)
    yield settled(engine, tmp_path / "data")
    engine.dispose()
