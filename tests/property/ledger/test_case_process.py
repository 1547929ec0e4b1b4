"""Any path through a dispute, on both databases: nothing is paid twice, no hold is lost, nobody goes unheard.

What must hold is read off the log alone, with arithmetic of its own, after every step.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from ledger.accounts import Account, balance
from ledger.appending import append_entries
from ledger.cases import closing
from ledger.cases.acts import HOUSE, CaseBook, Doer
from ledger.cases.errors import DisputeState
from ledger.cases.record import CaseRecord, append_step, case_record, filed_entry
from ledger.errors import EntryConflict
from ledger.holds import NewHold, left_of, placing
from ledger.log import Log
from ledger.settlement.accounts import owner_and_purpose
from ledger.settlement.decisions import decision_entry
from policies.agreement import Agreement
from policies.decisions.moves import Move, postings
from policies.loading import load_agreement
from policies.process.terms import ProcessTerms, Side, process_terms
from tests.ledger_samples import START, FixedClock

DOCUMENT = Path(__file__).parents[3] / "examples" / "disputes" / "D16" / "agreement.yaml"
PARTY: dict[Side, str] = {"claimant": "merchant", "respondent": "promoter"}
CLAIMED = 50_000

sides = st.sampled_from(["claimant", "respondent"])
windows = st.sampled_from(["answer", "evidence", "appeal/rules", "appeal/panel"])


def account(agreement: Agreement, name: str) -> Account:
    owner, purpose = owner_and_purpose(agreement, name)
    return Account(owner, agreement.id, purpose, agreement.currency)


class Cases(RuleBasedStateMachine):
    """One case an example, all of them in one log, whose clock only goes forward."""

    log: ClassVar[Log]
    clock: ClassVar[FixedClock]
    agreement: ClassVar[Agreement]
    paid: ClassVar[int]
    numbers: ClassVar[count[int]]

    @initialize(
        days=st.fixed_dictionaries({
            "answer": st.integers(0, 3), "evidence": st.integers(0, 3), "appeal": st.integers(0, 3),
        }),
        ladder=st.sampled_from(
            [("rules",), ("rules", "panel"), ("rules", "panel", "arbitrator"), ("panel",)]
        ),
        late=st.sampled_from(["refused", "heard"]),
        admits=st.booleans(),
        early=st.sampled_from(["", "", "", "settled", "withdrawn"]),
        far=st.integers(0, 4),
        bound=st.fixed_dictionaries({}, optional={
            "rules": st.integers(1, 3), "panel": st.integers(1, 3), "arbitrator": st.integers(1, 3),
        }),
        slow=st.sampled_from(["reminded", "next_level"]),
    )  # fmt: skip
    def file(
        self, days: Any, ladder: Any, late: Any, early: str, far: int, bound: Any, slow: Any, *, admits: bool
    ) -> None:
        """File a case; `far` is how far along the process the example begins."""
        number = next(self.numbers)
        day = self.clock.now.date() + timedelta(days=1)  # each example begins at the same hour
        self.clock.now = datetime.combine(day, START.timetz())
        zone = process_terms(self.agreement).zone
        self.terms = ProcessTerms(
            zone, days, ladder, None, late, late, silence_admits=admits and late == "refused",
            ruling_days=bound, enforcement_days=2, late_ruling=slow,
        )  # fmt: skip
        self.case = f"D-{number}"
        self.book = CaseBook(self.log, self.case, self.terms, self.clock)
        self.amounts, self.early = count(100), early
        readers = ("merchant", "promoter")
        content = {"clause": "supplement", "claimant": "merchant", "respondent": "promoter"}
        held = NewHold(
            id=self.case, account=account(self.agreement, "promoter"), amount_minor=CLAIMED,
            reason="contested", clause="13.1", agreement=self.agreement.ref, readers=readers, case=self.case,
        )  # fmt: skip
        filed = filed_entry(
            self.case, self.agreement.ref, content, readers=readers, by="merchant", at=self.clock()
        )
        append_entries(self.log, [filed, placing(held, at=self.clock(), by=HOUSE)])
        if far:
            self.time_is_over("claimant") if far % 2 else self.both_rest()
        if far > 1:
            self.ask_the_rules(proposes=far == 2)
        if far > 3:
            self.appeal("respondent")
            self.a_person_rules(untold=False)

    # ---- what people do

    def of(self, side: Side) -> Doer:
        return Doer(PARTY[side], f"{PARTY[side]}-member", self.clock(), side)

    def house(self, by: str = HOUSE) -> Doer:
        return Doer(by, by, self.clock())

    def attempt(self, act: Any, *asked: Any) -> None:
        """Do something if the process allows it; twice, and the second time adds nothing."""
        try:
            first = act(*asked)
        except (DisputeState, EntryConflict):  # not now, or otherwise than it stands
            return
        size = self.log.size()
        assert act(*asked) == first
        assert self.log.size() == size

    @rule(days=st.integers(0, 3))
    def time_passes(self, days: int) -> None:
        self.clock.forward(days=days, minutes=1)

    @rule(means=st.sampled_from(["inbox", "address"]))
    def serve(self, means: Any) -> None:
        self.attempt(lambda: self.book.serve(means, self.house()))

    @rule()
    def answer(self) -> None:
        doer = self.of("respondent")
        self.attempt(lambda: self.book.answer({"sales": {"admitted": False}}, "no", doer))

    @rule(side=sides)
    def rest(self, side: Side) -> None:
        doer = self.of(side)
        self.attempt(lambda: self.book.rest(doer))

    @rule()
    def both_rest(self) -> None:
        self.rest("claimant")
        self.rest("respondent")

    @rule(side=sides)
    def show(self, side: Side) -> None:
        record = self.record
        number = len(record.of("evidence_filed")) + 1
        content = {"exhibit": number, "supports": ["sales"], "late": False}
        self.attempt(
            lambda: append_step(
                self.log, record, "evidence_filed", f"evidence/{number}", content, by=PARTY[side],
                at=START, require=self.book.require("evidence", side),
            )
        )  # fmt: skip

    @rule(side=sides, window=windows, days=st.integers(1, 3))
    def ask_for_time(self, side: Side, window: str, days: int) -> None:
        doer = self.of(side)
        self.attempt(lambda: self.book.ask_extension(window, days, "ill", doer))

    @rule(side=sides)
    def grant_time(self, side: Side) -> None:
        asked = self.record.last("extension_asked")
        if asked is not None:
            name, doer = asked.name, self.of(side)
            if self.record.named(f"extended/{name.removeprefix('extension_asked/')}") is None:
                self.attempt(lambda: self.book.grant_extension(name, doer))

    @rule(window=windows, days=st.integers(1, 3))
    def give_time(self, window: str, days: int) -> None:
        doer = self.house("arbiter")
        self.attempt(lambda: self.book.extend(window, days, "fair", doer))

    @rule(side=sides)
    def time_is_over(self, side: Side) -> None:
        """Serve the case and let what runs then run out, but for an appeal."""
        self.serve("inbox")
        self.time_passes(4)
        self.rest(side)
        self.time_passes(4)

    @rule(proposes=st.booleans())
    def ask_the_rules(self, *, proposes: bool) -> None:
        doer = self.house("rules")
        self.book.record_passed(self.clock())
        content = {"as_of_seq": self.log.size(), **self.decision()}
        lost = self.book.standing().lost_turn("rules")
        if lost:
            with pytest.raises(DisputeState):
                closing.rule_by_rules(self.book, content, doer)
        rules = "rules" in self.terms.ladder and not (proposes or lost)
        act = closing.rule_by_rules if rules else closing.propose
        self.attempt(lambda: act(self.book, content, doer))

    @rule(untold=st.booleans())
    def a_person_rules(self, *, untold: bool) -> None:
        content = {**self.decision(), "confirmed_by": "arbiter", "confirmed_because": "so it is"}
        if untold:
            content["outcome"] = "undecided"
        doer = self.house("arbiter")
        self.attempt(lambda: closing.rule(self.book, content, doer))

    @rule(side=sides)
    def appeal(self, side: Side) -> None:
        if self.book.standing().may("appeal", side):  # asked again it would be another appeal, and refused
            self.book.appeal("wrong", self.of(side))

    @rule(side=sides)
    def waive(self, side: Side) -> None:
        doer = self.of(side)
        self.attempt(lambda: self.book.waive_appeal(doer))

    @rule()
    def enforce(self) -> None:
        doer, decided = self.house(), self.record.named("decided")
        self.attempt(lambda: closing.enforce(self.book, self.agreement, doer))
        now = self.record.named("decided")
        if decided is None and now is not None:
            type(self).paid += now.content["postings"][0]["amount_minor"]

    @precondition(lambda self: self.early == "settled")
    @rule(side=sides)
    def settle(self, side: Side) -> None:
        doer, decision = self.of(side), self.decision()
        entry = decision_entry(
            self.agreement, case=self.case, decision={**decision, "outcome": "agreed"},
            decided_at=doer.at, asserter=doer.by, parties=self.record.readers, clause="supplement",
        )  # fmt: skip
        if self.record.last("settlement_accepted") is not None:
            return
        size = self.log.size()
        self.attempt(lambda: closing.settle(self.book, doer.told(offer=1), entry, doer))
        if self.log.size() > size:
            type(self).paid += decision["postings"][0]["amount_minor"]

    @precondition(lambda self: self.early == "withdrawn")
    @rule()
    def withdraw(self) -> None:
        doer = self.of("claimant")
        self.attempt(lambda: closing.withdraw(self.book, "settled elsewhere", doer))

    @rule()
    def close(self) -> None:
        doer = self.house("arbiter")
        self.attempt(lambda: closing.close(self.book, "done", doer))

    def teardown(self) -> None:
        """Let time bring the case as far as it goes by itself, and look once more."""
        if not hasattr(self, "book"):
            return
        self.time_is_over("claimant")
        self.ask_the_rules(proposes=False)
        self.a_person_rules(untold=False)
        for _ in range(3):
            self.time_passes(3)
        self.enforce()
        self.what_is_paid_is_paid_once()
        self.what_is_contested_is_held_until_it_has_ended()
        self.nobody_goes_unheard()
        self.what_stands_could_be_appealed_until_it_stood()
        self.nothing_is_done_once_it_has_ended()
        self.who_rules_had_the_turn_and_being_late_is_on_record()

    def decision(self) -> dict[str, Any]:
        """Return a decision of an amount that no other of the case has."""
        minor = next(self.amounts)
        move = Move("promoter.balance", "merchant.balance", "refund", minor, "supplement")
        return {
            "clause": "supplement", "outcome": "granted", "currency": "CNY", "amount_minor": minor,
            "postings": list(postings([move], "CNY")), "effects": [], "uncovered": {},
        }  # fmt: skip

    # ---- what must hold

    @property
    def record(self) -> CaseRecord:
        return case_record(self.log, self.case)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.terms.zone).date()

    def last_day(self, window: str, name: str, start: date, before: int) -> date:
        added = [one for one in self.record.of("extended") if one.content["of"] == name and one.seq < before]
        days: int = self.terms.days[window]  # type: ignore[index]
        return start + timedelta(days=days + sum(one.content["days"] for one in added))

    @invariant()
    def what_is_paid_is_paid_once(self) -> None:
        assert balance(self.log.engine, account(self.agreement, "merchant.balance")) == self.paid
        record = self.record
        assert len(record.of("decided")) <= 1
        levels = [one.content["level"] for one in record.of("ruled")]
        assert len(levels) == len(set(levels))
        decided, ruled = record.named("decided"), record.last("ruled")
        if decided is not None and record.last("settlement_accepted") is None:
            assert ruled is not None
            assert decided.content["ruled_seq"] == ruled.seq
            assert decided.content["postings"] == ruled.content["postings"]
            assert not [one for one in record.of("appealed") if one.seq > ruled.seq]

    @invariant()
    def what_is_contested_is_held_until_it_has_ended(self) -> None:
        ended = self.record.last("decided", "withdrawn", "settlement_accepted")
        assert left_of(self.log, self.case, self.clock()) == (0 if ended else CLAIMED)

    @invariant()
    def nobody_goes_unheard(self) -> None:
        """Both rested before the rules were asked, or each window was over, and on record with its effect."""
        record = self.record
        for asked in (one for one in record.of("proposed", "ruled") if one.by == "rules"):
            before = [one for one in record.steps if one.seq < asked.seq]
            if len({one.content["side"] for one in before if one.kind == "rested"}) == len(PARTY):
                continue
            day, days = self.day(asked.recorded_at), self.terms.days
            served = next((one for one in before if one.kind == "served"), None)
            assert served is not None or not (days["answer"] or days["evidence"])
            if served is None:
                continue
            told = [one for one in before if one.kind == "answered"]
            told += [one for one in before if one.kind == "rested" and one.content["side"] == "respondent"]
            start = self.day(served.recorded_at)
            passed = {one.content["of"] for one in before if one.kind == "deadline_passed"}
            if days["answer"]:
                last = self.last_day("answer", "answer", start, asked.seq)
                if told:
                    start = min(last, *(self.day(one.recorded_at) for one in told))
                else:
                    assert day > last
                    assert "answer" in passed
                    start = last
            if days["evidence"]:
                assert day > self.last_day("evidence", "evidence", start, asked.seq)
                assert "evidence" in passed

    @invariant()
    def what_stands_could_be_appealed_until_it_stood(self) -> None:
        record = self.record
        decided, ruled = record.named("decided"), record.last("ruled")
        if decided is None or ruled is None or record.last("settlement_accepted") is not None:
            return
        level = ruled.content["level"]
        waived = {
            one.content["side"] for one in record.of("appeal_waived") if ruled.seq < one.seq < decided.seq
        }
        if level == self.terms.ladder[-1] or not self.terms.days["appeal"] or len(waived) == len(PARTY):
            return
        assert self.terms.above(level) is None or self.day(decided.recorded_at) > self.last_day(
            "appeal", f"appeal/{level}", self.day(ruled.recorded_at), decided.seq
        )

    @invariant()
    def nothing_is_done_once_it_has_ended(self) -> None:
        record = self.record
        ended = record.last("decided", "withdrawn", "settlement_accepted")
        if ended is not None:
            late = {"deadline_passed/enforcement"}
            after = {one.kind for one in record.steps if one.seq > ended.seq and one.name not in late}
            assert after <= {"closed", "decided"}

    @invariant()
    def who_rules_had_the_turn_and_being_late_is_on_record(self) -> None:
        record, bound = self.record, self.terms.ruling_days
        for ruled in record.of("ruled"):
            before = [one for one in record.steps if one.seq < ruled.seq]
            asked = next((one for one in reversed(before) if one.kind in {"proposed", "appealed"}), None)
            level = ruled.content["level"]
            if asked is None:
                continue
            reviewer = self.terms.ladder[:2][-1]  # the next above the rules, or the only one there is
            turn = asked.content["level"] if asked.kind == "appealed" else reviewer
            start, passed = self.day(asked.recorded_at), {one.name for one in before}
            while turn in bound and self.day(ruled.recorded_at) > start + timedelta(days=bound[turn]):
                assert f"deadline_passed/ruling/{turn}" in passed
                above = self.terms.above(turn)
                if self.terms.late_ruling == "reminded" or above is None:
                    break
                start, turn = start + timedelta(days=bound[turn]), above
            assert level == turn


def test_any_path_through_a_dispute_keeps_its_promises(engine: Engine) -> None:
    class CasesHere(Cases):
        clock = FixedClock()

    CasesHere.log = Log(engine, clock=CasesHere.clock)
    CasesHere.agreement = load_agreement(DOCUMENT.read_text(encoding="utf-8"), name=DOCUMENT.name)
    CasesHere.paid, CasesHere.numbers = 0, count(1)
    examples = settings(
        max_examples=settings().max_examples // (10 if engine.dialect.name == "sqlite" else 30),
        stateful_step_count=30,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(CasesHere, settings=examples)
