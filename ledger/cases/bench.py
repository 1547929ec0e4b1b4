"""Who decides a case: the seats of its arbiters as the record tells them, and who of them may rule.

    appointed    named for a level of the ladder; may read the case, and has to declare before ruling
    sitting      has declared what might be held against them, or that there is nothing
    challenged   a side holds something against them; they rule on nothing until that is decided
    removed      a challenge was upheld          replaced   another took the seat

A panel's rulings are given by whoever presides: the one who has sat the longest. Pure; writing is seating.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from ledger.cases.errors import SeatRefused
from ledger.cases.record import CASE_GROUP, KIND, CaseRecord, Step
from ledger.database import Session
from ledger.reading import content_of, read_told
from policies.process.terms import Level

LEVELS: tuple[Level, ...] = get_args(Level)
"""Where an arbiter sits; at `rules`, a person looks at what the rules propose and nobody is above."""

SeatState = Literal["appointed", "sitting", "challenged", "removed", "replaced"]

KINDS = (
    "arbiter_appointed", "conflict_declared", "arbiter_challenged", "challenge_decided", "arbiter_replaced",
    "fee_set", "costs_ruled",
)  # fmt: skip

PLACE = "arbiters"
"""How the names of these steps begin: arbiters/MEMBER/WHAT."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a side holds against an arbiter, and what was decided of it; None while that waits."""

    party: str
    made: Step
    decided: Step | None = None

    @property
    def upheld(self) -> bool:
        """Whether it was decided and the arbiter had to go."""
        return self.decided is not None and self.decided.content["upheld"] is True


@dataclass(frozen=True, slots=True)
class Seat:
    """One arbiter's seat in a case: by which member, at which level, and everything that became of it."""

    arbiter: str
    level: Level
    appointed: Step
    declared: tuple[Step, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    replaced: Step | None = None
    fee: Step | None = None

    @property
    def state(self) -> SeatState:
        """Where the seat stands."""
        if self.replaced is not None:
            return "replaced"
        if any(one.upheld for one in self.challenges):
            return "removed"
        if any(one.decided is None for one in self.challenges):
            return "challenged"
        return "sitting" if self.declared else "appointed"

    @property
    def stands(self) -> bool:
        """Whether it is still this arbiter's."""
        return self.state not in {"removed", "replaced"}

    @property
    def fee_minor(self) -> int:
        """What the arbiter is owed for the case, in minor units; 0 where nothing was set."""
        return 0 if self.fee is None else int(self.fee.content["amount_minor"])


@dataclass(frozen=True, slots=True)
class Bench:
    """The seats of a case in order of appointment, and what was ruled on its costs."""

    seats: tuple[Seat, ...] = ()
    costs: Step | None = field(default=None, repr=False)

    def seat(self, arbiter: str) -> Seat | None:
        """Return the seat that an arbiter has or had, None for who never sat."""
        return next((one for one in self.seats if one.arbiter == arbiter), None)

    def presiding(self, level: Level) -> Seat | None:
        """Return the seat that rules at a level; None while nobody there may."""
        return next((one for one in self.seats if one.level == level and one.state == "sitting"), None)

    def reads(self, arbiter: str) -> bool:
        """Say whether a member sits in the case, ready to rule or not."""
        seat = self.seat(arbiter)
        return seat is not None and seat.stands


def bench(record: CaseRecord) -> Bench:
    """Return the bench of a case as its record tells it."""
    seats: dict[str, Seat] = {}
    costs: Step | None = None
    for step in record.of(*KINDS):
        if step.kind == "costs_ruled":
            costs = step
        elif step.kind == "arbiter_appointed":
            arbiter = step.content["arbiter"]
            seats[arbiter] = Seat(arbiter, step.content["level"], step)
        else:
            seat = seats[step.content["arbiter"]]
            seats[seat.arbiter] = _after(seat, step)
    return Bench(tuple(seats.values()), costs)


def require_presiding(record: CaseRecord, level: Level, arbiter: str) -> None:
    """Refuse a ruling at a level by another than who presides there. Raises SeatRefused.

    Of a case in which nobody sits nothing is refused here: who rules on it is the caller's to say.
    """
    now = bench(record)
    if not now.seats:
        return
    presiding = now.presiding(level)
    if presiding is None:
        message = f"nobody sits at the level '{level}' who may rule: appoint, declare, or decide a challenge"
        raise SeatRefused(message, where=record.id)
    if presiding.arbiter != arbiter:
        raise SeatRefused(f"{presiding.arbiter} presides at the level '{level}' and rules", where=arbiter)


def _after(seat: Seat, step: Step) -> Seat:
    """Return a seat after a step about it."""
    match step.kind:
        case "conflict_declared":
            return replace(seat, declared=(*seat.declared, step))
        case "arbiter_challenged":
            return replace(seat, challenges=(*seat.challenges, Challenge(step.by, step)))
        case "challenge_decided":
            decided = tuple(
                replace(one, decided=step) if one.party == step.content["party"] else one
                for one in seat.challenges
            )
            return replace(seat, challenges=decided)
        case "arbiter_replaced":
            return replace(seat, replaced=step)
        case _:
            return replace(seat, fee=step)


def seats_of(session: Session, arbiter: str) -> frozenset[tuple[str, str]]:
    """Return the cases in which a member has a seat, each with the agreement (id) that it is under."""
    kinds = [f"{KIND}{one}" for one in ("arbiter_appointed", "challenge_decided", "arbiter_replaced")]
    found: set[tuple[str, str]] = set()
    for entry, opened in read_told(session, kinds, CASE_GROUP):
        content = content_of(opened)
        if content["arbiter"] != arbiter:
            continue
        case = (content["dispute"], (entry.agreement or "").partition("@")[0])
        if entry.kind.endswith("arbiter_appointed"):
            found.add(case)
        elif entry.kind.endswith("arbiter_replaced") or content["upheld"]:
            found.discard(case)
    return frozenset(found)
