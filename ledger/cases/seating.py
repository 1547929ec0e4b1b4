"""Seating those who decide: appointed, conflicts declared, challenged, replaced, and what they cost.

Each is one step of the case, refused within its transaction where it may not be, and readable by both sides:
who decides, and what is held against them, is never said to one side alone. Who may do it is asked before
(api/); that a member is an arbiter at all is known there too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal

from ledger.appending import append_entries
from ledger.cases.bench import PLACE, Bench, Seat, bench
from ledger.cases.costs import by_document
from ledger.cases.errors import SeatRefused
from ledger.cases.record import (
    CaseRecord,
    append_step,
    case_record,
    record_within,
    step_entry,
)
from ledger.database import Session
from ledger.entries import AMOUNT_LIMIT_MINOR, NewEntry
from ledger.log import Log
from ledger.notices.giving import giving
from ledger.notices.notice import TEXT_LIMIT, NewNotice
from policies.process.terms import Level

CostsRule = Literal["loser", "halves"]
COSTS_CLOSED = ("decided", "withdrawn", "settlement_accepted")


@dataclass(frozen=True, slots=True)
class BenchTerms:
    """What a document says of those who decide: levels of its ladder, days, the highest fee, who bears costs.

    `counted` gives the last of so many days after one, None where the calendar does not know it yet.
    `challenge_days` count from what an arbiter declared last; None sets no limit. `fee_minor` is the most
    that one arbiter may be paid for a case, None sets none. `costs` says who bears them where a ruling on
    costs does not say otherwise.
    """

    levels: tuple[Level, ...]
    currency: str
    day_of: Callable[[datetime], date] = field(repr=False)
    counted: Callable[[date, int], date | None] = field(repr=False)
    challenge_days: int | None = None
    fee_minor: int | None = None
    costs: CostsRule = "loser"


@dataclass(frozen=True, slots=True)
class Seating:
    """The bench of a case in a log: reads it, and writes what becomes of it. `parties` are its two sides."""

    log: Log
    case: str
    terms: BenchTerms
    parties: tuple[str, ...]
    clock: Callable[[], datetime] = field(repr=False)

    def record(self) -> CaseRecord:
        """Return the case as it is recorded. Raises DisputeUnknown."""
        return case_record(self.log, self.case)

    def appoint(self, arbiter: str, level: Level, *, by: str) -> int:
        """Give a member a seat at a level; return the seq. The same again adds nothing.

        Raises SeatRefused for a level that the document does not have, a side, who sits or sat in the case
        already, and a case that has ended.
        """
        if level not in self.terms.levels:
            known = ", ".join(self.terms.levels)
            raise SeatRefused(f"the document has no level '{level}'; it has {known}", where=self.case)
        if arbiter in self.parties:
            raise SeatRefused("a side does not decide its own case", where=arbiter)

        def require(now: Bench, record: CaseRecord) -> None:
            _require_open(record)
            if now.seat(arbiter) is not None:
                raise SeatRefused("sits or sat in this case already", where=arbiter)

        return self._say("arbiter_appointed", arbiter, "appointed", {"level": level}, by, require)

    def declare(self, arbiter: str, conflicts: str | None) -> int:
        """Declare, as the arbiter, what might be held against them; None for nothing. May be done again.

        What is declared later opens the time to challenge anew. Of a conflict both sides are given a notice,
        in the same transaction.
        """
        seat = self._seat(arbiter)
        said = {"conflicts": conflicts}
        for one in seat.declared:
            if one.content["conflicts"] == conflicts:
                return one.seq
        number = len(seat.declared) + 1
        told = () if conflicts is None else (self._notice(arbiter, conflicts, number),)
        return self._say(
            "conflict_declared", arbiter, f"declared/{number}", said, arbiter, self._stands(arbiter), told
        )

    def challenge(self, arbiter: str, party: str, reason: str) -> int:
        """Hold something against an arbiter, for a side. Raises SeatRefused once its time is over."""

        def require(now: Bench, record: CaseRecord) -> None:
            _require_open(record)
            seat = _held(now, arbiter)
            if any(one.party == party for one in seat.challenges):
                raise SeatRefused("this side has challenged this arbiter already", where=arbiter)
            if not self.may_challenge(seat):
                days = self.terms.challenge_days
                raise SeatRefused(f"the {days} days to challenge what was declared are over", where=arbiter)

        return self._say(
            "arbiter_challenged", arbiter, f"challenged/{party}", {"reason": reason}, party, require
        )

    def may_challenge(self, seat: Seat) -> bool:
        """Say whether a side may still challenge who has a seat; before anything is declared no time runs."""
        if not seat.stands or self.terms.challenge_days is None or not seat.declared:
            return seat.stands
        day_of = self.terms.day_of
        last = self.terms.counted(day_of(seat.declared[-1].recorded_at), self.terms.challenge_days)
        return last is None or day_of(self.clock()) <= last

    def decide_challenge(self, arbiter: str, party: str, *, upheld: bool, reason: str, by: str) -> int:
        """Decide a side's challenge, as somebody else than the arbiter; upheld, the arbiter's seat is empty.

        Raises SeatRefused for the arbiter's own word, and where no such challenge waits.
        """
        if by == arbiter:
            raise SeatRefused("nobody decides a challenge of themselves", where=arbiter)

        def require(now: Bench, record: CaseRecord) -> None:
            del record
            if not any(one.party == party and one.decided is None for one in _held(now, arbiter).challenges):
                raise SeatRefused(f"no challenge of {party} waits", where=arbiter)

        said = {"party": party, "reason": reason, "upheld": upheld}
        return self._say("challenge_decided", arbiter, f"challenged/{party}/decided", said, by, require)

    def replace(self, arbiter: str, successor: str, reason: str, *, by: str) -> int:
        """Give an arbiter's seat to another, in one transaction; return the seq of the replacement.

        Of who was removed too: then the seat is filled again. Raises SeatRefused as `appoint` does.
        """
        record = self.record()
        seat = bench(record).seat(arbiter)
        if seat is None:
            raise SeatRefused("has no seat in this case", where=arbiter)
        if successor in self.parties:
            raise SeatRefused("a side does not decide its own case", where=successor)
        if seat.replaced is not None:
            if seat.replaced.content["successor"] != successor:
                raise SeatRefused(f"the seat went to {seat.replaced.content['successor']}", where=arbiter)
            return seat.replaced.seq
        at = self.clock()
        left = step_entry(
            record, "arbiter_replaced", f"{PLACE}/{arbiter}/replaced",
            {"arbiter": arbiter, "reason": reason, "successor": successor}, by=by, at=at,
        )  # fmt: skip
        taken = step_entry(
            record, "arbiter_appointed", f"{PLACE}/{successor}/appointed",
            {"arbiter": successor, "level": seat.level}, by=by, at=at,
        )  # fmt: skip

        def require(session: Session) -> None:
            now = record_within(session, self.case)
            _require_open(now)
            if bench(now).seat(successor) is not None:
                raise SeatRefused("sits or sat in this case already", where=successor)

        return append_entries(self.log, [left, taken], require)[0]

    def set_fee(self, arbiter: str, amount_minor: int, *, by: str) -> int:
        """Set what an arbiter is paid for the case, once, before costs are ruled on.

        Raises SeatRefused above what the document allows.
        """
        most = self.terms.fee_minor
        if not 0 <= amount_minor < AMOUNT_LIMIT_MINOR or (most is not None and amount_minor > most):
            allowed = "" if most is None else f", at most {most} minor units by the document"
            raise SeatRefused(f"a fee is zero or more{allowed}", where=arbiter)

        def require(now: Bench, record: CaseRecord) -> None:
            del record
            if _held(now, arbiter).fee is not None or now.costs is not None:
                raise SeatRefused("the fee is set already, or costs are ruled on", where=arbiter)

        said = {"amount_minor": amount_minor, "currency": self.terms.currency}
        return self._say("fee_set", arbiter, "fee", said, by, require)

    def rule_on_costs(self, shares: Mapping[str, int] | None, reason: str, *, by: str, lost: Fraction) -> int:
        """Rule who bears the fees: `shares` by side in minor units, or as the document says.

        `lost` is how much of its claim the claimant lost so far, 0 to 1; with `loser` each side bears its
        part, of the decision that stands in the end. Raises SeatRefused where shares do not come to the fees,
        and for who does not preside.
        """
        total = sum(one.fee_minor for one in bench(self.record()).seats)
        told = self.default_shares(total, lost) if shares is None else dict(shares)
        if sum(told.values()) != total or min(told.values(), default=0) < 0 or set(told) - set(self.parties):
            raise SeatRefused(f"the shares of both sides must come to {total} minor units", where="costs")
        content = {
            "by_document": shares is None,
            "currency": self.terms.currency,
            "reason": reason,
            "shares": [{"amount_minor": told[one], "party": one} for one in self.parties if told.get(one)],
            "total_minor": total,
        }
        record = self.record()

        if (ruled := bench(record).costs) is not None:
            if {**ruled.content, **content} != ruled.content:
                raise SeatRefused("costs are ruled on already", where="costs")
            return ruled.seq

        def require(session: Session) -> None:
            now = record_within(session, self.case)
            _require_open(now)
            seats = bench(now)
            if seats.presiding((seat := _held(seats, by)).level) is not seat:
                raise SeatRefused("only who presides at a level rules on costs", where=by)
            if sum(one.fee_minor for one in seats.seats) != total:
                raise SeatRefused("a fee was set meanwhile; rule again", where="costs")

        return append_step(
            self.log, record, "costs_ruled", "costs", content, by=by, at=self.clock(), require=require
        )

    def default_shares(self, total_minor: int, lost: Fraction) -> dict[str, int]:
        """Return what each side bears by the document: claimant first; the second bears the rest."""
        return dict(zip(self.parties, by_document(self.terms.costs, total_minor, lost), strict=True))

    # ---- shared

    def _say(  # noqa: PLR0913, PLR0917 -- the parts of one step
        self,
        kind: str,
        arbiter: str,
        name: str,
        said: Mapping[str, Any],
        by: str,
        require: Callable[[Bench, CaseRecord], None],
        beside: Sequence[NewEntry] = (),
    ) -> int:
        record, step = self.record(), f"{PLACE}/{arbiter}/{name}"
        standing = record.named(step)
        if standing is not None:
            if any(standing.content[key] != value for key, value in said.items()):
                require(bench(record), record)
            return standing.seq

        def asked(session: Session) -> None:
            now = record_within(session, self.case)
            require(bench(now), now)

        content = {"arbiter": arbiter, **said}
        entry = step_entry(record, kind, step, content, by=by, at=self.clock())
        return append_entries(self.log, [entry, *beside], asked)[0]

    def _notice(self, arbiter: str, conflicts: str, number: int) -> NewEntry:
        record = self.record()
        notice = NewNotice(
            id=f"{self.case}-{arbiter}-declared-{number}",
            code="conflict-declared",
            agreement=record.agreement,
            clause=None,
            about={"dispute": self.case, "arbiter": arbiter},
            cites=(),
            figures={"conflicts": conflicts[:TEXT_LIMIT]},
            readers=record.readers,
            severity="warning",
        )
        return giving(notice, at=self.clock(), by=arbiter)

    def _seat(self, arbiter: str) -> Seat:
        return _held(bench(self.record()), arbiter)

    def _stands(self, arbiter: str) -> Callable[[Bench, CaseRecord], None]:
        def require(now: Bench, record: CaseRecord) -> None:
            del record
            _held(now, arbiter)

        return require


def _held(now: Bench, arbiter: str) -> Seat:
    seat = now.seat(arbiter)
    if seat is None or not seat.stands:
        raise SeatRefused("has no seat in this case", where=arbiter)
    return seat


def _require_open(record: CaseRecord) -> None:
    if record.last(*COSTS_CLOSED) is not None:
        raise SeatRefused("the case has ended", where=record.id)
