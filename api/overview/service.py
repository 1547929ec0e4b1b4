"""Gathers what needs one viewer, from the other services and the accounts. Never writes."""

from __future__ import annotations

from api.access import Viewer
from api.accounts.service import purpose_label
from api.agreements.service import AgreementService
from api.agreements.shown import signer_name
from api.batches.service import BatchService
from api.disputes.service import DisputeService
from api.invoices.service import InvoiceService
from api.notices.service import NoticeService
from api.office.agreements import held_versions
from api.office.opening import Office
from api.overview.schemas import (
    AccountChange,
    Balance,
    CheckpointShown,
    DisputeDue,
    Overview,
    ToAccept,
    ToConfirm,
    ToInvoice,
    ToLookAt,
    ToRelease,
    ToSign,
)
from api.payouts.accounts import PayeeAccountService
from api.payouts.service import PayoutService
from api.reading import Money, Text
from api.statements.service import StatementService
from api.worded import party_by_id
from ledger.accounts import balances
from ledger.checkpoints import anchors, latest_checkpoint
from ledger.leaves import instant_of

DISPUTES_SHOWN = 10
STATEMENTS_SHOWN = 10
NOTICES_SHOWN = 5


class OverviewService:
    """Gathers what needs one viewer, narrowed to their parties."""

    def __init__(  # noqa: PLR0913, PLR0917 -- one service each
        self,
        office: Office,
        agreements: AgreementService,
        statements: StatementService,
        disputes: DisputeService,
        batches: BatchService,
        invoices: InvoiceService,
        payouts: PayoutService,
        payee_accounts: PayeeAccountService,
        notices: NoticeService,
    ) -> None:
        """Ask these services."""
        self.office = office
        self.agreements = agreements
        self.statements = statements
        self.disputes = disputes
        self.batches = batches
        self.invoices = invoices
        self.payouts = payouts
        self.payee_accounts = payee_accounts
        self.notices = notices

    def overview(self, viewer: Viewer) -> Overview:
        """Return what waits for the viewer, where their accounts stand, and the latest checkpoint."""
        return Overview(
            to_sign=self._to_sign(viewer),
            to_accept=tuple(
                ToAccept(
                    row.id,
                    row.agreement,
                    row.party,
                    row.period,
                    row.payable,
                    row.issued_at,
                    row.status,
                    row.contest_until,
                )
                for row in self.statements.waiting(viewer)[:STATEMENTS_SHOWN]
            ),
            to_confirm=tuple(
                ToConfirm(
                    f"{one.batch}@{one.first_seq}",
                    one.agreement,
                    one.entries,
                    one.void_proposed_by or "",
                    one.reason or "",
                )
                for one in self.batches.to_confirm(viewer)
            ),
            to_look_at=tuple(
                ToLookAt(one.id, one.text, one.severity, one.agreement, one.given_at)
                for one in self.notices.notices(viewer)
                if one.state == "open" and any(party.id in viewer.parties for party in one.readers)
            )[:NOTICES_SHOWN],
            to_invoice=tuple(
                ToInvoice(one.statement, one.agreement, one.party, one.lacking, one.waits is not None)
                for one in self.invoices.lacking(viewer)
                if one.party.id in viewer.parties
            )[:STATEMENTS_SHOWN],
            to_release=tuple(
                ToRelease(one.id, one.payer, one.payments, one.total, one.prepared_by)
                for one in self.payouts.to_release(viewer)
            ),
            account_changes=tuple(
                AccountChange(one.payee, one.payer, one.ending, one.changed_by, one.used_from)
                for one in self.payee_accounts.cooling(viewer)
            ),
            disputes=tuple(
                DisputeDue(
                    row.id,
                    row.title,
                    row.status,
                    row.deadline,
                    row.waiting_for,
                    row.waits_for_you,
                    row.claimed,
                )
                for row in self.disputes.disputes(viewer)
                if not row.ended
            )[:DISPUTES_SHOWN],
            balances=self._balances(viewer),
            checkpoint=self._checkpoint(),
        )

    def _to_sign(self, viewer: Viewer) -> tuple[ToSign, ...]:
        found, now = [], self.office.clock()
        for one in held_versions(self.office).values():
            agreement = one.agreement
            for key in one.turn(now):
                if one.signers[key][0] in viewer.parties:
                    title = Text(agreement.document.title.zh, agreement.document.title.en)
                    counts = len(one.signatures), len(one.signers)
                    party = signer_name(one, key)
                    found.append(ToSign(agreement.id, agreement.version, title, party, *counts))
        return tuple(found)

    def _balances(self, viewer: Viewer) -> tuple[Balance, ...]:
        versions = {one.agreement.id: one.agreement for one in held_versions(self.office).values()}
        found = []
        for party in sorted(viewer.parties):
            for account, minor in balances(self.office.engine, owner=party).items():
                agreement = versions.get(account.agreement)
                if agreement is not None:
                    name = party_by_id(agreement, party)
                    money = Money(minor, account.currency)
                    words = purpose_label(agreement, account.purpose)
                    found.append(Balance(name, account.agreement, account.purpose, words, money))
        return tuple(found)

    def _checkpoint(self) -> CheckpointShown | None:
        latest = latest_checkpoint(self.office.log)
        if latest is None:
            return None
        placed = next((one for one in anchors(self.office.log) if one.size == latest.size), None)
        return CheckpointShown(
            size=latest.size,
            root=latest.root.hex(),
            anchored=placed is not None,
            anchor_chain=str(placed.chain_id) if placed else None,
            anchored_at=instant_of(placed.recorded_us).isoformat(timespec="seconds") if placed else None,
            anchor_embedded=placed is not None and placed.chain_kind == "embedded",
        )
