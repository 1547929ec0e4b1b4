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

from tests.books_machine import Books
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


def _run(databases: Databases, share: int) -> None:
    """Run the machine in one example for every `share` of the profile's."""
    examples = settings(
        max_examples=settings().max_examples // share,
        stateful_step_count=40,
        suppress_health_check=[HealthCheck.too_slow],
    )

    class BooksHere(Books):
        database = staticmethod(databases)

    run_state_machine_as_test(BooksHere, settings=examples)


def test_the_books_are_what_the_model_says_on_sqlite(on_sqlite: Databases) -> None:
    _run(on_sqlite, share=4)


@pytest.mark.postgres
def test_the_books_are_what_the_model_says_on_postgresql(on_postgresql: Databases) -> None:
    _run(on_postgresql, share=12)
