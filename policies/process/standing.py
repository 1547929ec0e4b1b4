"""Where a case stands: a function of its document's process, of the steps taken, and of the time asked about.

filed      waits for its service            served     waits for the answer
evidence   takes evidence                   deciding   ready for the rules
proposed   the rules proposed, a person is to look and rule
ruled      open to appeal until the window is over or both sides waive it
appealed   the next of the ladder is to rule
decided    the decision stands and was posted   settled, withdrawn   ended without one

Nobody has to act for a window to end. Not here: writing steps, and refusing those that may not be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol, get_args

from policies.process.days import Deadline, counted, day_of
from policies.process.terms import SIDES, Level, ProcessTerms, Side, Window

State = Literal[
    "filed", "served", "evidence", "deciding", "proposed", "ruled", "appealed", "decided", "settled",
    "withdrawn",
]  # fmt: skip
ENDED: frozenset[State] = frozenset({"decided", "settled", "withdrawn"})
BEFORE_DECISION: frozenset[State] = frozenset({"filed", "served", "evidence", "deciding"})

Act = Literal["answer", "evidence", "rest", "appeal", "waive", "settle", "withdraw"]
"""What a side may do; extensions are asked for with the deadline that they are about."""


class Happened(Protocol):
    """A step of a case: its kind without `dispute.`, its name, when it was recorded, who says what."""

    @property
    def kind(self) -> str: ...  # noqa: D102 -- as the class says
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def recorded_at(self) -> datetime: ...  # noqa: D102
    @property
    def by(self) -> str: ...  # noqa: D102
    @property
    def content(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands on a day. `level` is who decides next, None once nothing is left to decide.

    `deadlines` are those that run or ran, in order; `unrecorded` those that passed with nothing in the record
    that says so. `final` says of a ruling that no appeal lies or can still come. `turns` are the days of
    those who decide, and of enforcement, in order.
    """

    state: State
    closed: bool
    level: Level | None
    today: date
    deadlines: tuple[Deadline, ...]
    turns: tuple[Deadline, ...]
    unrecorded: tuple[Deadline, ...]
    final: bool
    answered: bool
    rested: frozenset[Side]
    waived: frozenset[Side]
    terms: ProcessTerms

    @property
    def ended(self) -> bool:
        """Whether nothing of it is left to decide."""
        return self.state in ENDED

    @property
    def open_deadline(self) -> Deadline | None:
        """The window that runs now; None where nothing waits for a side."""
        running = {"served": "answer", "evidence": "evidence", "ruled": "appeal"}.get(self.state)
        last = self.deadlines[-1] if self.deadlines else None
        return last if last is not None and last.step == running and last.is_open(self.today) else None

    @property
    def turn(self) -> Deadline | None:
        """The days of whoever is to decide or enforce now, past or not; None where nobody's count."""
        last = self.turns[-1] if self.turns else None
        return last if last is not None and not last.done else None

    def lost_turn(self, level: Level) -> bool:
        """Tell whether a level did not rule in its days, so that its turn is the next one's."""
        name = f"ruling/{level}"
        over = any(one.name == name and not one.done and one.is_over(self.today) for one in self.turns)
        return over and self.terms.effect_of(level) == "next_level"

    def may(self, act: Act, side: Side) -> bool:
        """Tell whether a side may do something now."""
        late = self.terms
        match act:
            case "answer":
                heard = late.late_answer == "heard" and self.state in {"evidence", "deciding"}
                return side == "respondent" and not self.answered and (self.state == "served" or heard)
            case "evidence":
                if late.late_evidence == "heard" and self.state == "deciding":
                    return True
                return self.state in {"filed", "served", "evidence"} and side not in self.rested
            case "rest":
                return self.state in {"filed", "served", "evidence"} and side not in self.rested
            case "appeal" | "waive":
                return self.state == "ruled" and not self.final and side not in self.waived
            case "settle":
                return not self.ended and not self.final
            case "withdraw":
                return side == "claimant" and self.state in BEFORE_DECISION | {"proposed"}


def standing(terms: ProcessTerms, steps: Sequence[Happened], now: datetime) -> Standing:
    """Return where a case stands at a time, by the steps recorded so far, in order."""
    return _Reading(terms, steps, day_of(terms, now)).standing()


