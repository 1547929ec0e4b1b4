"""Batches of imported orders: which there are, what rests on them, and voiding one by two people."""

from __future__ import annotations

from dataclasses import dataclass

from api.office.agreements import signed_versions
from api.office.opening import Office
from api.office.orders import intake_terms
from ledger.intake.batches import (
    Batch,
    BatchCounts,
    batch_counts,
    batches,
    named_batch,
    standing_batch,
)
from ledger.intake.terms import IntakeTerms
from ledger.intake.voiding import PROPOSED_KIND, Voided, VoidProposal, propose_void, void, void_proposal
from ledger.settlement.events import recorded_events
from ledger.statements.affected import AffectedStatement, affected_statements
from ledger.statements.lines import LineStore


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed void and the statements that rest on what would be voided."""

    proposal: VoidProposal
    affected: tuple[AffectedStatement, ...]


def terms_of_orders(office: Office, agreement_id: str) -> IntakeTerms:
    """Return what intake knows of an agreement. Raises AgreementUnknown where nothing of it is signed."""
    versions = signed_versions(office, agreement_id)
    return intake_terms(versions, recorded_events(office.log, versions[0].agreement))


def batches_of(office: Office, agreement_id: str) -> list[tuple[Batch, VoidProposal | None]]:
    """Return every batch of an agreement, oldest first, with the proposal to void it if there is one."""
    terms = terms_of_orders(office, agreement_id)
    return [(one, void_proposal(office.log, one)) for one in batches(office.log, terms.agreement)]


def void_asked(office: Office, agreement_id: str) -> bool:
    """Say whether anybody ever proposed to void a batch of an agreement: quick where nobody did."""
    return bool(office.log.entries(kinds=(PROPOSED_KIND,), agreement=agreement_id, limit=1))


def batch_of(office: Office, agreement_id: str, name: str) -> tuple[Batch, VoidProposal | None, BatchCounts]:
    """Return one batch, standing or voided, the proposal to void it, and its counts. Raises EntryUnknown."""
    terms = terms_of_orders(office, agreement_id)
    found = named_batch(office.log, terms.agreement, name)
    return found, void_proposal(office.log, found), batch_counts(office.log, found)


def affected_by(office: Office, batch: Batch) -> tuple[AffectedStatement, ...]:
    """Return the statements with lines that rest on a batch. Raises LinesUnavailable."""
    found = affected_statements(office.log, LineStore(office.files), batch.agreement, batch.ranges)
    return tuple(found)


def propose(office: Office, agreement_id: str, name: str, *, by: str, reason: str) -> Proposed:
    """Propose to void a batch on a member's word; see `propose_void` for what it raises."""
    terms = terms_of_orders(office, agreement_id)
    affected = affected_by(office, standing_batch(office.log, terms.agreement, name))
    proposal = propose_void(
        office.log, terms, name, by=by, asserter=terms.asserter, reason=reason, now=office.clock()
    )
    return Proposed(proposal, affected)


def confirm(office: Office, agreement_id: str, name: str, *, by: str) -> tuple[Voided, Proposed]:
    """Void a batch that another member proposed to void; see `void` for what it raises."""
    terms = terms_of_orders(office, agreement_id)
    batch = standing_batch(office.log, terms.agreement, name)
    affected = affected_by(office, batch)
    voided = void(office.log, terms, name, by=by, asserter=terms.asserter, now=office.clock())
    proposal = void_proposal(office.log, batch)
    assert proposal is not None, "what was voided was proposed"
    return voided, Proposed(proposal, affected)
