"""What was given goes when its time is over; what was answered meanwhile is never overtaken unseen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.database import reading
from ledger.disclosed import Sight, disclosed_entries
from ledger.doctor import examine
from ledger.entries import Group
from ledger.errors import ErasureRefused, LogMoved
from ledger.intake.terms import IntakeTerms, VersionTerms
from ledger.legal_holds import lift_hold, place_hold
from ledger.live import Days, arrivals
from ledger.log import Log
from ledger.sharing.ending import end_sharing, ended, say_gone
from ledger.sharing.errors import SharingRefused
from ledger.sharing.record import Access, Sharing, record_access, sharings
from ledger.sharing.sales import sales_at, sales_between, sales_of_orders
from tests.ledger_samples import AGREEMENT, PARTIES, START, receipt, refund, sale

TERMS = IntakeTerms(
    "autumn-beauty",
    "CNY",
    "Asia/Shanghai",
    "platform",
    (VersionTerms(AGREEMENT, START - timedelta(days=200), PARTIES, ("platform",)),),
)


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine, clock=lambda: START)
    log.append([sale("O1"), sale("O2"), sale("O3"), receipt("O1")])
    return log


def give(log: Log, *seqs: int, **changed: Any) -> Sharing:
    given: dict[str, Any] = {
        "id": f"S-{log.size()}", "agreement": AGREEMENT, "recipient": "brand", "member": "m",
        "readers": ("brand", "platform"), "purpose": "after-sales", "fields": ("buyer",), "level": "order",
        "asked": {"orders": 1}, "clause": "11.2", "days": 90, "then": "erase", "given": len(seqs),
        "sets": (frozenset(seqs),), "sha256": "0" * 64, **changed,
    }  # fmt: skip
    record_access(log, Access(**given), at=START, end=log.size())
    return sharings(log)[-1]


def test_a_sale_is_found_with_its_personal_facts_by_order_by_time_and_by_entry(log: Log) -> None:
    with reading(log.engine) as session:
        by_order = sales_of_orders(session, TERMS, ["O2", "O1", "none"])
        by_time = sales_between(session, TERMS, by_order[0].sold_us, by_order[0].sold_us + 1)
        by_entry = sales_at(session, "autumn-beauty", [1, 3, 999])
    assert [(one.order, one.seq, one.received_us is None) for one in by_order] == [
        ("O1", 0, False), ("O2", 1, True),
    ]  # fmt: skip
    assert by_order[0] in by_time
    assert [one.seq for one in by_entry] == [1]


def test_an_answer_is_refused_where_another_came_in_between(log: Log) -> None:
    size = log.size()
    give(log, 0)
    with pytest.raises(LogMoved):
        record_access(
            log,
            Access(
                id="S-late", agreement=AGREEMENT, recipient="mcn", member="m", readers=("mcn",),
                purpose="x", fields=("buyer",), level="order", asked={"orders": 1}, clause=None,
                reason="purpose",
            ),
            at=START,
            end=size,
        )  # fmt: skip
    assert [one.id for one in sharings(log, "autumn-beauty")] == [f"S-{size}"]
    assert sharings(log, "another") == []


def test_what_was_given_ends_with_the_last_of_its_orders_and_its_record_goes(log: Log) -> None:
    one, open_end = give(log, 0), give(log, 0, 1)
    received = log.entry(3).occurred_us
    with reading(log.engine) as session:
        (first,) = sales_at(session, "autumn-beauty", [0])
    assert first.received_us == received
    later = START + timedelta(days=200)
    assert [found.id for found in ended(log, START)] == []
    assert [found.id for found in ended(log, later)] == [one.id], "O2 was never received"
    for _ in range(2):
        end_sharing(log, one, by="operator", at=later)
    assert ended(log, later) == []
    gone, kept = sharings(log)
    assert (gone.sets, gone.awaits_return, kept.id, kept.sets) == (None, True, open_end.id, open_end.sets)
    assert sum(entry.kind == "data.ended" for entry in log.entries(limit=100)) == 1
    assert examine(log.engine) == []


def test_a_legal_hold_on_one_of_its_orders_keeps_what_was_given(log: Log) -> None:
    one, later = give(log, 0), START + timedelta(days=200)
    place_hold(
        log, "case-1", agreement="autumn-beauty", order="O1", reason="file 1", asserter="court", readers=(),
        now=START,
    )  # fmt: skip
    assert ended(log, later) == []
    lift_hold(log, "case-1", reason="closed", asserter="court", now=START)
    assert [found.id for found in ended(log, later)] == [one.id]


def test_a_recipient_says_once_that_it_is_gone_and_nobody_else_does(log: Log) -> None:
    one = give(log, 0)
    groups = give(log, 0, level="aggregate", asked={"days": ["2026-09-01", "2026-09-01"]})
    size = log.size()
    for by, name, said in (("mcn", one.id, "only brand"), ("brand", groups.id, "nothing has to go")):
        with pytest.raises(SharingRefused, match=said):
            say_gone(log, name, "deleted", certificate=None, by=by, at=START)
    with pytest.raises(SharingRefused, match="64 hex digits"):
        say_gone(log, one.id, "deleted", certificate="abc", by="brand", at=START)
    for _ in range(2):
        done = say_gone(log, one.id, "returned", certificate="a" * 64, by="brand", at=START)
        assert (done.settled, done.settled_seq) == ("returned", size)
    with pytest.raises(SharingRefused, match="said to be returned"):
        say_gone(log, one.id, "deleted", certificate=None, by="brand", at=START)
    assert log.size() == size + 1
    with pytest.raises(ErasureRefused, match="who was given what stays"):
        log.erase(size, "sharing", reason="x", asserter="brand", source="ops", id="E1")


def test_what_a_party_says_it_gave_elsewhere_stands_beside_the_answers(log: Log) -> None:
    one = give(log, 0)
    facts = {"recipient": "mcn", "fields": ["buyer"], "purpose": "marketing", "records": 700}
    said = sale("T1", kind="data.shared", id="T-1", groups=(Group("facts", PARTIES, facts),))
    log.append([said, sale("T2", kind="data.shared", id="T-2", groups=(Group("facts", PARTIES, {"x": 1}),))])
    first, told = sharings(log, "autumn-beauty")
    assert (first.id, told.id, told.level, told.recipient, told.content["given"]) == (
        one.id, "T-1", "told", "mcn", 700,
    )  # fmt: skip
    assert ended(log, START + timedelta(days=900))[0].id == one.id


def test_what_came_in_since_a_time_is_counted_once_for_everybody(log: Log) -> None:
    kinds = ("sale.recorded", "receipt.confirmed", "refund.recorded")
    days, escrow = Days(), ("escrow", "balance", "CNY")

    def so_far(days: Days, since: datetime) -> tuple[Mapping[str, int], int]:
        day = days.so_far(log, [AGREEMENT], kinds, since=since, escrow=escrow)
        return day.counts, day.paid_minor

    begun = START - timedelta(seconds=1)
    assert so_far(days, begun) == ({"sale.recorded": 3, "receipt.confirmed": 1}, 3 * 29_900)
    log.append([sale("N1", paid_minor=100), refund("O1")])
    counted = {"sale.recorded": 4, "receipt.confirmed": 1, "refund.recorded": 1}, 3 * 29_900 + 100
    assert so_far(days, begun) == so_far(days, begun) == so_far(Days(), begun) == counted
    assert so_far(days, START) == ({}, 0), "another day begins anew"
    assert so_far(days, begun) == counted
    assert arrivals(log, [AGREEMENT], ("sale.recorded",)) == [0, 0, 0, 0]
    assert arrivals(log, ["another@1"], kinds) == []
    sight = Sight(frozenset({"brand"}))
    found = disclosed_entries(log, sight, after=3, kinds=kinds, agreement="autumn-beauty")
    assert [one.entry.seq for one in found] == [5, 4]
