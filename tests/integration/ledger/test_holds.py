"""Holds at pairs of times, on both databases: what is available, what may be placed and released, expiry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account, Until
from ledger.doctor import examine
from ledger.errors import (
    EntryConflict,
    EntryInvalid,
    ErasureRefused,
    HoldBeyondBalance,
    HoldRefused,
    HoldUnknown,
)
from ledger.hold_events import HOLD_GROUP
from ledger.hold_history import hold_history
from ledger.holds import Available, NewHold, available, holds, place_hold, record_expired, release_hold
from ledger.log import Log
from ledger.rebuild import rebuild
from tests.ledger_samples import AGREEMENT, START, FixedClock, sale

ESCROW = Account("escrow", "autumn-beauty", "balance", "CNY")
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def log(engine: Engine, clock: FixedClock) -> Log:
    """An escrow of 100.00."""
    log = Log(engine, clock=clock)
    log.append([sale(paid_minor=10_000, occurred_at=START - DAY)])
    return log


def new(name: str = "H1", amount_minor: int = 6_000, **changed: Any) -> NewHold:
    fields: dict[str, Any] = {
        "account": ESCROW, "reason": "contested", "clause": "13.1", "agreement": AGREEMENT,
        "readers": ("platform",), "expires_at": START + 10 * DAY,
    }  # fmt: skip
    return NewHold(id=name, amount_minor=amount_minor, **{**fields, **changed})


def place(log: Log, hold: NewHold, at: datetime = START, **options: Any) -> int:
    return place_hold(log, hold, at=at, by="platform", **options)


def release(log: Log, amount_minor: int | None, name: str, at: datetime, hold: str = "H1") -> int:
    return release_hold(log, hold, amount_minor, release=name, at=at, by="platform", reason="settled")


def held(log: Log, at: datetime, recorded: datetime | None = None) -> int:
    return available(log.engine, ESCROW, at, recorded).held_minor


def test_what_is_held_is_not_available_and_stays_in_the_balance(log: Log) -> None:
    place(log, new())
    assert available(log.engine, ESCROW, START) == Available(10_000, 6_000)
    assert available(log.engine, ESCROW, START).available_minor == 4_000


def test_its_history_says_why_and_what_ended_it(log: Log) -> None:
    place(log, new(case="D-1"))
    place(log, new("H2", 1_000))
    release(log, 4_000, "1", START + DAY)
    record_expired(log, START + 11 * DAY, "operator")
    found = hold_history(log.engine, ["H1", "H2", "H3"])
    assert [(one.event, one.amount_minor, one.reason, one.by) for one in found["H1"]] == [
        ("placed", 6_000, "contested", "platform"), ("released", 4_000, "settled", "platform"),
        ("expired", 2_000, None, None),
    ]  # fmt: skip
    assert (found["H1"][0].clause, found["H1"][0].case) == ("13.1", "D-1")
    assert ([one.event for one in found["H2"]], found["H3"]) == (["placed", "expired"], [])


def test_a_hold_counts_from_when_it_was_placed_until_it_expires(log: Log) -> None:
    place(log, new())
    assert held(log, START - timedelta(microseconds=1)) == 0
    assert held(log, START) == 6_000
    assert held(log, START + 10 * DAY - timedelta(microseconds=1)) == 6_000
    assert held(log, START + 10 * DAY) == 0


def test_the_answer_does_not_wait_for_an_entry_that_records_expiry(log: Log) -> None:
    place(log, new())
    release(log, 1_000, "1", START + DAY)
    times = [START + days * DAY for days in range(12)]
    before = [held(log, at) for at in times]
    (seq,) = record_expired(log, START + 11 * DAY, "operator")
    assert [held(log, at) for at in times] == before
    entry = log.entry(seq)
    assert (entry.kind, entry.occurred_us) == ("hold.expired", log_us(START + 10 * DAY))
    (group,) = [one for one in log.groups(seq, "platform") if one.name == HOLD_GROUP]
    assert group.content["amount_minor"] == 5_000
    assert record_expired(log, START + 11 * DAY, "operator") == []


def log_us(at: datetime) -> int:
    return int(at.timestamp()) * 1_000_000


def test_part_is_released_and_then_the_rest(log: Log) -> None:
    place(log, new())
    release(log, 2_500, "1", START + DAY)
    assert [held(log, START + days * DAY) for days in (0, 1)] == [6_000, 3_500]
    release(log, None, "2", START + 2 * DAY)
    (one,) = holds(log.engine, START + 2 * DAY)
    assert (one.held_minor, one.amount_minor) == (0, 6_000)


def test_what_was_known_at_a_time_stays_known(log: Log, clock: FixedClock) -> None:
    place(log, new())
    clock.forward(days=3)
    release(log, None, "1", START + DAY)
    assert held(log, START + 2 * DAY) == 0
    assert held(log, START + 2 * DAY, recorded=START + 2 * DAY) == 6_000
    assert [one.held_minor for one in holds(log.engine, START + 2 * DAY, Until(end=2))] == [6_000]


def test_the_rest_of_a_hold_that_has_nothing_left_is_refused_in_so_many_words(log: Log) -> None:
    place(log, new())
    with pytest.raises(HoldRefused, match="nothing of it is held at 2026-09-11"):
        release(log, None, "1", START + 10 * DAY)


@pytest.mark.parametrize("amount", [0, -1, 6_001])
def test_more_than_is_held_is_never_released(log: Log, amount: int) -> None:
    place(log, new())
    with pytest.raises((HoldRefused, EntryInvalid)):
        release(log, amount, "1", START)
    assert held(log, START) == 6_000


def test_what_expired_or_never_was_cannot_be_released(log: Log) -> None:
    place(log, new())
    with pytest.raises(HoldRefused, match="0 minor units are held"):
        release(log, 1, "1", START + 10 * DAY)
    with pytest.raises(HoldUnknown):
        release(log, 1, "1", START, hold="H2")


def test_events_of_a_hold_come_in_order_of_time(log: Log) -> None:
    place(log, new())
    release(log, 1, "1", START + 2 * DAY)
    with pytest.raises(HoldRefused, match="later"):
        release(log, 5_999, "2", START + DAY)


def test_no_more_is_held_than_is_available_unless_the_document_permits(log: Log) -> None:
    place(log, new())
    with pytest.raises(HoldBeyondBalance, match="4001 minor units of CNY are more than the 4000 available"):
        place(log, new("H2", 4_001))
    place(log, new("H2", 4_000))
    place(log, new("H3", 500), beyond_balance=True)
    assert available(log.engine, ESCROW, START).available_minor == -500


def test_what_comes_in_later_does_not_count_at_an_earlier_time(log: Log) -> None:
    with pytest.raises(HoldBeyondBalance):
        place(log, new(amount_minor=1), at=START - 2 * DAY)


def test_a_hold_expires_after_it_begins(log: Log) -> None:
    with pytest.raises(HoldRefused, match="expire before"):
        place(log, new(expires_at=START))


def test_the_same_again_adds_nothing_and_another_under_its_id_is_a_conflict(log: Log) -> None:
    seq = place(log, new())
    assert place(log, new(), at=START + DAY) == seq
    with pytest.raises(EntryConflict, match=r"groups.hold.content.amount_minor"):
        place(log, new(amount_minor=1))
    first = release(log, 10, "1", START + DAY)
    assert release(log, 10, "1", START + 2 * DAY) == first
    rest = release(log, None, "2", START + 3 * DAY)
    assert release(log, None, "2", START + 4 * DAY) == rest
    assert held(log, START + 4 * DAY) == 0


def test_a_hold_of_nothing_or_with_no_group_is_refused_at_the_door(log: Log) -> None:
    with pytest.raises(EntryInvalid, match="above 0"):
        place(log, new(amount_minor=0))
    with pytest.raises(EntryInvalid, match="needs a group 'hold'"):
        log.append([sale(kind="hold.placed")])


def test_holds_come_back_from_a_rebuild_and_cannot_be_erased(log: Log) -> None:
    seq = place(log, new())
    place(log, new("H2", 1_000, expires_at=None))
    release(log, 10, "1", START + DAY)
    record_expired(log, START + 11 * DAY, "operator")
    assert rebuild(log.engine).unchanged
    assert examine(log.engine) == []
    with pytest.raises(ErasureRefused):
        log.erase(seq, HOLD_GROUP, reason="none", asserter="platform", source="test", id="1")
