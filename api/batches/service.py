"""Voids batches for those who may: two members with `approve` for the party whose word the file was."""

from __future__ import annotations

from api.access import Viewer, demand_read, demand_role
from api.batches.schemas import BatchShown, StatementTouched, VoidConfirmed, VoidProposed
from api.office.agreements import held_versions
from api.office.batches import Proposed, batches_of, confirm, propose, terms_of_orders
from api.office.opening import Office


class BatchService:
    """Batches as their agreement's parties see them. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Void in the log of an office."""
        self.office = office

    def list(self, viewer: Viewer, agreement: str) -> tuple[BatchShown, ...]:
        """Return the batches of an agreement, oldest first."""
        self._demand_party(viewer, agreement)
        return shown_batches(self.office, agreement)

    def propose(self, viewer: Viewer, agreement: str, batch: str, reason: str) -> VoidProposed:
        """Propose to void a batch. Raises EntryUnknown, EntryInvalid, LinesUnavailable."""
        self._demand_approver(viewer, agreement)
        made = propose(self.office, agreement, batch, by=viewer.member, reason=" ".join(reason.split()))
        one = made.proposal
        return VoidProposed(one.batch.name, one.seq, one.by, one.reason, _touched(made))

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
            _touched(made),
        )

    def _demand_party(self, viewer: Viewer, agreement: str) -> None:
        documents = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        owners = [one.party_id(key) for one in documents if one.id == agreement for key in one.parties]
        demand_read(viewer, owners, "agreement")

    def _demand_approver(self, viewer: Viewer, agreement: str) -> None:
        self._demand_party(viewer, agreement)
        demand_role(viewer, "approve", terms_of_orders(self.office, agreement).asserter)


def shown_batches(office: Office, agreement: str) -> tuple[BatchShown, ...]:
    """Return the batches of an agreement as they are shown."""
    return tuple(
        BatchShown(
            one.name,
            one.agreement,
            one.file_sha256,
            one.mapping,
            one.entries,
            one.taken_at,
            proposal.by if proposal else None,
            proposal.reason if proposal else None,
            one.voided_by,
        )
        for one, proposal in batches_of(office, agreement)
    )


def _touched(made: Proposed) -> tuple[StatementTouched, ...]:
    return tuple(StatementTouched(one.statement, one.party, one.lines) for one in made.affected)
