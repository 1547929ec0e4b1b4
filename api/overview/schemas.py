"""Read models of the overview: what needs the viewer, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class ToSign:
    """A version that waits for a signature of one of the viewer's parties."""

    agreement: str
    version: int
    title: Text
    party: PartyName
    signed: int
    signers: int


@dataclass(frozen=True, slots=True)
class ToAccept:
    """A statement issued to one of the viewer's parties that is not accepted; until when to contest."""

    statement: str
    agreement: str
    party: PartyName
    period: str
    payable: Money
    issued_at: str
    status: str
    contest_until: str | None


@dataclass(frozen=True, slots=True)
class ToLookAt:
    """A notice that is open to one of the viewer's parties: what it says, and how it is meant."""

    notice: str
    text: Text
    severity: str
    agreement: str | None
    given_at: str


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """A batch that somebody else proposed to void, which waits for the viewer to confirm."""

    batch: str
    agreement: str
    entries: int
    proposed_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ToRelease:
    """A batch of payments that somebody else prepared, which waits for the viewer to release it."""

    batch: str
    payer: PartyName
    payments: int
    total: Money
    prepared_by: str


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Another account of one of the viewer's parties, which is not paid to before `used_from`."""

    payee: str
    payer: str
    ending: str
    changed_by: str
    used_from: str


@dataclass(frozen=True, slots=True)
class DisputeDue:
    """An open dispute of the viewer's, with the next deadline and who must act by it."""

    dispute: str
    title: Text
    status: str
    deadline: str | None
    waiting_for: str | None
    waits_for_you: bool
    claimed: Money


@dataclass(frozen=True, slots=True)
class ToInvoice:
    """A statement of the viewer's for which an invoice is asked; `waits` where its payment waits for it."""

    statement: str
    agreement: str
    party: PartyName
    lacking: Money
    waits: bool


@dataclass(frozen=True, slots=True)
class Balance:
    """Where one of the viewer's accounts stands."""

    party: PartyName
    agreement: str
    purpose: str
    label: Text
    balance: Money


@dataclass(frozen=True, slots=True)
class CheckpointShown:
    """The latest signed checkpoint, and whether a chain outside the operator's hands holds it."""

    size: int
    root: str
    anchored: bool
    anchor_chain: str | None
    anchored_at: str | None
    anchor_embedded: bool
    """True where the chain is run by the operator: then it is no evidence against the operator."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on the first page."""

    to_sign: tuple[ToSign, ...]
    to_accept: tuple[ToAccept, ...]
    to_confirm: tuple[ToConfirm, ...]
    to_look_at: tuple[ToLookAt, ...]
    to_release: tuple[ToRelease, ...]
    account_changes: tuple[AccountChange, ...]
    to_invoice: tuple[ToInvoice, ...]
    disputes: tuple[DisputeDue, ...]
    balances: tuple[Balance, ...]
    checkpoint: CheckpointShown | None
