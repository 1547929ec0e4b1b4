"""Whatever is done to a bench, in any order: who may not rule never presides, and access ends with a seat."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cases.bench import bench, require_presiding, seats_of
from ledger.cases.errors import SeatRefused
from ledger.cases.record import case_record, filed_entry
from ledger.cases.seating import BenchTerms, Seating
from ledger.database import reading
from ledger.log import Log
from tests.ledger_samples import AGREEMENT, FixedClock

SIDES = ("streamer", "brand")
ARBITERS = ("ada", "bo", "cy")
ACTS = ("appoint", "declare", "challenge", "uphold", "dismiss", "replace", "fee")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTS), st.sampled_from(ARBITERS), st.sampled_from(ARBITERS), st.sampled_from(SIDES)
    ),
    min_size=4,
    max_size=14,
)


def filed(log: Log) -> Seating:
    case = f"D-{log.size()}"
    clock = FixedClock()
    log.append([filed_entry(case, AGREEMENT, {}, readers=SIDES, by="streamer", at=clock())])
    terms = BenchTerms(("panel", "arbitrator"), "CNY", lambda instant: instant.date(), lambda day, _: day)
    return Seating(log, case, terms, SIDES, clock)


def done(seats: Seating, act: str, one: str, other: str, side: str) -> bool:
    """Do an act; tell whether it was allowed."""
    acts: dict[str, Callable[[], int]] = {
        "appoint": lambda: seats.appoint(one, "panel", by="operator"),
        "declare": lambda: seats.declare(one, f"of {other}"),
        "challenge": lambda: seats.challenge(one, side, "partial"),
        "uphold": lambda: seats.decide_challenge(one, side, upheld=True, reason="so", by=other),
        "dismiss": lambda: seats.decide_challenge(one, side, upheld=False, reason="not so", by=other),
        "replace": lambda: seats.replace(one, other, "left", by="operator"),
        "fee": lambda: seats.set_fee(one, 100, by="operator"),
    }
    try:
        acts[act]()
    except SeatRefused:
        return False
    return True


@settings(max_examples=20)
@given(STEPS)
def test_who_may_not_rule_never_presides_and_nobody_sits_twice(
    log: Log, steps: list[tuple[str, str, str, str]]
) -> None:
    seats = filed(log)
    appointed: set[str] = set()
    gone: set[str] = set()
    for act, one, other, side in steps:
        size = log.size()
        allowed = done(seats, act, one, other, side)
        assert allowed or log.size() == size, "what is refused writes nothing"
        record = case_record(log, seats.case)
        now = bench(record)
        if allowed and act == "replace":
            gone.add(one)
        assert all(now.seat(arbiter) is not None for arbiter in appointed), "a seat stays on record"
        appointed = {seat.arbiter for seat in now.seats}
        assert not any(seat.stands for seat in now.seats if seat.arbiter in gone), "who left stays away"
        presiding = now.presiding("panel")
        for arbiter in ARBITERS:
            try:
                require_presiding(record, "panel", arbiter)
            except SeatRefused:
                assert presiding is None or presiding.arbiter != arbiter
            else:
                assert not now.seats or (presiding is not None and presiding.arbiter == arbiter)
        if presiding is not None:
            assert presiding.declared, "nobody rules who has not declared"
            assert all(one.decided and not one.upheld for one in presiding.challenges)
    with reading(log.engine) as session:
        for arbiter in ARBITERS:
            reads = (seats.case, "autumn-beauty") in seats_of(session, arbiter)
            assert reads == bench(case_record(log, seats.case)).reads(arbiter)
