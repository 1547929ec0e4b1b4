"""Who may do what with the tables on PostgreSQL: two group roles, and the rights each has on every table.

A writer appends and reads, and removes only where the application must; a reader reads the log and what is
derived from it. Neither can log in, owns anything, or makes anything; PUBLIC has nothing. Roles belong to a
whole server, so their names hold the database's. Like triggers, rights are asserted after every migration.

Triggers refuse what a right would allow, and rights refuse what would get round a trigger (dropping it,
TRUNCATE, a table of the same name found first). What the doctor makes of them is said in privilege_faults.py.
SQLite knows no rights: whoever can open the file can do everything.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection

from ledger.errors import OwnerNeeded
from ledger.triggers import APPEND_ONLY, ERASABLE

_READS = frozenset({"SELECT"})
_APPENDS = frozenset({"SELECT", "INSERT"})
_REMOVES = frozenset({"SELECT", "INSERT", "DELETE"})
_CHANGES = frozenset({"SELECT", "INSERT", "UPDATE"})

WRITER_RIGHTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(APPEND_ONLY, _APPENDS),
    **dict.fromkeys(ERASABLE, _REMOVES),  # a trigger permits only what an erasure names
    # those who may sign in, and what was answered to them: no part of the log
    "member": _CHANGES,
    "membership": _APPENDS,
    "written_source": _APPENDS,
    "member_session": _REMOVES,
    "kept_answer": _REMOVES,
    "alembic_version": _READS,
}
"""The writer's rights on each table. A table that is not named here is out of its reach; a test finds it."""

READER_RIGHTS = dict.fromkeys((*APPEND_ONLY, *ERASABLE, "alembic_version"), _READS)
"""The reader's: the log and what is derived, never who may sign in."""

_NAME_BYTES = 63


@dataclass(frozen=True, slots=True)
class Roles:
    """The names of the two group roles of one database."""

    writer: str
    reader: str


def roles_of(database: str) -> Roles:
    """Return the roles of a database: tallystick_writer_NAME, a long name cut and told apart by a digest."""
    return Roles(_role_name("writer", database), _role_name("reader", database))


def _role_name(what: str, database: str) -> str:
    name = f"tallystick_{what}_{database}"
    if len(name.encode()) <= _NAME_BYTES:
        return name
    digest = hashlib.sha256(database.encode()).hexdigest()[:8]
    return f"{name.encode()[: _NAME_BYTES - 9].decode(errors='ignore')}_{digest}"


THINGS = """
    SELECT 'TABLE' AS kind, c.oid, c.relname::text AS name, c.relowner AS owner,
           coalesce(c.relacl, acldefault('r', c.relowner)) AS acl
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = current_schema()
    UNION ALL
    SELECT 'SCHEMA', n.oid, n.nspname, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner))
      FROM pg_namespace n WHERE n.nspname = current_schema()
    UNION ALL
    SELECT 'DATABASE', d.oid, d.datname, d.datdba, coalesce(d.datacl, acldefault('d', d.datdba))
      FROM pg_database d WHERE d.datname = current_database()
    UNION ALL
    SELECT 'FUNCTION', p.oid, p.proname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.proname ~ '^tallystick_' AND n.nspname = current_schema()
"""
"""Everything that rights are given on: kind, oid, name, owner, access list."""

_GRANTS = f"""
    WITH thing AS ({THINGS})
    SELECT kind, name, grantee, privilege_type FROM thing, aclexplode(acl) WHERE grantor = owner
       AND pg_has_role(current_user, owner, 'USAGE')
    UNION ALL
    SELECT kind, name, x.grantee, 'column ' || x.privilege_type FROM thing
      JOIN pg_attribute a ON kind = 'TABLE' AND a.attrelid = oid, aclexplode(a.attacl) x
     WHERE pg_has_role(current_user, owner, 'USAGE')
    UNION ALL
    SELECT kind, name, NULL, NULL FROM thing WHERE pg_has_role(current_user, owner, 'USAGE')
"""  # noqa: S608 -- a query of our own
"""What owners granted on these things, and each thing once with no grant; of those that one may change."""


