"""Read models of agreements. Every figure and sentence here is derived from the signed document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One version. `status` is draft, signing, agreed (not yet in force), in_force or superseded.

    Of a proposal that is over without being signed it is declined, withdrawn or expired.
    """

    id: str
    version: int
    title: Text
    status: str
    parties: tuple[PartyName, ...]
    signed: int
    signers: int
    effective_from: str | None


@dataclass(frozen=True, slots=True)
class TermShown:
    """A computed term in words: what it is, what it says, and for a step of the split whom it goes to."""

    label: Text
    says: Text
    to: Text
    level: int


@dataclass(frozen=True, slots=True)
class ClauseShown:
    """One clause: the signed words, its terms in words, and its bytes inside the canonical document."""

    id: str
    kind: str
    heading: Text
    standing: str
    """computed, text_only or not_enforced."""
    text: Text
    terms: tuple[TermShown, ...]
    """The terms spelt out from the formulas; empty for a clause that is words only."""
    notes: tuple[Text, ...]
    canonical: str
    """The exact slice of the signed bytes that is this clause."""
    offset: int
    """Where the slice begins in the signed bytes, counted from 0."""


@dataclass(frozen=True, slots=True)
class SignatoryShown:
    """Who gave a signature, on what authority, as whom verified, and how; as recorded with it.

    `member` is null where the operator handed it in. `key` is the address that signed.
    """

    member: str | None
    name: str | None
    method: str
    key: str
    capacity: str
    letter_sha256: str | None
    exhibit: str | None
    identity: str
    """How the party's identity stood: verified, unknown, expired …"""
    verified_by: Text | None
    verified_how: str | None
    valid_until: str | None


@dataclass(frozen=True, slots=True)
class SignatureShown:
    """A party's signature, or its absence; `leaves` of one who signs since it is no party any more.

    `signatory` is null where it was not recorded. `may_sign` says whether it is its turn, `signs_after` whose
    missing signatures it waits for.
    """

    party: PartyName
    address: str
    leaves: bool
    may_sign: bool
    signs_after: tuple[PartyName, ...]
    signed_at: str | None
    signature: str | None
    entry_seq: int | None
    signatory: SignatoryShown | None


@dataclass(frozen=True, slots=True)
class SigningStep:
    """One step of a proposal: its entry's kind, for which party, by which member, when and why."""

    kind: str
    who: Text
    party: PartyName | None
    member: str | None
    reason: str | None
    at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class SigningShown:
    """How a version is signed: in which stages, until when, how the proposal ended, and every step so far.

    `ended` is declined, withdrawn or expired; null while the proposal stands, and once everybody signed.
    """

    order: tuple[tuple[PartyName, ...], ...]
    expires_at: str | None
    remind_days: int | None
    ended: str | None
    steps: tuple[SigningStep, ...]
    may_decline: tuple[PartyName, ...]
    """The viewer's own parties that may decline now."""
    may_take_back: tuple[PartyName, ...]
    """Those that may take their signature back."""
    may_withdraw: bool
    """Whether the viewer's party proposed it and may withdraw it."""


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """Where the version stands on a chain."""

    chain_id: int
    embedded: bool
    registry: str
    transaction: str
    block: int
    recorded_at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class FactGiven:
    """A fact of the example order: its name in the document and its value as text."""

    name: str
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class SplitStep:
    """One step of the money path, in the document's order."""

    name: str
    label: Text
    kind: Literal["leg", "pool", "rest"]
    depth: int
    """0 draws on the whole, 1 on a pool, and so on."""
    payee: PartyName | None
    formula: str
    worded: Text
    """The arithmetic with its numbers: "20% × 309.00"."""
    amount: Money


@dataclass(frozen=True, slots=True)
class PayeeTotal:
    """What one payee gets of the example order, over all steps."""

    payee: PartyName
    amount: Money


@dataclass(frozen=True, slots=True)
class MoneyPath:
    """How one order's money is shared out, with amounts."""

    clause: str
    given: tuple[FactGiven, ...]
    whole: Money
    steps: tuple[SplitStep, ...]
    totals: tuple[PayeeTotal, ...]
    rounding: str
    rounded_at: str


@dataclass(frozen=True, slots=True)
class DocumentTest:
    """One of the document's own tests and whether it holds."""

    title: str
    given: Text
    expected: Text
    found: Text
    holds: bool


@dataclass(frozen=True, slots=True)
class FindingShown:
    """One result of the checks before signing."""

    code: str
    severity: str
    message: Text
    path: str
    line: int | None
    witness: str | None


@dataclass(frozen=True, slots=True)
class TermChange:
    """One change of terms, as a sentence. `clause` is its number where the change is in a clause."""

    what: str
    """added, removed, changed or reordered."""
    part: str
    clause: str | None
    says: Text


