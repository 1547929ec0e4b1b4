"""What intake refuses as a whole, and the finding it keeps for one row.

IntakeError (code "intake")         anything below
├─ MappingRejected                  a mapping document with findings that stop it
├─ MappingUnknown                   no shipped mapping and no file of that name
├─ HeaderRefused                    a file whose columns are not those the mapping reads
├─ TermsUnfit                       mapping and agreement do not fit each other
├─ RejectsUnwritable                where the rejected rows were to be written cannot take them
├─ VoidRefused                      a batch that may not be voided, or not by this person
└─ FileUnreadable                   a file that of no known format, damaged, or changed while it was read

A fault in one row is never raised: it becomes a RowFinding, the row is left out, and the rest goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies.errors import Finding, TallystickError


class IntakeError(TallystickError):
    """A file or mapping refused as a whole; nothing of it was taken."""

    code = "intake"


class MappingRejected(IntakeError):
    """A mapping document that cannot be used, with every finding that stops it."""

    code = "intake.mapping-rejected"

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        """Word the refusal from its first finding, so that a log line is already useful."""
        first = findings[0]
        line = f"line {first.line}, " if first.line is not None else ""
        super().__init__(f"{len(findings)} finding(s); {line}{first.path}: {first.message}", where=name)
        self.name = name
        self.findings = findings


class MappingUnknown(IntakeError):
    """No mapping of that name is shipped, and no file has that path."""

    code = "intake.mapping-unknown"


class HeaderRefused(IntakeError):
    """The columns of a file are not those its mapping reads."""

    code = "intake.header"

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        """Word the refusal from all findings: a person mends a header in one go."""
        super().__init__("; ".join(finding.message for finding in findings), where=name)
        self.name = name
        self.findings = findings


class TermsUnfit(IntakeError):
    """A mapping that does not give what the agreement needs, or reads a fact as another type."""

    code = "intake.terms"


class FileUnreadable(IntakeError):
    """A file that none of the readers reads, or that changed while it was being read."""

    code = "intake.file"


class RejectsUnwritable(IntakeError):
    """The file for the rejected rows is the imported one, cannot be written, or cannot hold so many."""

    code = "intake.rejects"


class VoidRefused(IntakeError):
    """A batch that may not be voided yet: nobody proposed it, or who confirms is who proposed it."""

    code = "batch.void-refused"


@dataclass(frozen=True, slots=True)
class RowFinding:
    """Why one row was not taken: where it stands, which column, and what was expected there.

    `row` counts the rows of data from 1; `line` is the line of a text file at which the row ends, or the row
    of a sheet, and None for Parquet and Arrow. `given` is an excerpt of the cell, None where the cell holds
    personal data.
    """

    file: str
    row: int
    line: int | None
    column: str
    code: str
    message: str
    given: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON."""
        return {
            "file": self.file,
            "row": self.row,
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "message": self.message,
            "given": self.given,
        }
