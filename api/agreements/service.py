"""Agreements as their parties read them: every word derived from the signed document and the log."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from api.access import Viewer, demand_read, may_read, may_read_under
from api.agreements.certificate import write_certificate
from api.agreements.changes import version_changes
from api.agreements.clauses import clauses_shown
from api.agreements.drafting import check_draft, finding_shown, unreadable
from api.agreements.example import money_path, tests_run
from api.agreements.opinion import opinion_ahead
from api.agreements.schemas import (
    AgreementDetail,
    AgreementRow,
    ChainRecord,
    DraftChecked,
    EndingShown,
    ProposalGiven,
    ProposalWithdrawn,
    SignatureGiven,
    SigningEnded,
    VersionChanges,
)
from api.agreements.shown import signatures_shown, signer_name, signing_shown
from api.agreements.signing import (
    decline_version,
    drafted,
    process_of,
    sign_version,
    take_back_signature,
    withdraw_proposal,
)
from api.language import Language
from api.office.agreements import (
    Held,
    held_versions,
    propose,
    request_for,
    signed_versions,
    standing_documents,
    version_to_sign,
)
from api.office.evidence import trust_file
from api.office.opening import Office
from api.office.readiness import MayRead, difference, findings_of, version_before
from api.office.signing_files import Before, agreement_file
from api.office.terminating import termination_of
from api.reading import PartyName, Text
from api.worded import local_time, party_names
from ledger.settlement.events import recorded_events
from ledger.terminations import Termination
from policies.errors import AgreementRejected
from policies.versions.timeline import ENDED, timeline


class AgreementService:
    """Shows agreements to their parties and to auditors. Raises AccessDenied for any other."""

    def __init__(self, office: Office) -> None:
        """Read the agreements of an office."""
        self.office = office

    def agreements(self, viewer: Viewer) -> tuple[AgreementRow, ...]:
        """Return the versions the viewer may read, the newest first."""
        return tuple(self._row(one) for one in reversed(self._readable(viewer)))

    def signed_ids(self, viewer: Viewer) -> tuple[str, ...]:
        """Return the ids of the signed agreements of the viewer's parties, sorted; for auditors, of all."""
        signed = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        mine = {one.id for one in signed if may_read(viewer, (one.party_id(key) for key in one.parties))}
        return tuple(sorted(mine))

    def choice(self, viewer: Viewer, asked: str | None) -> tuple[tuple[str, ...], str | None]:
        """Return what a page about one agreement lets its viewer choose from, and what it is about.

        That is the id asked for, or the first of `signed_ids`, None where there is none. Whether the viewer
        may read what is asked for is not looked at here: whatever the page then shows of it says so.
        """
        known = self.signed_ids(viewer)
        return known, asked or (known[0] if known else None)

    def party_names(self, viewer: Viewer) -> dict[str, PartyName]:
        """Return the parties of the agreements that the viewer may read, by id; the newest name counts."""
        documents = [one.agreement for one in self._readable(viewer)]
        return {one.id: one for document in documents for one in party_names(document)}

    def agreement(self, viewer: Viewer, agreement: str, version: int) -> AgreementDetail:
        """Return one version whole."""
        held = self.held(viewer, agreement, version)
        document = held.agreement
        row = self._row(held)
        readable = {one.agreement.ref: one.agreement for one in self._readable(viewer)}
        before = version_before(document, readable)
        ended = termination_of(self.office, document.id)
        turn = held.turn(self.office.clock()) if ended is None else ()
        return AgreementDetail(
            id=document.id,
            version=document.version,
            versions=tuple(one.version for one in readable.values() if one.id == document.id),
            title=row.title,
            status=row.status,
            currency=document.currency,
            time_zone=document.document.time_zone,
            effective_from=row.effective_from,
            parties=row.parties,
            signatures=signatures_shown(held, self.office.clock()),
            signing=signing_shown(held, viewer, self.office.clock()),
            ending=None if ended is None or ended.ref not in readable else _ending(ended),
            clauses=clauses_shown(document),
            path=money_path(document),
            second_opinion=opinion_ahead(self.office, document),
            tests=tests_run(document),
            findings=tuple(finding_shown(one) for one in findings_of(document, before)),
            changes=version_changes(difference(before, document)) if before is not None else None,
            chain=_chain(held),
            sha256=document.sha256,
            keccak256=document.keccak256,
            commitment="0x" + version_to_sign(self.office, held).commitment.hex(),
            canonical=document.canonical.decode(),
            needs_signature_of=tuple(
                signer_name(held, key) for key in turn if held.signers[key][0] in viewer.parties
            ),
        )

    def canonical(self, viewer: Viewer, agreement: str, version: int) -> bytes:
        """Return the exact signed bytes of a version."""
        return self.held(viewer, agreement, version).agreement.canonical

    def request(self, viewer: Viewer, agreement: str, version: int) -> dict[str, Any]:
        """Return the EIP-712 request that every party signs, as a wallet takes it."""
        return request_for(self.office, self.held(viewer, agreement, version))

    def signing_file(self, viewer: Viewer, agreement: str, version: int) -> dict[str, Any]:
        """Return what a version's signers are asked, with what opens its digests; parties and auditors alone.

        Who reads it as the arbiter of a case is not handed the salt. Raises AccessDenied.
        """
        held = self.held(viewer, agreement, version)
        demand_read(viewer, held.concerned, "agreement")
        before = held_versions(self.office).get(f"{agreement}@{version - 1}")
        told = None if before is None else Before(before.agreement, self._may(viewer, before))
        return agreement_file(self.office, held, told)

    def certificate(self, viewer: Viewer, agreement: str, version: int, language: Language) -> bytes:
        """Return the certificate of completion of a version as PDF. Raises EvidenceNotReady."""
        held, shown = self.held(viewer, agreement, version), self.agreement(viewer, agreement, version)
        return write_certificate(held, shown, self.office.log_key.name, language)

    def trust(self, viewer: Viewer) -> str:
        """Return the keys that somebody who checks evidence pins: the log's, and the signers'."""
        return trust_file(self.office, self._readable(viewer))

    def propose(self, viewer: Viewer, asked: ProposalGiven) -> AgreementRow:
        """Propose a document for signature; what it links to counts where the viewer may read it."""
        agreement = drafted(self.office, viewer, asked.document, asked.signers)
        process = process_of(viewer, agreement, asked)
        return self._row(propose(self.office, agreement, self._reader(viewer), process))

    def check(self, viewer: Viewer, document: str, signers: dict[str, str]) -> DraftChecked:
        """Return what proposing a document would find; a text that is no agreement has its faults told."""
        try:
            agreement = drafted(self.office, viewer, document, signers)
        except AgreementRejected as fault:
            return unreadable(fault)
        documents = standing_documents(self.office, held_versions(self.office))
        return check_draft(self.office, agreement, documents, self._reader(viewer))

    def changes(self, viewer: Viewer, agreement: str, version: int, against: int) -> VersionChanges:
        """Return what a version changes against another. Raises AccessDenied where one may not be read."""
        new = self.held(viewer, agreement, version).agreement
        return version_changes(difference(self.held(viewer, agreement, against).agreement, new))

    def sign(self, viewer: Viewer, held: Held, given: SignatureGiven) -> AgreementRow:
        """Give a party's signature."""
        return self._row(sign_version(self.office, viewer, held.agreement.ref, given))

    def decline(self, viewer: Viewer, held: Held, asked: SigningEnded) -> AgreementRow:
        """Decline to sign for a party, with a reason."""
        return self._row(decline_version(self.office, viewer, held.agreement.ref, asked))

    def take_back(self, viewer: Viewer, held: Held, asked: SigningEnded) -> AgreementRow:
        """Take a party's signature back, before the last one is there."""
        return self._row(take_back_signature(self.office, viewer, held.agreement.ref, asked))

    def withdraw(self, viewer: Viewer, held: Held, asked: ProposalWithdrawn) -> AgreementRow:
        """Withdraw a proposal, before everybody has signed."""
        return self._row(withdraw_proposal(self.office, viewer, held.agreement.ref, asked.reason))

    def held(self, viewer: Viewer, agreement: str, version: int) -> Held:
        """Return a version that the viewer may read. Raises AccessDenied."""
        held = held_versions(self.office).get(f"{agreement}@{version}")
        if held is None or not self._may(viewer, held):
            demand_read(viewer, (), "agreement")
        assert held is not None
        return held

    def _reader(self, viewer: Viewer) -> MayRead:
        readable = {one.agreement.ref for one in self._readable(viewer)}
        return lambda agreement: agreement.ref in readable

    def _readable(self, viewer: Viewer) -> list[Held]:
        return [one for one in held_versions(self.office).values() if self._may(viewer, one)]

    def _may(self, viewer: Viewer, held: Held) -> bool:
        """Say whether the viewer may read a version: party, auditor, or arbiter with a case under it."""
        return may_read_under(viewer, held.concerned, held.agreement.id)

    def _row(self, held: Held) -> AgreementRow:
        agreement = held.agreement
        return AgreementRow(
            id=agreement.id,
            version=agreement.version,
            title=Text(agreement.document.title.zh, agreement.document.title.en),
            status=self._status(held),
            parties=party_names(agreement),
            signed=len(held.signatures),
            signers=len(held.signers),
            effective_from=agreement.document.effective_from.isoformat(),
        )

    def _status(self, held: Held) -> str:
        agreement = held.agreement
        if not held.is_signed:
            ended = held.ended(self.office.clock())
            return ended or ("signing" if held.signatures else "draft")
        today = self.office.clock().astimezone(UTC).astimezone(agreement.zone).date()
        signed = [one.agreement for one in signed_versions(self.office, agreement.id)]
        events = recorded_events(self.office.log, agreement)
        if ENDED in events and events[ENDED] <= today and agreement.version == signed[-1].version:
            return "ended"
        started = [one.agreement.version for one in timeline(signed, events) if one.reason.day <= today]
        if not started or agreement.version > started[-1]:
            return "agreed"
        return "in_force" if agreement.version == started[-1] else "superseded"


def _ending(one: Termination) -> EndingShown:
    block = None if one.registered is None else one.registered["block"]
    return EndingShown(one.ends_on.isoformat(), one.content["terms"], one.seq, block)


def _chain(held: Held) -> ChainRecord | None:
    one = held.registration
    if one is None:
        return None
    return ChainRecord(
        chain_id=one.chain_id,
        embedded=one.chain_kind == "embedded",
        registry=one.registry,
        transaction=one.transaction,
        block=one.block,
        recorded_at=local_time(held.agreement, one.recorded_at),
        entry_seq=one.seq,
    )
