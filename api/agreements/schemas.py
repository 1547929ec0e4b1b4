"""Read models of agreements. Every figure and sentence here is derived from the signed document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One version. `status` is draft, signing, agreed (not yet in force), in_force or superseded."""

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
class SignatureShown:
    """A party's signature, or its absence."""

    party: PartyName
    address: str
    signed_at: str | None
    signature: str | None
    entry_seq: int | None


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
    clauses: tuple[ClauseShown, ...]
    path: MoneyPath | None
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
    """The viewer's own parties that have still to sign."""


@dataclass(frozen=True, slots=True)
class ProposalGiven:
    """A document to propose, as YAML or JSON text, and the signing addresses it leaves open, by party."""

    document: str
    signers: dict[str, str]


@dataclass(frozen=True, slots=True)
class SignatureGiven:
    """A signature made elsewhere over the signing request: party key, and 65 bytes (r, s, v) as 0x hex."""

    party: str
    signature: str
