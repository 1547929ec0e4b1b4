"""A run written into the log: its postings and every party's statement, in one transaction.

Line files are written first, each whole under the root that its statement names, so a statement in the log
always finds its lines; files of a run that was interrupted are the same files when it is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from ledger.entries import Group, NewEntry
from ledger.leaves import microseconds, occurred_text
from ledger.log import Log
from ledger.settlement.books import posting_groups
from ledger.settlement.carried import (
    adjustments_since,
    carried_by,
    held_balances,
    stated_parties,
    stored_statements,
)
from ledger.settlement.corrections import causes_of, correction_entries
from ledger.settlement.deal import deal_terms
from ledger.settlement.digest import run_digest
from ledger.settlement.dues import held_for, stated_dues
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.issued import RunPreview, SettlementReport, figures_of, issued_statement, report_of
from ledger.settlement.moved import Engine
from ledger.settlement.recovery import require_unmoved, with_recoveries
from ledger.settlement.run import RunResult
from ledger.settlement.runs import (
    FED_GROUP,
    RUN_GROUP,
    RUN_KIND,
    SOURCE,
    STATEMENT_GROUP,
    STATEMENT_KIND,
    StoredRun,
    all_runs,
    last_run,
    require_continued,
    run_id,
    statement_entry_id,
)
from ledger.settlement.second_opinion import SecondOpinion, second_opinion
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from ledger.settlement.whole_run import compute_whole_run
from ledger.statements.content import Period, RunHeader, statement_content
from ledger.statements.lines import LineStore, lines_of
from policies.agreement import Agreement

Progress = Callable[[str, int, int], None]
"""Told what is being done (computed, stated, written), how much of it is done, and of how much."""


def settle(  # noqa: PLR0913 -- what is settled, up to when, where files lie, on whose word, and how
    log: Log,
    agreements: Iterable[Agreement],
    cutoff: datetime,
    *,
    data: Path,
    asserter: str,
    engine: Engine = "columns",
    progress: Progress | None = None,
    opinion: SecondOpinion | None = None,
) -> SettlementReport:
    """Settle one agreement, all of its versions given, up to a cut-off; return the run and its statements.

    Where others feed it, all versions of those are given too, before its own. A second `opinion`, where one
    is given, is asked about a sample of the lines before anything is written.
    The same cut-off again returns the run that stands there and adds nothing. Raises SettlementRefused for a
    cut-off before the last run's or versions that do not continue it, and EntryConflict when another run of
    the agreement came in between: nothing was written then, and settling again works. Raises
    SecondOpinionDiffers where the opinion is another.
    """
    asked = _asked(log, agreements, cutoff)
    if asked.standing is not None:
        return report_of(log, asked.standing, repeated=True)
    store = LineStore(data)
    with store.room() as room:
        result = _computed(log, asked, engine, room)
        told = _heard(log, result, opinion, asked.runs)
        return _issued(log, result, asked.last, (store, room), asserter, progress or _silent, told)


def preview(  # noqa: PLR0913 -- as settle
    log: Log,
    agreements: Iterable[Agreement],
    cutoff: datetime,
    *,
    data: Path,
    engine: Engine = "columns",
    opinion: SecondOpinion | None = None,
) -> RunPreview:
    """Return what `settle` would issue for a cut-off as the log stands, and write nothing.

    Settled then with nothing new in the log, the run has the same digest. Raises as `settle`.
    """
    asked = _asked(log, agreements, cutoff)
    if asked.standing is not None:
        return RunPreview(settled=True, **figures_of(log, asked.standing))
    number = asked.last.number + 1 if asked.last else 1
    with LineStore(data).room() as room:
        result = _computed(log, asked, engine, room)
        told = _heard(log, result, opinion, asked.runs)
        contents = [content for content, _ in run_statements(log, result, number, asked.last, room)]
        return RunPreview(
            settled=False,
            agreement=result.terms.id,
            number=number,
            digest=told.digest,
            content=_run_content(result, number, asked.last, told, correcting=False),
            statements=tuple(map(issued_statement, contents)),
        )


def statement_contents(
    log: Log, agreements: Iterable[Agreement], cutoff: datetime, *, data: Path
) -> list[dict[str, Any]]:
    """Return the statements that `settle` would issue for a cut-off as the log stands, and write nothing.

    Those of the run that has this cut-off already, where one stands. Raises as `settle`.
    """
    asked = _asked(log, agreements, cutoff)
    if asked.standing is not None:
        return [content for _, content in stored_statements(log, asked.standing)]
    number = asked.last.number + 1 if asked.last else 1
    with LineStore(data).room() as room:
        result = _computed(log, asked, "columns", room)
        return [content for content, _ in run_statements(log, result, number, asked.last, room)]


@dataclass(frozen=True)
class _Asked:
    """A run that is asked for: its terms and point, the runs before it, and the one that stands there."""

    terms: Terms
    point: Point
    runs: Sequence[StoredRun]
    standing: StoredRun | None

    @property
    def last(self) -> StoredRun | None:
        return self.runs[-1] if self.runs else None


def _asked(log: Log, agreements: Iterable[Agreement], cutoff: datetime) -> _Asked:
    terms = deal_terms(log, agreements)
    cutoff = terms.local(cutoff)
    runs = list(all_runs(log, terms.id))
    standing = next((run for run in runs if run.point.us == microseconds(cutoff)), None)
    if runs and standing is None:
        require_continued(runs[-1], terms)
    return _Asked(terms, Point(cutoff, log.size()), runs, standing)


def _computed(log: Log, asked: _Asked, engine: Engine, room: Path) -> RunResult:
    earlier = [run.point for run in reversed(asked.runs)]
    result = compute_whole_run(log, asked.terms, asked.point, earlier, engine, folder=room)
    return with_recoveries(log, result, asked.last)


def correct(  # noqa: PLR0913 -- as settle, and why
    log: Log,
    agreements: Iterable[Agreement],
    *,
    reason: str,
    data: Path,
    asserter: str,
    opinion: SecondOpinion | None = None,
) -> SettlementReport:
    """Correct the last run by new statements: what the log says of its period now, less what was stated.

    Such a run has the cut-off of the run before; each statement names the one it corrects and gives the
    causes of the difference. Asked for again with nothing new it returns the correction that stands. Raises
    SettlementRefused where there is nothing to correct, and as `settle`.
    """
    terms = deal_terms(log, agreements)
    runs = list(all_runs(log, terms.id))
    if not runs:
        raise SettlementRefused("no run has issued statements yet; settle first", where=terms.id)
    last = runs[-1]
    require_continued(last, terms)
    earlier = [run.point for run in reversed(runs)]
    store, point = LineStore(data), Point(last.point.cutoff, log.size())
    with store.room() as room:
        result = compute_whole_run(log, terms, point, earlier, folder=room)
        if not (result.lines or result.dues or adjustments_since(log, result)):
            if "corrects" in last.content:
                return report_of(log, last, repeated=True)
            raise SettlementRefused(
                f"the log says of the period up to {last.content['cutoff']} what run {last.number} stated",
                where=terms.id,
            )
        result = with_recoveries(log, result, last)
        told = _heard(log, result, opinion, runs)
        return _issued(log, result, last, (store, room), asserter, _silent, told, reason)


@dataclass(frozen=True, slots=True)
class _Told:
    """A run's digest, and what a second opinion on its lines says, None where nobody was asked."""

    digest: str
    opinion: dict[str, Any] | None


