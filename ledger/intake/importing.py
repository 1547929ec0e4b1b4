"""Importing a file: its rows become entries, batch by batch, and the log takes what it does not hold yet.

Each batch is one transaction, so a process killed in the middle has lost nothing that was acknowledged, and
importing the file again completes it. What the log holds otherwise is reported and not taken.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ledger.entries import Group, NewEntry
from ledger.errors import Conflict
from ledger.intake.attesting import Attesting
from ledger.intake.batches import IMPORTED_GROUP, IMPORTED_KIND, taken_entry
from ledger.intake.binding import Binding
from ledger.intake.errors import FileUnreadable, RowFinding
from ledger.intake.events import EventReader, RowFault
from ledger.intake.mapping import Mapping
from ledger.intake.mended import UNREADABLE
from ledger.intake.readers import Source, SourceRow, file_sha256, open_source
from ledger.intake.rejects import Reason, Rejects
from ledger.intake.report import EventCounts, ImportReport, RowConflict, RowDifference
from ledger.intake.resuming import Part, TakenPart, is_alone, taken_parts, terms_sha256
from ledger.intake.terms import IntakeTerms
from ledger.intake.together import REFUND, SALE, falling, keyed_within, line_of, other_reports
from ledger.log import Log
from ledger.prepare import Prepared
from ledger.reports import Report
from ledger.sorting import AppendReport, Request
from policies.canonical import canonical_bytes

BATCH_ENTRIES = 10_000
"""Entries in one transaction, so at most this many (and the events of one row) are ever held."""

IMPORT_SOURCE = "intake"
"""Source of the entries that record imports themselves."""

Progress = Callable[[int, int], None]


class _Stated(NamedTuple):
    """An entry with the row that states it; its cells only where rejected rows are written."""

    entry: NewEntry
    row: SourceRow


def import_file(  # noqa: PLR0913 -- the file, how to read it, whose it is, and how to go about it
    log: Log,
    path: Path,
    mapping: Mapping,
    terms: IntakeTerms,
    *,
    progress: Progress | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
) -> ImportReport:
    """Import an order file and return what became of it.

    `progress(done, total)` is called after each batch, in the unit of the source (bytes of a text, rows of a
    sheet or a frame), and at the end with done equal to total. With `dry_run` nothing is written and the
    report says what would be; a line that stands twice in the file is then told apart only within one batch.

    Rows that were not taken, and those whose events are conflicts, are written to `rejects` with reasons;
    that file can be mended and imported again by the same mapping (mended.py).

    Raises FileUnreadable, HeaderRefused, TermsUnfit or RejectsUnwritable, in each case before anything is
    written, except when a file turns out damaged or changed on the way: then what was taken stays, and
    importing the mended file adds the rest.
    """
    with _cycles_left_alone():
        under_way = _Import(log, path, mapping, terms, progress=progress or _silent, dry_run=dry_run)
        return under_way.run(rejects)


@contextmanager
def _cycles_left_alone() -> Iterator[None]:
    """Pause the search for reference cycles: rows and entries have none, and it takes a third of the time."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searched:
            gc.enable()


def _silent(done: int, total: int) -> None:
    """Show nothing."""


