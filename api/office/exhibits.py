"""Exhibits of the disputes the office keeps: filed and signed for, sealed, redacted, handed on, read.

The files lie in the folder `exhibits` of the data directory. Who may ask is decided before (api/exhibits/).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from api.office.agreements import held_versions
from api.office.disputes import book_of, dispute
from api.office.keys import demand_signed_by
from api.office.opening import Office
from contracts.exhibit import ExhibitMessage
from contracts.signing import recover_signer
from ledger.cases.errors import DisputeState
from ledger.cases.record import CaseRecord, case_record
from ledger.database import Session
from ledger.errors import ErasureRefused
from ledger.exhibits.errors import ExhibitRefused, ExhibitUnavailable
from ledger.exhibits.exhibit import EVIDENCE_GROUP, FILED, Exhibit
from ledger.exhibits.files import ExhibitFiles, Kept, measured
from ledger.exhibits.filing import Ask, ExhibitAsked, Filer, Signature, file_exhibit, pass_on, sound
from ledger.exhibits.orders import Order, Original, redact, seal, unseal
from ledger.exhibits.reading import all_exhibits, exhibit, exhibits
from ledger.leaves import occurred_text
from policies.agreement import Agreement
from policies.errors import Finding
from policies.process.standing import BEFORE_DECISION
from policies.process.terms import SIDES

FOLDER = "exhibits"
"""Where the files of exhibits lie, in the data directory; also their name in a backup."""

LEFT_OVER = timedelta(days=1)
"""How old a file is that no exhibit names before it is let go of."""

_OVER = ("decided", "withdrawn", "closed")


def exhibit_files(office: Office) -> ExhibitFiles:
    """Return the files of exhibits of an installation."""
    return ExhibitFiles(office.settings.data_dir / FOLDER)


@dataclass(frozen=True, slots=True)
class Content:
    """What an exhibit is: the bytes of a file, or the entry of the log that it is."""

    data: bytes = b""
    seq: int | None = None


def exhibit_request(
    office: Office, case: str, asked: ExhibitAsked, kept: Kept, party: str
) -> tuple[dict[str, Any], str]:
    """Return what a party signs for an exhibit, as `eth_signTypedData_v4` takes it, and with which address.

    Raises EntryUnknown, ExhibitRefused.
    """
    record = case_record(office.log, case)
    signer = _require_signer(office, record, party)
    return _message(record, sound(asked, office.clock()), kept, party).request(office.domain), signer


def signing_digest(office: Office, case: str, asked: ExhibitAsked, kept: Kept, party: str) -> bytes:
    """Return the 32 bytes that a party's key signs for an exhibit; see exhibit_request."""
    record = case_record(office.log, case)
    _require_signer(office, record, party)
    return _message(record, sound(asked, office.clock()), kept, party).digest(office.domain)


def content_of(office: Office, party: str, seq: int | None, data: bytes) -> Content:
    """Return what is filed: a file, or an entry of the log that the party may read. Raises ExhibitRefused."""
    if seq is None:
        return Content(data)
    if data:
        raise ExhibitRefused("is either a file or an entry of the log, not both", where="record")
    if seq >= office.log.size() or not [
        one for one in office.log.groups(seq, party) if one.opened is not None
    ]:
        raise ExhibitRefused(f"there is no entry {seq} among what {party} may read", where="record")
    return Content(office.log.entry(seq).leaf, seq)


def file_in_case(  # noqa: PLR0913 -- the case, what, its content, by whom, and the signature
    office: Office,
    case: str,
    asked: ExhibitAsked,
    content: Content,
    *,
    party: str,
    member: str,
    signature: bytes | None = None,
) -> Exhibit:
    """File an exhibit on a party's word; the same again returns the first. Its file is on disk before.

    Raises EntryUnknown, ExhibitRefused, DisputeState where the case takes no more, and the SignatureRefused
    that says what is wrong with a signature.
    """
    record = case_record(office.log, case)
    made = sound(asked, office.clock())
    if party not in record.readers:
        raise ExhibitRefused(f"{party} is no party to this case", where="party")
    kept = measured(content.data)
    late, require = _taking(office, case, party)
    signed = None if signature is None else _signed(office, record, made, kept, party, signature)
    if content.seq is None:
        exhibit_files(office).keep(content.data)
    filer = Filer(party, member, office.clock(), late)
    filed = file_exhibit(
        office.log, record, made, kept, filer, signed=signed, seq=content.seq, require=require
    )
    if content.seq is None:  # another that had the same file may have been erased meanwhile
        exhibit_files(office).keep(content.data)
    return filed


def seal_exhibit(  # noqa: PLR0913 -- which, from whom, why, by whom
    office: Office, case: str, number: int, parties: Sequence[str], *, reason: str, by: str
) -> Exhibit:
    """Keep an exhibit from parties of its case, by order of a member."""
    return seal(office.log, case_record(office.log, case), number, parties, _order(office, reason, by))


