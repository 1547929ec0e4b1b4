"""One log that all examples of a module add to, each under names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.database import open_engine
from ledger.log import Log
from tests.ledger_samples import FixedClock


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Log]:
    """One log to which every example of a module adds; each looks at its own entries only."""
    path = tmp_path_factory.mktemp("shared") / "ledger.db"
    path.write_bytes(_sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    yield Log(engine, clock=FixedClock())
    engine.dispose()
