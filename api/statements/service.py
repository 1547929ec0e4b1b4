"""Statements as the party they were issued to reads them, to the order line and its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from api.access import AUDITOR, Viewer, demand_read, may_read
from api.office.evidence import statement_bundle
from api.office.opening import Office
from api.office.papers import agreement_of
from api.office.settling import explain_line
from api.reading import Money
from api.statements import acting
from api.statements.due_reading import due_explained, held_dues
from api.statements.life import (
    contest_shown,
    contested_places,
    life_shown,
    paid_of,
    status_of,
    until_text,
)
from api.statements.line_reading import facts_shown, line_shown, steps_shown
from api.statements.opinion import opinion_shown
from api.statements.papers.paper import Paper, period_text
from api.statements.schemas import (
    ContestRequest,
    ContestShown,
    CorrectionCause,
    DueExplained,
    EndRequest,
    LineExplained,
    LinePage,
    ServiceRequest,
    ServiceShown,
    StatementClassSum,
    StatementDetail,
    StatementLife,
    StatementLine,
    StatementRow,
    StatementTotal,
)
from api.worded import both, label, local_time, of_words, party_by_id
from ledger.disclosed import PERSONAL_GROUPS
from ledger.payouts.reading import PaidOf
from ledger.settlement.errors import StatementUnknown
from ledger.statements.acts import End
from ledger.statements.classes import class_sums
from ledger.statements.contested import parts_of
from ledger.statements.due_words import about_due
from ledger.statements.life import Life, contents_of, life_of, lives
from ledger.statements.lines import LineStore, ndjson
from ledger.statements.reading import (
    Statement,
    every_line,
    list_statements,
    read_line,
    read_lines_page,
    read_statement,
)
from ledger.statements.reading import StatementLine as StoredLine
from policies.agreement import Agreement

LINES_PER_PAGE = 50
DUES = "/dues/"
"""How the place of a due in a statement's content begins."""
_WAITING = frozenset({"issued", "served", "contested"})
"""How statements stand that their party has yet to accept."""


@dataclass(frozen=True, slots=True)
class LinesAsked:
    """Which lines of a statement: so many after a line's number, and those of one order, leg or kind."""

    after: int | None
    limit: int
    order: str | None
    leg: str | None
    kind: str | None


