"""What became of a file: counts per kind of event, and every row or entry that was not taken, with reasons.

The report holds no clock time, so the same import twice over the same log gives equal reports but for what
the first one added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ledger.intake.errors import RowFinding

KEPT_FINDINGS = 1_000
"""How many rejected rows, and how many conflicts, a report spells out; all of them are counted."""


@dataclass(slots=True)
class EventCounts:
    """A number of events per kind."""

    sales: int = 0
    receipts: int = 0
    refunds: int = 0
    after_sales: int = 0

    def add(self, kind: str) -> None:
        """Count one event of a kind such as sale.recorded."""
        if kind == "sale.recorded":
            self.sales += 1
        elif kind == "receipt.confirmed":
            self.receipts += 1
        elif kind == "refund.recorded":
            self.refunds += 1
        else:
            assert kind in {"after_sale.opened", "after_sale.closed"}, "order files state no other kind"
            self.after_sales += 1

    def include(self, others: EventCounts) -> None:
        """Count other events too."""
        self.sales += others.sales
        self.receipts += others.receipts
        self.refunds += others.refunds
        self.after_sales += others.after_sales

    @property
    def total(self) -> int:
        """All events together."""
        return self.sales + self.receipts + self.refunds + self.after_sales

    def as_json(self) -> dict[str, int]:
        """Return the counts as plain JSON; after-sale events only where there are any."""
        counts = {"sales": self.sales, "receipts": self.receipts, "refunds": self.refunds}
        return {**counts, **({"after_sales": self.after_sales} if self.after_sales else {})}


@dataclass(frozen=True, slots=True)
class RowConflict:
    """An event that the log holds otherwise: the row that states it, its key, and the fields that differ.

    `seq` is the entry that stands; it goes on standing. Values are not repeated here.
    """

    file: str
    row: int
    line: int | None
    id: str
    seq: int | None
    fields: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the conflict as plain JSON."""
        return {
            "file": self.file,
            "row": self.row,
            "line": self.line,
            "id": self.id,
            "seq": self.seq,
            "fields": list(self.fields),
        }


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A sale that another source told otherwise: the row, its key, and the facts that differ.

    `seq` is the other source's entry, `other` that source, and `counts` the source whose report counts.
    Values are not repeated here.
    """

    file: str
    row: int
    line: int | None
    id: str
    seq: int
    other: str
    fields: tuple[str, ...]
    counts: str

    def as_json(self) -> dict[str, Any]:
        """Return the difference as plain JSON."""
        return {
            "file": self.file,
            "row": self.row,
            "line": self.line,
            "id": self.id,
            "seq": self.seq,
            "other": self.other,
            "fields": list(self.fields),
            "counts": self.counts,
        }


@dataclass(slots=True)
class ImportReport:
    """What became of a file.

    `rows` is all rows of data; of them `rejected_rows` were not taken and `idle_rows` state no event yet;
    `hidden_rows` are hidden in their sheet and were read like all others.
    `stated` counts the events of the accepted rows; each of them is in `new`, in `repeated` or a conflict.
    `attested` are sales that another source told of too, and `difference_count` those it told otherwise.
    `notices` are about rows that were taken all the same: a refund that falls below what was refunded before.
    `rejected`, `conflicts`, `differences` and `notices` spell out the first KEPT_FINDINGS. `unread_columns`
    were left alone.
    `imported_seq` is the seq of the `file.imported` entry, None after a dry run or when no row was accepted.
    """

    file: str
    file_sha256: str
    mapping: str
    mapping_sha256: str
    agreement: str
    dry_run: bool
    unread_columns: tuple[str, ...] = ()
    rows: int = 0
    rejected_rows: int = 0
    idle_rows: int = 0
    hidden_rows: int = 0
    stated: EventCounts = field(default_factory=EventCounts)
    new: EventCounts = field(default_factory=EventCounts)
    repeated: EventCounts = field(default_factory=EventCounts)
    conflict_count: int = 0
    attested: int = 0
    difference_count: int = 0
    rejected: list[RowFinding] = field(default_factory=list)
    conflicts: list[RowConflict] = field(default_factory=list)
    notice_count: int = 0
    notices: list[RowFinding] = field(default_factory=list)
    differences: list[RowDifference] = field(default_factory=list)
    imported_seq: int | None = None

    @property
    def clean(self) -> bool:
        """Whether every row was taken or had been taken before."""
        return not self.rejected_rows and not self.conflict_count

    def reject(self, finding: RowFinding) -> None:
        """Count a rejected row, and keep its finding while there is room."""
        self.rejected_rows += 1
        if len(self.rejected) < KEPT_FINDINGS:
            self.rejected.append(finding)

    def notice(self, finding: RowFinding) -> None:
        """Count something about a row that was taken, and keep it while there is room."""
        self.notice_count += 1
        if len(self.notices) < KEPT_FINDINGS:
            self.notices.append(finding)

    def contradict(self, conflict: RowConflict) -> None:
        """Count a conflict, and keep it while there is room."""
        self.conflict_count += 1
        if len(self.conflicts) < KEPT_FINDINGS:
            self.conflicts.append(conflict)

    def differ(self, difference: RowDifference) -> None:
        """Count a sale that another source told otherwise, and keep it while there is room."""
        self.difference_count += 1
        if len(self.differences) < KEPT_FINDINGS:
            self.differences.append(difference)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON."""
        return {
            "file": self.file,
            "file_sha256": self.file_sha256,
            "mapping": self.mapping,
            "mapping_sha256": self.mapping_sha256,
            "agreement": self.agreement,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "rejected_rows": self.rejected_rows,
            "idle_rows": self.idle_rows,
            "hidden_rows": self.hidden_rows,
            "stated": self.stated.as_json(),
            "new": self.new.as_json(),
            "repeated": self.repeated.as_json(),
            "conflict_count": self.conflict_count,
            "conflicts": _listed(self.conflicts),
            "attested": self.attested,
            "difference_count": self.difference_count,
            "differences": _listed(self.differences),
            "rejected": _listed(self.rejected),
            "notice_count": self.notice_count,
            "notices": _listed(self.notices),
            "unread_columns": list(self.unread_columns),
            "imported_seq": self.imported_seq,
        }


def _listed(items: Sequence[RowFinding | RowConflict | RowDifference]) -> list[dict[str, Any]]:
    return [item.as_json() for item in items]
