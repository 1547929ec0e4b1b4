"""Members over the migrated database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from api.access import Grant, Viewer
from api.errors import CodeRefused
from api.members.models import Member, MemberSession, Membership
from api.members.service import MemberService
from ledger.database import open_engine

GRANTS = [Grant("read", "mcn"), Grant("approve", "mcn"), Grant("auditor")]


class Clock:
    now_us = 1_775_000_000_000_000

    def __call__(self) -> int:
        return self.now_us


@pytest.fixture
def database(database_url: str) -> Iterator[Engine]:
    made = open_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def members(database: Engine, clock: Clock) -> MemberService:
    return MemberService(database, clock, session_seconds_max=60)


def test_the_migration_makes_the_tables_that_the_models_describe(database: Engine) -> None:
    for model in (Member, Membership, MemberSession):
        table = SQLModel.metadata.tables[str(model.__tablename__)]
        columns = {column["name"]: column["nullable"] for column in inspect(database).get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}


def test_an_access_code_leads_to_its_member_and_roles(members: MemberService) -> None:
    code = members.enrol("lin", "林", GRANTS)
    assert members.viewer_of_code(code) == Viewer("lin", "林", frozenset(GRANTS))


def test_the_database_holds_no_code_and_no_session_token(members: MemberService, database: Engine) -> None:
    code = members.enrol("lin", "林", GRANTS)
    token = members.open_session(members.viewer_of_code(code))
    with database.connect() as connection:
        rows = [
            *connection.execute(text("SELECT * FROM member")),
            *connection.execute(text("SELECT * FROM member_session")),
        ]
    everything = str(rows)
    assert len(rows) == 2
    assert code not in everything
    assert code.split("_", 2)[2] not in everything
    assert token not in everything


@pytest.mark.parametrize("change", ["", "x", "tly", "tly__", "tly_0000000000_x", "tly_" + "a" * 500])
def test_any_other_code_is_refused_with_the_same_words(members: MemberService, change: str) -> None:
    members.enrol("lin", "林", GRANTS)
    with pytest.raises(CodeRefused, match="not valid"):
        members.viewer_of_code(change)


def test_a_code_with_one_letter_changed_is_refused(members: MemberService) -> None:
    code = members.enrol("lin", "林", GRANTS)
    with pytest.raises(CodeRefused):
        members.viewer_of_code(code[:-1] + ("A" if code[-1] != "A" else "B"))


def test_a_renewed_code_ends_the_old_one_and_its_sessions(members: MemberService) -> None:
    old = members.enrol("lin", "林", GRANTS)
    token = members.open_session(members.viewer_of_code(old))
    new = members.renew_code("lin")
    assert members.viewer_of_session(token) is None
    with pytest.raises(CodeRefused):
        members.viewer_of_code(old)
    assert members.viewer_of_code(new).member == "lin"


def test_a_withdrawn_member_is_out_everywhere(members: MemberService) -> None:
    code = members.enrol("lin", "林", GRANTS)
    token = members.open_session(members.viewer_of_code(code))
    members.withdraw("lin")
    assert members.viewer_of_session(token) is None
    with pytest.raises(CodeRefused):
        members.viewer_of_code(code)
    assert members.has("lin")


def test_a_session_ends_by_itself_and_is_swept(
    members: MemberService, clock: Clock, database: Engine
) -> None:
    viewer = members.viewer_of_code(members.enrol("lin", "林", GRANTS))
    first = members.open_session(viewer)
    assert members.viewer_of_session(first) == viewer
    clock.now_us += 60_000_000
    assert members.viewer_of_session(first) is None
    members.open_session(viewer)
    with database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM member_session")).scalar_one() == 1


def test_closing_a_session_ends_only_that_one(members: MemberService) -> None:
    viewer = members.viewer_of_code(members.enrol("lin", "林", GRANTS))
    first, second = members.open_session(viewer), members.open_session(viewer)
    members.close_session(first)
    assert members.viewer_of_session(first) is None
    assert members.viewer_of_session(second) == viewer