class StatementService:
    """Shows statements to the party they were issued to, and to auditors. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Read the statements of an office."""
        self.office = office
        self.lines_of = LineStore(office.files)

    def statements(self, viewer: Viewer) -> tuple[StatementRow, ...]:
        """Return the statements the viewer may read, newest first."""
        found = lives(self.office.log)
        paid = paid_of(self.office)
        return tuple(self._row(one, found.get(one.id, Life()), paid) for one in self._readable(viewer))

    def statement(self, viewer: Viewer, statement: str) -> StatementDetail:
        """Return one statement."""
        found = self._found(viewer, statement)
        agreement = self._agreement(found)
        content, currency = found.content, found.content["currency"]
        became = life_of(self.office.log, found.id)
        row = self._row(found, became, paid_of(self.office))
        life = life_shown(self.office, agreement, found)
        mine = viewer.has("approve", found.party)
        open_now = mine and became.may_be_contested(agreement, self.office.clock())
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
            totals=_totals(agreement, found, life.contests),
            classes=_classes(agreement, content),
            closing=Money(content["closing_minor"], currency),
            held=Money(content.get("held_minor", 0), currency),
            held_dues=held_dues(agreement, content),
            carried_forward=Money(content["carried_forward_minor"], currency),
            payable=row.payable,
            lines=found.count,
            lines_root=found.root,
            opinion=opinion_shown(self.office.log, agreement, found),
            previous=content["previous"],
            corrects=content.get("corrects", {}).get("statement"),
            causes=tuple(
                CorrectionCause(one["cause"], one["lines"], Money(one["amount_minor"], currency))
                for one in content.get("corrects", {}).get("causes", ())
            ),
            life=life,
            may_accept=mine and life.accepted is None,
            may_contest=open_now and contested_places(life.contests)[2] is None,
            may_withdraw=mine,
        )

    def lines(self, viewer: Viewer, statement: str, asked: LinesAsked) -> LinePage:
        """Return the lines that are asked for, in statement order."""
        found = self._found(viewer, statement)
        agreement = self._agreement(found)
        order, leg, kind = asked.order, asked.leg, asked.kind
        page = read_lines_page(
            self.lines_of, found, after=asked.after, limit=asked.limit, order=order, leg=leg, kind=kind
        )
        contested = self._contested_lines(found)
        lines = tuple(line_shown(agreement, found, one, contested) for one in page.lines)
        called = label(agreement, leg) if leg else None
        return LinePage(found.id, lines, page.total, page.next_after, order, leg, kind, called)

    def all_lines(self, viewer: Viewer, statement: str) -> Iterator[StatementLine]:
        """Return every line in statement order, for export; refuses before the first is read."""
        found = self._found(viewer, statement)
        agreement = self._agreement(found)
        contested = self._contested_lines(found)
        return (line_shown(agreement, found, one, contested) for one in every_line(self.lines_of, found))

    def exact_lines(self, viewer: Viewer, statement: str) -> Iterator[bytes]:
        """Return every line as it is committed to, in pieces: canonical JSON, one a line."""
        paper = self.paper(viewer, statement)
        self.lines_of.scan(paper.statement.root)  # a refusal comes before the first byte
        return (ndjson(frame).encode() for frame in paper.frames())

    def explain(self, viewer: Viewer, statement: str, number: int) -> LineExplained:
        """Return why one line is what it is."""
        found = self._found(viewer, statement)
        demand_read(viewer, (found.party,) if 0 <= number < found.count else (), "line")
        page = read_lines_page(self.lines_of, found, after=number - 1, limit=1)
        stored = page.lines[0]
        explained = explain_line(self.office, found, stored)
        return LineExplained(
            statement=found.id,
            line=line_shown(self._agreement(found), found, stored, self._contested_lines(found)),
            agreement=found.agreement,
            clause_text=of_words(explained.clause_text),
            facts=facts_shown(self._agreement(found), explained.facts),
            arithmetic=steps_shown(explained.steps, explained.currency),
            reverses=explained.reverses,
            may_contest=self._may_contest(viewer, found, stored),
        )

    def line(self, viewer: Viewer, statement: str, number: int) -> StatementLine:
        """Return one line by its number. Raises StatementUnknown for one that it does not have."""
        found = self._found(viewer, statement)
        stored = read_line(self.lines_of, found, number)
        return line_shown(self._agreement(found), found, stored, self._contested_lines(found))

    def paper(self, viewer: Viewer, statement: str) -> Paper:
        """Return a statement to be written as a file."""
        found = self._found(viewer, statement)
        return Paper(found, self._agreement(found), self.lines_of)

    def explain_due(self, viewer: Viewer, statement: str, number: int) -> DueExplained:
        """Return why what is due beside the lines is what it is."""
        found = self._found(viewer, statement)
        known = 0 <= number < len(found.content.get("dues", ()))
        demand_read(viewer, (found.party,) if known else (), "due")
        return due_explained(self.office, found, number)

    def accept(self, viewer: Viewer, statement: str) -> StatementRow:
        """Record the acceptance of the statement's party; accepting twice changes nothing."""
        found = self._found(viewer, statement)
        acting.accept(self.office, viewer, found)
        return self._row(found, life_of(self.office.log, found.id), paid_of(self.office))

    def serve(self, viewer: Viewer, statement: str, asked: ServiceRequest) -> tuple[ServiceShown, ...]:
        """Record that a statement reached its party. For the operator, who is shown no figure of it."""
        found = self._concerning(viewer, statement)
        acting.serve(self.office, found, asked)
        return life_shown(self.office, self._agreement(found), found).services

    def contest(self, viewer: Viewer, statement: str, asked: ContestRequest) -> StatementLife:
        """Contest for the statement's party; the same contest again changes nothing."""
        found = self._found(viewer, statement)
        acting.contest(self.office, viewer, found, asked)
        return life_shown(self.office, self._agreement(found), found)

    def end_contest(
        self, viewer: Viewer, statement: str, number: int, how: End, asked: EndRequest
    ) -> ContestShown:
        """End a contest for whoever may end it so; ending it again in the same way changes nothing."""
        find = self._found if how == "withdrawn" else self._concerning
        found = find(viewer, statement)
        if how == "answered":
            acting.answer(self.office, found, number, asked)
        else:
            acting.end(self.office, viewer, found, number, how, asked)
        return self._contests(found)[number - 1]

    def contests(self, viewer: Viewer) -> tuple[ContestShown, ...]:
        """Return the contests that the viewer may read, newest first.

        Its party reads a contest, so do the agreement's platform, arbiters, auditors and the operator.
        """
        found = [
            read_statement(self.office.log, statement)
            for statement, life in lives(self.office.log).items()
            if life.contests
        ]
        house = viewer.has("arbiter") or viewer.has("operator")
        shown = [
            one
            for statement in found
            if house or may_read(viewer, (statement.party, *self._platforms(statement)))
            for one in self._contests(statement)
        ]
        return tuple(sorted(shown, key=lambda one: one.entry_seq, reverse=True))

    def evidence(self, viewer: Viewer, statement: str) -> bytes:
        """Return the evidence bundle of a statement, as its party may hold it; an auditor's has no buyers."""
        found = self._found(viewer, statement)
        own = found.party in viewer.parties
        return statement_bundle(self.office, found, withheld=() if own else PERSONAL_GROUPS)

    def waiting(self, viewer: Viewer) -> tuple[StatementRow, ...]:
        """Return the statements of the viewer's own parties that nobody has accepted yet, newest first."""
        mine = [one for one in self._readable(viewer) if one.party in viewer.parties]
        found = lives(self.office.log)
        paid = paid_of(self.office)
        rows = [self._row(one, found.get(one.id, Life()), paid) for one in mine]
        return tuple(row for row in rows if row.status in _WAITING)

    def _readable(self, viewer: Viewer) -> list[Statement]:
        log = self.office.log
        if AUDITOR in viewer.roles:
            return list_statements(log)
        found = [one for party in sorted(viewer.parties) for one in list_statements(log, party=party)]
        return sorted(found, key=lambda one: one.seq, reverse=True)

    def readable(self, viewer: Viewer, statement: str) -> Statement:
        """Return a statement as it stands in the log, for who may read it. Raises AccessDenied."""
        return self._found(viewer, statement)

    def _found(self, viewer: Viewer, statement: str) -> Statement:
        try:
            found = read_statement(self.office.log, statement)
        except StatementUnknown:
            found = None
        demand_read(viewer, (found.party,) if found else (), "statement")
        assert found is not None
        return found

    def _concerning(self, viewer: Viewer, statement: str) -> Statement:
        """Return a statement for an act of the house, which shows nothing of it. Raises AccessDenied."""
        try:
            found = read_statement(self.office.log, statement)
        except StatementUnknown:
            found = None
        if found is None:
            demand_read(viewer, (), "statement")
        assert found is not None
        return found

    def _agreement(self, statement: Statement) -> Agreement:
        return agreement_of(self.office, statement)

    def _platforms(self, statement: Statement) -> list[str]:
        agreement = self._agreement(statement)
        return [agreement.party_id(key) for key, one in agreement.parties.items() if one.role == "platform"]

    def _contests(self, statement: Statement) -> tuple[ContestShown, ...]:
        agreement, contests = self._agreement(statement), life_of(self.office.log, statement.id).contests
        steps = [entry for one in contests for entry in (one.entry, one.ended) if entry]
        contents = contents_of(self.office.log, steps)
        return tuple(contest_shown(self.office, agreement, statement, one, contents) for one in contests)

    def _may_contest(self, viewer: Viewer, statement: Statement, line: StoredLine) -> bool:
        """Tell whether a line may be contested by itself now, as far as no figure over it is."""
        life = life_of(self.office.log, statement.id)
        opened = life.may_be_contested(self._agreement(statement), self.office.clock())
        lines, _, whole = contested_places(self._contests(statement))
        taken = whole is not None or line.number in lines
        return viewer.has("approve", statement.party) and opened and not taken

    def _contested_lines(self, statement: Statement) -> dict[int, int]:
        return contested_places(self._contests(statement))[0]

    def _row(self, statement: Statement, life: Life, paid: Mapping[str, PaidOf]) -> StatementRow:
        content, agreement = statement.content, self._agreement(statement)
        return StatementRow(
            id=statement.id,
            agreement=statement.agreement,
            party=party_by_id(agreement, statement.party),
            period=period_text(content["period"]["from"], content["period"]["to"]),
            status=status_of(
                life, agreement, statement, paid.get(statement.id, PaidOf()), self.office.clock()
            ),
            payable=Money(content["payable_minor"], content["currency"]),
            issued_at=local_time(agreement, statement.issued_at),
            contest_until=until_text(life, agreement),
        )


def _totals(
    agreement: Agreement, statement: Statement, contests: tuple[ContestShown, ...]
) -> tuple[StatementTotal, ...]:
    """Return the parts of a statement's sum: what its lines come to, what is due beside, what was decided."""
    content, currency = statement.content, statement.content["currency"]
    _, contested, whole = contested_places(contests)
    return tuple(
        StatementTotal(
            one["clause"],
            one.get("leg"),
            one["kind"] if "leg" in one else "decided",
            label(agreement, one.get("leg") or one["kind"]),
            one.get("lines", 0),
            Money(one["amount_minor"], currency),
            one.get("seq"),
            place,
            contested.get(place, whole),
            of_words(about_due(agreement, one)) if place.startswith(DUES) else None,
            int(place.removeprefix(DUES)) if place.startswith(DUES) else None,
        )
        for place, one in parts_of(content)
    )


def _classes(agreement: Agreement, content: Mapping[str, Any]) -> tuple[StatementClassSum, ...]:
    currency = content["currency"]
    return tuple(
        StatementClassSum(
            one.name, both(f"statement-class.{one.name}"), Money(one.amount_minor, currency), one.figures
        )
        for one in class_sums(content, agreement)
    )
