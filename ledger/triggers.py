"""Triggers that keep the log append-only in the database itself, for whoever reaches it with SQL.

No row of any of these tables is ever changed or removed, but for rows of disclosure, which are removed only
where an erasure row permits it.
On PostgreSQL the postings of each statement must also sum to zero per entry and currency, and name entries
and accounts that are there: foreign keys, which are checked row by row, would take two fifths of a batch.
SQLite has no trigger per statement: there the log checks the sums by a query before it commits, and foreign
keys, which cost it little, do the rest.

They are asserted after every migration, because rebuilding a table drops its triggers without a word.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ledger.database import Session, session_of
from ledger.tables import TABLES

ERASABLE = ("disclosure",)
APPEND_ONLY = tuple(name for name in TABLES if name not in ERASABLE)

_PERMITTED = "EXISTS (SELECT 1 FROM erasure e WHERE e.seq = OLD.seq AND e.position = OLD.position)"

_KEYS = {
    "entry": ("seq = NEW.seq", "source = NEW.source AND source_id = NEW.source_id"),
    "disclosure": ("seq = NEW.seq AND position = NEW.position",),
    "erasure": ("seq = NEW.seq AND position = NEW.position",),
    "account": (
        "id = NEW.id",
        "(owner, agreement, purpose, currency) = (NEW.owner, NEW.agreement, NEW.purpose, NEW.currency)",
    ),
    "posting": ("seq = NEW.seq AND n = NEW.n",),
    "line_event": ("seq = NEW.seq",),
    "hold_event": ("seq = NEW.seq",),
    "reversal": ("seq = NEW.seq AND n = NEW.n",),
    "balance_block": ("account = NEW.account AND block = NEW.block",),
    "balance_part": ("account = NEW.account AND block = NEW.block AND from_us = NEW.from_us",),
    "tile": ("level = NEW.level AND idx = NEW.idx",),
    "checkpoint": ("size = NEW.size",),
    "cosignature": ("(size, name, key_hash, signed_s) = (NEW.size, NEW.name, NEW.key_hash, NEW.signed_s)",),
    "anchor": (
        "(size, chain_kind, chain_id, contract) = (NEW.size, NEW.chain_kind, NEW.chain_id, NEW.contract)",
    ),
    "party_salt": ("party = NEW.party",),
    "party_tree": ("party = NEW.party AND size = NEW.size",),
}

_POSTGRES_FUNCTIONS = {
    "tallystick_refuse": """
        BEGIN
            RAISE EXCEPTION 'tallystick: % is append-only, % refused', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'integrity_constraint_violation';
        END""",
    "tallystick_refuse_unpermitted": f"""
        BEGIN
            IF NOT {_PERMITTED} THEN
                RAISE EXCEPTION 'tallystick: % is append-only, % without an erasure refused',
                    TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
        END""",
    "tallystick_require_balance": """
        BEGIN
            IF EXISTS (
                SELECT 1 FROM (SELECT DISTINCT seq FROM fresh) f
                WHERE NOT EXISTS (SELECT 1 FROM entry WHERE entry.seq = f.seq)
            ) OR EXISTS (
                SELECT 1 FROM (SELECT DISTINCT account FROM fresh) f
                WHERE NOT EXISTS (SELECT 1 FROM account WHERE account.id = f.account)
            ) THEN
                RAISE EXCEPTION 'tallystick: a posting names an entry or an account that is not there'
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
            IF EXISTS (
                SELECT 1 FROM fresh JOIN account ON account.id = fresh.account
                GROUP BY fresh.seq, account.currency HAVING sum(fresh.amount_minor) <> 0
            ) THEN
                RAISE EXCEPTION 'tallystick: postings do not sum to zero per entry and currency'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END""",
}  # fmt: skip


def _sqlite_triggers() -> dict[str, str]:
    triggers: dict[str, str] = {}

    def add(table: str, verb: str, condition: str, what: str) -> None:
        name = f"{table}_{what}"
        triggers[name] = (
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'tallystick: {table} is append-only, {what} refused'); END"
        )

    for table in (*APPEND_ONLY, *ERASABLE):
        add(table, "UPDATE", "", "update")
        # A connection without recursive_triggers would let REPLACE delete unseen: refuse a taken key first.
        taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in _KEYS[table])  # noqa: S608
        add(table, "INSERT", f"WHEN {taken}", "replace")
    for table in APPEND_ONLY:
        add(table, "DELETE", "", "delete")
    for table in ERASABLE:
        add(table, "DELETE", f"WHEN NOT {_PERMITTED}", "delete")
    return triggers


def _postgres_triggers() -> dict[str, str]:
    triggers: dict[str, str] = {}

    def add(table: str, verb: str, level: str, function: str, name: str) -> None:
        triggers[name] = (
            f"CREATE TRIGGER {name} {verb} ON {table} {level} EXECUTE FUNCTION tallystick_{function}()"
        )

    for table in (*APPEND_ONLY, *ERASABLE):
        add(table, "BEFORE UPDATE", "FOR EACH STATEMENT", "refuse", f"{table}_update")
        add(table, "BEFORE TRUNCATE", "FOR EACH STATEMENT", "refuse", f"{table}_truncate")
    for table in APPEND_ONLY:
        add(table, "BEFORE DELETE", "FOR EACH STATEMENT", "refuse", f"{table}_delete")
    for table in ERASABLE:
        add(table, "BEFORE DELETE", "FOR EACH ROW", "refuse_unpermitted", f"{table}_delete")
    level = "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT"
    add("posting", "AFTER INSERT", level, "require_balance", "posting_balance")
    return triggers


def expected_triggers(dialect: str) -> dict[str, str]:
    """Return the statement of each trigger by name."""
    return _sqlite_triggers() if dialect == "sqlite" else _postgres_triggers()


def drop_triggers(connection: Connection, tables: Iterable[str]) -> None:
    """Drop the triggers of some tables: only for a rebuild, which asserts them again before it commits."""
    named, session = tuple(tables), session_of(connection)
    for name in expected_triggers(connection.dialect.name):
        table = name.rpartition("_")[0]
        if table in named:
            suffix = f" ON {table}" if connection.dialect.name == "postgresql" else ""
            session.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


def assert_triggers(connection: Connection) -> None:
    """Put every trigger in place as this version wants it, whatever stood there before."""
    dialect, session = connection.dialect.name, session_of(connection)
    drop_triggers(connection, (*APPEND_ONLY, *ERASABLE))
    if dialect == "postgresql":
        path = _function_path(session)
        for name, body in _POSTGRES_FUNCTIONS.items():
            session.execute(
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
                f" SET search_path = {path} AS $body${body}$body$"
            )
    for statement in expected_triggers(dialect).values():
        session.execute(statement)


def _function_path(session: Session) -> str:
    """Return where the functions look for tables: never first among a session's own temporary ones."""
    return f"{session.rows('SELECT quote_ident(current_schema())')[0][0]}, pg_temp"


def trigger_faults(connection: Connection) -> list[str]:
    """Return what is wrong with the triggers, one text each; none when all stand as they should."""
    expected, session = expected_triggers(connection.dialect.name), session_of(connection)
    if session.dialect == "sqlite":
        present: dict[str, str] = dict(
            session.rows("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        )
        return [
            f"trigger {name} is {'changed' if name in present else 'missing'}"
            for name, statement in expected.items()
            if present.get(name) != statement
        ]
    rows = session.rows(
        "SELECT t.tgname, pg_get_triggerdef(t.oid, true), t.tgenabled::text, p.proname, p.prosrc,"
        " coalesce(p.proconfig, '{}')"
        " FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)"
    )
    names = {row[0] for row in rows}
    found = {row[1]: row[2:] for row in rows}
    path = [f"search_path={_function_path(session)}"]
    faults = []
    for name, statement in expected.items():
        enabled, function, source, settings = found.get(statement, ("", "", "", []))
        if name not in names:
            faults.append(f"trigger {name} is missing")
        elif statement not in found or source != _POSTGRES_FUNCTIONS.get(function) or settings != path:
            faults.append(f"trigger {name} is changed")
        elif enabled not in {"O", "A"}:
            faults.append(f"trigger {name} is disabled")
    return faults
