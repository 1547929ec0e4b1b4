"""An index of PostgreSQL's that lost rows, or leads astray, is named by the doctor, and no sound one is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from ledger.database import open_engine, reading
from ledger.doctor import examine
from ledger.indexes_postgres import index_faults
from ledger.log import Log
from tests.ledger_samples import receipt, sale

pytestmark = pytest.mark.postgres


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Engine]:
    engine = open_engine(postgres_url)
    Log(engine).append([sale(f"O{n}") for n in range(300)])
    yield engine
    engine.dispose()


def tell(engine: Engine, *statements: str) -> None:
    """Change the catalogue as a superuser may, and as a bad disk changes pages."""
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def faults(engine: Engine) -> dict[str, str]:
    return {found.path: found.message for found in examine(engine) if found.code == "index.unfit"}


@pytest.mark.parametrize(
    ("index", "rows"),
    [
        ("entry_key", "300 of the 303 rows of entry"),
        ("entry_by_kind", "300 of the 303 rows of entry"),
        ("entry_by_agreement", "300 of the 303 rows of entry"),
        ("posting_by_account", "600 of the 604 rows of posting"),
        ("line_event_by_line", "300 of the 303 rows of line_event"),
        ("disclosure_pkey", "900 of the 908 rows of disclosure"),
    ],
)
def test_an_index_that_lost_rows_is_found(postgres: Engine, index: str, rows: str) -> None:
    ready = f"UPDATE pg_index SET indisready = %s WHERE indexrelid = '{index}'::regclass"
    tell(postgres, ready % "false")
    Log(postgres).append([sale("late-1"), sale("late-2"), receipt("late-1")])
    tell(postgres, ready % "true")
    assert faults(postgres) == {index: f"it leads to {rows}; run REINDEX INDEX {index}"}
    tell(postgres, f"REINDEX INDEX {index}")
    assert examine(postgres) == []


def test_an_index_that_leads_to_other_rows_or_in_another_order_is_found(postgres: Engine) -> None:
    Log(postgres).append([receipt("O1")])

    def swap(one: str, other: str) -> None:
        tell(
            postgres,
            "UPDATE pg_class a SET relfilenode = b.relfilenode FROM pg_class b"
            f" WHERE (a.relname, b.relname) IN (('{one}', '{other}'), ('{other}', '{one}'))",
        )

    swap("entry_by_kind", "entry_by_agreement")
    assert faults(postgres)["entry_by_kind"].startswith("it gives the rows of entry out of order")
    swap("entry_by_kind", "entry_by_agreement")
    assert examine(postgres) == []
    swap("entry_by_agreement", "line_event_by_agreement")
    assert faults(postgres).keys() == {"entry_by_agreement", "line_event_by_agreement"}


def test_a_log_that_is_written_to_meanwhile_has_sound_indexes(postgres: Engine) -> None:
    log = Log(postgres)
    with reading(postgres) as session:
        walking = index_faults(session)
        session.rows("SELECT 1")
        log.append([sale(f"more-{n}") for n in range(50)])
        assert list(walking) == []
