"""Payouts as they are shown and asked for. No account number but its end is in any of these."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text
from api.to_sign import RequestFile


@dataclass(frozen=True, slots=True)
class PartShown:
    """What of an amount is for one statement."""

    statement: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PayableShown:
    """What stands to be paid to a payee, and how it comes about; docs/reference/payouts.md has the sum.

    `waits` says why no batch would pay it: `account`, `cooling`, `erased`, `minimum`, `invoice`, `identity`;
    None where one would. `account` is the end of the number that it would be paid to, `uninvoiced` what waits
    for an invoice.
    """

    agreement: str
    payer: PartyName
    payee: PartyName
    payable: Money
    waits: str | None
    account: str | None
    due: Money
    open: Money
    uninvoiced: Money
    contested: Money
    held: Money
    owed: Money
    decided: Money
    paid: Money
    on_its_way: Money
    statements: tuple[PartShown, ...]


@dataclass(frozen=True, slots=True)
class PaymentShown:
    """One payment of a batch as it stands; `reason` says why it failed or came back.

    `entries` are those about it, by kind.
    """

    batch: str
    number: int
    reference: str
    agreement: str
    payer: PartyName
    payee: PartyName
    amount: Money
    account: str
    state: str
    statements: tuple[PartShown, ...]
    reason: str | None
    bank_reference: str | None
    entries: dict[str, int]


@dataclass(frozen=True, slots=True)
class BatchShown:
    """A batch as it stands: `prepared`, `cancelled` or `released`, and payments by how each stands."""

    id: str
    entry_seq: int
    payer: PartyName
    state: str
    total: Money
    payments: int
    confirmed: int
    came_back: int
    prepared_by: str
    prepared_at: str
    as_of_seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Some batches, newest first; `next_before` is the cursor of the next page, None at the end."""

    batches: tuple[BatchShown, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class BatchDetail:
    """A batch with its payments. `changed` is what the log says otherwise by now, while it waits."""

    batch: BatchShown
    payments: tuple[PaymentShown, ...]
    changed: tuple[Text, ...]
    may_release: bool
    may_cancel: bool
    mappings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotTakenShown:
    """A row of a bank's file of which nothing was written, and why."""

    line: int
    reference: str
    fault: str
    message: str


@dataclass(frozen=True, slots=True)
class AnswerTaken:
    """What became of a bank's file: payments by what it says of them, repeats, and rows not taken."""

    confirmed: int
    failed: int
    returned: int
    repeated: int
    not_taken: tuple[NotTakenShown, ...]


@dataclass(frozen=True, slots=True)
class AccountShown:
    """An account that a payee recorded for a payer: the end of its number, and how it stands.

    `state` is `used`, `cooling` until `used_from`, `replaced` or `erased`.
    """

    payee: str
    payer: str
    number: int
    means: str
    ending: str
    state: str
    recorded_at: str
    used_from: str
    changed_by: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class PrepareRequest:
    """A batch to prepare: of which payer, in which currency where there is more than one."""

    payer: str
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """The release of a batch, by the digest that was looked at."""

    digest: str


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Why a batch is cancelled."""

    reason: str


@dataclass(frozen=True, slots=True)
class AccountAsked:
    """An account of a payee toward a payer, as `account_details` hold it, before anybody has signed."""

    payee: str
    payer: str
    means: str
    holder: str
    number: str
    bank: str = ""
    bank_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountToSign(RequestFile):
    """What is to be signed (EIP-712), and the salt to hand back with the signature."""

    salt: str


@dataclass(frozen=True, slots=True)
class AccountSigned:
    """An account with its payee's signature: 0x and 130 hex digits, over what was asked for by this salt."""

    account: AccountAsked
    salt: str
    signature: str


@dataclass(frozen=True, slots=True)
class PrepareForm:
    """A batch to prepare, as typed."""

    payer: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseForm:
    """The release of a batch, by the digest that its page showed."""

    digest: str = ""


@dataclass(frozen=True, slots=True)
class CancelForm:
    """Why a batch is cancelled, as typed."""

    reason: str = ""
