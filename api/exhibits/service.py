"""Exhibits as one viewer may see them, and what the parties and the arbiter of a case do with them.

Everybody of a case sees that there is an exhibit, with its digest; what it says and its file only those whom
it is open to. The file as it was filed, where a redacted copy takes its place, is for who filed it, the
arbiter and auditors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.access import AUDITOR, Viewer, demand_arbiter, demand_read, demand_role, may_judge, may_read_case
from api.errors import RequestUnusable
from api.exhibits.schemas import (
    ExhibitRequest,
    ExhibitShown,
    ExhibitsShown,
    ExhibitToSign,
    HeldShown,
    OrderShown,
    SealRequest,
    UnsealRequest,
)
from api.forms import instant
from api.language import catalogue
from api.office.exhibits import (
    File,
    agreement_of_case,
    content_of,
    exhibit_request,
    file_in_case,
    file_of,
    hand_on,
    redact_exhibit,
    seal_exhibit,
    unseal_exhibit,
)
from api.office.opening import Office
from api.to_sign import signers_asked
from api.worded import label, local_time, party_by_id, party_name, who
from ledger.cases.record import CaseRecord, case_record
from ledger.errors import EntryUnknown
from ledger.exhibits.errors import ExhibitRefused
from ledger.exhibits.exhibit import REDACTED, SEALED, UNSEALED, Act, Exhibit, Held
from ledger.exhibits.files import Kept
from ledger.exhibits.filing import ExhibitAsked
from ledger.exhibits.orders import Original
from ledger.exhibits.reading import exhibit, exhibits
from ledger.exhibits.standard import Question, evidence_json, meta_evidence_json
from ledger.leaves import recorded_text
from policies.agreement import Agreement

_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
RULINGS = ("granted", "granted_in_part", "granted_with_set_off", "rejected")
"""Outcomes that a case can be ruled to."""

_ORDERS = {SEALED: "sealed", UNSEALED: "unsealed", REDACTED: "redacted"}


class ExhibitService:
    """Shows exhibits and takes them. Raises AccessDenied for whom a case is hidden from."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def exhibits(self, viewer: Viewer, dispute: str) -> ExhibitsShown:
        """Return the exhibits of a dispute, those that are not open to the viewer as docket lines."""
        record = self._record(viewer, dispute)
        agreement = agreement_of_case(self.office, record)
        filers = [one for one in record.readers if viewer.has("approve", one)]
        return ExhibitsShown(
            dispute=record.id,
            exhibits=tuple(
                self._shown(viewer, record, agreement, one) for one in exhibits(self.office.log, record.id)
            ),
            parties=tuple(party_by_id(agreement, one) for one in record.readers),
            filers=tuple(party_by_id(agreement, one) for one in filers),
            may_order=may_judge(viewer, record.readers, record.id),
        )

    def exhibit(self, viewer: Viewer, dispute: str, number: int) -> ExhibitShown:
        """Return one exhibit."""
        record = self._record(viewer, dispute)
        one = exhibit(self.office.log, record.id, number)
        return self._shown(viewer, record, agreement_of_case(self.office, record), one)

    def file(self, viewer: Viewer, dispute: str, number: int, *, original: bool) -> File:
        """Return the file of an exhibit that is open to the viewer, as it was filed where `original`."""
        one = self._open(viewer, dispute, number)
        if original and not _sees_all(viewer, one):
            demand_read(viewer, (), "file")
        return file_of(self.office, one, original=original)

    def standard(self, viewer: Viewer, dispute: str, number: int) -> dict[str, Any]:
        """Return an exhibit that is open to the viewer as ERC-1497 writes it."""
        one = self._open(viewer, dispute, number)
        return evidence_json(one, f"/v1/disputes/{one.dispute}/exhibits/{one.number}/file")

    def question(self, viewer: Viewer, dispute: str) -> dict[str, Any]:
        """Return what a dispute is about as ERC-1497 writes meta-evidence."""
        record = self._record(viewer, dispute)
        agreement, case = agreement_of_case(self.office, record), record.filed.content
        demand = case["case"]["claim"].get("demand") or ""
        sides = (party_name(agreement, case[side]).name.en for side in ("claimant", "respondent"))
        words = catalogue("en")
        return meta_evidence_json(
            Question(
                title=f"{record.id}: {' v. '.join(sides)}",
                description=demand if isinstance(demand, str) else demand.get("en") or demand.get("zh", ""),
                question=f"What does clause {case['clause']} of {agreement.ref} give the claimant?",
                rulings={name: words.term("outcome", name) for name in RULINGS},
                aliases={
                    one.signer: one.name.en for one in agreement.parties.values() if one.signer is not None
                },
                document=f"/v1/agreements/{agreement.id}/{agreement.version}/canonical.json",
                sha256=agreement.sha256,
            )
        )

    def to_sign(self, viewer: Viewer, dispute: str, asked: ExhibitRequest) -> ExhibitToSign:
        """Return what a party signs for an exhibit. Needs `approve` for it."""
        record = self._record(viewer, dispute)
        party = self._party(viewer, record, asked.party)
        if not _DIGEST.fullmatch(asked.sha256) or asked.bytes < 1:
            raise RequestUnusable("name the SHA-256 of the file in hex, and its length", where="sha256")
        made = ExhibitAsked(kind=asked.kind, title=asked.title, captured_at=instant(asked.captured_at))
        kept = Kept(asked.sha256, asked.bytes)
        request, address = exhibit_request(self.office, record.id, made, kept, party)
        return ExhibitToSign(
            request=request, opens={}, signers=signers_asked(self.office, [(party, address)])
        )

    def take(  # noqa: PLR0913 -- who, where, what, its content, and the signature
        self,
        viewer: Viewer,
        dispute: str,
        asked: ExhibitAsked,
        *,
        party: str,
        data: bytes = b"",
        seq: int | None = None,
        signature: str = "",
    ) -> ExhibitShown:
        """File an exhibit for a party of the case. Needs `approve` for it."""
        record = self._record(viewer, dispute)
        filer = self._party(viewer, record, party)
        if signature and not _SIGNATURE.fullmatch(signature):
            raise RequestUnusable("a signature is 0x and 130 hex digits (r, s, v)", where="signature")
        filed = file_in_case(
            self.office,
            record.id,
            asked,
            content_of(self.office, filer, seq, data),
            party=filer,
            member=viewer.member,
            signature=bytes.fromhex(signature[2:]) if signature else None,
        )
        return self.exhibit(viewer, record.id, filed.number)

    def seal(self, viewer: Viewer, dispute: str, number: int, asked: SealRequest) -> ExhibitShown:
        """Keep an exhibit from parties, by order. Arbiters of the case only."""
        record = self._ordering(viewer, dispute)
        agreement = agreement_of_case(self.office, record)
        one = exhibit(self.office.log, record.id, number)
        named = [_id(agreement, party) for party in asked.parties.split()]
        others = named or [party for party in record.readers if party != one.by]
        seal_exhibit(self.office, record.id, number, others, reason=asked.reason, by=viewer.member)
        return self.exhibit(viewer, record.id, number)

    def unseal(self, viewer: Viewer, dispute: str, number: int, asked: UnsealRequest) -> ExhibitShown:
        """Open an exhibit to all of its case, by order. Arbiters of the case only."""
        record = self._ordering(viewer, dispute)
        unseal_exhibit(self.office, record.id, number, reason=asked.reason, by=viewer.member)
        return self.exhibit(viewer, record.id, number)

    def redact(  # noqa: PLR0913 -- who, which, by what, what becomes of the first, and why
        self,
        viewer: Viewer,
        dispute: str,
        number: int,
        data: bytes,
        *,
        file: str,
        original: Original,
        reason: str,
    ) -> ExhibitShown:
        """Put a redacted copy in the place of a file, by order. Arbiters of the case only."""
        record = self._ordering(viewer, dispute)
        redact_exhibit(
            self.office, record.id, number, data, file=file, original=original, reason=reason,
            by=viewer.member,
        )  # fmt: skip
        return self.exhibit(viewer, record.id, number)

    def hand_on(  # noqa: PLR0913 -- who, which, to whom, how, when, and what was found
        self,
        viewer: Viewer,
        dispute: str,
        number: int,
        *,
        party: str,
        to: str,
        how: str,
        at: str,
        data: bytes | None,
    ) -> ExhibitShown:
        """Record that an exhibit went to its next holder. Needs `approve` for a party it is open to."""
        one = self._open(viewer, dispute, number)
        record = self._record(viewer, dispute)
        filer = self._party(viewer, record, party)
        if not one.open_to([filer]):
            raise ExhibitRefused(f"it is kept from {filer}", where="party")
        hand_on(
            self.office, record.id, number, to=to, how=how, at=instant(at), data=data, party=filer,
            member=viewer.member,
        )  # fmt: skip
        return self.exhibit(viewer, record.id, number)

    def _record(self, viewer: Viewer, dispute: str) -> CaseRecord:
        """Return a case that the viewer may read. Raises AccessDenied, unknown ones alike."""
        try:
            record = case_record(self.office.log, dispute)
        except EntryUnknown:
            demand_read(viewer, (), "dispute")
            raise
        if not may_read_case(viewer, record.readers, record.id):
            demand_read(viewer, (), "dispute")
        return record

    def _ordering(self, viewer: Viewer, dispute: str) -> CaseRecord:
        record = self._record(viewer, dispute)
        demand_arbiter(viewer, record.readers, case=record.id)
        return record

    def _party(self, viewer: Viewer, record: CaseRecord, party: str) -> str:
        """Return the global id of a party for which the viewer approves. Raises AccessDenied."""
        found = _id(agreement_of_case(self.office, record), party)
        demand_role(viewer, "approve", found)
        return found

    def _open(self, viewer: Viewer, dispute: str, number: int) -> Exhibit:
        """Return an exhibit that is open to the viewer. Raises AccessDenied."""
        record = self._record(viewer, dispute)
        one = exhibit(self.office.log, record.id, number)
        if not _sees(viewer, one):
            demand_read(viewer, (), "exhibit")
        return one

    def _shown(self, viewer: Viewer, record: CaseRecord, agreement: Agreement, one: Exhibit) -> ExhibitShown:
        sees = _sees(viewer, one)
        described = one.described if sees else None
        return ExhibitShown(
            dispute=one.dispute,
            number=one.number,
            name=one.name,
            kind=one.kind,
            by=party_by_id(agreement, one.by),
            sha256=one.sha256,
            bytes=one.size,
            captured_at=local_time(agreement, one.captured_at),
            filed_at=local_time(agreement, recorded_text(one.recorded_us)),
            entry_seq=one.seq,
            late=one.late,
            awaits_order=one.awaits_order,
            sealed_from=tuple(party_by_id(agreement, each) for each in sorted(one.sealed_from)),
            open=sees,
            erased=one.described is None,
            supports=tuple(label(agreement, name) for name in one.supports),
            record=one.record,
            shown_sha256=one.shown_sha256,
            redacted=one.redaction is not None,
            destroyed=one.destroyed,
            title=described.title if described else None,
            description=described.description if described else None,
            file=described.file if described else None,
            signer=(described.address or None) if described else None,
            custody=tuple(_held(agreement, each) for each in one.custody) if sees else (),
            unbroken=one.unbroken,
            orders=tuple(_order(agreement, each) for each in one.acts if each.kind in _ORDERS),
            may_order=may_judge(viewer, record.readers, record.id),
            may_read_original=one.redaction is not None and not one.destroyed and _sees_all(viewer, one),
            may_hand_on=sees and any(viewer.has("approve", each) for each in record.readers),
        )


