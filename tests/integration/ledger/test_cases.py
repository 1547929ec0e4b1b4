"""The record of a case, on both databases: steps in order, once each, and read as of any entry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.cases.errors import DisputeState, DisputeUnknown
from ledger.cases.record import (
    CaseRecord,
    append_entries,
    append_step,
    case_record,
    case_records,
    filed_entry,
    record_within,
    step_entry,
)
from ledger.database import Session
from ledger.errors import EntryConflict, ErasureRefused
from ledger.log import Log
from tests.ledger_samples import AGREEMENT, START, FixedClock

CASE = "D-1"
SIDES = ("brand", "mcn")


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine, clock=FixedClock())
    content = {"clause": "9.1", "claimant": "mcn", "respondent": "brand"}
    for name in (CASE, "D-10"):  # whose steps are not those of D-1
        log.append([filed_entry(name, AGREEMENT, content, readers=SIDES, by="mcn", at=START)])
    return log


def step(log: Log, name: str = "served", by: str = "platform", **more: Any) -> int:
    one = case_record(log, CASE)
    return append_step(log, one, "served", name, {"means": "inbox"}, by=by, at=START, **more)


def test_a_case_is_its_steps_in_order_as_of_any_entry(log: Log) -> None:
    seq = step(log)
    one = case_record(log, CASE)
    assert [(got.kind, got.name, got.by) for got in one.steps] == [
        ("filed", "filed", "mcn"), ("served", "served", "platform"),
    ]  # fmt: skip
    assert (one.agreement, one.readers) == (AGREEMENT, SIDES)
    assert one.filed.content == {
        "dispute": CASE, "clause": "9.1", "claimant": "mcn", "respondent": "brand",
    }  # fmt: skip
    served = one.named("served")
    assert served == one.last("served") == one.of("served", "decided")[0]
    assert (one.named("x"), one.last("x")) == (None, None)
    assert case_record(log, CASE, seq).steps == (one.filed,)
    assert list(case_records(log)) == [CASE, "D-10"]
    assert case_records(log)[CASE] == one
    assert case_records(log, seq)[CASE] == case_record(log, CASE, seq)
    with pytest.raises(DisputeUnknown):
        case_record(log, "D-2")


def test_the_same_step_again_adds_nothing_and_another_in_its_place_is_refused(log: Log) -> None:
    seq = step(log)
    one = case_record(log, CASE)
    later = START + timedelta(days=3)
    assert append_step(log, one, "served", "served", {"means": "inbox"}, by="platform", at=later) == seq
    with pytest.raises(EntryConflict):
        append_step(log, one, "served", "served", {"means": "address"}, by="platform", at=START)
    assert len(case_record(log, CASE).steps) == 2


def test_what_a_step_requires_is_asked_within_its_transaction_and_only_once(log: Log) -> None:
    asked: list[CaseRecord] = []

    def require(session: Session) -> None:
        asked.append(record_within(session, CASE))
        if len(asked) > 1:
            raise DisputeState("not now", where=CASE)

    assert step(log, require=require) == step(log, require=require)
    assert len(asked) == 1
    size = log.size()
    with pytest.raises(DisputeState):
        step(log, "served/2", require=require)
    assert log.size() == size


def test_entries_that_come_with_a_step_come_once_with_it(log: Log) -> None:
    one = case_record(log, CASE)
    pair = [
        step_entry(one, "withdrawn", "withdrawn", {}, by="mcn", at=START),
        step_entry(one, "closed", "closed", {}, by="mcn", at=START),
    ]
    seqs = append_entries(log, pair)
    assert append_entries(log, pair) == seqs[:1]
    assert [got.kind for got in case_record(log, CASE).steps] == ["filed", "withdrawn", "closed"]


def test_what_a_step_says_is_for_its_readers_and_stays(log: Log) -> None:
    seq = step(log, readers=("mcn",))
    assert case_record(log, CASE).steps[-1].readers == ("mcn",)
    assert [group.name for group in log.groups(seq, "brand")] == []
    with pytest.raises(ErasureRefused):
        log.erase(seq, "case", reason="asked", asserter="mcn", source="t", id="1")


def test_of_several_who_take_one_step_at_once_all_get_the_same_and_one_writes(log: Log) -> None:
    ready = Barrier(4)

    def taken(hour: int) -> int:
        one = case_record(log, CASE)
        ready.wait()
        at = START + timedelta(hours=hour)  # each says it at a time of their own
        return append_step(log, one, "served", "served", {"means": "inbox"}, by="platform", at=at)

    with ThreadPoolExecutor(4) as pool:
        seqs = set(pool.map(taken, range(4)))
    assert len(seqs) == 1
    assert len(case_record(log, CASE).steps) == 2
