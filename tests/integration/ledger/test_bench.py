"""Who decides a case, and what they ask of the ledger: seats, challenges, costs, saved queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.cases.bench import bench, seats_of
from ledger.cases.errors import QueryUnknown, SeatRefused
from ledger.cases.queries import run_again, save_query, saved_queries, saved_query, scope_of, widen
from ledger.cases.record import append_step, case_record, filed_entry
from ledger.cases.seating import BenchTerms, Seating
from ledger.checkpoints import make_checkpoint
from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.notes import LogKey
from ledger.notices.reading import notices
from ledger.queries.question import Question
from ledger.queries.scope import Scope
from tests.ledger_samples import AGREEMENT, FixedClock, sale

CASE, SIDES = "D-1", ("streamer", "brand")
SCOPE = Scope(CASE, ("autumn-beauty",), SIDES, frozenset({"buyer"}))


class Court:
    """A filed case in a log with three sales, and its bench."""

    def __init__(self, engine: Engine) -> None:
        self.clock = FixedClock()
        self.log = Log(engine, clock=self.clock)
        content = {"claimant": "streamer", "respondent": "brand"}
        filed = filed_entry(
            CASE,
            AGREEMENT,
            content,
            readers=("brand", "platform", "streamer"),
            by="streamer",
            at=self.clock(),
        )
        self.log.append([sale("O1"), sale("O2"), sale("O3"), filed])
        self.bench = Seating(self.log, CASE, self.terms(), SIDES, self.clock)

    def terms(self, **changed: Any) -> BenchTerms:
        return BenchTerms(
            ("panel", "arbitrator"), "CNY", lambda instant: instant.date(), day_after, **changed
        )

    def state(self, arbiter: str) -> str:
        seat = bench(case_record(self.log, CASE)).seat(arbiter)
        assert seat is not None
        return seat.state


def day_after(start: date, days: int) -> date:
    """Return the last of so many calendar days."""
    return start + timedelta(days=days)


def seen(shop: str) -> NewEntry:
    """A price that a party saw in a shop."""
    group = Group("facts", ("brand",), {"shop": shop, "price": "239.00"})
    return sale(shop, source="seen", kind="fact.stated", asserter="brand", groups=(group,))


def anything(session: Session) -> None:
    """Refuse nothing."""


@pytest.fixture
def court(engine: Engine) -> Court:
    """A court of one's own."""
    return Court(engine)


def test_an_arbiter_is_appointed_declares_is_challenged_and_replaced(court: Court) -> None:
    seats = court.bench
    first = seats.appoint("ada", "panel", by="operator")
    assert seats.appoint("ada", "panel", by="operator") == first
    assert court.state("ada") == "appointed"
    assert bench(case_record(court.log, CASE)).presiding("panel") is None
    seats.declare("ada", None)
    assert seats.declare("ada", "bought shares of brand") != seats.declare("ada", None)
    (told,) = notices(court.log)
    assert (told.new.code, told.new.figures) == ("conflict-declared", {"conflicts": "bought shares of brand"})
    seats.appoint("bo", "panel", by="operator")
    seats.declare("bo", None)
    now = bench(case_record(court.log, CASE)).presiding("panel")
    assert now is not None
    assert now.arbiter == "ada"

    seats.challenge("ada", "streamer", "the shares")
    assert court.state("ada") == "challenged"
    now = bench(case_record(court.log, CASE)).presiding("panel")
    assert now is not None
    assert now.arbiter == "bo"
    seats.decide_challenge("ada", "streamer", upheld=True, reason="so they are", by="bo")
    assert court.state("ada") == "removed"
    seats.replace("ada", "cy", "the seat is empty", by="operator")
    assert (court.state("ada"), court.state("cy")) == ("replaced", "appointed")
    with reading(court.log.engine) as session:
        assert seats_of(session, "ada") == frozenset()
        assert seats_of(session, "cy") == {(CASE, "autumn-beauty")}


def test_what_may_not_be_is_refused_and_written_nowhere(court: Court) -> None:
    seats = court.bench
    seats.appoint("ada", "panel", by="operator")
    seats.declare("ada", None)
    seats.challenge("ada", "brand", "a friend")
    size = court.log.size()
    refused: list[Callable[[], int]] = [
        lambda: seats.appoint("bo", "rules", by="operator"),
        lambda: seats.appoint("brand", "panel", by="operator"),
        lambda: seats.appoint("ada", "arbitrator", by="operator"),
        lambda: seats.declare("nobody", None),
        lambda: seats.challenge("nobody", "brand", "x"),
        lambda: seats.challenge("ada", "brand", "another reason"),
        lambda: seats.decide_challenge("ada", "brand", upheld=False, reason="no", by="ada"),
        lambda: seats.decide_challenge("ada", "streamer", upheld=False, reason="no", by="operator"),
        lambda: seats.replace("ada", "ada", "again", by="operator"),
        lambda: seats.replace("nobody", "bo", "x", by="operator"),
        lambda: seats.set_fee("ada", -1, by="operator"),
    ]
    for act in refused:
        with pytest.raises(SeatRefused):
            act()
    assert court.log.size() == size