def _heard(log: Log, result: RunResult, opinion: SecondOpinion | None, runs: Sequence[StoredRun]) -> _Told:
    """Ask for a second opinion on a run, where there is somebody to ask. Raises SecondOpinionDiffers."""
    digest = run_digest(result)
    if opinion is None:
        return _Told(digest, None)
    earlier = [run.point for run in reversed(runs)]
    return _Told(digest, second_opinion(log, result, opinion, digest, earlier))


def _issued(  # noqa: PLR0913, PLR0917 -- a result, what it follows, where files lie, on whose word, and why
    log: Log,
    result: RunResult,
    last: StoredRun | None,
    files: tuple[LineStore, Path],
    asserter: str,
    tell: Progress,
    told: _Told,
    reason: str | None = None,
) -> SettlementReport:
    """Write line files, then the run with its statements and, for a correction, what names the old ones."""
    terms, number = result.terms, last.number + 1 if last else 1
    store, room = files
    tell("computed", result.lines, result.lines)
    statements = []
    parties = stated_parties(terms)
    for content, lines in run_statements(log, result, number, last, room):
        store.write(content["lines"]["root"], lines)
        statements.append(content)
        tell("stated", len(statements), len(parties))
    entries = [
        _run_entry(result, number, last, asserter, told, correcting=reason is not None),
        *_statement_entries(result, number, statements, asserter),
    ]
    if reason is not None:
        entries += correction_entries(terms.newest, statements, asserter, reason, result.point.cutoff)
    log.append(entries, require=lambda session: require_unmoved(session, result))
    tell("written", len(entries), len(entries))
    stored = last_run(log, terms.id)
    assert stored is not None, "the run was appended"
    return report_of(log, stored, repeated=False)


