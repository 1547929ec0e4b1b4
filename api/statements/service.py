"""What the statement pages ask of the house."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from api.access import Viewer
from api.statements.schemas import LineExplained, LinePage, StatementDetail, StatementLine, StatementRow

LINES_PER_PAGE = 50


class StatementService(Protocol):
    """Shows statements to the party they were issued to, and to auditors. Raises AccessDenied for others."""

    def statements(self, viewer: Viewer) -> tuple[StatementRow, ...]:
        """Return the statements the viewer may read, newest first."""
        ...

    def statement(self, viewer: Viewer, statement: str) -> StatementDetail:
        """Return one statement."""
        ...

    def lines(self, viewer: Viewer, statement: str, after: int | None, limit: int) -> LinePage:
        """Return at most `limit` lines, in statement order, that come after line number `after`."""
        ...

    def all_lines(self, viewer: Viewer, statement: str) -> Iterator[StatementLine]:
        """Yield every line in statement order, for export."""
        ...

    def explain(self, viewer: Viewer, statement: str, number: int) -> LineExplained:
        """Return why one line is what it is."""
        ...

    def accept(self, viewer: Viewer, statement: str) -> None:
        """Record the acceptance of the statement's party; accepting twice changes nothing."""
        ...
