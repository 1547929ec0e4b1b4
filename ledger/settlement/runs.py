"""Runs that stand in the log: finding the last one, and reading back what each was a function of.

An agreement's runs are numbered from 1, and the number is part of each entry's id: two runs made at once
collide, and the second is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.log import Log
from ledger.reading import Entry
from ledger.settlement.deal import deal_terms
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from policies.agreement import Agreement

SOURCE = "tallystick.settlement"
"""Source of every entry that settlement writes."""

RUN_KIND = "settlement.run"
RUN_GROUP = "run"
FED_GROUP = "fed_by"
"""Group of the versions that fed a run, for those who are party to both agreements."""

STATEMENT_KIND = "statement.issued"
STATEMENT_GROUP = "statement"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as recorded: its number, its entry, its point, and the content that every party may read.

    `fed_by` are the versions of the agreement that fed it, by digest; None where its wholes are its own.
    """

    number: int
    seq: int
    point: Point
    content: dict[str, Any]
    fed_by: dict[str, Any] | None = None

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


def runs_resting_on(log: Log, agreement: str) -> list[StoredRun]:
    """Return the runs that rest on an agreement: its own, and those of what it feeds, directly or not."""
    runs: list[StoredRun] = []
    after = -1
    while found := log.entries(after, kinds=[RUN_KIND]):
        runs += [_stored(log, entry) for entry in found]
        after = found[-1].seq
    known, size = {agreement}, 0
    while size < len(known):
        size = len(known)
        known |= {run.content["agreement"] for run in runs if run.fed_by and run.fed_by["agreement"] in known}
    return [run for run in runs if run.content["agreement"] in known]


def _stored(log: Log, entry: Entry) -> StoredRun:
    groups = {group.name: group for group in log.groups(entry.seq)}
    content, fed = groups[RUN_GROUP].content, groups.get(FED_GROUP)
    point = Point(datetime.fromisoformat(content["cutoff"]), content["as_of_seq"])
    return StoredRun(content["run"], entry.seq, point, content, fed.content if fed is not None else None)


def numbered_run(log: Log, agreement: str, number: int) -> StoredRun | None:
    """Return a run by its number, None where there is none."""
    entry = log.find(SOURCE, run_id(agreement, number))
    return _stored(log, entry) if entry else None


def require_continued(last: StoredRun, terms: Terms) -> None:
    """Refuse terms under which lines that a run settled would be read by another version than it took.

    Runs are differences of states, so what was posted under one version must be reversed under the same.
    Raises SettlementRefused.
    """
    _require_same(last, last.content["versions"], terms)
    if last.fed_by is not None and terms.feeding is not None:
        _require_same(last, last.fed_by["versions"], terms.feeding)


def _require_same(last: StoredRun, versions: Sequence[dict[str, Any]], terms: Terms) -> None:
    known = {one["sha256"] for one in versions}
    lacking = known - {one.agreement.sha256 for one in terms.versions}
    if lacking:
        numbers = sorted(one["version"] for one in versions if one["sha256"] in lacking)
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
    known = (run.content, run.fed_by) if run.fed_by is not None else (run.content,)
    newest = {one["agreement"]: max(each["version"] for each in one["versions"]) for one in known}
    given = [one for one in agreements if one.version <= newest.get(one.id, one.version)]
    by_digest = {one.sha256: one for one in given}
    missing = [
        each["version"] for one in known for each in one["versions"] if each["sha256"] not in by_digest
    ]
    if missing:
        raise SettlementRefused(
            f"run {run.number} was made under version {missing[0]}, which was not given or differs",
            where=run.content["agreement"],
        )
    return deal_terms(log, given, run.point.end)