def unseal_exhibit(office: Office, case: str, number: int, *, reason: str, by: str) -> Exhibit:
    """Open an exhibit to all of its case, by order of a member."""
    return unseal(office.log, case_record(office.log, case), number, _order(office, reason, by))


def redact_exhibit(  # noqa: PLR0913 -- which, by what file, what becomes of the first, why, by whom
    office: Office,
    case: str,
    number: int,
    data: bytes,
    *,
    file: str,
    original: Original,
    reason: str,
    by: str,
) -> Exhibit:
    """Put a redacted copy in the place of an exhibit's file, by order of a member."""
    record = case_record(office.log, case)
    kept = exhibit_files(office).keep(data)
    order = _order(office, reason, by)
    done = redact(office.log, record, number, kept, order, file=file, original=original)
    if done.destroyed:
        drop_unneeded(office, [done.sha256])
    return done


def hand_on(  # noqa: PLR0913 -- which, to whom, how, when, what was found, on whose word
    office: Office,
    case: str,
    number: int,
    *,
    to: str,
    how: str,
    at: datetime,
    data: bytes | None,
    party: str,
    member: str,
) -> Exhibit:
    """Record that an exhibit went to its next holder; `data` is the file as that one found it, if shown."""
    record = case_record(office.log, case)
    one = exhibit(office.log, case, number)
    sha256 = one.shown_sha256 if data is None else measured(data).sha256
    filer = Filer(party, member, office.clock())
    return pass_on(office.log, record, number, to=to, how=how, passed_at=at, sha256=sha256, filer=filer)


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is handed out."""

    name: str
    media_type: str
    data: bytes


def file_of(office: Office, one: Exhibit, *, original: bool) -> File:
    """Return the file of an exhibit: as filed where `original`, else as redacted.

    Raises ExhibitUnavailable, also where it was erased or an order had it destroyed.
    """
    where = f"{one.dispute} {one.name}"
    if one.record is not None:
        return File(f"entry-{one.record}.json", "application/json", office.log.entry(one.record).leaf)
    if one.described is None:
        raise ExhibitUnavailable("it was erased", where=where)
    redaction = None if original else one.redaction
    if redaction is not None:
        content = redaction.content
        data = exhibit_files(office).read(content["sha256"])
        return File(content["file"] or f"{one.name}-redacted", content["media_type"], data)
    if one.destroyed:
        raise ExhibitUnavailable("an order had the file destroyed; its digest stays", where=where)
    data = exhibit_files(office).read(one.sha256)
    return File(one.described.file or one.name, one.described.media_type, data)


def drop_unneeded(office: Office, digests: Sequence[str]) -> list[str]:
    """Let go of those of some files that no exhibit needs any longer; return what went."""
    needed = needed_files(office)
    files = exhibit_files(office)
    return [one for one in digests if one not in needed and files.drop(one)]


def drop_left_over(office: Office) -> int:
    """Let go of files that no exhibit needs, left by filings or erasures that did not end; return how many.

    One that is younger than a day may be of a filing under way.
    """
    files, needed = exhibit_files(office), needed_files(office)
    before = office.clock() - LEFT_OVER
    gone = [one for one in files.digests() if one not in needed and files.kept_since(one) < before]
    return sum(files.drop(one) for one in gone)


def needed_files(office: Office) -> frozenset[str]:
    """Return the digests of all files that exhibits need."""
    return frozenset(digest for one in all_exhibits(office.log) for digest in one.files_needed())


@dataclass(frozen=True, slots=True)
class Goes:
    """What goes with the words of an exhibit: its files by digest, and entries that say the words again."""

    files: tuple[str, ...] = ()
    seqs: tuple[int, ...] = ()


def goes_with(office: Office, seq: int) -> Goes:
    """Return what is erased with the words of an exhibit; nothing for any other entry.

    Raises ErasureRefused while the case is open.
    """
    entry = office.log.entry(seq)
    if entry.kind != FILED:
        return Goes()
    case, _, name = entry.id.partition("/exhibits/")
    record = case_record(office.log, case)
    if record.last(*_OVER) is None:
        raise ErasureRefused(f"dispute {case} is not over; its evidence is needed", where=f"entry {seq}")
    one = exhibit(office.log, case, int(name))
    again = [
        act.seq
        for act in one.acts
        for group in office.log.groups(act.seq)
        if group.name == EVIDENCE_GROUP and group.erased_by is None
    ]
    return Goes(tuple(sorted(one.files_needed())), tuple(again))


def exhibit_faults(office: Office) -> Iterator[Finding]:
    """Yield a finding for every file of an exhibit that is missing or altered, and for files nobody names."""
    files, needed = exhibit_files(office), set[str]()
    for one in all_exhibits(office.log):
        for digest in sorted(one.files_needed()):
            needed.add(digest)
            try:
                files.read(digest)
            except ExhibitUnavailable as fault:
                yield Finding("exhibit.altered", "error", fault.message, path=f"{one.dispute} {one.name}")
    for digest in sorted(set(files.digests()) - needed):
        message = "no exhibit names this file; it was left by a filing that did not end"
        yield Finding("exhibit.unnamed", "warning", message, path=f"{FOLDER}/{digest}")


def signature_holds(office: Office, one: Exhibit) -> bool:
    """Tell whether the signature of an exhibit is that of the address it names, over what stands there."""
    described = one.described
    if described is None or not described.signature:
        return False
    message = ExhibitMessage(
        one.dispute, one.by, one.kind, described.title, bytes.fromhex(one.sha256), one.size, one.captured_at
    )
    digest = message.digest(office.domain)
    return recover_signer(digest, bytes.fromhex(described.signature[2:])).address == described.address


def agreement_of_case(office: Office, record: CaseRecord) -> Agreement:
    """Return the version of the agreement that a case is under."""
    return held_versions(office)[record.agreement].agreement


def _order(office: Office, reason: str, by: str) -> Order:
    return Order(reason, by, office.clock())


def _taking(office: Office, case: str, party: str) -> tuple[bool, Ask]:
    """Return whether what a party files now is late, and what refuses it in the transaction.

    A side files as the document's process has it; a party to the case that is no side, such as the platform
    that holds the money, while it is not decided. Raises DisputeUnknown.
    """
    one = dispute(office, case)
    book = book_of(office, one)
    side = next((side for side in SIDES if one.party_of(side) == party), None)
    late = book.standing().state == "deciding"
    if side is not None:
        return late, book.require("evidence", side)

    def require(session: Session) -> None:
        if book.standing_within(session).state not in BEFORE_DECISION:
            raise DisputeState("no evidence is taken any more", where=case)

    return late, require


def _require_signer(office: Office, record: CaseRecord, party: str) -> str:
    agreement = agreement_of_case(office, record)
    for key, one in agreement.parties.items():
        if agreement.party_id(key) == party and one.signer:
            return one.signer
    raise ExhibitRefused(f"{party} signs nothing under {agreement.ref}", where="party")


def _signed(  # noqa: PLR0913, PLR0917 -- what was signed, for which case, by whom
    office: Office, record: CaseRecord, made: ExhibitAsked, kept: Kept, party: str, signature: bytes
) -> Signature:
    wanted = _require_signer(office, record, party)
    signer = recover_signer(_message(record, made, kept, party).digest(office.domain), signature)
    wrong = f"the signature is not by the key of {party}, or over another exhibit; sign what was asked for"
    signed = demand_signed_by(office, [wanted], signer, wrong)
    return Signature(signer.address, "0x" + signature.hex(), signed.told())


def _message(record: CaseRecord, made: ExhibitAsked, kept: Kept, party: str) -> ExhibitMessage:
    captured = occurred_text(made.captured_at)
    digest = bytes.fromhex(kept.sha256)
    return ExhibitMessage(record.id, party, made.kind, made.title, digest, kept.size, captured)


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking an exhibit found; `file` is one of whole, gone, altered, erased and record.

    `signature` is None where it was filed with none.
    """

    dispute: str
    exhibit: str
    file: str
    signature: bool | None
    unbroken: bool

    @property
    def sound(self) -> bool:
        """Whether nothing is amiss."""
        return self.file in {"whole", "erased", "record"} and self.signature is not False and self.unbroken


