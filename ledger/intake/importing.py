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
from ledger.intake.binding import Binding
from ledger.intake.errors import FileUnreadable, RowFinding
from ledger.intake.events import EventReader, RowFault
from ledger.intake.mapping import Mapping
from ledger.intake.readers import BadCell, Source, file_sha256, open_source
from ledger.intake.report import ImportReport, RowConflict
from ledger.intake.terms import IntakeTerms
from ledger.intake.together import REFUND, falling, keyed, posted_once
from ledger.log import Log
from policies.canonical import canonical_bytes

BATCH_ENTRIES = 10_000
"""Entries in one transaction, so at most this many (and the events of one row) are ever held."""

IMPORT_SOURCE = "intake"
"""Source of the entries that record imports themselves."""

Progress = Callable[[int, int], None]


class _Stated(NamedTuple):
    entry: NewEntry
    row: int
    line: int | None


def import_file(  # noqa: PLR0913 -- the file, how to read it, whose it is, and how to go about it
    log: Log,
    path: Path,
    mapping: Mapping,
    terms: IntakeTerms,
    *,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Import an order file and return what became of it.

    `progress(done, total)` is called after each batch, in the unit of the source (bytes of a text, rows of a
    sheet or a frame), and at the end with done equal to total. With `dry_run` nothing is written and the
    report says what would be; a line that stands twice in the file is then told apart only within one batch.

    Raises FileUnreadable, HeaderRefused or TermsUnfit, in each case before anything is written, except when
    a file turns out damaged or changed on the way: then what was taken stays, and importing the mended file
    adds the rest.
    """
    with _cycles_left_alone():
        return _Import(log, path, mapping, terms, progress=progress or _silent, dry_run=dry_run).run()


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
        self._progress = progress
        self._source: Source = open_source(path, mapping.document)
        self._binding = Binding(mapping, self._source, terms, file=str(path))
        self._reader = EventReader(mapping, self._binding.plan, terms)
        self._batch: list[_Stated] = []
        self._latest: datetime | None = None
        self._report = ImportReport(
            file=str(path),
            file_sha256="",
            mapping=mapping.name,
            mapping_sha256=mapping.sha256,
            agreement=terms.agreement,
            dry_run=dry_run,
            unread_columns=self._binding.unread,
        )

    def run(self) -> ImportReport:
        """Read every row, append every batch, record the import."""
        report = self._report
        before = self._path.stat()
        report.file_sha256 = file_sha256(self._path)
        for row, line, cells, fault, bad, _ in self._source.rows(self._binding.columns):
            report.rows += 1
            stated = self._stated(cells, fault, bad)
            if isinstance(stated, RowFault):
                report.reject(
                    RowFinding(
                        report.file, row, line, stated.column, stated.code, stated.message, stated.given
                    )
                )
                continue
            if not stated:
                report.idle_rows += 1
            self._batch.extend(_Stated(entry, row, line) for entry in stated)
            if len(self._batch) >= BATCH_ENTRIES:
                self._flush()
                # The batch is gone by now; what cycles others made meanwhile go here.
                gc.collect(1)
        self._flush()
        after = self._path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise FileUnreadable("changed while it was being read; import it again", where=report.file)
        if not report.dry_run:
            report.imported_seq = self._record()
        self._progress(self._source.total, self._source.total)
        return report

    def _stated(
        self, cells: Sequence[str], fault: str | None, bad: dict[int, BadCell] | None
    ) -> list[NewEntry] | RowFault:
        if fault is not None:
            return RowFault("", "row.shape", fault, None)
        if bad:
            place = min(bad)
            return RowFault(self._binding.columns[place], *bad[place], None)
        return self._reader.entries(cells)

    def _flush(self) -> None:
        """Append the batch, count what became of each entry, and show how far the file is."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        report = self._report
        log = self._log
        told = keyed(log, [stated.entry for stated in batch], self._terms)
        entries = posted_once(log, told, self._terms)
        self._notice_falls(batch, entries)
        outcome = log.preview(entries) if report.dry_run else log.append(entries, partial=True)
        conflicts = iter(outcome.conflicts)
        fresh = set(outcome.accepted)
        for stated, seq in zip(batch, outcome.seqs, strict=True):
            kind = stated.entry.kind
            report.stated.add(kind)
            if seq is None:
                conflict = next(conflicts)
                report.contradict(
                    RowConflict(
                        report.file, stated.row, stated.line, conflict.id, conflict.seq, conflict.fields
                    )
                )
            elif seq in fresh:
                fresh.discard(seq)
                report.new.add(kind)
            else:
                report.repeated.add(kind)
        latest = max(entry.occurred_at for entry in entries)
        self._latest = latest if self._latest is None else max(self._latest, latest)
        self._progress(min(self._source.done, self._source.total), self._source.total)

    def _notice_falls(self, batch: Sequence[_Stated], entries: Sequence[NewEntry]) -> None:
        """Say of each refund that falls below what was refunded before that the larger total still counts."""
        falls = falling(self._log, entries, self._terms)
        for stated, entry in zip(batch, entries, strict=True):
            if entry.kind == REFUND and (before := falls.get(entry.id)) is not None:
                total = entry.groups[0].content["refunded_total"]
                message = (
                    f"refunded so far falls from {before} to {total}; it is recorded, and settlement goes by "
                    f"the larger: if the buyer paid back, record that as an event of its own"
                )
                column = self._reader.column_of_refunds
                self._report.notice(
                    RowFinding(
                        self._report.file, stated.row, stated.line, column, "refund.falls", message, total
                    )
                )

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
            kind="file.imported",
            occurred_at=self._latest,
            asserter=self._terms.asserter,
            agreement=version.reference,
            concerns=version.readers,
            groups=(Group("import", version.readers, content),),
        )
        return self._log.append([entry]).seqs[0]
