"""Every forbidden statement, on every append-only table, in both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from ledger import sums
from ledger.accounts import Account
from ledger.checkpoints import Anchor, make_checkpoint, record_anchor
from ledger.cosignatures import add_cosignature
from ledger.database import open_engine, reading, writing
from ledger.doctor import examine
from ledger.holds import NewHold, place_hold
from ledger.log import Log
from ledger.notes import LogKey
from ledger.tables import TABLES as DECLARED
from ledger.triggers import APPEND_ONLY, ERASABLE, expected_triggers
from ledger.witnesses import register_witness
from migrations.apply import migrate
from tests.ledger_samples import AGREEMENT, START, reversal_of_sale, sale
from verifier.witness import WitnessKey

TABLES = (*APPEND_ONLY, *ERASABLE)
COLUMN = {
    "entry": "kind",
    "erasure": "reason",
    "account": "owner",
    "posting": "amount_minor",
    "reversal": "of_seq",
    "balance_block": "total_minor",
    "balance_part": "sums",
    "tile": "root",
    "checkpoint": "note",
    "cosignature": "line",
    "anchor": "tx",
    "disclosure": "opened",
    "line_event": "order_id",
    "party_salt": "salt",
    "party_tree": "peaks",
    "hold_event": "amount_minor",
}

KEY = {
    "entry": "seq",
    "erasure": "seq, position",
    "account": "id",
    "posting": "seq, n",
    "reversal": "seq, n",
    "balance_block": "account, block",
    "balance_part": "account, block, from_us",
    "tile": "level, idx",
    "checkpoint": "size",
    "cosignature": "size, name, key_hash, signed_s",
    "anchor": "size, chain_kind, chain_id, contract",
    "disclosure": "seq, position",
    "line_event": "seq",
    "party_salt": "party",
    "party_tree": "size, party",
    "hold_event": "seq",
}


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """Blocks that the few entries here fill."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "BLOCK", 256)
        yield


HOLD = NewHold(
    id="H1", account=Account("escrow", "autumn-beauty", "balance", "CNY"), amount_minor=1, reason="contested",
    clause="13.1", agreement=AGREEMENT, readers=("platform",), expires_at=None,
)  # fmt: skip


@pytest.fixture
def full(engine: Engine) -> Engine:
    """A log with at least one row in every table."""
    fill(engine)
    return engine


def fill(engine: Engine) -> None:
    log = Log(engine)
    log.append([sale(f"O{n}") for n in range(256)])
    place_hold(log, HOLD, at=START, by="platform")
    log.append([reversal_of_sale(0)])
    log.erase(0, "buyer", reason="asked", asserter="platform", source="ops", id="1")
    checkpoint = make_checkpoint(log, LogKey("log.test", bytes(32)))
    record_anchor(log, Anchor(checkpoint.size, "embedded", 1337, "0x01", "0x02", 3, checkpoint.root, 4))
    witness = WitnessKey("witness.test", bytes(32))
    register_witness(log, "mcn", witness.vkey, by="mcn-member", now=START)
    line = witness.cosign(checkpoint.note.rpartition("\n\n")[0] + "\n", 1).rstrip("\n")
    add_cosignature(log, checkpoint.size, line, party="mcn", now_us=1_000_000)
    for table in TABLES:
        assert rows(engine, table), table


def rows(engine: Engine, table: str) -> list[object]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").all())


def refused(engine: Engine, table: str, statement: str) -> None:
    before = rows(engine, table)
    with pytest.raises(DBAPIError, match=f"tallystick: {table} is append-only"), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert rows(engine, table) == before


def test_update_is_refused(full: Engine) -> None:
    for table in TABLES:
        refused(full, table, f"UPDATE {table} SET {COLUMN[table]} = {COLUMN[table]}")


def test_delete_is_refused(full: Engine) -> None:
    for table in TABLES:
        refused(full, table, f"DELETE FROM {table}")


