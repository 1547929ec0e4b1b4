"""Voids batches for those who may: two members with `approve` for the party whose word the file was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from api.access import AUDITOR, Viewer, demand_role
from api.batches.schemas import (
    BatchActs,
    BatchDetail,
    BatchPage,
    BatchShown,
    BatchState,
    StatementTouched,
    VoidConfirmed,
    VoidProposed,
)
from api.books import demand_party, signed
from api.office.agreements import held_versions
from api.office.batches import (
    affected_by,
    batch_of,
    batches_of,
    confirm,
    propose,
    terms_of_orders,
    void_asked,
)
from api.office.opening import Office
from api.worded import party_by_id
from ledger.intake.batches import Batch
from ledger.intake.voiding import VoidProposal
from ledger.statements.affected import AffectedStatement


class BatchService:
    """Batches as their agreement's parties see them. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Void in the log of an office."""
        self.office = office

    def list(self, viewer: Viewer, agreement: str) -> tuple[BatchShown, ...]:
        """Return the batches of an agreement, oldest first."""
        self._demand_party(viewer, agreement)
        return shown_batches(self.office, agreement)

    def page(self, viewer: Viewer, agreement: str, after: int | None, limit: int) -> BatchPage:
        """Return the batches that begin beyond entry `after`, at most so many."""
        rows = [one for one in self.list(viewer, agreement) if after is None or one.first_seq > after]
        return BatchPage(tuple(rows[:limit]), rows[limit - 1].first_seq if len(rows) > limit else None)

    def batch(self, viewer: Viewer, agreement: str, batch: str) -> BatchDetail:
        """Return one batch with its counts and the statements that rest on it. Raises EntryUnknown."""
        self._demand_party(viewer, agreement)
        found = shown_batch(self.office, agreement, batch)
        if self.acts(viewer, found).may_void or AUDITOR in viewer.roles:
            return found
        mine = tuple(one for one in found.statements if one.party.id in viewer.parties)
        return replace(found, statements=mine)

    def to_confirm(self, viewer: Viewer) -> tuple[BatchShown, ...]:
        """Return the batches that somebody else proposed to void and the viewer may, oldest first."""
        versions = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        theirs = {one.id for one in versions if not viewer.parties.isdisjoint(map(one.party_id, one.parties))}
        return tuple(
            one
            for agreement in sorted(theirs)
            if void_asked(self.office, agreement)
            and viewer.has("approve", terms_of_orders(self.office, agreement).asserter)
            for one in shown_batches(self.office, agreement)
            if one.state == "proposed" and one.void_proposed_by != viewer.member
        )

    def acts(self, viewer: Viewer, shown: BatchDetail) -> BatchActs:
        """Return what the viewer may do about a batch."""
        party = terms_of_orders(self.office, shown.batch.agreement).asserter
        return BatchActs(
            proposed=shown.batch.void_proposed_by == viewer.member,
            may_void=viewer.has("approve", party),
            may_import=viewer.has("draft", party) or viewer.has("pay", party),
        )

    def propose(self, viewer: Viewer, agreement: str, batch: str, reason: str) -> VoidProposed:
        """Propose to void a batch. Raises EntryUnknown, EntryInvalid, LinesUnavailable."""
        self._demand_approver(viewer, agreement)
        made = propose(self.office, agreement, batch, by=viewer.member, reason=" ".join(reason.split()))
        one = made.proposal
        touched = _touched(self.office, agreement, made.affected)
        return VoidProposed(one.batch.name, one.seq, one.by, one.reason, touched)

    def confirm(self, viewer: Viewer, agreement: str, batch: str) -> VoidConfirmed:
        """Void a batch that another member proposed to void. Raises VoidRefused, EntryUnknown, LogMoved."""
        self._demand_approver(viewer, agreement)
        voided, made = confirm(self.office, agreement, batch, by=viewer.member)
        return VoidConfirmed(
            voided.batch.name,
            voided.seq,
            voided.proposed_by,
            voided.confirmed_by,
            voided.sales,
            _touched(self.office, agreement, made.affected),
        )

    def _demand_party(self, viewer: Viewer, agreement: str) -> None:
        demand_party(viewer, signed(self.office, agreement))

    def _demand_approver(self, viewer: Viewer, agreement: str) -> None:
        self._demand_party(viewer, agreement)
        demand_role(viewer, "approve", terms_of_orders(self.office, agreement).asserter)


def shown_batches(office: Office, agreement: str) -> tuple[BatchShown, ...]:
    """Return the batches of an agreement as they are shown."""
    return tuple(_shown(one, proposal) for one, proposal in batches_of(office, agreement))


def shown_batch(office: Office, agreement: str, batch: str) -> BatchDetail:
    """Return one batch with its counts and every statement that rests on it. Raises EntryUnknown."""
    found, proposal, counts = batch_of(office, agreement, batch)
    return BatchDetail(
        batch=_shown(found, proposal),
        sales=counts.sales,
        receipts=counts.receipts,
        refunds=counts.refunds,
        rows=counts.rows,
        rejected_rows=counts.rejected_rows,
        idle_rows=counts.idle_rows,
        statements=_touched(office, agreement, affected_by(office, found)),
    )


def _shown(one: Batch, proposal: VoidProposal | None) -> BatchShown:
    return BatchShown(
        one.name,
        one.first_seq,
        one.agreement,
        one.file_sha256,
        one.mapping,
        one.entries,
        one.taken_at,
        proposal.by if proposal else None,
        proposal.reason if proposal else None,
        one.voided_by,
        _state(one, proposal),
    )


def _state(one: Batch, proposal: VoidProposal | None) -> BatchState:
    if one.voided_by is not None:
        return "voided"
    return "proposed" if proposal else "taken"


def _touched(
    office: Office, agreement: str, found: Iterable[AffectedStatement]
) -> tuple[StatementTouched, ...]:
    """Return the statements that rest on a batch, with their parties as the newest version names them."""
    newest = signed(office, agreement)[-1]
    return tuple(StatementTouched(one.statement, party_by_id(newest, one.party), one.lines) for one in found)
