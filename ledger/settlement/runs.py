"""Runs that stand in the log: finding the last one, and reading back what each was a function of.

An agreement's runs are numbered from 1, and the number is part of each entry's id: two runs made at once
collide, and the second is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.log import Log
from ledger.reading import Entry
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.events import recorded_events
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, read_terms
from policies.agreement import Agreement

SOURCE = "tallystick.settlement"
"""Source of every entry that settlement writes."""

RUN_KIND = "settlement.run"
RUN_GROUP = "run"
STATEMENT_KIND = "statement.issued"
STATEMENT_GROUP = "statement"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as recorded: its number, its entry, its point, and the content that every party may read."""

    number: int
    seq: int
    point: Point
    content: dict[str, Any]

    @property
    def statements(self) -> int:
        """How many statements it issued."""
        return int(self.content["statements"])


def run_id(agreement: str, number: int) -> str:
    """Return the id of a run's entry."""
    return f"{agreement}/{number}"


def statement_entry_id(agreement: str, number: int, place: int) -> str:
    """Return the id of a statement's entry; `place` counts from 1 and names no party, for leaves are open."""
    return f"{agreement}/{number}/{place}"


def last_run(log: Log, agreement: str) -> StoredRun | None:
    """Return the newest run of an agreement, None before the first."""
    found = log.entries(kinds=[RUN_KIND], agreement=agreement, newest_first=True, limit=1)
    return _stored(log, found[0]) if found else None


def all_runs(log: Log, agreement: str) -> Iterator[StoredRun]:
    """Yield the runs of an agreement, oldest first."""
    after = -1
    while found := log.entries(after, kinds=[RUN_KIND], agreement=agreement):
        for entry in found:
            yield _stored(log, entry)
        after = found[-1].seq


def settled_before(log: Log, agreement: str, point: Point) -> tuple[tuple[int, int], ...]:
    """Return the points of the runs before a point, oldest first, as `LineBook.settled` has them."""
    runs = (run.point for run in all_runs(log, agreement))
    return tuple((one.us, one.end) for one in runs if one.end < point.end and one.us <= point.us)


def _stored(log: Log, entry: Entry) -> StoredRun:
    content = next(group for group in log.groups(entry.seq) if group.name == RUN_GROUP).content
    point = Point(datetime.fromisoformat(content["cutoff"]), content["as_of_seq"])
    return StoredRun(content["run"], entry.seq, point, content)


def numbered_run(log: Log, agreement: str, number: int) -> StoredRun | None:
    """Return a run by its number, None where there is none."""
    entry = log.find(SOURCE, run_id(agreement, number))
    return _stored(log, entry) if entry else None


def require_continued(last: StoredRun, terms: Terms) -> None:
    """Refuse terms under which lines that a run settled would be read by another version than it took.

    Runs are differences of states, so what was posted under one version must be reversed under the same.
    Raises SettlementRefused.
    """
    known = {one["sha256"] for one in last.content["versions"]}
    lacking = known - {one.agreement.sha256 for one in terms.versions}
    if lacking:
        numbers = sorted(one["version"] for one in last.content["versions"] if one["sha256"] in lacking)
        raise SettlementRefused(
            f"run {last.number} was made under version {numbers[0]}, which was not given or differs;"
            " settle with every signed version",
            where=terms.id,
        )
    for one in terms.versions:
        if one.agreement.sha256 not in known and one.effective_us <= last.point.us:
            raise SettlementRefused(
                f"it takes effect on {one.effective_from.date()}, but run {last.number} settled up to"
                f" {last.point.cutoff.isoformat()} without it; let it take effect after that",
                where=one.agreement.ref,
            )


def terms_of(log: Log, run: StoredRun, agreements: Iterable[Agreement]) -> Terms:
    """Return the terms a run was made under. Raises SettlementRefused when a version is lacking."""
    given = sorted(agreements, key=lambda one: one.version)
    by_digest = {one.sha256: one for one in given}
    missing = [one["version"] for one in run.content["versions"] if one["sha256"] not in by_digest]
    if missing:
        raise SettlementRefused(
            f"run {run.number} was made under version {missing[0]}, which was not given or differs",
            where=run.content["agreement"],
        )
    newest = max(one["version"] for one in run.content["versions"])
    events = recorded_events(log, given[0], run.point.end)
    return read_terms((one for one in given if one.version <= newest), events)
