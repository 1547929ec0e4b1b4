"""The steps of the process, each one entry, refused in its transaction where the process does not allow it.

Of two acts at once the second sees the first, and the same act again adds nothing. Who may act for a side is
asked before (api/). What a side says stands with its side, its member and its words; what passes by itself is
recorded on the house's word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ledger.appending import append_entries
from ledger.cases.errors import DisputeState
from ledger.cases.record import (
    CaseRecord,
    Step,
    append_step,
    case_record,
    record_within,
    step_entry,
)
from ledger.database import Session
from ledger.entries import NewEntry
from ledger.leaves import occurred_text
from ledger.log import Log
from ledger.notices.giving import giving
from ledger.notices.notice import NewNotice
from policies.process.days import Deadline
from policies.process.folding import FACTS_ADMITTED
from policies.process.standing import Act, Standing, level_of, passed_name, standing
from policies.process.terms import TURNS, ProcessTerms, Side

HOUSE = "operator"
"""Who asserts what the process does by itself."""

Means = Literal["inbox", "address"]
MEANS: tuple[Means, ...] = ("inbox", "address")
"""How a case is served: in the product, or at the address that the document gives."""

_WORDS: Mapping[Act, str] = {
    "answer": "it cannot be answered now: it was answered, its time is over, or it is not served yet",
    "evidence": "evidence is not taken now: its time is over, or this side has nothing to add",
    "rest": "this side has said so, or the time for evidence is over",
    "appeal": "no appeal lies now: nothing is ruled that may be appealed, its time is over, or it is waived",
    "waive": "there is no appeal to waive now: nothing is ruled that may be appealed, or its time is over",
    "settle": "it cannot be settled any more: it has ended, or the ruling stands",
    "withdraw": "it cannot be withdrawn any more: it is ruled on, or has ended",
}


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts: for which side, by which member, on whose word (a party's id, or the member's), and when."""

    by: str
    member: str
    at: datetime
    side: Side | None = None

    def told(self, **said: Any) -> dict[str, Any]:
        """Return what a step says, with the side and the member."""
        found = {name: value for name, value in said.items() if value is not None}
        return {**found, **({"side": self.side} if self.side else {}), "member": self.member}


