"""Statements as the party they were issued to reads them, to the order line and its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from api.access import AUDITOR, PERSONAL_GROUPS, Viewer, demand_read, demand_role
from api.office.acceptance import accept_statement, acceptance_of
from api.office.agreements import signed_versions
from api.office.evidence import statement_bundle
from api.office.opening import Office
from api.office.settling import explain_line
from api.reading import Money, Text
from api.statements.schemas import (
    ArithmeticStep,
    FactUsed,
    LineExplained,
    LinePage,
    StatementDetail,
    StatementLine,
    StatementRow,
    StatementTotal,
)
from api.worded import label, local_time, of_words, party_by_id, who
from ledger.settlement.errors import StatementUnknown
from ledger.statements.explain import Explanation
from ledger.statements.lines import LineStore, ndjson
from ledger.statements.reading import Statement, every_line, list_statements, read_lines_page, read_statement
from ledger.statements.reading import StatementLine as StoredLine
from policies.agreement import Agreement

LINES_PER_PAGE = 50
ASSERTED = "asserted"
"""Standing of a fact that its source states and nobody has confirmed or contested."""


class StatementService:
    """Shows statements to the party they were issued to, and to auditors. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Read the statements of an office."""
        self.office = office
        self.lines_of = LineStore(office.files)

    def statements(self, viewer: Viewer) -> tuple[StatementRow, ...]:
        """Return the statements the viewer may read, newest first."""
        return tuple(self._row(one) for one in self._readable(viewer))

    def statement(self, viewer: Viewer, statement: str) -> StatementDetail:
        """Return one statement."""
        found = self._found(viewer, statement)
        agreement = self._agreement(found)
        content, currency = found.content, found.content["currency"]
        row = self._row(found)
        return StatementDetail(
            id=found.id,
            agreement=found.agreement,
            version=agreement.version,
            party=row.party,
            period=row.period,
            cutoff=content["cutoff"],
            status=row.status,
            issued_at=row.issued_at,
            entry_seq=found.seq,
            opening=Money(content["opening_minor"], currency),
            totals=_totals(agreement, found),
            closing=Money(content["closing_minor"], currency),
            carried_forward=Money(content["carried_forward_minor"], currency),
            payable=row.payable,
            lines=found.count,
            lines_root=found.root,
            may_accept=row.status == "issued" and viewer.has("approve", found.party),
        )

    def lines(
        self,
        viewer: Viewer,
        statement: str,
        after: int | None,
        limit: int,
        order: str | None = None,
    ) -> LinePage:
        """Return at most `limit` lines, in statement order, that come after line number `after`."""
        found = self._found(viewer, statement)
        agreement = self._agreement(found)
        page = read_lines_page(self.lines_of, found, after=after, limit=limit, order=order)
        lines = tuple(_line(agreement, found, one) for one in page.lines)
        return LinePage(found.id, lines, page.total, page.next_after, order)

    def all_lines(self, viewer: Viewer, statement: str) -> Iterator[StatementLine]:
        """Return every line in statement order, for export; refuses before the first is read."""
        found = self._found(viewer, statement)
        agreement = self._agreement(found)
        return (_line(agreement, found, one) for one in every_line(self.lines_of, found))

    def exact_lines(self, viewer: Viewer, statement: str) -> bytes:
        """Return every line as it is committed to: canonical JSON, one a line."""
        found = self._found(viewer, statement)
        return ndjson(self.lines_of.read(found.root)).encode()

    def explain(self, viewer: Viewer, statement: str, number: int) -> LineExplained:
        """Return why one line is what it is."""
        found = self._found(viewer, statement)
        demand_read(viewer, (found.party,) if 0 <= number < found.count else (), "line")
        page = read_lines_page(self.lines_of, found, after=number - 1, limit=1)
        stored = page.lines[0]
        explained = explain_line(self.office, found, stored)
        return LineExplained(
            statement=found.id,
            line=_line(self._agreement(found), found, stored),
            agreement=found.agreement,
            clause_text=of_words(explained.clause_text),
            facts=_facts(self._agreement(found), explained),
            arithmetic=tuple(
                ArithmeticStep(
                    of_words(step.label),
                    Text(step.zh, step.en),
                    Money(step.result_minor, explained.currency),
                )
                for step in explained.steps
            ),
            reverses=explained.reverses,
        )

    def accept(self, viewer: Viewer, statement: str) -> StatementRow:
        """Record the acceptance of the statement's party; accepting twice changes nothing."""
        found = self._found(viewer, statement)
        demand_role(viewer, "approve", found.party)
        accept_statement(self.office, found, by=viewer.member)
        return self._row(found)

    def evidence(self, viewer: Viewer, statement: str) -> bytes:
        """Return the evidence bundle of a statement, as its party may hold it; an auditor's has no buyers."""
        found = self._found(viewer, statement)
        own = found.party in viewer.parties
        return statement_bundle(self.office, found, withheld=() if own else PERSONAL_GROUPS)

    def waiting(self, viewer: Viewer) -> tuple[StatementRow, ...]:
        """Return the statements of the viewer's own parties that nobody has accepted yet, newest first."""
        mine = [one for one in self._readable(viewer) if one.party in viewer.parties]
        return tuple(row for row in map(self._row, mine) if row.status == "issued")

    def _readable(self, viewer: Viewer) -> list[Statement]:
        log = self.office.log
        if AUDITOR in viewer.roles:
            return list_statements(log)
        found = [one for party in sorted(viewer.parties) for one in list_statements(log, party=party)]
        return sorted(found, key=lambda one: one.seq, reverse=True)

    def _found(self, viewer: Viewer, statement: str) -> Statement:
        try:
            found = read_statement(self.office.log, statement)
        except StatementUnknown:
            found = None
        demand_read(viewer, (found.party,) if found else (), "statement")
        assert found is not None
        return found

    def _agreement(self, statement: Statement) -> Agreement:
        newest = statement.content["versions"][-1]["sha256"]
        signed = signed_versions(self.office, statement.agreement)
        return next(one.agreement for one in signed if one.agreement.sha256 == newest)

    def _row(self, statement: Statement) -> StatementRow:
        content = statement.content
        return StatementRow(
            id=statement.id,
            agreement=statement.agreement,
            party=party_by_id(self._agreement(statement), statement.party),
            period=period_text(content["period"]["from"], content["period"]["to"]),
            status="accepted" if acceptance_of(self.office, statement.id) else "issued",
            payable=Money(content["payable_minor"], content["currency"]),
            issued_at=local_time(self._agreement(statement), statement.issued_at),
        )


