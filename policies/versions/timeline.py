"""Which version of an agreement is in force at a time: one function, for orders, disputes and settlement.

A version is in force from its start until a later version starts. Its start is the day it states, a later
one where notice asks for it, the recorded day of the event it names, or, with every party's consent, a day
in the past. So a new version changes nothing before its own start, and whatever starts last by number holds:
at every instant there is one version or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from policies.agreement import Agreement
from policies.errors import PolicyError
from policies.versions.notice import Lawful, lawful_effective, notice_asked

Because = Literal["document", "notice", "event", "consent"]
"""Why a version starts when it does."""

Events = Mapping[str, date]
"""The day on which each named event was recorded, in the agreement's time zone."""

ENDED = "agreement.terminated"
"""The event by which all parties end an agreement: its day is the first on which no version is in force.

No document waits for it, since names of events there have no dot.
"""

NO_EVENTS: Events = MappingProxyType({})


class VersionsUnrelated(PolicyError):
    """Documents that are not the versions of one agreement, or one of them twice."""

    code = "versions.unrelated"


@dataclass(frozen=True, slots=True)
class Start:
    """From which day a version is in force, and why that day. `lawful` tells of the notice behind it."""

    day: date
    because: Because
    lawful: Lawful


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which one version is in force: from `start` on and before `end`, None being for good."""

    agreement: Agreement
    start: datetime
    end: datetime | None
    reason: Start

    def holds(self, at: datetime) -> bool:
        """Tell whether an aware time lies in this period."""
        return self.start <= at and (self.end is None or at < self.end)


def start_of(agreement: Agreement, previous: Agreement | None, events: Events = NO_EVENTS) -> Start | None:
    """Return when a version starts, None while the event it waits for is not recorded.

    `previous` is the version before, whose notice clause binds until this one starts.
    """
    asked = notice_asked(previous) if previous is not None else None
    lawful = lawful_effective(agreement, *([asked] if asked else []))
    because: Because = "notice" if lawful.delayed else "document"
    follows = agreement.document.supersedes
    if follows is not None and follows.event is not None:
        happened = events.get(follows.event)
        if happened is None:
            return None
        if happened >= lawful.day:
            return Start(happened, "event", lawful)
    if follows is not None and follows.from_ is not None:
        return Start(follows.from_, "consent", lawful)
    return Start(lawful.day, because, lawful)


def timeline(versions: Iterable[Agreement], events: Events = NO_EVENTS) -> tuple[Period, ...]:
    """Return the periods of an agreement's versions, oldest first, without gap or overlap.

    `versions` are signed versions in any order. One that a later version overtakes before it starts has no
    period, nor has one that starts after the agreement was ended. Raises VersionsUnrelated.
    """
    ordered = _ordered(versions)
    found: list[Period] = []
    end = starts_at(ordered[-1], events[ENDED]) if ordered and ENDED in events else None
    for place in reversed(range(len(ordered))):
        start = start_of(ordered[place], ordered[place - 1] if place else None, events)
        if start is None:
            continue
        at = starts_at(ordered[place], start.day)
        if end is None or at < end:
            found.append(Period(ordered[place], at, end, start))
            end = at
    return tuple(reversed(found))


def in_force(versions: Iterable[Agreement], at: datetime, events: Events = NO_EVENTS) -> Agreement | None:
    """Return the version in force at an aware time, None before the first. Raises VersionsUnrelated."""
    return next((one.agreement for one in timeline(versions, events) if one.holds(at)), None)


def starts_at(agreement: Agreement, day: date) -> datetime:
    """Return the instant at which a day begins in the agreement's time zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=agreement.zone).astimezone(UTC)


def _ordered(versions: Iterable[Agreement]) -> list[Agreement]:
    ordered = sorted(versions, key=lambda one: one.version)
    if len({one.id for one in ordered}) > 1:
        names = ", ".join(sorted({one.id for one in ordered}))
        raise VersionsUnrelated(f"{names} are different agreements; give the versions of one")
    for earlier, later in pairwise(ordered):
        if earlier.version == later.version:
            raise VersionsUnrelated("this version was given twice", where=later.ref)
    return ordered