def checked(office: Office, case: str | None) -> Iterator[Checked]:
    """Yield what checking each exhibit of a case, or of all, finds. Raises EntryUnknown."""
    found = all_exhibits(office.log) if case is None else exhibits(office.log, case)
    for one in found:
        signed = one.described is not None and bool(one.described.signature)
        signature = signature_holds(office, one) if signed else None
        yield Checked(one.dispute, one.name, _state_of_files(office, one), signature, one.unbroken)


def _state_of_files(office: Office, one: Exhibit) -> str:
    if one.record is not None:
        return "record"
    if one.described is None:
        return "erased"
    files = exhibit_files(office)
    for digest in sorted(one.files_needed()):
        if not files.has(digest):
            return "gone"
        try:
            files.read(digest)
        except ExhibitUnavailable:
            return "altered"
    return "whole"


def exhibit_json(one: Exhibit) -> dict[str, Any]:
    """Return an exhibit as commands print it."""
    return {
        **asdict(one),
        "name": one.name,
        "holder": one.holder,
        "sealed_from": sorted(one.sealed_from),
        "awaits_order": one.awaits_order,
        "shown_sha256": one.shown_sha256,
        "destroyed": one.destroyed,
        "custody": [asdict(held) for held in one.custody],
        "unbroken": one.unbroken,
    }
