"""Postings that take back earlier ones: linked, held to what is left, derived and examined."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.accounts import Account, account_statement, balance
from ledger.database import reading, session_of
from ledger.doctor import examine
from ledger.entries import Group
from ledger.errors import EntryInvalid, ReversalRefused
from ledger.group_commit import GroupCommit
from ledger.log import Log
from ledger.rebuild import rebuild
from ledger.sorting import Request
from ledger.triggers import assert_triggers, drop_triggers
from tests.ledger_samples import PARTIES, pair, reversal_of_sale, sale

ESCROW = Account("escrow", "autumn-beauty", "balance", "CNY")


@pytest.fixture
def log(engine: Engine) -> Log:
    """Two sales of 299.00."""
    log = Log(engine)
    log.append([sale("O1"), sale("O2")])
    return log


def test_a_sale_taken_back_in_parts_is_linked_and_comes_to_zero(log: Log) -> None:
    log.append([reversal_of_sale(0, 10_000), reversal_of_sale(0, 19_900)])
    moves = account_statement(log.engine, ESCROW)
    assert [(move.amount_minor, move.reverses) for move in moves] == [
        (29_900, None),
        (29_900, None),
        (-10_000, (0, 1)),
        (-19_900, (0, 1)),
    ]
    assert balance(log.engine, ESCROW) == 29_900
    assert rebuild(log.engine).unchanged
    assert examine(log.engine) == []


def test_more_than_is_left_is_refused_over_one_batch_many_and_many_requests(log: Log) -> None:
    with pytest.raises(ReversalRefused, match="takes back more than is left"):
        log.append([reversal_of_sale(0, 29_901)])
    with pytest.raises(ReversalRefused, match="of -29900, 20000 was taken back before"):
        log.append([reversal_of_sale(0, 20_000), reversal_of_sale(0, 9_901)])
    log.append([reversal_of_sale(0, 20_000)])
    with pytest.raises(ReversalRefused):
        log.append([reversal_of_sale(0, 9_901)])
    first, second = (log.prepare([reversal_of_sale(0, amount)]) for amount in (9_000, 901))
    taken, refused = log.append_requests([Request(first), Request(second)])
    assert not isinstance(taken, Exception)
    assert isinstance(refused, ReversalRefused)
    assert log.size() == 4


def test_the_same_reversal_sent_again_is_a_repeat(log: Log) -> None:
    whole = reversal_of_sale(0)
    log.append([whole])
    assert log.append([whole]).repeated == [2]


def test_a_reversal_may_itself_be_taken_back(log: Log) -> None:
    log.append([reversal_of_sale(0)])
    postings = tuple(
        msgspec.structs.replace(one, reverses=(2, n))
        for n, one in enumerate(pair(29_900, kind="sale.reversed"))
    )
    log.append([reversal_of_sale(2, groups=(Group("reversal", PARTIES, {}, postings),))])
    assert balance(log.engine, ESCROW) == 59_800
    assert examine(log.engine) == []


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"reverses": (7, 0)}, "not in the log yet"),
        ({"reverses": (2, 0)}, "not in the log yet"),
        ({"reverses": (0, 2)}, "has no posting 2"),
        ({"reverses": (0, 1)}, "on another account"),
        ({"amount_minor": -1, "reverses": (0, 0)}, "a reversal has the other sign"),
    ],
)
def test_what_cannot_be_taken_back_is_refused_with_its_reason(
    log: Log, changed: dict[str, object], why: str
) -> None:
    buyers, escrow = pair(-1, kind="sale.reversed")
    odd = msgspec.structs.replace(buyers, **changed)
    other = msgspec.structs.replace(escrow, amount_minor=-odd.amount_minor)
    entry = reversal_of_sale(0, groups=(Group("reversal", PARTIES, {}, (odd, other)),))
    with pytest.raises(ReversalRefused, match=why):
        log.append([entry])
    with pytest.raises(ReversalRefused, match=why):
        log.append([entry, sale("O3")], partial=True)
    with pytest.raises(ReversalRefused, match=why):
        log.preview(Request(log.prepare([entry]), partial=True))
    assert log.size() == 2


def test_a_refusal_reaches_the_writer_of_its_request_alone(log: Log) -> None:
    with GroupCommit(log) as queue:
        good, bad = queue.submit([reversal_of_sale(0)]), queue.submit([reversal_of_sale(1, 30_000)])
        assert good.result(60).accepted == [2]
        with pytest.raises(ReversalRefused):
            bad.result(60)


@pytest.mark.parametrize("place", [(0,), (0, -1), [0, 1], ("0", 1), (0, True)])
def test_a_place_is_two_whole_numbers(place: object) -> None:
    with pytest.raises(EntryInvalid, match="seq of an entry"):
        msgspec.structs.replace(pair(5)[0], reverses=place)


def test_a_posting_that_reverses_nothing_has_the_bytes_it_always_had(log: Log) -> None:
    assert b"reverses" not in (log.groups(0)[0].opened or b"")
    log.append([reversal_of_sale(0)])
    assert b'"kind":"sale.reversed","reverses":{"n":0,"seq":0}}' in (log.groups(2)[0].opened or b"")


def test_a_link_forged_in_the_database_is_found(log: Log) -> None:
    log.append([reversal_of_sale(0)])
    with log.engine.begin() as connection:
        drop_triggers(connection, ["reversal"])
        session_of(connection).execute("UPDATE reversal SET of_seq = 1 WHERE n = 0")
        assert_triggers(connection)
    assert {finding.code for finding in examine(log.engine)} == {"derived.unfit"}
    assert not rebuild(log.engine).unchanged
    with log.engine.begin() as connection:
        drop_triggers(connection, ["reversal"])
        session_of(connection).execute("UPDATE reversal SET of_n = 1 WHERE n = 0")
        assert_triggers(connection)
    assert {finding.code for finding in examine(log.engine)} == {"derived.unfit", "reversal.unfit"}
    with reading(log.engine) as session:
        assert session.rows("SELECT count(*) FROM reversal")[0][0] == 2