@dataclass(frozen=True, slots=True)
class CaseBook:
    """A case in a log with the process that it is under: reads where it stands, and writes what follows."""

    log: Log
    case: str
    terms: ProcessTerms
    clock: Callable[[], datetime] = field(repr=False)

    def record(self) -> CaseRecord:
        """Return the case as it is recorded. Raises DisputeUnknown."""
        return case_record(self.log, self.case)

    def standing(self, record: CaseRecord | None = None) -> Standing:
        """Return where the case stands now."""
        return standing(self.terms, (record or self.record()).steps, self.clock())

    def standing_within(self, session: Session) -> Standing:
        """Return where the case stands as a transaction sees it."""
        return standing(self.terms, record_within(session, self.case).steps, self.clock())

    def require(self, act: Act, side: Side) -> Callable[[Session], None]:
        """Return what refuses an act of a side that the process does not allow. It raises DisputeState."""

        def require(session: Session) -> None:
            if not self.standing_within(session).may(act, side):
                raise DisputeState(_WORDS[act], where=self.case)

        return require

    # ---- filed to decided

    def serve(
        self, means: Means, doer: Doer, *, delivered_at: datetime | None = None, reference: str | None = None
    ) -> int:
        """Record that the case reached its respondent; the first service is the one that counts.

        At an address it is `delivered_at` some time by now, `reference` says what shows it. Raises
        DisputeState for a time that has not come, or a case that has ended.
        """
        if delivered_at is not None and delivered_at > doer.at:
            raise DisputeState("it cannot have been delivered at a time to come", where=self.case)

        def require(session: Session) -> None:
            if self.standing_within(session).ended:
                raise DisputeState("it has ended", where=self.case)

        content = {
            "means": means,
            "delivered_at": occurred_text(delivered_at or doer.at),
            "reference": reference,
            "member": doer.member,
        }
        record = self.record()
        standing_already = record.named(f"served/{means}")
        if standing_already is not None:
            return standing_already.seq
        return append_step(
            self.log, record, "served", f"served/{means}", content, by=doer.by, at=doer.at, require=require
        )

    def answer(self, facts: Mapping[str, Any], words: str, doer: Doer) -> int:
        """Answer the claim: what of its facts is admitted, disputed or otherwise, and in which words."""
        content = doer.told(facts=dict(facts), words=words)
        return self._by_side("answer", "answered", "answered", content, doer)

    def rest(self, doer: Doer) -> int:
        """Say that a side has nothing to add; once both have, the time for evidence is over."""
        return self._by_side("rest", "rested", f"rested/{doer.side}", doer.told(), doer)

    # ---- time

    def ask_extension(self, of: str, days: int, reason: str, doer: Doer) -> int:
        """Ask for more days of the window that runs; the other side, or who decides, may grant it."""
        assert doer.side is not None, "a side asks"

        def require(session: Session) -> None:
            window = self._running(session, of)
            if doer.side not in window.waits_for:
                raise DisputeState("that window does not wait for this side", where=self.case)

        self._days(days)
        record = self.record()
        asked = [one for one in record.of("extension_asked") if one.content["of"] == of]
        same = doer.told(of=of, days=days, reason=reason)
        for one in asked:
            if {name: one.content[name] for name in same} == same and not _granted(record, one.name):
                return one.seq
        name = f"extension_asked/{of}/{len(asked) + 1}"
        return append_step(
            self.log, record, "extension_asked", name, same, by=doer.by, at=doer.at, require=require
        )

    def grant_extension(self, asked: str, doer: Doer) -> int:
        """Grant what was asked for, by the name of the asking step: the other side's, or who decides."""
        record = self.record()
        step = record.named(asked)
        if step is None or step.kind != "extension_asked":
            raise DisputeState(f"no extension was asked for under the name '{asked[:60]}'", where=self.case)
        if doer.side == step.content["side"]:
            raise DisputeState("the other side grants an extension, or who decides", where=self.case)
        of, days = step.content["of"], step.content["days"]
        content = doer.told(of=of, days=days, asked=asked, reason=step.content["reason"])
        name = f"extended/{asked.removeprefix('extension_asked/')}"
        return append_step(
            self.log, record, "extended", name, content, by=doer.by, at=doer.at,
            require=lambda session: self._still_runs(session, of),
        )  # fmt: skip

    def extend(self, of: str, days: int, reason: str, doer: Doer) -> int:
        """Give more days of the window that runs, as who decides. The same again adds nothing."""
        self._days(days)
        record = self.record()
        content = doer.told(of=of, days=days, reason=reason)
        mine = [one for one in record.of("extended") if one.name.startswith(f"extended/{of}/order/")]
        for one in mine:
            if {name: one.content[name] for name in content} == content:
                return one.seq
        return append_step(
            self.log, record, "extended", f"extended/{of}/order/{len(mine) + 1}", content, by=doer.by,
            at=doer.at, require=lambda session: self._still_runs(session, of),
        )  # fmt: skip

    def record_passed(self, at: datetime) -> list[int]:
        """Write down each window that passed with nothing done, and what that comes to; return the seqs.

        Whether it passed does not depend on it; what the rules are told does.
        """
        seqs = []
        while passed := self.standing().unrecorded[:1]:
            (one,) = passed
            record = self.record()
            content = {"of": one.name, "last_day": str(one.last_day), "effect": self.effect(one)}
            step = step_entry(record, "deadline_passed", passed_name(one), content, by=HOUSE, at=at)
            told = [turn_notice(record, one, "over", at)] if one.step in TURNS else []
            seqs.append(append_entries(self.log, [step, *told])[0])
        return seqs

    def effect(self, passed: Deadline) -> str:
        """Return what it comes to that a window passed: a word of the process, or that it is over."""
        if passed.step == "answer":
            return FACTS_ADMITTED if self.terms.silence_admits else f"late_{self.terms.late_answer}"
        if passed.step == "ruling":
            return self.terms.effect_of(level_of(passed))
        if passed.step == "enforcement":
            return "reminded"
        return f"late_{self.terms.late_evidence}" if passed.step == "evidence" else "final"

    # ---- appeal

    def appeal(self, reason: str, doer: Doer) -> int:
        """Appeal the ruling to the next of the ladder; nothing of it is posted then."""
        record = self.record()
        level, ruled = self.standing(record).level, record.last("ruled")
        name = f"appealed/{level or 'none'}/{doer.side}"
        content = doer.told(level=level, against=ruled.seq if ruled else None, reason=reason)
        return self._by_side("appeal", "appealed", name, content, doer, ruled)

    def waive_appeal(self, doer: Doer) -> int:
        """Say that a side will not appeal; once both have, the ruling stands."""
        ruled = self.record().last("ruled")
        level = ruled.content["level"] if ruled else "none"
        content = doer.told(level=level)
        name = f"appeal_waived/{level}/{doer.side}"
        return self._by_side("waive", "appeal_waived", name, content, doer, ruled)

    # ---- shared

    def _by_side(  # noqa: PLR0913, PLR0917 -- what it does, the parts of the step, of which ruling
        self,
        act: Act,
        kind: str,
        name: str,
        content: Mapping[str, Any],
        doer: Doer,
        ruled: Step | None = None,
    ) -> int:
        assert doer.side is not None, "a side acts"
        allowed = self.require(act, doer.side)

        def require(session: Session) -> None:
            allowed(session)
            last = record_within(session, self.case).last("ruled")
            if ruled is not None and last is not None and last.seq != ruled.seq:
                raise DisputeState("it was ruled on meanwhile; look again", where=self.case)

        return append_step(
            self.log, self.record(), kind, name, content, by=doer.by, at=doer.at, require=require
        )

    def _running(self, session: Session, of: str) -> Deadline:
        window = self.standing_within(session).open_deadline
        if window is None or window.name != of:
            raise DisputeState(f"no window '{of[:40]}' runs now", where=self.case)
        return window

    def _still_runs(self, session: Session, of: str) -> None:
        self._running(session, of)

    def _days(self, days: int) -> None:
        if not 1 <= days <= _EXTENSION_DAYS_MAX:
            raise DisputeState(
                f"an extension is of 1 to {_EXTENSION_DAYS_MAX} days, not {days}", where=self.case
            )


TURN_NOTICES = frozenset(f"{step}-window-{what}" for step in TURNS for what in ("near", "over"))
"""Codes of the notices about who decides or enforces; `about` names the dispute."""


def turn_notice(record: CaseRecord, turn: Deadline, what: Literal["near", "over"], at: datetime) -> NewEntry:
    """Return the notice that the days of who decides or enforces are near their end, or over.

    It is for all who read the case, and for the arbiters who sit in it (api/notices).
    """
    notice = NewNotice(
        id=f"{record.id}.{turn.name.replace('/', '.')}.{what}",
        code=f"{turn.step}-window-{what}",
        agreement=record.agreement,
        clause=None,
        about={"dispute": record.id},
        cites=(record.filed.seq,),
        figures={"ends_on": str(turn.last_day)},
        readers=record.readers,
        severity="warning",
    )
    return giving(notice, at=at, by=HOUSE)


_EXTENSION_DAYS_MAX = 366


def _granted(record: CaseRecord, asked: str) -> bool:
    return any(one.content.get("asked") == asked for one in record.of("extended"))
