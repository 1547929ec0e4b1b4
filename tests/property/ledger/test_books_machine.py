"""The books against a plain model, on both databases: whatever is said, in any order, with restarts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.engine import make_url

from ledger import sums
from tests.books.machine import Books
from tests.postgres import Server

Databases = Callable[[], AbstractContextManager[str]]


@pytest.fixture
def on_sqlite(tmp_path: Path, _sqlite_template: Path) -> Databases:
    """Fresh, migrated SQLite databases, one at a time."""

    @contextmanager
    def fresh() -> Iterator[str]:
        home = tmp_path / "books"
        home.mkdir()
        shutil.copy(_sqlite_template, home / "ledger.db")
        yield f"sqlite:///{home / 'ledger.db'}"
        shutil.rmtree(home)

    return fresh


@pytest.fixture
def on_postgresql(postgres_server: Server, _postgres_template: str) -> Databases:
    """Fresh, migrated PostgreSQL databases."""

    @contextmanager
    def fresh() -> Iterator[str]:
        url = postgres_server.fresh(template=make_url(_postgres_template).database or "")
        yield url
        postgres_server.drop(url)

    return fresh


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 8 entries, 3 postings to be busy, parts of 2 times: a short run fills many."""
    for name, value in (("BLOCK", 8), ("BUSY", 3), ("PART", 2), ("_RANGES_AT_ONCE", 2)):
        monkeypatch.setattr(sums, name, value)


def _run(databases: Databases, share: int, home: Path) -> None:
    """Run the machine in one example for every `share` of the profile's."""
    home.mkdir(exist_ok=True)
    examples = settings(
        max_examples=settings().max_examples // share,
        stateful_step_count=60,
        suppress_health_check=[HealthCheck.too_slow],
    )

    class BooksHere(Books):
        database = staticmethod(databases)

    BooksHere.home = home
    run_state_machine_as_test(BooksHere, settings=examples)


def test_the_books_are_what_the_model_says_on_sqlite(on_sqlite: Databases, tmp_path: Path) -> None:
    _run(on_sqlite, 2, tmp_path / "files")


@pytest.mark.postgres
def test_the_books_are_what_the_model_says_on_postgresql(on_postgresql: Databases, tmp_path: Path) -> None:
    _run(on_postgresql, 12, tmp_path / "files")