def require_owner(connection: Connection, what: str) -> None:
    """Raise OwnerNeeded where the connected role does not own the tables, or could not make them."""
    if connection.dialect.name != "postgresql":
        return
    row = (
        _driver(connection)
        .execute(
            "SELECT current_user, CASE WHEN to_regclass('entry') IS NULL"
            " THEN has_schema_privilege(coalesce(current_schema(), 'public'), 'CREATE')"
            " ELSE (SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class"
            " WHERE oid = to_regclass('entry')) END"
        )
        .fetchone()
    )
    assert row is not None
    if not row[1]:
        raise OwnerNeeded(
            f"{what} is for the owner of the tables, which {row[0]} is not; give the owner's url in"
            " TALLYSTICK_OWNER_DATABASE",
            where="database",
        )


def assert_privileges(connection: Connection) -> None:
    """Make the roles where there are none, and give each exactly its rights, whatever they had before.

    What the connected role may not change is left; the doctor says so. Nothing on SQLite.
    """
    for statement in pending_grants(connection, creating=True):
        _driver(connection).execute(statement)


def pending_grants(connection: Connection, *, creating: bool = False) -> list[sql.Composed]:
    """Return the statements that would put rights in place, none where they are; see assert_privileges.

    With `creating`, missing roles are made on the way where the connected role may.
    """
    if connection.dialect.name != "postgresql":
        return []
    driver = _driver(connection)
    granted: dict[tuple[str, str], dict[int | None, set[str]]] = {}
    for kind, name, grantee, privilege in driver.execute(cast("Any", _GRANTS)).fetchall():
        granted.setdefault((kind, name), {}).setdefault(grantee, set()).add(privilege)
    if ("TABLE", "entry") not in granted:  # the tables are another's
        return []
    roles, missing = _missing_roles(driver)
    makes = [sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)) for role in missing]
    if makes and not creating:
        return makes
    for statement in makes:
        driver.execute(statement)
    pending: list[sql.Composed] = []
    for (kind, name), held in sorted(granted.items()):
        for role, oid in (("", 0), *sorted(_oids(driver, roles).items())):
            wanted = _wanted(kind, name, role, roles)
            if wanted is not None:
                pending.extend(_change(kind, name, role, held.get(oid, set()), wanted))
    return pending


def _missing_roles(driver: psycopg.Connection[Any]) -> tuple[Roles, list[str]]:
    """Return the database's roles, and which of them are missing and may be made by the connected role."""
    row = driver.execute(
        "SELECT current_database(), rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row is not None
    roles = roles_of(row[0])
    standing = _oids(driver, roles) if row[1] else (roles.writer, roles.reader)
    return roles, [name for name in (roles.writer, roles.reader) if name not in standing]


def _oids(driver: psycopg.Connection[Any], roles: Roles) -> dict[str, int]:
    names = [roles.writer, roles.reader]
    return dict(
        driver.execute("SELECT rolname, oid FROM pg_roles WHERE rolname = ANY(%s)", (names,)).fetchall()
    )


def _wanted(kind: str, name: str, role: str, roles: Roles) -> frozenset[str] | None:
    """Return what PUBLIC ("") or a role should have on a thing; None for a table that is none of ours."""
    if kind == "TABLE":
        if name not in WRITER_RIGHTS:
            return None
        rights = {roles.writer: WRITER_RIGHTS, roles.reader: READER_RIGHTS}.get(role, {})
        return rights.get(name, frozenset())
    given = {"SCHEMA": "USAGE", "DATABASE": "CONNECT"}.get(kind)
    return frozenset({given} if role and given else ())


def _change(kind: str, name: str, role: str, held: set[str], wanted: frozenset[str]) -> list[sql.Composed]:
    what = sql.SQL("{} {}{}").format(
        sql.SQL(cast("Any", kind)), sql.Identifier(name), sql.SQL("()" if kind == "FUNCTION" else "")
    )
    whom: sql.Composable = sql.Identifier(role) if role else sql.SQL("PUBLIC")
    changes = []
    if held - wanted:
        changes.append(sql.SQL("REVOKE ALL ON {} FROM {} CASCADE").format(what, whom))
        held = set()
    if wanted - held:
        rights = sql.SQL(cast("Any", ", ".join(sorted(wanted))))
        changes.append(sql.SQL("GRANT {} ON {} TO {}").format(rights, what, whom))
    return changes


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver
