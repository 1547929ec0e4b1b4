"""The life of a statement: served, contested, accepted or corrected, and how it stands at a time.

Each step is an entry whose id begins with the statement's own, and how a statement stands is a function of
these entries, of the document's window and of the time asked about: nobody has to act for a window to end.

statement.served      how and when it reached its party; readable by the party and the platform
statement.contested   lines, figures or the whole, and why; what of it is positive is held
contest.withdrawn     by the party; contest.answered: a statement corrects; contest.dismissed: an arbiter
statement.accepted    by the party; what is contested stays contested
statement.corrected   by a later statement that says what differs

Not here: who may do which (api/), and writing the entries (acts.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

from ledger.database import Session, reading
from ledger.leaves import instant_of
from ledger.log import READ_LIMIT, Log
from ledger.reading import Entry, find_entry, read_groups
from policies.agreement import Agreement
from policies.calendars import load_calendar
from policies.clauses.dispute_process import StatementWindow
from policies.errors import FormulaError

SERVED, CONTESTED, CORRECTED = "statement.served", "statement.contested", "statement.corrected"
ACCEPTED = "statement.accepted"
ENDS = ("contest.withdrawn", "contest.answered", "contest.dismissed")
LIFE_KINDS = (SERVED, ACCEPTED, CONTESTED, CORRECTED, *ENDS)

SOURCE = "tallystick.statements"
ACCEPTANCES = "tallystick.acceptances"
"""Source of acceptances, which were there before the rest."""

SERVICE_GROUP, ACCEPTANCE_GROUP, CONTEST_GROUP, CORRECTION_GROUP = (
    "service", "acceptance", "contest", "correction",
)  # fmt: skip

Means = Literal["inbox", "address"]
MEANS: tuple[Means, ...] = ("inbox", "address")
"""How a statement is served: in the product, or at the address that the document gives."""

Standing = Literal["issued", "served", "contested", "accepted", "accepted_in_part"]
"""How a statement stands. `contested`: something is, and the rest is open; `accepted_in_part`: the rest is
accepted, by its party or by the end of the window."""


@dataclass(frozen=True, slots=True)
class Contest:
    """One contest of a statement, numbered from 1; `ended` is the entry that ended it, None before."""

    number: int
    entry: Entry
    ended: Entry | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which a statement may be contested, and from which day's service it is counted.

    `last_day` is None where the calendar does not know the year yet: until it does nothing expires.
    """

    served_on: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one statement, as entries; `services` by time of recording, `contests` by number."""

    services: tuple[Entry, ...] = ()
    contests: tuple[Contest, ...] = ()
    accepted: Entry | None = None
    corrected: Entry | None = None

    @property
    def open_contests(self) -> tuple[Contest, ...]:
        """The contests that nothing has ended."""
        return tuple(one for one in self.contests if one.ended is None)

    def deadline(self, agreement: Agreement) -> Deadline | None:
        """Return until when it may be contested; None before service and where the document sets no window.

        Days count from the day on which the first service was recorded, in the agreement's time zone. That
        day is not counted, and an earlier one that the record claims is not gone back to.
        """
        process = agreement.process
        window = process.statements if process else None
        if window is None or not self.services:
            return None
        start = instant_of(self.services[0].recorded_us).astimezone(agreement.zone).date()
        return Deadline(start, _last_day(agreement, window, start))

    def expired(self, agreement: Agreement, now: datetime) -> bool:
        """Tell whether the window to contest is over."""
        until = self.deadline(agreement)
        today = now.astimezone(agreement.zone).date()
        return until is not None and until.last_day is not None and today > until.last_day

    def is_closed(self, agreement: Agreement, now: datetime) -> bool:
        """Tell whether nothing more can be contested: accepted, or the window is over."""
        return self.accepted is not None or self.expired(agreement, now)

    def may_be_contested(self, agreement: Agreement, now: datetime) -> bool:
        """Tell whether it is open to a contest: what was corrected is contested by its correction."""
        return self.corrected is None and not self.is_closed(agreement, now)

    def standing(self, agreement: Agreement, now: datetime) -> Standing:
        """Return how it stands at a time."""
        closed = self.is_closed(agreement, now)
        if self.open_contests:
            return "accepted_in_part" if closed else "contested"
        if closed:
            return "accepted"
        return "served" if self.services else "issued"


def _last_day(agreement: Agreement, window: StatementWindow, start: date) -> date | None:
    if window.counted_in == "calendar_days":
        return start + timedelta(days=window.contest_days)
    assert agreement.document.calendar is not None, "loading refuses business days without a calendar"
    try:
        return load_calendar(agreement.document.calendar).add(start, Fraction(window.contest_days))
    except FormulaError:
        return None


def service_id(statement: str, means: str) -> str:
    """Return the id of the entry that records a service by some means."""
    return f"{statement}/served/{means}"


def acceptance_id(statement: str) -> str:
    """Return the id of the entry by which a statement is accepted."""
    return f"{statement}/accepted"


def contest_id(statement: str, number: int) -> str:
    """Return the id of the entry of a contest."""
    return f"{statement}/contested/{number}"


def contest_end_id(statement: str, number: int) -> str:
    """Return the id of the entry that ends a contest."""
    return f"{statement}/contested/{number}/ended"


def correction_id(statement: str) -> str:
    """Return the id of the entry that names the statement by which one is corrected."""
    return f"{statement}/corrected"


def life_within(session: Session, statement: str) -> Life:
    """Return the life of one statement as a transaction sees it."""
    served = [find_entry(session, SOURCE, service_id(statement, means)) for means in MEANS]
    contests: list[Contest] = []
    while entry := find_entry(session, SOURCE, contest_id(statement, len(contests) + 1)):
        number = len(contests) + 1
        contests.append(
            Contest(number, entry, find_entry(session, SOURCE, contest_end_id(statement, number)))
        )
    return Life(
        tuple(sorted((one for one in served if one is not None), key=lambda one: one.seq)),
        tuple(contests),
        find_entry(session, ACCEPTANCES, acceptance_id(statement)),
        find_entry(session, SOURCE, correction_id(statement)),
    )


def life_of(log: Log, statement: str) -> Life:
    """Return the life of one statement so far."""
    with reading(log.engine) as session:
        return life_within(session, statement)


def lives(log: Log) -> dict[str, Life]:
    """Return the life of every statement that has one, by the statement's id, in one walk of the log."""
    entries: dict[str, list[Entry]] = defaultdict(list)
    after = -1
    while found := log.entries(after, READ_LIMIT, kinds=LIFE_KINDS):
        for entry in found:
            if entry.source in {SOURCE, ACCEPTANCES}:
                entries[entry.id.partition("/")[0]].append(entry)
        after = found[-1].seq
    return {statement: _assembled(statement, mine) for statement, mine in entries.items()}


def _assembled(statement: str, entries: Sequence[Entry]) -> Life:
    by_id = {entry.id: entry for entry in entries}
    count = sum(entry.kind == CONTESTED for entry in entries)
    return Life(
        tuple(entry for entry in entries if entry.kind == SERVED),
        tuple(
            Contest(
                number, by_id[contest_id(statement, number)], by_id.get(contest_end_id(statement, number))
            )
            for number in range(1, count + 1)
        ),
        by_id.get(acceptance_id(statement)),
        by_id.get(correction_id(statement)),
    )


def content_within(session: Session, entry: Entry) -> dict[str, Any]:
    """Return what a step of a statement's life says: the content of its one group."""
    names = {SERVICE_GROUP, ACCEPTANCE_GROUP, CONTEST_GROUP, CORRECTION_GROUP}
    (group,) = [one for one in read_groups(session, entry.seq, None) if one.name in names]
    return group.content


def contents_of(log: Log, entries: Iterable[Entry]) -> Mapping[int, dict[str, Any]]:
    """Return what some steps say, by their seq."""
    with reading(log.engine) as session:
        return {entry.seq: content_within(session, entry) for entry in entries}
