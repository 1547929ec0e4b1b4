"""Batches of payments as the log tells them: released or cancelled, and what became of each payment.

payout.prepared    the batch: for whom, how much, from which statements, on which account; read by its payer
payout.cancelled   before it was released
payout.released    one a payment, with its postings; read by payer and payee
payout.confirmed, payout.failed, payout.returned   what the bank or provider said of a payment

The state of a payment follows from which of these there are. Not here: what may follow what (batches.py,
outcomes.py), and what is payable (payable.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ledger.database import Session
from ledger.payouts.errors import PayoutUnknown
from ledger.reading import Entry, content_of, find_entry, read_entries, read_groups, read_told

PREPARED_KIND, CANCELLED_KIND, RELEASED_KIND = "payout.prepared", "payout.cancelled", "payout.released"
CONFIRMED_KIND, FAILED_KIND, RETURNED_KIND = "payout.confirmed", "payout.failed", "payout.returned"
PAYOUT_KINDS = (PREPARED_KIND, CANCELLED_KIND, RELEASED_KIND, CONFIRMED_KIND, FAILED_KIND, RETURNED_KIND)

SOURCE = "tallystick.payouts"
BATCH_GROUP, PAYMENT_GROUP = "payout", "payment"

State = Literal["prepared", "cancelled", "released", "confirmed", "failed", "returned"]
"""How a payment stands; a batch is `released` whatever became of its payments since."""

COMMITTED: frozenset[str] = frozenset({"prepared", "released", "confirmed"})
"""States in which a payment counts as paid, or about to be."""

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """What of a payment is for one statement, in minor units."""

    statement: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a batch, numbered from 1. `reference` is what the bank's file knows it by.

    `agreement` is the version (id@version) that it is paid under, `account_seq` the entry of the account.
    """

    number: int
    reference: str
    agreement: str
    payee: str
    amount_minor: int
    parts: tuple[Part, ...]
    account_seq: int
    masked: str
    state: State = "prepared"
    entries: Mapping[str, int] | None = None
    """The seq of each entry about it, by its kind."""

    @property
    def agreement_id(self) -> str:
        """The agreement without its version."""
        return self.agreement.partition("@")[0]

    @property
    def seqs(self) -> Mapping[str, int]:
        """The seq of each entry about it, by kind; empty before release."""
        return self.entries or {}


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it stands: prepared by whom when the log had `as_of_seq` entries; times in microseconds."""

    id: str
    seq: int
    prepared_us: int
    payer: str
    currency: str
    as_of_seq: int
    prepared_by: str
    digest: str
    payments: tuple[Payment, ...]
    cancelled: Entry | None = None

    @property
    def state(self) -> Literal["prepared", "cancelled", "released"]:
        """Whether it waits for release, was cancelled, or is released."""
        if self.cancelled is not None:
            return "cancelled"
        return "released" if self.payments[0].state != "prepared" else "prepared"

    @property
    def total_minor(self) -> int:
        """What its payments come to, in minor units."""
        return sum(one.amount_minor for one in self.payments)


def prepared_id(batch: str) -> str:
    """Return the id of the entry of a batch."""
    return f"{batch}/prepared"


def cancelled_id(batch: str) -> str:
    """Return the id of the entry that cancels a batch."""
    return f"{batch}/cancelled"


def step_id(batch: str, number: int, kind: str) -> str:
    """Return the id of the entry by which a payment is released, confirmed, failed or returned."""
    return f"{batch}/{number}/{kind.partition('.')[2]}"


def batches_within(session: Session, payer: str | None = None, end: int | None = None) -> list[Batch]:
    """Return the batches of a payer, or all, oldest first, as the entries before `end` tell."""
    steps: dict[str, dict[str, Entry]] = defaultdict(dict)
    after = -1
    while found := read_entries(
        session, after=after, limit=_AT_ONCE, kinds=PAYOUT_KINDS[1:], agreement=None, newest_first=False
    ):
        for entry in found:
            if entry.source == SOURCE and (end is None or entry.seq < end):
                steps[entry.id.rpartition("/")[0]][entry.kind] = entry
        after = found[-1].seq
    prepared = [
        (entry, content_of(opened))
        for entry, opened in read_told(session, [PREPARED_KIND], BATCH_GROUP)
        if entry.source == SOURCE and (end is None or entry.seq < end)
    ]
    return [
        _batch(entry, content, steps)
        for entry, content in prepared
        if payer is None or content["payer"] == payer
    ]


def batch_within(session: Session, batch: str) -> Batch:
    """Return one batch as it stands. Raises PayoutUnknown."""
    entry = find_entry(session, SOURCE, prepared_id(batch))
    if entry is None:
        raise PayoutUnknown("there is no such batch of payments", where=batch[:100])
    content = next(one.content for one in read_groups(session, entry.seq, None) if one.name == BATCH_GROUP)
    steps: dict[str, dict[str, Entry]] = defaultdict(dict)
    cancelled = find_entry(session, SOURCE, cancelled_id(batch))
    if cancelled is not None:
        steps[batch][CANCELLED_KIND] = cancelled
    for one in content["payments"]:
        for kind in PAYOUT_KINDS[2:]:
            step = find_entry(session, SOURCE, step_id(batch, one["number"], kind))
            if step is not None:
                steps[f"{batch}/{one['number']}"][kind] = step
    return _batch(entry, content, steps)


def _batch(entry: Entry, content: dict[str, Any], steps: Mapping[str, Mapping[str, Entry]]) -> Batch:
    name = content["batch"]
    cancelled = steps.get(name, {}).get(CANCELLED_KIND)
    payments = tuple(
        _payment(one, steps.get(f"{name}/{one['number']}", {}), cancelled=cancelled is not None)
        for one in content["payments"]
    )
    return Batch(
        name, entry.seq, entry.occurred_us, content["payer"], content["currency"], content["as_of_seq"],
        content["prepared_by"], content["digest"], payments, cancelled,
    )  # fmt: skip


def _payment(told: dict[str, Any], steps: Mapping[str, Entry], *, cancelled: bool) -> Payment:
    state: State = "cancelled" if cancelled else "prepared"
    standing: tuple[tuple[str, State], ...] = (
        (RELEASED_KIND, "released"), (CONFIRMED_KIND, "confirmed"), (FAILED_KIND, "failed"),
        (RETURNED_KIND, "returned"),
    )  # fmt: skip
    for kind, reached in standing:
        if kind in steps:
            state = reached
    return Payment(
        told["number"], told["reference"], told["agreement"], told["payee"], told["amount_minor"],
        tuple(Part(one["statement"], one["amount_minor"]) for one in told["statements"]),
        told["account"]["entry"], told["account"]["masked"], state,
        {kind: entry.seq for kind, entry in steps.items()},
    )  # fmt: skip


def payment_content(payment: Payment) -> dict[str, Any]:
    """Return a payment as the entry of its batch holds it."""
    return {
        "number": payment.number,
        "reference": payment.reference,
        "agreement": payment.agreement,
        "payee": payment.payee,
        "amount_minor": payment.amount_minor,
        "statements": [
            {"statement": one.statement, "amount_minor": one.amount_minor} for one in payment.parts
        ],
        "account": {"entry": payment.account_seq, "masked": payment.masked},
    }


@dataclass(frozen=True, slots=True)
class PaidOf:
    """What of a statement was confirmed as paid, and what is on its way or in a batch, in minor units."""

    paid_minor: int = 0
    on_its_way_minor: int = 0


def paid_by_statement(session: Session) -> dict[str, PaidOf]:
    """Return what payments that stand were for, by statement."""
    found: dict[str, PaidOf] = defaultdict(PaidOf)
    for batch in batches_within(session):
        for one in batch.payments:
            for part in one.parts if one.state in COMMITTED else ():
                before, minor = found[part.statement], part.amount_minor
                paid = minor if one.state == "confirmed" else 0
                found[part.statement] = PaidOf(
                    before.paid_minor + paid, before.on_its_way_minor + minor - paid
                )
    return found