def period_text(start: str, cutoff: str) -> str:
    """Write a period by its first and last day; the cut-off is the moment at which it is over."""
    last = datetime.fromisoformat(cutoff) - timedelta(microseconds=1)
    return f"{start[:10]} – {last.date().isoformat()}"


def _totals(agreement: Agreement, statement: Statement) -> tuple[StatementTotal, ...]:
    content, currency = statement.content, statement.content["currency"]
    lines = [
        StatementTotal(
            one["clause"],
            one["leg"],
            one["kind"],
            label(agreement, one["leg"]),
            one["lines"],
            Money(one["amount_minor"], currency),
            None,
        )
        for one in content["totals"]
    ]
    dues = [
        StatementTotal(
            one["clause"],
            one["leg"],
            one["kind"],
            label(agreement, one["leg"]),
            0,
            Money(one["amount_minor"], currency),
            None,
        )
        for one in content.get("dues", ())
    ]
    moved = [
        StatementTotal(
            one["clause"],
            None,
            "decided",
            label(agreement, one["kind"]),
            0,
            Money(one["amount_minor"], currency),
            one["seq"],
        )
        for one in content["adjustments"]
    ]
    return (*lines, *dues, *moved)


def _line(agreement: Agreement, statement: Statement, stored: StoredLine) -> StatementLine:
    return StatementLine(
        number=stored.number,
        order=stored.order,
        line=stored.line,
        clause=stored.clause,
        version=stored.version,
        leg=stored.leg,
        label=label(agreement, stored.leg),
        kind=stored.kind,
        entries=stored.entries,
        amount=Money(stored.amount_minor, statement.content["currency"]),
    )


def _facts(agreement: Agreement, explained: Explanation) -> tuple[FactUsed, ...]:
    return tuple(
        FactUsed(
            one.name,
            of_words(one.label),
            one.value,
            who(agreement, one.asserter),
            one.source,
            ASSERTED,
            one.seq,
        )
        for one in explained.facts
    )
