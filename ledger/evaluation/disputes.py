"""How disputes went: how long until an answer, a ruling, an end, and how often what was ruled was changed.

Times are from the filing, as the log took both. A median's limits are order statistics of the exact binomial.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import comb

from ledger.cases.record import CaseRecord, Step
from ledger.evaluation.intervals import Interval, wilson
from ledger.evaluation.windows import Window
from ledger.leaves import microseconds

_TAIL = Fraction(25, 1000)
_DEPARTS = ("outcome", "amount_minor")


@dataclass(frozen=True, slots=True)
class Median:
    """The middle of some times in seconds, of how many, and its limits; None where there are too few."""

    seconds: Fraction | None
    of: int
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """How many of how many, and how sure the share is."""

    hits: int
    of: int

    @property
    def share(self) -> Fraction | None:
        """The share; None of nothing."""
        return Fraction(self.hits, self.of) if self.of else None

    @property
    def interval(self) -> Interval:
        """How sure it is."""
        return wilson(self.hits, self.of)


@dataclass(frozen=True, slots=True)
class Disputes:
    """Disputes filed in a window: how many, how fast, and what became of the rulings.

    `overturned` of the rulings made on appeal, those with another outcome or amount than the one appealed;
    `departed` of a person's rulings on what the rules proposed, likewise; `appealed` of the cases ruled on.
    """

    filed: int
    ended: int
    answered: Median
    ruled: Median
    closed: Median
    appealed: Part
    overturned: Part
    departed: Part


def disputes_filed(records: Iterable[CaseRecord], window: Window | None = None) -> Disputes:
    """Return how the disputes went that were filed in a window, or ever."""
    mine = [one for one in records if window is None or window.holds(microseconds(one.filed.recorded_at))]
    rulings = [one.of("ruled") for one in mine]
    on_appeal = [pair for each in rulings for pair in pairwise(each)]
    proposed = [
        (proposal, each[0])
        for one, each in zip(mine, rulings, strict=True)
        if (proposal := one.last("proposed")) is not None and each and proposal.seq < each[0].seq
    ]
    ruled = [one for one, each in zip(mine, rulings, strict=True) if each]
    return Disputes(
        filed=len(mine),
        ended=sum(_ended(one) is not None for one in mine),
        answered=_median(_times(mine, _answered)),
        ruled=_median(_times(mine, lambda one: next(iter(one.of("ruled")), None))),
        closed=_median(_times(mine, _ended)),
        appealed=Part(sum(bool(one.of("appealed")) for one in ruled), len(ruled)),
        overturned=_changed(on_appeal),
        departed=_changed(proposed),
    )


def _answered(one: CaseRecord) -> Step | None:
    """Return the first thing the respondent did: it answered, or had nothing to add."""
    return next(
        (
            step
            for step in one.steps
            if step.kind == "answered" or (step.kind == "rested" and step.content.get("side") == "respondent")
        ),
        None,
    )


def _ended(one: CaseRecord) -> Step | None:
    return one.last("decided", "settlement_accepted", "withdrawn")


def _changed(pairs: Sequence[tuple[Step, Step]]) -> Part:
    told = [(one, other) for one, other in pairs if one.content and other.content]
    changed = [
        any(one.content.get(name) != other.content.get(name) for name in _DEPARTS) for one, other in told
    ]
    return Part(sum(changed), len(told))


def _times(records: Iterable[CaseRecord], step: Callable[[CaseRecord], Step | None]) -> list[int]:
    found = [
        (one.filed.recorded_at, after.recorded_at) for one in records if (after := step(one)) is not None
    ]
    return sorted((microseconds(later) - microseconds(filed)) // 1_000_000 for filed, later in found)


def _median(times: Sequence[int]) -> Median:
    size = len(times)
    if not size:
        return Median(None, 0)
    middle = Fraction(times[(size - 1) // 2] + times[size // 2], 2)
    beyond, below = 0, Fraction(0)
    while below + Fraction(comb(size, beyond), 2**size) <= _TAIL:
        below += Fraction(comb(size, beyond), 2**size)
        beyond += 1
    return Median(middle, size, times[beyond - 1], times[size - beyond]) if beyond else Median(middle, size)
