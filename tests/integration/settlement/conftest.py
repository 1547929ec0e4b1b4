"""A world on each database in turn."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.database import open_engine
from ledger.log import Log
from tests.settlement_world import World, head_streamer


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    """A log with the plain four-party agreement, on each database in turn."""
    return World(Log(engine), tmp_path / "data")


@pytest.fixture
def season(engine: Engine, tmp_path: Path) -> World:
    """A log with the head streamer's agreement, on each database in turn."""
    return World(Log(engine), tmp_path / "data", [head_streamer()])


@pytest.fixture
def engine_alone(tmp_path: Path, _sqlite_template: Path) -> Iterator[Engine]:
    """One empty SQLite database, for what is long and compares no databases."""
    shutil.copy(_sqlite_template, tmp_path / "alone.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'alone.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def engine_pair(tmp_path: Path, _sqlite_template: Path) -> Iterator[tuple[World, World]]:
    """Two worlds with logs of their own, to be compared. The databases were compared elsewhere."""
    engines = []
    for name in ("one", "two"):
        shutil.copy(_sqlite_template, tmp_path / f"{name}.db")
        engines.append(open_engine(f"sqlite:///{tmp_path / name}.db"))
    one, two = (World(Log(engine), tmp_path / f"data-{place}") for place, engine in enumerate(engines))
    yield one, two
    for engine in engines:
        engine.dispose()