@dataclass(frozen=True, slots=True)
class ShareChange:
    """One share of an example order under both versions."""

    share: Text
    party: PartyName
    before: Money
    after: Money
    difference: Money


@dataclass(frozen=True, slots=True)
class OrderChange:
    """An order of the documents' own tests whose shares differ, or that one of the two cannot split."""

    name: str
    given: Text
    shares: tuple[ShareChange, ...]
    refused: str | None


@dataclass(frozen=True, slots=True)
class PartyPaid:
    """Whether a party is ever paid less: `never` is proved, `found` has an order, `unknown` is open."""

    party: PartyName
    verdict: Literal["never", "found", "unknown"]
    given: Text | None
    before: Money | None
    after: Money | None
    reason: Text | None


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """What a version changes against another, in terms and in money."""

    old: str
    new: str
    starts: str | None
    """The day from which it is in force, null while it waits for an event."""
    starts_because: Text | None
    terms: tuple[TermChange, ...]
    orders_compared: int
    orders_changed: int
    orders: tuple[OrderChange, ...]
    paid: tuple[PartyPaid, ...]
    no_money: Text | None
    """Why the money of the two cannot be compared, null where it is."""


@dataclass(frozen=True, slots=True)
class DraftChecked:
    """What stands against proposing a document. `refusal` is what proposing it now would be refused with.

    A document that cannot be read has findings alone: `id` and `version` are null.
    """

    id: str | None
    version: int | None
    ready: bool
    refusal: str | None
    findings: tuple[FindingShown, ...]
    changes: VersionChanges | None
    """Against the version before it, where that is held here."""


@dataclass(frozen=True, slots=True)
class OpinionAhead:
    """About how many lines of each settlement CommissionSplitter is asked, by the plan of this digest.

    `beyond` says why it cannot be asked about this version; `lines` is 0 then, and `plan` null.
    """

    lines: int
    plan: str | None
    beyond: Text | None


@dataclass(frozen=True, slots=True)
class EndingShown:
    """That all parties end the agreement: the first day without it, on what terms in words, by which entry.

    `registered_block` is where a registry holds it, null before.
    """

    ends_on: str
    terms: str
    entry_seq: int
    registered_block: int | None


@dataclass(frozen=True, slots=True)
class AgreementDetail:
    """One version, whole."""

    id: str
    version: int
    versions: tuple[int, ...]
    title: Text
    status: str
    currency: str
    time_zone: str
    effective_from: str | None
    parties: tuple[PartyName, ...]
    signatures: tuple[SignatureShown, ...]
    signing: SigningShown
    ending: EndingShown | None
    """How all parties end it; null while they do not, and for who may not read its last version."""
    clauses: tuple[ClauseShown, ...]
    path: MoneyPath | None
    second_opinion: OpinionAhead | None
    """Null where nothing is shared out, or nobody is asked here."""
    tests: tuple[DocumentTest, ...]
    findings: tuple[FindingShown, ...]
    changes: VersionChanges | None
    """Against the version before it; null for the first, and where the viewer may not read that one."""
    chain: ChainRecord | None
    sha256: str
    keccak256: str
    commitment: str | None
    canonical: str
    """The signed bytes as text: canonical JSON is UTF-8."""
    needs_signature_of: tuple[PartyName, ...]
    """The viewer's own parties whose turn it is to sign."""


@dataclass(frozen=True, slots=True)
class ProposalGiven:
    """A document to propose, as YAML or JSON text, and the signing addresses it leaves open, by party.

    `order` names signers in stages: nobody of one signs before all of the stages before it have; who is in
    none signs at any time. `expires_at` is an RFC 3339 time; those who are to sign are reminded every
    `remind_days`.
    """

    document: str
    signers: dict[str, str]
    order: tuple[tuple[str, ...], ...] = ()
    expires_at: str | None = None
    remind_days: int | None = None


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """A signature made elsewhere over the signing request: party key, and 65 bytes (r, s, v) as 0x hex.

    `method` is how it was made: browser-key, keystore, wallet, offline or wallet-contract. `capacity` is what
    the member is to the party, `letter_sha256` the SHA-256 (hex) of a letter of authority, `exhibit` where it
    can be asked for.
    """

    party: str
    signature: str
    method: str = "offline"
    capacity: str = ""
    letter_sha256: str | None = None
    exhibit: str | None = None


@dataclass(frozen=True, slots=True)
class SigningEnded:
    """Why a party declines to sign, or takes its signature back: the party's key, and the reason."""

    party: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn:
    """Why a proposal is withdrawn."""

    reason: str
