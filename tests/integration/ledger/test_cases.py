"""The record of a case, on both databases: steps in order, once each, and read as of any entry."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ledger.appending import append_entries
from ledger.cases import acts
from ledger.cases.acts import CaseBook, Doer
from ledger.cases.closing import propose, rule, rule_by_rules, settle
from ledger.cases.errors import DisputeState, DisputeUnknown
from ledger.cases.record import (
    CaseRecord,
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
from policies.process.terms import ProcessTerms, Window
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


RESPONDENT = Doer("brand", "brand", START, "respondent")


def ruling(book: CaseBook) -> int:
    """Rule as a person, in the same words each time."""
    content = {"outcome": "granted", "confirmed_by": "ada", "confirmed_because": "so"}
    return rule(book, content, Doer("ada", "ada", START))


@pytest.fixture
def book(log: Log) -> CaseBook:
    """The case under a ladder of three, with no time to be heard and some to appeal."""
    days: dict[Window, int] = {"answer": 0, "evidence": 0, "appeal": 5}
    terms = ProcessTerms(ZoneInfo("UTC"), days, ("rules", "panel", "arbitrator"))
    return CaseBook(log, CASE, terms, FixedClock())


def test_a_ruling_in_the_same_words_is_a_ruling_on_the_appeal(book: CaseBook) -> None:
    propose(book, {"as_of_seq": book.log.size()}, Doer("rules", "rules", START))
    first = ruling(book)
    assert ruling(book) == first
    book.appeal("wrong", RESPONDENT)
    assert ruling(book) > first
    assert [one.content["level"] for one in book.record().of("ruled")] == ["panel", "arbitrator"]


def test_nobody_waives_an_appeal_of_what_was_ruled_while_they_looked(
    book: CaseBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule_by_rules(book, {"as_of_seq": book.log.size()}, Doer("rules", "rules", START))

    def meanwhile(*asked: Any, **more: Any) -> int:
        monkeypatch.undo()
        book.appeal("wrong", RESPONDENT)
        ruling(book)
        return append_step(*asked, **more)

    monkeypatch.setattr(acts, "append_step", meanwhile)
    with pytest.raises(DisputeState, match="ruled on meanwhile"):
        book.waive_appeal(Doer("mcn", "mcn", START, "claimant"))
    assert book.standing().waived == frozenset()


def test_a_proposal_that_was_replaced_while_they_looked_is_not_accepted(book: CaseBook) -> None:
    for number in (1, 2):
        name, content = f"settlement_offered/{number}", {"offer": number, "side": "claimant"}
        append_step(
            book.log,
            book.record(),
            "settlement_offered",
            name,
            content,
            by="mcn",
            at=START + timedelta(number),
        )
    decision = step_entry(book.record(), "decided", "decided", {}, by="brand", at=START)
    with pytest.raises(DisputeState, match="another proposal"):
        settle(book, {"offer": 1, "side": "respondent"}, decision, RESPONDENT)
    assert book.record().last("decided", "settlement_accepted") is None
