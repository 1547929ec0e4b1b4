"""What the owner of a database can do to its shape so that rows can hide or change later: each is found."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ledger.database import open_engine
from ledger.doctor import examine
from ledger.log import Log
from ledger.schema import schema_faults
from ledger.triggers import trigger_faults
from tests.ledger_samples import sale

ON_POSTGRES = {
    "ALTER TABLE posting ALTER amount_minor TYPE numeric":
        "column amount_minor of posting is numeric not null, where bigint not null is declared",
    "ALTER TABLE entry ALTER kind SET DEFAULT 'sale.recorded'":
        "column kind of entry is text collate c not null default 'sale.recorded'::text, where",
    "ALTER TABLE entry ALTER source TYPE text COLLATE ucs_basic": "source of entry is text collate ucs_basic",
    "ALTER TABLE entry ALTER asserter DROP NOT NULL":
        "column asserter of entry is text collate c, where text collate c not null",
    "ALTER TABLE checkpoint ADD more text": "column more stands in checkpoint, which the log did not make",
    "ALTER TABLE anchor RENAME tx TO transaction": "column tx of anchor is gone",
    "ALTER TABLE tile ADD more bigint GENERATED ALWAYS AS (level + 1) STORED": "column more stands in tile",
    "ALTER TABLE disclosure ADD CHECK (seq < 1000)": "constraint disclosure_seq_check (CHECK ((seq < 1000)))",
    "ALTER TABLE disclosure ADD CHECK (seq < 1000) NOT VALID": "NOT VALID) stands on disclosure",
    "ALTER TABLE erasure DROP CONSTRAINT erasure_seq_fkey":
        "erasure lacks FOREIGN KEY (seq) REFERENCES entry(seq): the constraint is gone",
    "ALTER TABLE erasure ALTER CONSTRAINT erasure_seq_fkey DEFERRABLE":
        "erasure lacks FOREIGN KEY (seq) REFERENCES entry(seq): the constraint is gone",
    "ALTER TABLE checkpoint DROP CONSTRAINT checkpoint_pkey": "checkpoint lacks PRIMARY KEY (size)",
    "DROP INDEX entry_by_kind; CREATE INDEX entry_by_kind ON entry (kind, seq) WHERE seq < 1":
        "index entry_by_kind of entry is changed",
    "CREATE UNIQUE INDEX more ON entry (asserter, seq)": "index more stands on entry, which the log did",
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'entry_key'::regclass":
        "index entry_key of entry is not valid; reindex",
    "CREATE RULE hide AS ON INSERT TO anchor DO INSTEAD NOTHING; ALTER TABLE anchor DISABLE RULE hide":
        "rule hide stands on anchor",
    "CREATE RULE hide AS ON INSERT TO member DO ALSO SELECT 1": "rule hide stands on member",
    "CREATE POLICY few ON entry USING (seq < 5)": "policy few stands on entry",
    "ALTER TABLE entry ENABLE ROW LEVEL SECURITY": "entry has row level security, which hides rows",
    "ALTER TABLE entry FORCE ROW LEVEL SECURITY": "entry has row level security, which hides rows",
    "CREATE TABLE more () INHERITS (tile)": "tile is read together with the rows of its child more",
    "ALTER TABLE line_event SET UNLOGGED": "line_event does not survive a crash",
    "ALTER TABLE line_event DISABLE TRIGGER ALL": "line_event has foreign keys that are not enforced",
    "ALTER TABLE posting DISABLE TRIGGER ALL": "trigger posting_balance is disabled",
    "CREATE SCHEMA evil; CREATE VIEW evil.checkpoint AS SELECT * FROM checkpoint WHERE size < 5;"
    " SET LOCAL search_path = evil, public":
        "checkpoint is no table; something else stands in its place",
    "CREATE SCHEMA evil; CREATE TABLE evil.erasure (LIKE erasure);"
    " SET LOCAL search_path = public, evil":
        "erasure is found in more than one schema of the search path: public, evil",
    "CREATE SCHEMA evil; SET LOCAL search_path = public, pg_catalog":
        "the search path is public, pg_catalog: what stands there is found before the server's own functions",
    "ALTER FUNCTION tallystick_refuse() RESET search_path": "trigger entry_update is changed",
    "CREATE TRIGGER more AFTER INSERT ON entry WHEN (false) EXECUTE FUNCTION tallystick_refuse()":
        "trigger more stands on entry",
    "DROP TRIGGER entry_delete ON entry; CREATE TRIGGER entry_delete BEFORE DELETE ON entry FOR EACH ROW"
    " WHEN (OLD.seq > 10) EXECUTE FUNCTION tallystick_refuse()": "trigger entry_delete is changed",
    "ALTER TABLE entry ENABLE REPLICA TRIGGER entry_update": "trigger entry_update is disabled",
}  # fmt: skip
"""What is done to a database, and a part of what the doctor says."""


@pytest.mark.postgres
def test_a_change_of_shape_is_named_on_postgres(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    for statements, said in ON_POSTGRES.items():
        with engine.connect() as connection:  # and nothing of it stays
            connection.exec_driver_sql(statements)
            found = [*schema_faults(connection), *trigger_faults(connection)]
        assert any(said in text for text in found), (statements, found)
    assert examine(engine) == []
    engine.dispose()


@pytest.mark.postgres
def test_rows_that_cannot_be_read_are_said_to_be_so_after_what_is_wrong_with_the_shape(
    postgres_url: str,
) -> None:
    engine = open_engine(postgres_url)
    Log(engine).append([sale()])
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE disclosure RENAME salt TO pepper")
    assert [(finding.code, finding.message) for finding in examine(engine)] == [
        ("schema.unfit", "column pepper stands in disclosure, which the log did not make; drop it"),
        ("schema.unfit", "column salt of disclosure is gone"),
        ("database.unreadable", 'column "salt" does not exist; mend the schema first'),
    ]
    engine.dispose()


def edit_schema(old: str, new: str, name: str) -> str:
    return f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{name}'"


ON_SQLITE = {
    edit_schema(" STRICT", "", "entry"): "table entry lacks 'STRICT'",
    edit_schema("leaf BLOB NOT NULL", "leaf BLOB", "entry"): "table entry lacks 'leaf BLOB NOT NULL'",
    edit_schema("kind TEXT NOT NULL", "kind TEXT COLLATE NOCASE NOT NULL", "entry"):
        "table entry has 'kind TEXT COLLATE NOCASE NOT NULL', which is not declared",
    edit_schema("reason TEXT NOT NULL", "reason TEXT NOT NULL DEFAULT 1", "erasure"):
        "table erasure has 'reason TEXT NOT NULL DEFAULT 1'",
    edit_schema("PRIMARY KEY (size)", "PRIMARY KEY (size) ON CONFLICT REPLACE", "checkpoint"):
        "table checkpoint has 'PRIMARY KEY (size) ON CONFLICT REPLACE'",
    edit_schema("PRIMARY KEY (size)", "PRIMARY KEY (size), CHECK (size < 5)", "checkpoint"):
        "table checkpoint has 'CHECK (size < 5)', which is not declared",
    edit_schema("FOREIGN KEY(account) REFERENCES account (id)", "CHECK (1)", "posting"):
        "table posting lacks 'FOREIGN KEY(account) REFERENCES account (id)'",
    "ALTER TABLE tile ADD COLUMN more INTEGER AS (level + 1)":
        "table tile has 'more INTEGER AS (level + 1)', which is not declared",
    "DROP INDEX entry_by_kind; CREATE INDEX entry_by_kind ON entry (kind, seq) WHERE seq < 1":
        "index entry_by_kind of entry is changed",
    "CREATE UNIQUE INDEX more ON entry (asserter, seq)": "index more stands on entry, which the log did",
    "DROP TRIGGER entry_update; CREATE TRIGGER entry_update BEFORE UPDATE ON entry WHEN OLD.seq > 10"
    " BEGIN SELECT RAISE(ABORT, 'no'); END": "trigger entry_update is changed",
    "CREATE TRIGGER more INSTEAD OF INSERT ON seen BEGIN SELECT 1; END": "view seen stands in the database",
    "CREATE TRIGGER more AFTER INSERT ON member BEGIN SELECT 1; END": "trigger more stands on member",
}  # fmt: skip


@pytest.mark.parametrize(("statements", "said"), ON_SQLITE.items())
def test_a_change_of_shape_is_named_on_sqlite(sqlite_url: str, statements: str, said: str) -> None:
    engine = open_engine(sqlite_url)
    Log(engine).append([sale()])
    engine.dispose()
    raw = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    raw.execute("PRAGMA writable_schema = ON")
    if " ON seen " in statements:
        raw.execute("CREATE VIEW seen AS SELECT * FROM entry WHERE seq > 0")
    raw.executescript(statements)
    raw.close()
    found = examine(engine)
    assert {finding.code for finding in found} <= {
        "schema.unfit", "trigger.unfit", "database.damaged", "database.unreadable",
    }  # fmt: skip
    assert any(said in finding.message for finding in found), found
    engine.dispose()


def test_an_index_that_lost_a_row_is_found_on_sqlite(sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    Log(engine).append([sale(f"O{n}") for n in range(3)])
    engine.dispose()
    raw = sqlite3.connect(make_url(sqlite_url).database or "", isolation_level=None)
    raw.execute("PRAGMA writable_schema = ON")
    raw.execute("CREATE TABLE other (kind TEXT, seq INTEGER)")
    raw.execute("CREATE INDEX other_by_kind ON other (kind, seq)")
    swap = "(SELECT rootpage FROM sqlite_master WHERE name = 'other_by_kind')"
    raw.execute(f"UPDATE sqlite_master SET rootpage = {swap} WHERE name = 'entry_by_kind'")
    raw.execute("DELETE FROM sqlite_master WHERE name LIKE 'other%'")
    raw.close()
    found = examine(engine)
    assert "database.damaged" in {finding.code for finding in found}
    assert any("missing from index entry_by_kind" in finding.message for finding in found)
    engine.dispose()


def test_a_sound_database_has_the_declared_shape(engine: Engine) -> None:
    Log(engine).append([sale()])
    assert examine(engine) == []
