"""What a commit asks of the log: once for what can be foreseen, and again only for what cannot."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ledger.database import PostgresSession, Session, SqliteSession, reading
from ledger.known import Known
from ledger.log import Log
from ledger.sorting import Request
from tests.ledger_samples import sale

NEW = ("brand", "new-agreement", "balance", "CNY")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that is asked from now on."""
    queries: list[str] = []
    for kind in (SqliteSession, PostgresSession):
        plain = kind.rows

        def rows(session: Session, sql: str, parameters: object = (), plain: object = plain) -> object:
            queries.append(sql)
            return plain(session, sql, parameters)  # type: ignore[operator]

        monkeypatch.setattr(kind, "rows", rows)
    return queries


def test_a_commit_looks_the_log_up_once_however_many_requests_it_takes(
    engine: Engine, asked: list[str]
) -> None:
    log = Log(engine)
    log.append([sale("before")])
    requests = [Request(log.prepare([sale(f"O{n}")]), attest=lambda *_: ()) for n in range(20)]
    asked.clear()
    log.append_requests(requests)
    looked_up = [sql for sql in asked if "FROM entry" in sql or "FROM account" in sql or "line_event" in sql]
    assert len(looked_up) == 1


def test_what_was_not_foreseen_is_asked_for_and_nothing_twice(engine: Engine, asked: list[str]) -> None:
    log = Log(engine)
    (first,) = log.append([sale("first")]).seqs
    (second,) = log.append([sale("second", source="till")]).seqs
    one, other = sale("first"), sale("second", source="till")
    with reading(engine) as session:
        known = Known(session, [(one.source, one.id)], [("autumn-beauty", "first", "1")], ["brand"])
        assert (known.size, known.recorded_us) == (2, log.entry(1).recorded_us)
        assert known.is_sold(("autumn-beauty", "first", "1"))
        assert not known.is_sold(("autumn-beauty", "first", "2"))
        asked.clear()
        assert known.seqs([(one.source, one.id)]) == {(one.source, one.id): first}
        assert asked == []
        assert known.seqs([(other.source, other.id), (one.source, "nothing")]) == {
            (other.source, other.id): second
        }
        assert known.agreements("till", [other.id]) == {other.id: other.agreement}
        assert len(asked) == 1, "the two sources are asked about together, and the key is known by then"


def test_accounts_are_numbered_on_from_the_last_whoever_owns_it(engine: Engine) -> None:
    log = Log(engine)
    log.append([sale("first")])
    with reading(engine) as session:
        stored = session.rows("SELECT id, owner, agreement, purpose, currency FROM account ORDER BY id")
        known = Known(session, [], [], [])
        accounts = known.accounts({row[1] for row in stored} | {"brand"})
        fresh: list[tuple[object, ...]] = []
        assert [accounts.number(tuple(row[1:]), fresh) for row in stored] == [row[0] for row in stored]
        assert fresh == []
        assert accounts.number(NEW, fresh) == stored[-1][0] + 1
        assert fresh == [(stored[-1][0] + 1, *NEW)]


def test_an_empty_log_is_known_to_be_empty(engine: Engine) -> None:
    with reading(engine) as session:
        known = Known(session, [("shop", "x")], [("a", "o", "1")], ["brand"])
    assert (known.size, known.recorded_us) == (0, 0)
    assert known.seqs([("shop", "x")]) == {}


def test_each_value_leads_to_its_rows_and_no_other(engine: Engine) -> None:
    log = Log(engine)
    log.append([sale(f"O{n}") for n in range(50)])
    wanted = ["O3", "O49", "no such order", "O'; --"]
    with reading(engine) as session:
        sql = "SELECT order_id FROM line_event WHERE agreement = ?"
        rows = session.rows(*session.of_each(sql, ["autumn-beauty"], "order_id", wanted))
        assert sorted(row[0] for row in rows) == ["O3", "O49"]
        assert session.rows(*session.of_each(sql, ["autumn-beauty"], "order_id", [])) == []
