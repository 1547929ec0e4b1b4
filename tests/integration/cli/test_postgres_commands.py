"""The commands on PostgreSQL, set up by the very statements that the how-to shows."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from ledger.privileges import roles_of
from tests.command_line import ROOT, tally
from tests.postgres import Server

pytestmark = pytest.mark.postgres
PAGE = (ROOT / "docs" / "how-to" / "use-postgresql.md").read_text(encoding="utf-8")


def shown_statements(database: str) -> list[list[str]]:
    """Return the statements of each SQL block of the page, for a database and roles of another name."""
    blocks = re.findall(r"^```sql\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return [
        [
            re.sub(r"\btally_(?=owner|app)", f"{database}_", one)
            .replace("_tallystick", f"_{database}")
            .replace("DATABASE tallystick", f"DATABASE {database}")
            for one in block.strip().split(";\n")
        ]
        for block in blocks
    ]


def run(url: str, statements: list[str]) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def test_the_how_to_sets_up_an_installation_that_works(postgres_server: Server, tmp_path: Path) -> None:
    admin = postgres_server.url.render_as_string(hide_password=False)
    database = make_url(postgres_server.fresh()).database or ""
    url = postgres_server.url.set(database=database)
    postgres_server.drop(url.render_as_string(hide_password=False))
    make_owner, _, make_login = shown_statements(database)

    def as_login(name: str) -> str:
        return url.set(username=f"{database}_{name}", password="x").render_as_string(hide_password=False)

    data = tmp_path / "data"
    run(admin, make_owner)
    owner = {"TALLYSTICK_DATABASE": as_login("owner")}
    migrated = tally(data, "migrate", **owner)
    assert (migrated.code, migrated.out) == (0, "the database is at this version and holds 0 entries\n")
    warned = tally(data, "doctor", **owner)
    assert warned.code == 0
    assert "owns the tables and can get round every trigger" in warned.out

    run(as_login("owner"), make_login)
    app = {"TALLYSTICK_DATABASE": as_login("app")}
    assert tally(data, "doctor", **app).out == "0 entries examined: all is as it should be\n"
    enrolled = tally(data, "member", "enrol", "anna", "--name", "Anna", "--role", "auditor", **app)
    assert enrolled.code == 0, enrolled.err
    refused = tally(data, "rebuild", **app)
    assert refused.code == 2
    assert "rebuilding is for the owner of the tables, which " in refused.err
    assert refused.err.endswith("[database.owner-needed]\n")
    assert tally(data, "rebuild", **app, TALLYSTICK_OWNER_DATABASE=as_login("owner")).code == 0
    run(as_login("owner"), ["DROP TRIGGER entry_update ON entry"])
    refused = tally(data, "agreement", "list", **app)
    assert (refused.code, refused.out) == (2, "")
    assert "database.owner-needed" in refused.err
    assert tally(data, "migrate", **app, TALLYSTICK_OWNER_DATABASE=as_login("owner")).code == 0
    assert tally(data, "agreement", "list", **app).code == 0

    postgres_server.drop(url.render_as_string(hide_password=False))
    run(admin, [f"DROP ROLE {database}_app", f"DROP ROLE {database}_owner"])


def test_the_page_names_the_roles_as_they_are_made() -> None:
    roles = roles_of("tallystick")
    assert f"CREATE ROLE {roles.writer} NOLOGIN" in PAGE
    assert f"CREATE ROLE {roles.reader} NOLOGIN" in PAGE