@dataclass(frozen=True)
class _Reading:
    terms: ProcessTerms
    steps: Sequence[Happened]
    today: date

    def standing(self) -> Standing:
        rested, waived = self.sides("rested"), self.sides("appeal_waived", after=self.last("ruled"))
        answered = self.last("answered") is not None
        deadlines = self.deadlines(rested)
        turns = tuple(self.turns(rested))
        state, level = self.state(deadlines, rested)
        ruling = deadlines[-1] if deadlines and deadlines[-1].step == "appeal" else None
        final = state == "ruled" and (level is None or ruling is None or not ruling.is_open(self.today))
        recorded = {one.name for one in self.steps if one.kind == "deadline_passed"}
        return Standing(
            state=state,
            closed=self.last("closed") is not None,
            level=level,
            today=self.today,
            deadlines=deadlines,
            turns=turns,
            unrecorded=tuple(
                one
                for one in (*deadlines, *turns)
                if not one.done and one.is_over(self.today) and passed_name(one) not in recorded
            ),
            final=final,
            answered=answered,
            rested=rested,
            waived=waived,
            terms=self.terms,
        )

    def state(self, deadlines: Sequence[Deadline], rested: frozenset[Side]) -> tuple[State, Level | None]:
        """Return the state, and who decides next."""
        if self.last("withdrawn") is not None:
            return "withdrawn", None
        if self.last("settlement_accepted") is not None:
            return "settled", None
        if self.last("decided") is not None:
            return "decided", None
        turn = self.last("proposed", "ruled", "appealed")
        if turn is not None:
            return self.turned(turn)
        first: Level = self.terms.ladder[0]
        windows = {one.step: one for one in deadlines}
        if len(rested) == len(SIDES):
            return "deciding", first
        if self.first("served") is None and (self.terms.days["answer"] or self.terms.days["evidence"]):
            return "filed", first
        for window, state in _RUNNING:
            if window in windows and windows[window].is_open(self.today):
                return state, first
        return "deciding", first

    def turned(self, turn: Happened) -> tuple[State, Level | None]:
        """Return the state after the rules proposed, somebody ruled, or a side appealed."""
        if turn.kind == "ruled":
            return "ruled", self.terms.above(turn.content["level"])
        *_, (level, _) = self.chain(turn)
        return ("proposed" if turn.kind == "proposed" else "appealed"), level

    # ---- the days of those who decide

    def turns(self, rested: frozenset[Side]) -> Iterator[Deadline]:
        """Yield the days of each whose turn it was or is, in order."""
        proposed = self.last("proposed", "ruled", *_ENDING) is not None
        heard, days = self.heard_on(rested), self.terms.ruling_days.get("rules")
        if heard is not None and days is not None:
            last = counted(self.terms, heard, days)
            yield Deadline("ruling", "ruling/rules", (), heard, last, proposed)
        for step in (one for one in self.steps if one.kind in {"proposed", "appealed"}):
            yield from (days for _, days in self.chain(step) if days is not None)
        decided = self.last("decided")
        if decided is not None and self.terms.enforcement_days is not None:
            start = day_of(self.terms, decided.recorded_at)
            last = counted(self.terms, start, self.terms.enforcement_days)
            done = self.last("closed") is not None
            yield Deadline("enforcement", "enforcement", (), start, last, done)

    def chain(self, step: Happened) -> Iterator[tuple[Level, Deadline | None]]:
        """Yield who is to rule after a proposal or an appeal, then who is once the one before is late."""
        level, start = self.next_of(step), day_of(self.terms, step.recorded_at)
        ended = self.last(*_ENDING)
        until = self.today if ended is None else day_of(self.terms, ended.recorded_at)
        while True:
            days = self.terms.ruling_days.get(level)
            if days is None:
                yield level, None
                return
            ruled = any(one.kind == "ruled" and one.content["level"] == level for one in self.steps)
            last = counted(self.terms, start, days)
            late = last is not None and until > last and not ruled
            above = self.terms.above(level)
            goes_on = late and above is not None and self.terms.effect_of(level) == "next_level"
            done = ruled or ended is not None
            yield level, Deadline("ruling", f"ruling/{level}", (), start, last, done)
            if not goes_on or above is None or last is None:
                return
            level, start = above, last

    def next_of(self, step: Happened) -> Level:
        """Return who is first to rule on a proposal or an appeal."""
        if step.kind == "appealed":
            level: Level = step.content["level"]
            return level
        ladder = self.terms.ladder
        return self.terms.above("rules") or (ladder[0] if "rules" not in ladder else "rules")

    def heard_on(self, rested: frozenset[Side]) -> date | None:
        """Return the day on which the hearing was over, None while it is not."""
        last_rest = self.last("rested")
        if len(rested) == len(SIDES) and last_rest is not None:
            return day_of(self.terms, last_rest.recorded_at)
        days = self.terms.days
        if not days["answer"] and not days["evidence"]:
            filed = self.first("filed")
            return None if filed is None else day_of(self.terms, filed.recorded_at)
        windows = tuple(self.before_decision(rested))
        if not windows or windows[-1].step != ("evidence" if days["evidence"] else "answer"):
            return None
        last = windows[-1]
        told = self.last("answered")
        if last.step == "answer" and told is not None and not days["evidence"]:
            day = day_of(self.terms, told.recorded_at)
            return day if last.last_day is None else min(day, last.last_day)
        return last.last_day if last.is_over(self.today) else None

    def deadlines(self, rested: frozenset[Side]) -> tuple[Deadline, ...]:
        """Return the windows that opened so far, each with what was added to it."""
        found = [*self.before_decision(rested)]
        for ruled in (one for one in self.steps if one.kind == "ruled"):
            level: Level = ruled.content["level"]
            if self.terms.above(level) is None or not self.terms.days["appeal"]:
                continue
            waived = self.sides("appeal_waived", after=ruled)
            over = len(waived) == len(SIDES) or self.appealed(level)
            waits = tuple(side for side in SIDES if side not in waived)
            opened = day_of(self.terms, ruled.recorded_at)
            found.append(self.window("appeal", f"appeal/{level}", waits, opened, done=over))
        return tuple(found)

    def before_decision(self, rested: frozenset[Side]) -> Iterable[Deadline]:
        served, answered, days = self.first("served"), self.first("answered"), self.terms.days
        if served is None:
            return
        start = day_of(self.terms, served.recorded_at)
        decided = self.last("proposed", "ruled", "decided", "settlement_accepted", "withdrawn") is not None
        ready = decided or len(rested) == len(SIDES)
        if days["answer"]:
            done = answered is not None or "respondent" in rested or ready
            first = self.window("answer", "answer", ("respondent",), start, done=done)
            yield first
            told = answered or next((one for one in self.steps if self.rests(one, "respondent")), None)
            if told is not None:
                day = day_of(self.terms, told.recorded_at)
                start = day if first.last_day is None else min(day, first.last_day)
            elif first.is_over(self.today) and first.last_day is not None:
                start = first.last_day
            else:
                return
        if days["evidence"]:
            waits = tuple(side for side in SIDES if side not in rested)
            yield self.window("evidence", "evidence", waits, start, done=ready)

    def window(
        self, step: Window, name: str, waits: tuple[Side, ...], start: date, *, done: bool
    ) -> Deadline:
        added = sum(
            one.content["days"] for one in self.steps if one.kind == "extended" and one.content["of"] == name
        )
        last = counted(self.terms, start, self.terms.days[step] + added)
        return Deadline(step, name, waits, start, last, done)

    def appealed(self, level: Level) -> bool:
        above = self.terms.above(level)
        return any(one.kind == "appealed" and one.content["level"] == above for one in self.steps)

    def rests(self, step: Happened, side: Side) -> bool:
        return step.kind == "rested" and step.content["side"] == side

    def sides(self, kind: str, after: Happened | None = None) -> frozenset[Side]:
        """Return the sides that took a step, after another where one is given."""
        start = 0 if after is None else [one.name for one in self.steps].index(after.name) + 1
        return frozenset(one.content["side"] for one in self.steps[start:] if one.kind == kind)

    def first(self, kind: str) -> Happened | None:
        return next((one for one in self.steps if one.kind == kind), None)

    def last(self, *kinds: str) -> Happened | None:
        return next((one for one in reversed(self.steps) if one.kind in kinds), None)


_ENDING = ("decided", "settlement_accepted", "withdrawn")

_RUNNING: tuple[tuple[Window, State], ...] = (("answer", "served"), ("evidence", "evidence"))


def passed_name(deadline: Deadline) -> str:
    """Return the name of the step that records that a window passed."""
    return f"deadline_passed/{deadline.name}"


def level_of(turn: Deadline) -> Level:
    """Return who is to rule within a window of the step `ruling`."""
    return next(level for level in get_args(Level) if turn.name == f"ruling/{level}")