def holders(text: str) -> tuple[Held, ...]:
    """Read who had an exhibit before it was filed, a line each: WHO | WHEN | HOW. Raises RequestUnusable."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) != 3:
            raise RequestUnusable("a holder is written WHO | WHEN | HOW, one a line", where="held")
        found.append(Held(parts[0], instant(parts[1]).isoformat(), parts[2]))
    return tuple(found)


def _sees(viewer: Viewer, one: Exhibit) -> bool:
    return one.open_to(viewer.parties) or _rules(viewer, one)


def _sees_all(viewer: Viewer, one: Exhibit) -> bool:
    return one.by in viewer.parties or _rules(viewer, one)


def _rules(viewer: Viewer, one: Exhibit) -> bool:
    """Tell whether the viewer looks from above: an auditor, or an arbiter who is of no side."""
    return may_judge(viewer, one.readers, one.dispute) or AUDITOR in viewer.roles


def _id(agreement: Agreement, party: str) -> str:
    return agreement.party_id(party) if party in agreement.parties else party


def _held(agreement: Agreement, one: Held) -> HeldShown:
    return HeldShown(
        _named(agreement, one.holder), local_time(agreement, one.at), one.how, one.sha256, one.same,
        one.entry_seq,
    )  # fmt: skip


def _named(agreement: Agreement, holder: str) -> str:
    found = party_by_id(agreement, holder)
    return holder if found.role == "party" else found.key


def _order(agreement: Agreement, act: Act) -> OrderShown:
    content: Mapping[str, Any] = act.content
    return OrderShown(
        order=_ORDERS[act.kind],
        at=local_time(agreement, recorded_text(act.recorded_us)),
        by=who(agreement, act.by),
        reason=content["reason"],
        parties=tuple(party_by_id(agreement, one) for one in content.get("parties", ())),
        sha256=content.get("sha256"),
        entry_seq=act.seq,
    )
