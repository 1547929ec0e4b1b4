"""What a bank or provider said of payments: confirmed, failed, returned. Written once, whatever files repeat.

Everything of one file that can be taken is written in one transaction; what cannot is reported row by row,
and nothing of those rows is written: an unknown reference, another amount, a payment that never left, one
that is said to be paid twice, or paid after it failed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.leaves import instant_of, occurred_text
from ledger.log import Log
from ledger.payouts.batches import Act, Versions, clause_of, told
from ledger.payouts.errors import PayoutRefused
from ledger.payouts.postings import BANK, CLEARING, KIND, PAYABLE, moved
from ledger.payouts.reading import (
    CONFIRMED_KIND,
    FAILED_KIND,
    PAYMENT_GROUP,
    RELEASED_KIND,
    RETURNED_KIND,
    SOURCE,
    Batch,
    Payment,
    batches_within,
    step_id,
)
from ledger.reading import read_entry, read_groups, tip

Outcome = Literal["confirmed", "failed", "returned"]

_KINDS: dict[Outcome, str] = {
    "confirmed": CONFIRMED_KIND, "failed": FAILED_KIND, "returned": RETURNED_KIND,
}  # fmt: skip
_POSTED: dict[str, str] = {"failed": f"{KIND}.failed", "returned": f"{KIND}.returned"}

Fault = Literal[
    "unknown", "amount", "not_released", "paid_twice", "paid_after_failure", "contradicts", "time"
]
"""Why a row was not taken."""


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a bank's file: what it says of the payment under a reference, in minor units.

    `line` is its place in the file from 1; `at` when the bank says it happened; `bank_reference` what the
    bank knows it by, empty where the file has none. `currency` is None where nothing says it.
    """

    line: int
    reference: str
    outcome: Outcome
    amount_minor: int
    at: datetime | None = None
    bank_reference: str = ""
    reason: str = ""
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A row of which nothing was written, why, and in words."""

    line: int
    reference: str
    fault: Fault
    message: str


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """What became of a file: payments by outcome that were written now, repeats, and rows not taken."""

    written: tuple[tuple[str, Outcome], ...]
    repeated: int
    not_taken: tuple[NotTaken, ...]


@dataclass
class _Standing:
    """A payment as it stands while a file is read: its batch, its state, and what the bank called it."""

    batch: Batch
    payment: Payment
    bank_reference: str


def record_outcomes(  # noqa: PLR0913 -- whose payments, what is said of them, by whom, from which file
    log: Log, agreements: Versions, payer: str, rows: Sequence[Told], act: Act, *, file_sha256: str
) -> OutcomeReport:
    """Record what a file says of a payer's payments. The same file again adds nothing.

    Raises PayoutRefused where another file was taken in between.
    """
    with reading(log.engine) as session:
        report, entries = _taken(session, agreements, payer, rows, act, file_sha256)

    def require(session: Session) -> None:
        if _taken(session, agreements, payer, rows, act, file_sha256)[1] != entries:
            raise PayoutRefused("the log has moved meanwhile; read the file again", where=payer)

    if entries:
        log.append(entries, require=require)
    return report


def _taken(  # noqa: PLR0913, PLR0917 -- the log, the payer's payments, what is said of them, when and by whom
    session: Session, agreements: Versions, payer: str, rows: Sequence[Told], act: Act, file_sha256: str
) -> tuple[OutcomeReport, list[NewEntry]]:
    standing = {
        payment.reference: _Standing(batch, payment, _bank_reference(session, payment))
        for batch in batches_within(session, payer)
        for payment in batch.payments
    }
    entries: list[NewEntry] = []
    written: list[tuple[str, Outcome]] = []
    faults: list[NotTaken] = []
    repeated, end = 0, tip(session)[0]
    for row in rows:
        one = standing.get(row.reference)
        fault = _fault(one, row, act)
        if fault is not None:
            faults.append(NotTaken(row.line, row.reference, *fault))
            continue
        assert one is not None, "an unknown reference is a fault"
        if _said(one, row):
            repeated += 1
            continue
        entries.append(_entry(session, agreements, one, row, act, file_sha256))
        written.append((row.reference, row.outcome))
        seqs = {**one.payment.seqs, _KINDS[row.outcome]: end}
        one.payment = replace(one.payment, state=row.outcome, entries=seqs)
        one.bank_reference = row.bank_reference or one.bank_reference
    return OutcomeReport(tuple(written), repeated, tuple(faults)), entries


def _fault(one: _Standing | None, row: Told, act: Act) -> tuple[Fault, str] | None:
    """Return why a row is not taken, None where it is or repeats what stands."""
    if one is None:
        return "unknown", "no payment of this payer bears the reference"
    state = one.payment.state
    if state in {"prepared", "cancelled"}:
        return "not_released", f"the payment was never released; its batch {one.batch.id} is {state}"
    if row.currency not in {None, one.batch.currency}:
        return "amount", f"an amount in {row.currency}, and {one.batch.currency} were to be paid"
    if row.amount_minor != one.payment.amount_minor:
        return "amount", f"{row.amount_minor} minor units, and {one.payment.amount_minor} were to be paid"
    if row.at is not None and row.at > act.at:
        return "time", "it says a time that has not come"
    came_back = state == "failed" or (state == "returned" and CONFIRMED_KIND not in one.payment.seqs)
    if row.outcome == "confirmed" and came_back:
        return "paid_after_failure", f"it {state} before; if it was paid again since, it is paid twice"
    other = row.bank_reference and one.bank_reference and row.bank_reference != one.bank_reference
    if row.outcome == "confirmed" and state in {"confirmed", "returned"} and other:
        return "paid_twice", f"the bank paid it as {one.bank_reference} before"
    if row.outcome == "failed" and state in {"confirmed", "returned"}:
        return "contradicts", f"it is {state} already; what comes back after payment is returned"
    if row.outcome == "returned" and state == "failed":
        return "contradicts", "it failed before, so nothing was left to be returned"
    return None


def _said(one: _Standing, row: Told) -> bool:
    """Tell whether a row says what stands already."""
    return one.payment.state == row.outcome or (
        row.outcome == "confirmed" and one.payment.state == "returned" and CONFIRMED_KIND in one.payment.seqs
    )


def _entry(  # noqa: PLR0913, PLR0917 -- the payment, what is said of it, when, by whom, from which file
    session: Session, agreements: Versions, one: _Standing, row: Told, act: Act, file_sha256: str
) -> NewEntry:
    batch, payment = one.batch, one.payment
    assert RELEASED_KIND in payment.seqs, "only what was released is confirmed"
    left = instant_of(read_entry(session, payment.seqs[RELEASED_KIND]).occurred_us)
    was_paid = payment.state == "confirmed"
    source = (batch.payer, BANK) if was_paid else (payment.payee, CLEARING)
    target = (batch.payer, BANK) if row.outcome == "confirmed" else (payment.payee, PAYABLE)
    postings = moved(
        payment,
        source,
        target,
        currency=batch.currency,
        clause=clause_of(agreements, payment),
        kind=_POSTED.get(row.outcome, KIND),
    )
    readers = (batch.payer, payment.payee)
    content: dict[str, Any] = {
        **told(batch, payment),
        "told_at": occurred_text(row.at) if row.at else None,
        "bank_reference": row.bank_reference or None,
        "reason": row.reason or None,
        "file_sha256": file_sha256,
    }
    return NewEntry(
        source=SOURCE,
        id=step_id(batch.id, payment.number, _KINDS[row.outcome]),
        kind=_KINDS[row.outcome],
        occurred_at=max(left, row.at) if row.at else act.at,  # a bank that gives days has it before it left
        asserter=batch.payer,
        agreement=payment.agreement,
        concerns=readers,
        groups=(Group(PAYMENT_GROUP, readers, content, postings),),
    )


def _bank_reference(session: Session, payment: Payment) -> str:
    """Return what the bank called a payment when it confirmed it; empty before, and where it gave none."""
    seq = payment.seqs.get(CONFIRMED_KIND)
    if seq is None:
        return ""
    content = next(one.content for one in read_groups(session, seq, None) if one.name == PAYMENT_GROUP)
    return str(content["bank_reference"] or "")
