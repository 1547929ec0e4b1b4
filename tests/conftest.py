"""Fixtures that every ring of the tests shares: Hypothesis profiles and what may be skipped where."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ledger.database import open_engine
from migrations.apply import migrate
from tests.chains.node import Node, running_node
from tests.postgres import Server, running_server

settings.register_profile("default", max_examples=60, deadline=None, derandomize=True)
settings.register_profile(
    "soak", max_examples=1_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(  # one failing example kills a mutant; making it small would only take time
    "mutation", max_examples=40, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("TALLYSTICK_HYPOTHESIS", "default"))


def pytest_collection_finish() -> None:
    """Refuse to run under py-evm's recursion limit, under which JSON nested deeply ends the process.

    Whoever imports py-evm or titanoboa puts the limit back: contracts.embedded, tests.vyper.evm.
    """
    assert sys.getrecursionlimit() <= 10_000, "something collected here imports py-evm unguarded"
    # Tests make many large things and keep few: what is imported by now stays, and is not looked through
    # for rings again, which has the application made in half the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server for the whole run, started when the first test asks for it."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: Server) -> Iterator[str]:
    url = postgres_server.fresh()
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def postgres_url(postgres_server: Server, _postgres_template: str) -> Iterator[str]:
    """A fresh, migrated PostgreSQL database."""
    url = postgres_server.fresh(template=make_url(_postgres_template).database or "")
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def anvil() -> Iterator[Node]:
    """A real EVM node for the whole run; who needs an empty one runs his own (tests.chains.node)."""
    with running_node() as node:
        yield node


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A fresh, migrated SQLite database in a file."""
    path = tmp_path / "ledger.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database of each kind in turn: what is asserted of one is asserted of both."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated database of each kind in turn."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()