def test_replacing_and_upserting_are_refused(full: Engine) -> None:
    for table in TABLES:
        if full.dialect.name == "sqlite":
            refused(full, table, f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1")
            refused(full, table, f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        else:
            change = f"ON CONFLICT ({KEY[table]}) DO UPDATE SET {COLUMN[table]} = excluded.{COLUMN[table]}"
            refused(full, table, f"INSERT INTO {table} SELECT * FROM {table} {change}")


def test_truncate_is_refused(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    fill(engine)
    for table in TABLES:
        refused(engine, table, f"TRUNCATE {table} CASCADE")
    engine.dispose()


def test_replace_is_refused_to_a_connection_that_has_recursive_triggers_off(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    Log(engine).append([sale()])
    engine.dispose()
    raw = sqlite3.connect(make_url(sqlite_url).database or "")
    other_seq = ["7", *(column.name for column in DECLARED["entry"].columns if column.name != "seq")]
    for statement in (
        "REPLACE INTO entry SELECT * FROM entry",
        f"REPLACE INTO entry SELECT {', '.join(other_seq)} FROM entry",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="replace refused"):
            raw.execute(statement)
    raw.close()


def test_sqlite_undoes_refused_rows_from_memory_and_sorts_what_it_reads_in_files(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    for transaction, store in ((writing, 2), (reading, 0), (writing, 2)):
        with transaction(engine) as session:
            assert session.rows("PRAGMA temp_store") == [(store,)]
    engine.dispose()


def test_postgres_refuses_postings_that_do_not_sum_to_zero(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    Log(engine).append([sale()])
    with pytest.raises(DBAPIError, match="do not sum to zero"), engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO posting VALUES (0, 7, 1, 5, 'x', 'y')")
    engine.dispose()


@pytest.mark.parametrize(("seq", "account"), [(9, 1), (0, 9)], ids=["entry", "account"])
def test_postings_to_what_is_not_there_are_refused(engine: Engine, seq: int, account: int) -> None:
    Log(engine).append([sale()])
    rows = ", ".join(f"({seq}, {n}, {account}, {amount}, 'x', 'y')" for n, amount in ((7, 5), (8, -5)))
    with pytest.raises(IntegrityError, match=r"not there|FOREIGN KEY"), engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO posting VALUES {rows}")


def test_a_dropped_trigger_is_found_and_asserted_again_by_the_next_migration(full: Engine) -> None:
    assert examine(full) == []
    names = list(expected_triggers(full.dialect.name))
    with full.begin() as connection:
        for name in names[::3]:
            suffix = f" ON {name.rpartition('_')[0]}" if full.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {name}{suffix}")
    found = examine(full)
    assert [finding.message.split()[1] for finding in found] == names[::3]
    assert {finding.code for finding in found} == {"trigger.unfit"}
    migrate(full)
    assert examine(full) == []


def test_a_disabled_or_hollowed_trigger_is_found_on_postgres(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE entry DISABLE TRIGGER entry_update")
        connection.exec_driver_sql(
            "CREATE OR REPLACE FUNCTION tallystick_refuse_unpermitted() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN OLD; END'"
        )
    assert sorted(finding.message.split(";")[0] for finding in examine(engine)) == [
        "trigger disclosure_delete is changed",
        "trigger entry_update is disabled",
    ]
    engine.dispose()


def test_a_trigger_that_never_fires_is_found_on_postgres(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER entry_update ON entry")
        connection.exec_driver_sql(
            "CREATE TRIGGER entry_update BEFORE UPDATE ON entry FOR EACH ROW WHEN (false)"
            " EXECUTE FUNCTION tallystick_refuse()"
        )
        connection.exec_driver_sql("DROP TRIGGER tile_update ON tile")
        connection.exec_driver_sql(
            "CREATE TRIGGER tile_update BEFORE UPDATE ON anchor FOR EACH STATEMENT"
            " EXECUTE FUNCTION tallystick_refuse()"
        )
    assert [finding.message.split(";")[0] for finding in examine(engine)] == [
        "trigger entry_update is changed",
        "trigger tile_update is changed",
    ]
    engine.dispose()


def test_a_dropped_constraint_and_an_added_trigger_are_found(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX posting_by_account")
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE entry DROP CONSTRAINT entry_key")
            connection.exec_driver_sql("ALTER TABLE line_event DROP CONSTRAINT line_event_seq_fkey")
            connection.exec_driver_sql("CREATE RULE swallow AS ON DELETE TO disclosure DO INSTEAD NOTHING")
        else:
            connection.exec_driver_sql("ALTER TABLE checkpoint ADD COLUMN more TEXT")
            connection.exec_driver_sql(
                "CREATE TRIGGER swallow BEFORE DELETE ON disclosure BEGIN SELECT RAISE(IGNORE); END"
            )
    found = examine(engine)
    assert {finding.code for finding in found} == {"schema.unfit"}
    assert sorted(finding.message for finding in found) == (
        [
            "entry lacks UNIQUE (source, source_id): the constraint is gone",
            "index posting_by_account of posting is gone",
            "line_event lacks FOREIGN KEY (seq) REFERENCES entry(seq): the constraint is gone",
            "rule swallow stands on disclosure, which the log did not make; drop it",
        ]
        if engine.dialect.name == "postgresql"
        else [
            "index posting_by_account of posting is gone",
            "table checkpoint has 'more TEXT', which is not declared",
            "trigger swallow stands on disclosure, which the log did not make; drop it",
        ]
    )


def test_content_that_an_erasure_left_standing_is_found(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    log = Log(engine)
    log.append([sale()])
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE RULE swallow AS ON DELETE TO disclosure DO INSTEAD NOTHING")
    log.erase(0, "buyer", reason="asked", asserter="platform", source="ops", id="1")
    assert [(finding.code, finding.path) for finding in examine(engine)][1:] == [
        ("erasure.undone", "disclosure[0,1]")
    ]
    engine.dispose()


def test_what_postgres_acknowledges_is_on_disk_however_the_database_is_set_up(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {engine.url.database} SET synchronous_commit = off")
    engine.dispose()
    with writing(engine) as session:
        assert session.rows("SHOW synchronous_commit") == [("on",)]
    engine.dispose()


def test_a_migration_needs_no_alembic_ini_and_may_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = open_engine(f"sqlite:///{tmp_path / 'new.db'}")
    assert examine(engine)[0].code == "database.unmigrated"
    migrate(engine)
    migrate(engine)
    assert examine(engine) == []
    engine.dispose()
