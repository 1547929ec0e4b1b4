"""Invoices as one viewer may see them, and recording and withdrawing for those who approve for a party.

Seller and buyer see an invoice, and auditors; nobody else. How a statement's invoices stand is shown to whom
the statement is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.access import AUDITOR, Viewer, demand_read, demand_role, may_read
from api.invoices.schemas import (
    DifferenceShown,
    InvoicePage,
    InvoicePart,
    InvoiceShown,
    InvoiceState,
    MatchShown,
    WithdrawalRequest,
)
from api.office.agreements import held_versions
from api.office.invoices import InvoiceAsked, lacking, matched, record, waits, withdraw
from api.office.opening import Office
from api.reading import Money
from api.worded import both, local_time, of_words, party_by_id
from ledger.invoices.matching import Match
from ledger.invoices.reading import StoredInvoice, invoices_of
from ledger.invoices.recording import offsets_of
from ledger.invoices.waiting import Waits
from ledger.leaves import recorded_text
from ledger.statements.reading import Statement, read_statement
from policies.agreement import Agreement


class InvoiceService:
    """Shows, records and withdraws invoices. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def invoices(self, viewer: Viewer) -> tuple[InvoiceShown, ...]:
        """Return the invoices the viewer may read, in the order in which they were recorded."""
        found, versions = invoices_of(self.office.log), self._versions()
        return tuple(
            self._shown(viewer, one, found, versions) for one in found if may_read(viewer, one.readers)
        )

    def page(self, viewer: Viewer, after: int | None, limit: int) -> InvoicePage:
        """Return the invoices the viewer may read beyond entry `after`, at most so many."""
        found = [one for one in self.invoices(viewer) if after is None or one.entry_seq > after]
        return InvoicePage(tuple(found[:limit]), found[limit - 1].entry_seq if len(found) > limit else None)

    def record(self, viewer: Viewer, asked: InvoiceAsked) -> InvoiceShown:
        """Record an invoice. Needs `approve` for the party that says so; the same again adds nothing."""
        within = self._acting(viewer, asked.party)
        stored = record(self.office, asked, within)
        return self._shown(viewer, stored, invoices_of(self.office.log, stored.agreement), self._versions())

    def withdraw(self, viewer: Viewer, number: str, asked: WithdrawalRequest) -> InvoiceShown:
        """Withdraw an invoice that was recorded wrong. Needs `approve` for the party that recorded it."""
        within = self._acting(viewer, asked.party)
        stored = withdraw(self.office, number, asked.party, asked.reason, within)
        return self._shown(viewer, stored, invoices_of(self.office.log, stored.agreement), self._versions())

    def match(self, viewer: Viewer, statement: Statement) -> MatchShown:
        """Return how the invoices of a statement stand, for those who may read the statement."""
        demand_read(viewer, (statement.party,), "statement")
        return self._match(matched(self.office, statement), waits(self.office, statement), statement)

    def lacking(self, viewer: Viewer) -> tuple[MatchShown, ...]:
        """Return the viewer's statements for which an invoice is asked and lacking, newest first."""
        parties = None if AUDITOR in viewer.roles else viewer.parties
        found = []
        for match in lacking(self.office, parties):
            statement = read_statement(self.office.log, match.statement)
            found.append(self._match(match, waits(self.office, statement), statement))
        return tuple(found)

    def _acting(self, viewer: Viewer, party: str) -> frozenset[str]:
        """Return the parties for which the viewer approves. Raises AccessDenied where `party` names none."""
        keys = [one.party_id(party) for one in self._versions().values() if party in one.parties]
        mine = frozenset(one for one in viewer.parties if viewer.has("approve", one))
        if mine.isdisjoint({party, *keys}):
            demand_role(viewer, "approve", party)
        return mine

    def _versions(self) -> Mapping[str, Agreement]:
        """Return the newest version of each agreement, by its id."""
        return {one.agreement.id: one.agreement for one in held_versions(self.office).values()}

    def _match(self, match: Match, wait: Waits | None, statement: Statement) -> MatchShown:
        agreement, currency = self._versions()[statement.agreement], match.currency
        return MatchShown(
            statement=match.statement,
            agreement=statement.agreement,
            party=party_by_id(agreement, match.party),
            clauses=tuple(one.id for one in match.clauses),
            standing=match.standing,
            payable=Money(match.payable_minor, currency),
            invoiced=Money(match.invoiced_minor, currency),
            lacking=Money(match.lacking_minor, currency),
            paid=None if match.paid_minor is None else Money(match.paid_minor, currency),
            waits=of_words(wait.words) if wait else None,
            differences=tuple(
                DifferenceShown(
                    one.kind,
                    both(f"invoice-difference.{one.kind}"),
                    Money(one.amount_minor, currency),
                    one.invoice,
                )
                for one in match.differences
            ),
            invoices=tuple(one.invoice.number for one in match.invoices),
        )

    def _shown(
        self,
        viewer: Viewer,
        one: StoredInvoice,
        found: Sequence[StoredInvoice],
        versions: Mapping[str, Agreement],
    ) -> InvoiceShown:
        invoice, agreement = one.invoice, versions[one.agreement]
        currency, red = invoice.currency, invoice.red_letter
        left = invoice.total_minor
        if red is None:
            left += sum(back.invoice.total_minor for back in offsets_of(found, invoice.number))
        return InvoiceShown(
            number=invoice.number,
            type=invoice.type,
            agreement=one.agreement,
            seller=party_by_id(agreement, invoice.seller),
            buyer=party_by_id(agreement, invoice.buyer),
            seller_tax_id=invoice.seller_tax_id,
            buyer_tax_id=invoice.buyer_tax_id,
            issued_on=invoice.issued_on.isoformat(),
            net=Money(invoice.net_minor, currency),
            rate=invoice.rate,
            tax=Money(invoice.tax_minor, currency),
            total=Money(invoice.total_minor, currency),
            left=Money(left, currency),
            statements=tuple(
                InvoicePart(part.statement, Money(part.amount_minor, currency))
                for part in invoice.allocations
            ),
            offsets=red.offsets if red else None,
            confirmation=red.confirmation if red else None,
            sha256=invoice.sha256,
            state=_state(one, left),
            recorded_by=party_by_id(agreement, one.by),
            recorded_at=local_time(agreement, recorded_text(one.recorded_us)),
            entry_seq=one.seq,
            withdrawn_seq=one.withdrawn,
            may_withdraw=one.withdrawn is None and viewer.has("approve", one.by),
        )


def _state(one: StoredInvoice, left: int) -> InvoiceState:
    if one.withdrawn is not None:
        return "withdrawn"
    return "recorded" if left else "red_lettered"