def _silent(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


def run_statements(
    log: Log, result: RunResult, number: int, last: StoredRun | None, room: Path
) -> Iterator[tuple[dict[str, Any], pl.LazyFrame]]:
    """Yield every party's statement of a run with its lines, one at a time, sorted by party id.

    Lines can be read as long as `room` stands, a folder for where they are many.
    """
    terms = result.terms
    corrects = last if last is not None and last.point.cutoff == result.point.cutoff else None
    header = RunHeader(
        terms.id,
        tuple((one.version, one.agreement.sha256) for one in terms.versions),
        terms.newest.currency,
        Period(_period_start(log, result, last), occurred_text(result.point.cutoff)),
        result.point.end,
    )
    adjustments = adjustments_since(log, result)
    previous = carried_by(log, last) if last else {}
    held = held_balances(log, result)
    parties = stated_parties(terms)
    made = lines_of(result, parties, room)
    for place, party in enumerate(parties, 1):
        lines = made[party]
        content = statement_content(
            header,
            f"{terms.id}.{number}.{place}",
            party,
            lines.totals,
            adjustments.get(party, []),
            (lines.count, lines.root),
            previous.get(party),
            stated_dues(result.dues, party),
            held_for(result.held_dues, party),
            held.get(party, 0),
        )
        if corrects is not None:
            content["corrects"] = {
                "statement": content["previous"],
                "causes": causes_of(log, result, lines.lines),
            }
        yield content, lines.lines


def _period_start(log: Log, result: RunResult, last: StoredRun | None) -> str:
    """Return where a run's period begins: at the cut-off before, for a correction where its own began."""
    if last is not None and last.point.cutoff == result.point.cutoff:
        _, corrected = next(stored_statements(log, last))
        return str(corrected["period"]["from"])
    start = last.point.cutoff if last else result.terms.versions[0].effective_from
    return occurred_text(result.terms.local(start))


def _run_content(
    result: RunResult, number: int, last: StoredRun | None, told: _Told, *, correcting: bool
) -> dict[str, Any]:
    """Return what a run says of itself to every party."""
    terms = result.terms
    return {
        "agreement": terms.id,
        "run": number,
        "cutoff": occurred_text(result.point.cutoff),
        "as_of_seq": result.point.end,
        "previous": run_id(terms.id, last.number) if last else None,
        "versions": [{"version": one.version, "sha256": one.agreement.sha256} for one in terms.versions],
        "lines": result.lines,
        "held": {"lines": len(result.held)},
        "not_reversible": {"lines": result.late_lines, "amount_minor": result.late_minor},
        "statements": len(stated_parties(terms)),
        **({"held_dues": len(result.held_dues)} if result.held_dues else {}),
        **({"corrects": last.number} if last and correcting else {}),
        **({"second_opinion": told.opinion} if told.opinion is not None else {}),
    }


def _run_entry(  # noqa: PLR0913 -- as _issued
    result: RunResult, number: int, last: StoredRun | None, asserter: str, told: _Told, *, correcting: bool
) -> NewEntry:
    terms = result.terms
    content = _run_content(result, number, last, told, correcting=correcting)
    return NewEntry(
        source=SOURCE,
        id=run_id(terms.id, number),
        kind=RUN_KIND,
        occurred_at=result.point.cutoff,
        asserter=asserter,
        agreement=terms.newest.ref,
        concerns=terms.party_ids(),
        groups=(
            Group(RUN_GROUP, terms.party_ids(), content),
            *posting_groups(result, told.digest),
            *_other_groups(terms),
        ),
    )


def _other_groups(terms: Terms) -> Iterator[Group]:
    """Yield what a run rests on beside its own versions, for those whom both agreements are between.

    Others know of one only. It is what fed the run, and what might have said that its orders are theirs.
    """
    if terms.feeding is not None:
        both = set(terms.party_ids()) & set(terms.feeding.party_ids())
        versions = [
            {"version": one.version, "sha256": one.agreement.sha256} for one in terms.feeding.versions
        ]
        yield Group(FED_GROUP, tuple(sorted(both)), {"agreement": terms.feeding.id, "versions": versions})
    for place, beside in enumerate(terms.beside, 1):
        both = set(terms.party_ids()) & set(beside.party_ids())
        versions = [{"version": one.version, "sha256": one.agreement.sha256} for one in beside.versions]
        content = {"agreement": beside.id, "versions": versions}
        yield Group(f"beside.{place}", tuple(sorted(both)), content)


def _statement_entries(
    result: RunResult, number: int, statements: Sequence[dict[str, Any]], asserter: str
) -> list[NewEntry]:
    terms = result.terms
    return [
        NewEntry(
            source=SOURCE,
            id=statement_entry_id(terms.id, number, place),
            kind=STATEMENT_KIND,
            occurred_at=result.point.cutoff,
            asserter=asserter,
            agreement=terms.newest.ref,
            concerns=(content["party"],),
            groups=(Group(STATEMENT_GROUP, (content["party"],), content),),
        )
        for place, content in enumerate(statements, 1)
    ]
