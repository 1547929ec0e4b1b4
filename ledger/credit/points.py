"""Points as the log tells them: given by a rule, appealed, upheld, removed, restored. Reading only.

credit.points_given      whom, by which rule and clause, how many, why, and which entries show it
credit.points_appealed   the party's word against them; they count until somebody decides
credit.points_upheld     the appeal is dismissed, with the reason
credit.points_removed    they count no more from then on
credit.points_restored   they count again

Points belong to a party and a keeper, the platform under whose agreement they were given. What counts at a
time is asked for by both times, so that a score can be told as it was known on a day. Not here: writing
(record.py), and what points are worth (`policies.credit.score`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, Literal

from ledger.database import Session, reading
from ledger.leaves import microseconds
from ledger.log import Log
from ledger.reading import Entry, content_of, read_told
from policies.credit.model import CreditModel
from policies.credit.score import Score, score, worth

SOURCE = "tallystick.credit"
GROUP = "credit"
GIVEN, APPEALED, UPHELD, REMOVED, RESTORED = (
    f"credit.points_{what}" for what in ("given", "appealed", "upheld", "removed", "restored")
)
KINDS = (GIVEN, APPEALED, UPHELD, REMOVED, RESTORED)

State = Literal["standing", "appealed", "upheld", "removed"]
_STATES: Mapping[str, State] = {
    GIVEN: "standing", APPEALED: "appealed", UPHELD: "upheld", REMOVED: "removed", RESTORED: "standing",
}  # fmt: skip

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to points: the kind of the entry, where it stands, on whose word, and why."""

    kind: str
    seq: int
    occurred_us: int
    recorded_us: int
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Points:
    """Points given to a party, and what became of them. `party` and `keeper` are global ids.

    `points` is what the rule gives times `severity`; `agreement` (id@version) and `clause` ask for it, and
    `cites` are the seqs of the entries that show it. `model` is the digest of the model that had the rule.
    """

    id: str
    party: str
    keeper: str
    rule: str
    points: int
    severity: int
    clause: str
    agreement: str
    cites: tuple[int, ...]
    model: str
    steps: tuple[Step, ...]

    @property
    def given(self) -> Step:
        """The step that gave them."""
        return self.steps[0]

    @property
    def readers(self) -> tuple[str, ...]:
        """Who may read of them: the party and its keeper."""
        return tuple(sorted({self.party, self.keeper}))

    @property
    def state(self) -> State:
        """How they stand after the last step."""
        return _STATES[self.steps[-1].kind]

    @property
    def was_appealed(self) -> bool:
        """Tell whether the party has appealed them; that is done once."""
        return any(step.kind == APPEALED for step in self.steps)

    def at(self, at: datetime, end: int | None = None) -> Points | None:
        """Return them as they stood at a time, as the entries before `end` tell; None before they were given.

        What is told late counts from when it occurred, as far as it was told by then.
        """
        until = microseconds(at)
        told = tuple(one for one in self.steps if one.occurred_us <= until and (end is None or one.seq < end))
        return replace(self, steps=told) if told and told[0] == self.steps[0] else None

    def days(self, at: datetime) -> int:
        """Return the whole days of 24 hours since they were given."""
        return (microseconds(at) - self.given.occurred_us) // DAY_US


def points_within(session: Session, end: int | None = None) -> dict[str, Points]:
    """Return all points by id, in order of giving, as the entries before `end` tell."""
    found: dict[str, Points] = {}
    for entry, opened in read_told(session, KINDS, GROUP):
        if end is not None and entry.seq >= end:
            break
        content = content_of(opened)
        step = _step(entry, content)
        if entry.kind == GIVEN:
            found[content["id"]] = _given(entry, content, step)
        elif content["id"] in found:  # the entry that gave them may have been erased
            before = found[content["id"]]
            found[before.id] = replace(before, steps=(*before.steps, step))
    return found


def all_points(log: Log, end: int | None = None) -> dict[str, Points]:
    """Return all points by id; see points_within."""
    with reading(log.engine) as session:
        return points_within(session, end)


@dataclass(frozen=True, slots=True)
class Standing:
    """A party's credit with a keeper at a time: the score, and each of the points with what it adds to it."""

    party: str
    keeper: str
    score: Score
    points: tuple[tuple[Points, Fraction], ...]
    """Points with what they are worth then; nothing for what was removed."""


def standings(
    model: CreditModel, points: Iterable[Points], at: datetime, end: int | None = None
) -> list[Standing]:
    """Return the credit of every party and keeper with points at a time, sorted."""
    found: dict[tuple[str, str], list[Points]] = {}
    for one in points:
        stood = one.at(at, end)
        if stood is not None:
            found.setdefault((one.party, one.keeper), []).append(stood)
    return [standing(model, party, keeper, mine, at) for (party, keeper), mine in sorted(found.items())]


def standing(model: CreditModel, party: str, keeper: str, points: Iterable[Points], at: datetime) -> Standing:
    """Return the credit that some points come to at a time, as they stand."""
    mine = tuple(points)
    counting = [(one.points, one.days(at)) for one in mine if one.state != "removed"]
    shown = tuple((one, _worth(one, at, model.half_days)) for one in mine)
    return Standing(party, keeper, score(model, counting), shown)


def _worth(one: Points, at: datetime, half_days: int) -> Fraction:
    return Fraction(0) if one.state == "removed" else worth(one.points, one.days(at), half_days)


def _step(entry: Entry, content: Mapping[str, Any]) -> Step:
    return Step(
        entry.kind, entry.seq, entry.occurred_us, entry.recorded_us, str(content["by"]), content["reason"]
    )


def _given(entry: Entry, content: Mapping[str, Any], step: Step) -> Points:
    return Points(
        content["id"], content["party"], content["keeper"], content["rule"], content["points"],
        content["severity"], content["clause"], entry.agreement or "", tuple(content["cites"]),
        content["model"], (step,),
    )  # fmt: skip