class _Import:
    """One import under way: the batch being filled, and the report being counted."""

    def __init__(  # noqa: PLR0913 -- as import_file
        self,
        log: Log,
        path: Path,
        mapping: Mapping,
        terms: IntakeTerms,
        *,
        progress: Progress,
        dry_run: bool,
    ) -> None:
        self._log = log
        self._path = path
        self._terms = terms
        self._attesting = Attesting(terms)
        self._progress = progress
        self._source: Source = open_source(path, mapping.document)
        self._binding = Binding(mapping, self._source, terms, file=str(path))
        self._reader = EventReader(mapping, self._binding.plan, terms)
        self._batch: list[_Stated] = []
        self._rejects: Rejects | None = None
        self._latest: datetime | None = None
        self._part_from = self._said_before = (0, 0)
        self._report = ImportReport(
            file=str(path),
            file_sha256="",
            mapping=mapping.name,
            mapping_sha256=mapping.sha256,
            agreement=terms.agreement,
            dry_run=dry_run,
            unread_columns=self._binding.unread,
        )

    def run(self, rejects: Path | None) -> ImportReport:
        """Read every row, append every batch, record the import."""
        if rejects is None:
            return self._run()
        with Rejects(rejects, self._source, self._path) as self._rejects:
            return self._run()

    def _run(self) -> ImportReport:
        report = self._report
        before = self._path.stat()
        report.file_sha256 = file_sha256(self._path)
        parts = taken_parts(self._log, self._terms, report.file_sha256, report.mapping_sha256)
        passing = 0
        for row in self._source.rows(self._columns()):
            taken = parts.get(report.rows) if not passing else None
            if taken is not None and is_alone(self._log, self._terms.agreement, taken):
                passing = self._pass_over(taken)
            report.rows += 1
            if not passing:
                self._read(row)
                continue
            passing -= 1
            if not passing:
                self._begin_part()
        self._flush()
        report.hidden_rows = self._source.hidden
        after = self._path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise FileUnreadable("changed while it was being read; import it again", where=report.file)
        if not report.dry_run:
            report.imported_seq = self._record()
        self._progress(self._source.total, self._source.total)
        return report

    def _read(self, row: SourceRow) -> None:
        """Read what a row states, and append the batch once it is full."""
        stated = self._stated(row)
        if isinstance(stated, RowFault):
            self._reject(row, stated)
            return
        if not stated:
            self._report.idle_rows += 1
        kept = row if self._rejects else row._replace(cells=())
        self._batch.extend([_Stated(entry, kept) for entry in stated])
        if len(self._batch) >= BATCH_ENTRIES:
            self._flush()
            # The batch is gone by now; what cycles others made meanwhile go here.
            gc.collect(1)

    def _pass_over(self, taken: TakenPart) -> int:
        """Count rows that an earlier import took; return how many they are. What comes before is appended."""
        self._flush()
        report, part = self._report, taken.part
        report.idle_rows += part.idle_rows
        report.stated.include(part.stated)
        report.repeated.include(part.stated)
        self._latest = taken.latest if self._latest is None else max(self._latest, taken.latest)
        return part.rows

    def _begin_part(self) -> None:
        """Have what is read from here on be a part of its own, and show how far the file is."""
        report = self._report
        self._part_from = report.rows, report.idle_rows
        self._said_before = report.rejected_rows, report.notice_count
        self._progress(min(self._source.done, self._source.total), self._source.total)

    def _part(self, entries: Sequence[NewEntry]) -> Part | None:
        """Return the part that these entries are of, None where something is to be said of its rows again."""
        report = self._report
        if (report.rejected_rows, report.notice_count) != self._said_before:
            return None
        rows, idle_rows = self._part_from
        stated = EventCounts()
        for entry in entries:
            stated.add(entry.kind)
        return Part(rows, report.rows - rows, report.idle_rows - idle_rows, stated, terms_sha256(self._terms))

    def _columns(self) -> list[str]:
        """Return the columns to read: those of the mapping, and all others too where rows may be written."""
        bound = self._binding.columns
        if self._rejects is None or self._source.sparse:
            return bound
        return [*bound, *(name for name in self._source.columns if name not in bound)]

    def _stated(self, row: SourceRow) -> list[NewEntry] | RowFault:
        if row.fault is not None:
            return RowFault("", "row.shape", row.fault, None)
        if row.bad:
            columns = self._binding.columns
            place = min((place for place in row.bad if place < len(columns)), default=None)
            if place is not None:
                return RowFault(columns[place], *row.bad[place], None)
        return self._reader.entries(row.cells)

    def _reject(self, row: SourceRow, fault: RowFault) -> None:
        report = self._report
        report.reject(
            RowFinding(report.file, row.row, row.line, fault.column, fault.code, fault.message, fault.given)
        )
        self._write(row, fault.code, fault.column, fault.message)

    def _write(self, row: SourceRow, code: str, column: str, message: str) -> None:
        """Write a row that was not taken, its cells in the file's own order."""
        if self._rejects is None:
            return
        cells = row.cells
        if row.fault is None and not self._source.sparse:
            bad = row.bad or {}
            read = self._columns()
            needed = len(self._binding.columns)
            by_name = {
                name: UNREADABLE if place in bad and place < needed else cells[place]
                for place, name in enumerate(read)
            }
            cells = [by_name[name] for name in self._source.columns]
        self._rejects.add(Reason(row.row, row.line, code, column, message), cells, row.text)

    def _flush(self) -> None:
        """Append the batch, count what became of each entry, and show how far the file is."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        report = self._report
        entries = [stated.entry for stated in batch]
        self._notice_falls(batch, entries)
        outcome = self._appended(entries)
        self._notice_others(batch, outcome.seqs)
        conflicts = iter(outcome.conflicts)
        contradicting: dict[int, tuple[SourceRow, list[Conflict]]] = {}
        fresh = set(outcome.accepted)
        for stated, entry, seq in zip(batch, entries, outcome.seqs, strict=True):
            kind = entry.kind
            report.stated.add(kind)
            if seq is None:
                conflict = next(conflicts)
                row = stated.row
                report.contradict(
                    RowConflict(report.file, row.row, row.line, conflict.id, conflict.seq, conflict.fields)
                )
                contradicting.setdefault(row.row, (row, []))[1].append(conflict)
            elif seq in fresh:
                fresh.discard(seq)
                report.new.add(kind)
            else:
                report.repeated.add(kind)
        for row, found in contradicting.values():
            self._write(row, "entry.conflict", "", "; ".join(map(str, found)))
        latest = max(entry.occurred_at for entry in entries)
        self._latest = latest if self._latest is None else max(self._latest, latest)
        self._begin_part()

    def _notice_falls(self, batch: Sequence[_Stated], entries: Sequence[NewEntry]) -> None:
        """Say of each refund that falls below what was refunded before that the larger total still counts."""
        falls = falling(self._log, entries, self._terms)
        for stated, entry in zip(batch, entries, strict=True):
            if entry.kind != REFUND or entry.id not in falls:
                continue
            total = entry.groups[0].content["refunded_total"]
            message = (
                f"refunded so far falls from {falls[entry.id]} to {total}; it is recorded, and settlement"
                " goes by the larger: if the buyer paid back, record that as an event of its own"
            )
            at = (self._report.file, stated.row.row, stated.row.line, self._reader.column_of_refunds)
            self._report.notice(RowFinding(*at, "refund.falls", message, total))

    def _appended(self, entries: Sequence[NewEntry]) -> AppendReport:
        """Have the log take what it does not hold, or in a dry run say what it would take."""
        request = Request(
            self._log.prepare(entries),
            partial=True,
            attest=self._attesting.postings,
            closing=self._taken(entries),
        )
        if self._report.dry_run:
            return self._log.preview(request, keyed_within)
        (outcome,) = self._log.append_requests([request], keyed_within)
        if not isinstance(outcome, AppendReport):
            raise outcome
        return outcome

    def _notice_others(self, batch: Sequence[_Stated], seqs: Sequence[int | None]) -> None:
        """Count the sales that other sources told of too, and say which of them they told otherwise."""
        orders = {one.entry.groups[0].content["order"] for one in batch if one.entry.kind == SALE}
        source = batch[0].entry.source
        others = other_reports(self._log, self._terms.agreement, source, sorted(orders))
        if not others:
            return
        report = self._report
        for (entry, row), seq in zip(batch, seqs, strict=True):
            found = others.get(line_of(entry)) if entry.kind == SALE and seq is not None else None
            if not found:
                continue
            report.attested += 1
            assert seq is not None, "it was taken"
            assert entry.agreement is not None, "an event of a line names its agreement"
            told = Report(seq, source, entry.agreement, entry.groups[0].content)
            difference = self._attesting.difference(told, found)
            if difference is not None:
                report.differ(RowDifference(report.file, row.row, row.line, entry.id, *difference))

    def _taken(self, entries: Sequence[NewEntry]) -> Callable[[range], Prepared]:
        """Return what names the entries that a transaction takes as part of this file's batch."""
        newest = max(entries, key=lambda entry: entry.occurred_at)
        version = self._terms.version_at(newest.occurred_at)
        assert version is not None, "an accepted row was sold under some version"
        report = self._report
        digests = report.file_sha256, report.mapping, report.mapping_sha256
        part = self._part(entries)

        def closing(taken: range) -> Prepared:
            told = part.as_json() if part is not None and len(taken) == len(entries) else None
            return self._log.prepare([taken_entry(taken, newest, version, digests, told)])[0]

        return closing

    def _record(self) -> int | None:
        """Record the import; its content follows from the file alone, so that the same again is a repeat.

        It happened, as far as the file tells, at the latest time that the file speaks of.
        """
        report = self._report
        if self._latest is None:
            return None
        content = {
            "agreement": report.agreement,
            "file_sha256": report.file_sha256,
            "mapping": report.mapping,
            "mapping_sha256": report.mapping_sha256,
            "rows": report.rows,
            "rejected_rows": report.rejected_rows,
            "idle_rows": report.idle_rows,
            "stated": report.stated.as_json(),
        }
        version = self._terms.version_at(self._latest)
        assert version is not None, "an accepted row was sold under some version"
        entry = NewEntry(
            source=IMPORT_SOURCE,
            id=f"file/{hashlib.sha256(canonical_bytes(content)).hexdigest()}",
            kind=IMPORTED_KIND,
            occurred_at=self._latest,
            asserter=self._terms.asserter,
            agreement=version.reference,
            concerns=version.readers,
            groups=(Group(IMPORTED_GROUP, version.readers, content),),
        )
        return self._log.append([entry]).seqs[0]
