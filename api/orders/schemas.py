"""What is said about an import: the report that intake writes; see docs/how-to/import-orders.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RejectedRows:
    """The rows of a file that were not taken, as a file: its ending, its media type, its bytes."""

    ending: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ImportAnswer:
    """What became of a file. `clean` says that every row was taken or had been taken before."""

    clean: bool
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReportNamed:
    """One report of a sale: its entry, and the source that told it."""

    entry_seq: int
    source: str


@dataclass(frozen=True, slots=True)
class FactDiffering:
    """A fact that two reports of a sale tell otherwise, as each has it."""

    fact: str
    counts: str
    other: str


@dataclass(frozen=True, slots=True)
class SaleDiffering:
    """A sale that another source told otherwise than the one whose report counts."""

    order: str
    line: str
    counts: ReportNamed
    other: ReportNamed
    facts: tuple[FactDiffering, ...]


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """Some differences, by order and line; `next_after` is the cursor of the next page, None at the end.

    A page may be short, or empty, and not be the last.
    """

    differences: tuple[SaleDiffering, ...]
    next_after: str | None
