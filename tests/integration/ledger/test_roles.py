"""On PostgreSQL: a login in the writer role does all that the server does, and cannot change the past."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from api.access import Grant
from api.idempotency import Answer, KeptAnswers
from api.members.service import MemberService
from ledger.checkpoints import make_checkpoint
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.errors import OwnerNeeded
from ledger.log import Log
from ledger.notes import LogKey
from ledger.privilege_faults import examine_privileges
from ledger.privileges import READER_RIGHTS, WRITER_RIGHTS, assert_privileges, roles_of
from ledger.rebuild import rebuild
from ledger.triggers import APPEND_ONLY, ERASABLE
from migrations.apply import migrate
from tests.ledger_samples import sale
from tests.postgres import Server
from tests.world import build_world

pytestmark = pytest.mark.postgres
TABLES = (*APPEND_ONLY, *ERASABLE)


@dataclass
class Installation:
    """A database with an owner who is no superuser, and a login in each of the two roles."""

    admin: str
    owner: str
    writer: str
    reader: str

    @property
    def database(self) -> str:
        return make_url(self.admin).database or ""

    def as_admin(self, *statements: str) -> None:
        run(self.admin, *statements)


def run(url: str, *statements: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def engine_of(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def installed(postgres_server: Server) -> Iterator[Installation]:
    admin = postgres_server.fresh()
    name = make_url(admin).database or ""
    logins = {what: f"{name}_{what}" for what in ("owner", "writer", "reader")}
    urls = {
        what: make_url(admin).set(username=login).render_as_string(hide_password=False)
        for what, login in logins.items()
    }
    run(
        admin,
        f"CREATE ROLE {logins['owner']} LOGIN CREATEROLE",
        f"CREATE ROLE {logins['writer']} LOGIN",
        f"CREATE ROLE {logins['reader']} LOGIN",
        f"ALTER DATABASE {name} OWNER TO {logins['owner']}",
    )
    owner = open_engine(urls["owner"])
    migrate(owner)
    owner.dispose()
    roles = roles_of(name)
    run(
        urls["owner"],
        f"GRANT {roles.writer} TO {logins['writer']}",
        f"GRANT {roles.reader} TO {logins['reader']}",
    )
    yield Installation(admin, urls["owner"], urls["writer"], urls["reader"])
    postgres_server.drop(admin)
    plain = postgres_server.url.render_as_string(hide_password=False)
    run(plain, *(f"DROP ROLE IF EXISTS {login}" for login in reversed(logins.values())))


@pytest.fixture
def writer(installed: Installation) -> Iterator[Engine]:
    yield from engine_of(installed.writer)


@pytest.fixture
def owner(installed: Installation) -> Iterator[Engine]:
    yield from engine_of(installed.owner)


def codes(engine: Engine) -> list[tuple[str, str, str]]:
    return [(finding.code, finding.severity, finding.path) for finding in examine_privileges(engine)]


def test_a_whole_office_runs_on_a_login_of_the_writer_role(installed: Installation, tmp_path: Path) -> None:
    build_world(tmp_path / "data", installed.writer)
    engine = open_engine(installed.writer)
    assert examine(engine) == []
    assert examine_privileges(engine) == []
    engine.dispose()


def test_a_login_of_the_writer_role_appends_erases_checkpoints_and_signs_in(writer: Engine) -> None:
    migrate(writer)
    log = Log(writer)
    log.append([sale(f"O{n}") for n in range(300)])
    log.erase(0, "buyer", reason="asked", asserter="platform", source="ops", id="1")
    make_checkpoint(log, LogKey("log.test", bytes(32)))
    members = MemberService(writer, lambda: 10**15, 60)
    members.enrol("anna", "Anna", [Grant("read", "brand")])
    viewer = members.viewer_of_code(members.renew_code("anna"))
    token = members.open_session(viewer)
    assert members.viewer_of_session(token) == viewer
    members.close_session(token)
    kept = KeptAnswers(writer, lambda: 10**15)
    kept.keep("anna", "key", "0" * 64, Answer(200, "text/plain", b"done"))
    assert kept.find("anna", "key", "0" * 64) == Answer(200, "text/plain", b"done")
    members.withdraw("anna")
    assert examine(writer) == []
    assert examine_privileges(writer) == []


FORBIDDEN = (
    *(f"UPDATE {table} SET {column} = {column}" for table, column in (
        ("entry", "kind"), ("disclosure", "opened"), ("erasure", "reason"), ("account", "owner"),
        ("posting", "amount_minor"), ("line_event", "event"), ("tile", "root"), ("checkpoint", "note"),
        ("anchor", "tx"), ("membership", "role"), ("member_session", "expires_us"), ("kept_answer", "body"),
    )),
    *(f"DELETE FROM {table}" for table in (*APPEND_ONLY, "member", "membership", "alembic_version")),
    *(f"TRUNCATE {table} CASCADE" for table in WRITER_RIGHTS),
    *(f"DROP TABLE {table} CASCADE" for table in WRITER_RIGHTS),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in TABLES),
    *(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE" for table in APPEND_ONLY),
    "ALTER TABLE entry ADD COLUMN more text",
    "ALTER TABLE entry RENAME TO older",
    "ALTER TABLE entry OWNER TO current_user",
    "ALTER TABLE entry DROP CONSTRAINT entry_key",
    "ALTER TABLE disclosure ENABLE ROW LEVEL SECURITY",
    "DROP TRIGGER entry_update ON entry",
    "CREATE TRIGGER more BEFORE INSERT ON entry EXECUTE FUNCTION tallystick_refuse()",
    "CREATE RULE swallow AS ON DELETE TO disclosure DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION tallystick_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "DROP FUNCTION tallystick_refuse() CASCADE",
    "CREATE INDEX more ON entry (kind)",
    "DROP INDEX entry_by_kind",
    "SET session_replication_role = replica",
    "CREATE TABLE more (a integer)",
    "CREATE TABLE more (a integer REFERENCES entry (seq))",
    "CREATE TEMPORARY TABLE erasure (seq bigint, position bigint)",
    "CREATE VIEW more AS SELECT 1",
    "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE more AS (a integer)",
    "CREATE SEQUENCE more",
    "CREATE SCHEMA more",
    "CREATE EXTENSION dblink",
    "CREATE ROLE more",
    "CREATE DATABASE more",
    "INSERT INTO alembic_version VALUES ('9999')",
    "COPY entry TO PROGRAM 'cat'",
)  # fmt: skip


def test_a_login_of_the_writer_role_is_refused_everything_else(
    installed: Installation, writer: Engine
) -> None:
    log = Log(writer)
    log.append([sale()])
    root = log.root()
    for statement in FORBIDDEN:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(installed.writer, statement)
    run(installed.writer, f"GRANT UPDATE ON entry TO {roles_of(installed.database).reader}")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="without an erasure"):
        run(installed.writer, "DELETE FROM disclosure")
    assert (log.size(), log.root()) == (1, root)
    assert examine(writer) == []
    assert examine_privileges(writer) == []


def test_a_login_of_the_reader_role_reads_the_log_and_nothing_else(installed: Installation) -> None:
    reader = open_engine(installed.reader)
    assert Log(reader).size() == 0
    assert examine(reader) == []
    reader.dispose()
    for table in WRITER_RIGHTS:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(installed.reader, f"INSERT INTO {table} SELECT * FROM {table}")
        if table in READER_RIGHTS:
            run(installed.reader, f"SELECT count(*) FROM {table}")
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run(installed.reader, f"SELECT count(*) FROM {table}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(installed.reader, "DELETE FROM disclosure")


def test_anybody_else_cannot_even_connect(installed: Installation) -> None:
    stranger = f"{installed.database}_stranger"
    installed.as_admin(f"CREATE ROLE {stranger} LOGIN")
    url = make_url(installed.admin).set(username=stranger).render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        run(url, "SELECT 1")
    installed.as_admin(f"DROP ROLE {stranger}")


def test_every_table_has_a_rule(owner: Engine) -> None:
    with owner.connect() as connection:
        tables = connection.exec_driver_sql(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
        ).scalars()
        assert set(tables) == WRITER_RIGHTS.keys()


def test_only_the_owner_migrates_and_rebuilds(installed: Installation, owner: Engine, writer: Engine) -> None:
    Log(writer).append([sale()])
    with pytest.raises(OwnerNeeded, match="TALLYSTICK_OWNER_DATABASE"):
        rebuild(writer)
    assert rebuild(owner).unchanged
    run(installed.owner, "DROP TRIGGER entry_update ON entry")
    with pytest.raises(OwnerNeeded, match="bringing the database to this version"):
        migrate(writer)
    migrate(owner)
    migrate(writer)
    assert examine(writer) == []


def test_rights_that_were_changed_are_found_and_put_back_by_the_next_migration(
    installed: Installation, owner: Engine, writer: Engine
) -> None:
    roles = roles_of(installed.database)
    run(
        installed.owner,
        f"GRANT UPDATE, TRUNCATE ON entry TO {roles.writer}",
        f"GRANT UPDATE (opened) ON disclosure TO {roles.reader}",
        "GRANT SELECT ON disclosure TO PUBLIC",
        f"REVOKE INSERT ON checkpoint FROM {roles.writer}",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        f"GRANT TEMPORARY ON DATABASE {installed.database} TO {roles.writer}",
    )
    found = set(codes(writer))
    assert {
        ("privilege.excess", "error", "table entry"),
        ("privilege.excess", "error", "table disclosure"),
        ("privilege.missing", "warning", "table checkpoint"),
        ("privilege.excess", "error", "schema public"),
        ("privilege.excess", "warning", f"database {installed.database}"),
    } <= found
    migrate(owner)
    assert examine_privileges(writer) == []


def test_a_role_that_can_do_more_by_any_way_is_found(installed: Installation, writer: Engine) -> None:
    roles, other = roles_of(installed.database), f"{installed.database}_other"
    name = make_url(installed.writer).username
    installed.as_admin(
        f"CREATE ROLE {other} LOGIN",
        f"GRANT pg_write_all_data TO {other}",
        f"ALTER ROLE {roles.writer} BYPASSRLS",
        f"ALTER ROLE {name} SET session_replication_role = replica",
        f"GRANT SET ON PARAMETER session_replication_role TO {other}",
        "CREATE FUNCTION open_door() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    )
    found = codes(writer)
    assert ("privilege.excess", "error", "table entry") in found
    assert ("privilege.excess", "error", f"role {roles.writer}") in found
    assert ("privilege.excess", "error", f"every database, {name}") in found
    assert ("privilege.excess", "error", f"role {other}") in found
    assert ("privilege.excess", "warning", "function open_door()") in found
    installed.as_admin(f"REVOKE SET ON PARAMETER session_replication_role FROM {other}", f"DROP ROLE {other}")


def test_an_application_that_owns_the_tables_is_warned_of(installed: Installation, owner: Engine) -> None:
    assert [(finding.code, finding.severity) for finding in examine_privileges(owner)] == [
        ("privilege.application", "warning")
    ]
    admin = open_engine(installed.admin)
    assert "is a superuser" in examine_privileges(admin)[0].message
    admin.dispose()


def test_one_who_may_make_no_roles_migrates_without_and_is_told(postgres_server: Server) -> None:
    admin = postgres_server.fresh()
    name = make_url(admin).database or ""
    poor, roles = f"{name}_poor", roles_of(name)
    run(admin, f"CREATE ROLE {poor} LOGIN", f"ALTER DATABASE {name} OWNER TO {poor}")
    engine = open_engine(make_url(admin).set(username=poor).render_as_string(hide_password=False))
    migrate(engine)
    migrate(engine)
    assert [code for code in codes(engine) if code[0] == "privilege.missing"] == [
        ("privilege.missing", "warning", f"role {roles.writer}"),
        ("privilege.missing", "warning", f"role {roles.reader}"),
    ]
    run(admin, f"CREATE ROLE {roles.writer} NOLOGIN", f"CREATE ROLE {roles.reader} NOLOGIN")
    assert {code[0] for code in codes(engine)} >= {"privilege.missing"}
    migrate(engine)
    assert [code[0] for code in codes(engine)] == ["privilege.application"]
    engine.dispose()
    postgres_server.drop(admin)
    run(postgres_server.url.render_as_string(hide_password=False), f"DROP ROLE {poor}")


def test_rights_are_asserted_in_a_schema_and_database_of_any_name(postgres_server: Server) -> None:
    admin = postgres_server.fresh()
    old, odd = make_url(admin).database, 'Umsätze "2026" 100%? ' + "x" * 24
    run(
        postgres_server.url.render_as_string(hide_password=False),
        f'ALTER DATABASE {old} RENAME TO "{odd.replace(chr(34), chr(34) * 2)}"',
    )
    engine = open_engine(make_url(admin).set(database=odd).render_as_string(hide_password=False))
    migrate(engine)
    assert [code[0] for code in codes(engine)] == ["privilege.application"]
    with engine.begin() as connection:
        assert_privileges(connection)
    engine.dispose()
    postgres_server.drop(make_url(admin).set(database=odd).render_as_string(hide_password=False))


def test_names_of_roles_fit_and_never_meet() -> None:
    long = ["x" * 63, "x" * 62 + "y", "数" * 21]
    names = {name for database in ("shop", *long) for name in vars_of(database)}
    assert len(names) == 8
    assert all(len(name.encode()) <= 63 for name in names)
    assert roles_of("shop").writer == "tallystick_writer_shop"


def vars_of(database: str) -> tuple[str, str]:
    roles = roles_of(database)
    return roles.writer, roles.reader