def test_a_challenge_waits_for_no_more_days_than_the_document_gives(court: Court) -> None:
    seats = Seating(court.log, CASE, court.terms(challenge_days=2), SIDES, court.clock)
    seats.appoint("ada", "panel", by="operator")
    seats.declare("ada", None)
    court.clock.forward(days=3)
    with pytest.raises(SeatRefused, match="2 days"):
        seats.challenge("ada", "brand", "late")
    seats.declare("ada", "met the streamer yesterday")
    seats.challenge("ada", "brand", "in time")
    assert court.state("ada") == "challenged"


def test_costs_are_the_fees_and_each_side_bears_its_part(court: Court) -> None:
    seats = Seating(court.log, CASE, court.terms(fee_minor=2_000), SIDES, court.clock)
    for arbiter, fee in (("ada", 1_000), ("bo", 501)):
        seats.appoint(arbiter, "panel", by="operator")
        seats.set_fee(arbiter, fee, by="operator")
    seats.declare("bo", None)
    refused: list[Callable[[], int]] = [
        lambda: seats.set_fee("ada", 1_200, by="operator"),
        lambda: seats.set_fee("bo", 2_001, by="operator"),
        lambda: seats.rule_on_costs({"brand": 1}, "why", by="bo", lost=Fraction(1)),
        lambda: seats.rule_on_costs({"mcn": 1_501}, "why", by="bo", lost=Fraction(1)),
        lambda: seats.rule_on_costs(None, "has not declared", by="ada", lost=Fraction(1)),
        lambda: seats.rule_on_costs(None, "does not sit", by="cy", lost=Fraction(1)),
    ]
    for act in refused:
        with pytest.raises(SeatRefused):
            act()
    assert seats.default_shares(1_501, Fraction(1, 2)) == {"streamer": 751, "brand": 750}
    seats.rule_on_costs(None, "as the document says", by="bo", lost=Fraction(1, 3))
    costs = bench(case_record(court.log, CASE)).costs
    assert costs is not None
    assert costs.content["shares"] == [
        {"amount_minor": 500, "party": "streamer"},
        {"amount_minor": 1_001, "party": "brand"},
    ]
    with pytest.raises(SeatRefused, match="costs are ruled on"):
        Seating(court.log, CASE, court.terms(), SIDES, court.clock).set_fee("bo", 1, by="operator")


def test_a_saved_query_gives_the_same_again_until_something_of_it_is_erased(court: Court) -> None:
    court.log.append([seen(shop) for shop in ("A", "B", "C")])
    log, record, question = court.log, case_record(court.log, CASE), Question("entries", kind="fact.stated")
    key = LogKey("log.example", b"k" * 32)
    saved = save_query(
        log, record, SCOPE, question, make_checkpoint(log, key), by="ada", at=court.clock(), require=anything
    )
    log.append([seen("D")])
    record = case_record(log, CASE)
    (one,) = saved_queries(log, record, SCOPE.withheld).values()
    assert (one.id, one.rows, one.question, one.size) == (saved, 3, question, 7)
    assert run_again(log, one).same
    with pytest.raises(QueryUnknown):
        saved_query(log, record, "Q-none", SCOPE.withheld)
    sides = [group for group in log.groups(one.step.seq) if "brand" in group.readers]
    assert all(one.digest not in str(group.content) for group in sides)

    log.erase(5, "facts", reason="asked", asserter="platform", source="erasing", id="e1")
    again = run_again(log, one)
    assert (again.same, again.erased, again.differing) == (False, (5,), ())
    assert len(again.answer.rows) == 2


def test_an_order_opens_more_and_is_read_by_whom_it_opens(court: Court) -> None:
    record = case_record(court.log, CASE)
    for _ in range(2):
        order = widen(
            court.log, record, agreements=["winter"], parties=["mcn"], reason="their share is in question",
            readers=["mcn", "supplier"], by="ada", at=court.clock(), require=anything,
        )  # fmt: skip
        record = case_record(court.log, CASE)
    assert len(record.of("query_widened")) == 1
    everybody = ("brand", "mcn", "platform", "streamer", "supplier")
    assert record.of("query_widened")[0].readers == everybody
    assert record.of("query_widened")[0].seq == order
    (notice,) = notices(court.log)
    assert (notice.new.readers, notice.new.about["opened"]) == (everybody, "winter, mcn")
    wider = scope_of(record, SCOPE)
    assert (wider.agreements, wider.parties) == (("autumn-beauty", "winter"), ("brand", "mcn", "streamer"))


def test_nobody_is_seated_once_the_case_has_ended(court: Court) -> None:
    court.bench.appoint("ada", "panel", by="operator")
    append_step(
        court.log, case_record(court.log, CASE), "withdrawn", "withdrawn", {}, by="streamer", at=court.clock()
    )
    with pytest.raises(SeatRefused, match="has ended"):
        court.bench.appoint("bo", "panel", by="operator")
