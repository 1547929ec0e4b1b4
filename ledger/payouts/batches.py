"""Batches of payments: prepared by one member of the paying party, released by another, or cancelled before.

A batch is released once, and only while the log still says that each of its payments is payable, on the
account that it names; else it says what changed, and a new batch is prepared. Each step is one transaction,
in which what it rests on is asked again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.payouts.accounts import accounts_within
from ledger.payouts.errors import PayoutChanged, PayoutRefused, PayoutSamePerson
from ledger.payouts.payable import Moment, Payable, payables_within
from ledger.payouts.postings import released as posted
from ledger.payouts.reading import (
    BATCH_GROUP,
    CANCELLED_KIND,
    PAYMENT_GROUP,
    PREPARED_KIND,
    RELEASED_KIND,
    SOURCE,
    Batch,
    Payment,
    batch_within,
    batches_within,
    cancelled_id,
    payment_content,
    prepared_id,
    step_id,
)
from ledger.payouts.terms import payout_terms
from ledger.reading import tip
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.money import from_minor

Versions = Mapping[str, Sequence[Agreement]]
"""The signed versions of each agreement by its id, oldest first."""

PAYMENTS_MAX = 3_000
"""Payments in one batch: what the file of one payment provider takes."""


@dataclass(frozen=True, slots=True)
class Act:
    """When something is done, and by which member."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """What the log says otherwise than a payment that waits for release.

    `cause` is `account` (the payee recorded another, by entry `seq`), `erased` (the account's details were),
    `unused` (another account is paid to by now), `payer` (by the version in force `payer` pays) or `amount`
    (only `payable_minor` is payable now) or `identity` (the payee is not verified any more).
    """

    payment: Payment
    cause: Literal["account", "erased", "unused", "payer", "amount", "identity"]
    currency: str
    payable_minor: int = 0
    seq: int | None = None
    payer: str | None = None

    @property
    def said(self) -> str:
        """Say it in English, as the command line and refusals do."""
        about = f"payment {self.payment.number} to {self.payment.payee}"
        if self.cause == "account":
            return f"{about}: the payee recorded another account (entry {self.seq})"
        if self.cause == "erased":
            return f"{about}: the details of the account were erased"
        if self.cause == "unused":
            return f"{about}: the payee is paid on another account by now"
        if self.cause == "identity":
            return f"{about}: the payee's identity is not verified any more"
        if self.cause == "payer":
            return f"{about}: by the version in force {self.payer} pays it"
        minors = self.payable_minor, self.payment.amount_minor
        now, then = (from_minor(minor, self.currency) for minor in minors)
        return f"{about}: {now} {self.currency} is payable now, {then} was prepared"


def payables(log: Log, agreements: Versions, at: datetime, *, end: int | None = None) -> list[Payable]:
    """Return what is payable under agreements at a time, as the log stood before entry `end`, or stands."""
    with reading(log.engine) as session:
        moment = Moment(at, tip(session)[0] if end is None else end)
        return _payables(session, agreements, moment)


def prepare(log: Log, agreements: Versions, payer: str, act: Act, *, currency: str | None = None) -> Batch:
    """Prepare a batch of everything that is payable by a payer in a currency, and return it.

    The currency may be left out where there is only one. Raises PayoutRefused where nothing is payable, or
    where another batch came in between.
    """
    with reading(log.engine) as session:
        end = tip(session)[0]
        rows = _ready(session, agreements, payer, Moment(act.at, end))
        rows = _of_currency(rows, currency)
        batch_id = f"{payer}.{len(batches_within(session, payer)) + 1}"
    content = _content(batch_id, payer, rows, end, act)
    entry = NewEntry(
        source=SOURCE,
        id=prepared_id(batch_id),
        kind=PREPARED_KIND,
        occurred_at=act.at,
        asserter=payer,
        concerns=(payer,),
        groups=(Group(BATCH_GROUP, (payer,), content),),
    )

    def require(session: Session) -> None:
        now = _ready(session, agreements, payer, Moment(act.at, tip(session)[0]))
        if _of_currency(now, rows[0].currency) != rows:
            raise PayoutRefused("the log has moved meanwhile; prepare it again", where=payer)

    log.append([entry], require=require)
    return batch_of(log, batch_id)


def cancel(log: Log, batch: str, act: Act, *, reason: str) -> Batch:
    """Cancel a batch that is not released; cancelling it again adds nothing. Raises PayoutRefused."""
    found = batch_of(log, batch)
    content = {"batch": batch, "reason": reason, "cancelled_by": act.by}
    entry = NewEntry(
        source=SOURCE,
        id=cancelled_id(batch),
        kind=CANCELLED_KIND,
        occurred_at=act.at,
        asserter=found.payer,
        concerns=(found.payer,),
        groups=(Group(BATCH_GROUP, (found.payer,), content),),
    )
    if found.state == "cancelled":
        return found

    def require(session: Session) -> None:
        if batch_within(session, batch).state != "prepared":
            raise PayoutRefused("it is released or cancelled already", where=batch)

    log.append([entry], require=require)
    return batch_of(log, batch)


def release(log: Log, agreements: Versions, batch: str, act: Act, *, digest: str | None = None) -> Batch:
    """Release a batch that another member prepared: from now on its payments are on their way.

    `digest` is that of the batch as the member saw it. Raises PayoutSamePerson, PayoutChanged where the log
    says otherwise than the batch, PayoutRefused for one that is released or cancelled.
    """
    with reading(log.engine) as session:
        _require_releasable(batch_within(session, batch), act, digest)
        entries = _released(session, agreements, batch_within(session, batch), act)

    def require(session: Session) -> None:
        found = batch_within(session, batch)
        _require_releasable(found, act, digest)
        _require_payable(session, agreements, found, Moment(act.at, tip(session)[0]))
        if _released(session, agreements, found, act) != entries:
            raise PayoutChanged("the accounts moved meanwhile; release it again", where=batch)

    log.append(entries, require=require)
    return batch_of(log, batch)


def batch_of(log: Log, batch: str) -> Batch:
    """Return one batch as it stands. Raises PayoutUnknown."""
    with reading(log.engine) as session:
        return batch_within(session, batch)


def batches(log: Log, payer: str | None = None) -> list[Batch]:
    """Return the batches of a payer, or all, oldest first."""
    with reading(log.engine) as session:
        return batches_within(session, payer)


def changes(log: Log, agreements: Versions, batch: str, at: datetime) -> list[Change]:
    """Return what the log says otherwise than a batch that waits for release."""
    with reading(log.engine) as session:
        found = batch_within(session, batch)
        return _changed(session, agreements, found, Moment(at, tip(session)[0]))


def _payables(
    session: Session, agreements: Versions, moment: Moment, without: str | None = None
) -> list[Payable]:
    return [
        one
        for key in sorted(agreements)
        for one in payables_within(session, agreements[key], moment, without=without)
    ]


def _ready(session: Session, agreements: Versions, payer: str, moment: Moment) -> list[Payable]:
    return [one for one in _payables(session, agreements, moment) if one.payer == payer and one.ready]


def _of_currency(rows: Sequence[Payable], currency: str | None) -> list[Payable]:
    known = sorted({one.currency for one in rows})
    if currency is None and len(known) > 1:
        raise PayoutRefused(f"there are payments in {', '.join(known)}; name one of them", where="currency")
    found = [one for one in rows if currency in {None, one.currency}]
    if not found:
        raise PayoutRefused("nothing is payable now; see what waits, and why", where="batch")
    return found[:PAYMENTS_MAX]


def _content(batch: str, payer: str, rows: Sequence[Payable], end: int, act: Act) -> dict[str, Any]:
    key = hashlib.sha256(batch.encode()).hexdigest()[:12].upper()
    payments = []
    for number, one in enumerate(rows, 1):
        assert one.account is not None, "what is ready has an account"
        payments.append(
            payment_content(
                Payment(
                    number, f"P{key}N{number}", one.agreement, one.payee, one.payable_minor, one.parts,
                    one.account.seq, one.account.masked,
                )
            )
        )  # fmt: skip
    content = {
        "batch": batch,
        "payer": payer,
        "currency": rows[0].currency,
        "as_of_seq": end,
        "total_minor": sum(one.payable_minor for one in rows),
        "payments": payments,
    }
    digest = hashlib.sha256(canonical_bytes(content)).hexdigest()
    return {**content, "digest": digest, "prepared_by": act.by}


def _require_releasable(batch: Batch, act: Act, digest: str | None) -> None:
    if batch.state != "prepared":
        raise PayoutRefused(f"it is {batch.state} already; a batch is released once", where=batch.id)
    if batch.prepared_by == act.by:
        raise PayoutSamePerson(
            "you prepared it; another member with the role pay releases it", where=batch.id
        )
    if digest is not None and digest != batch.digest:
        raise PayoutRefused("the digest is of another batch; look at this one again", where=batch.id)


def _require_payable(session: Session, agreements: Versions, batch: Batch, moment: Moment) -> None:
    changed = _changed(session, agreements, batch, moment)
    if changed:
        said = "; ".join(one.said for one in changed[:5]) + (" …" if len(changed) > 5 else "")
        raise PayoutChanged(f"{said}: cancel it and prepare another", where=batch.id)


def _changed(session: Session, agreements: Versions, batch: Batch, moment: Moment) -> list[Change]:
    """Return what the log says otherwise than a batch; more that has become payable is no reason."""
    mine = {key: agreements[key] for key in {one.agreement_id for one in batch.payments} if key in agreements}
    now = {(one.id, one.payee): one for one in _payables(session, mine, moment, without=batch.id)}
    found = []
    for payment in batch.payments:
        stands = now.get((payment.agreement_id, payment.payee))
        if stands is not None and stands.payer != batch.payer:
            found.append(Change(payment, "payer", batch.currency, payer=stands.payer))
            continue
        accounts = accounts_within(session, payment.payee, batch.payer, moment.end)
        if accounts[-1].seq >= batch.as_of_seq:
            found.append(Change(payment, "account", batch.currency, seq=accounts[-1].seq))
        elif next(one for one in accounts if one.seq == payment.account_seq).details is None:
            found.append(Change(payment, "erased", batch.currency))
        elif stands and (stands.account is None or stands.account.seq != payment.account_seq):
            found.append(Change(payment, "unused", batch.currency))
        if stands is not None and stands.waits == "identity":
            found.append(Change(payment, "identity", batch.currency))
        if stands is None or stands.payable_minor < payment.amount_minor:
            left = stands.payable_minor if stands else 0
            found.append(Change(payment, "amount", batch.currency, left))
    return found


def _released(session: Session, agreements: Versions, batch: Batch, act: Act) -> list[NewEntry]:
    """Return the entries of a release, one a payment, with their postings."""
    return [
        NewEntry(
            source=SOURCE,
            id=step_id(batch.id, payment.number, RELEASED_KIND),
            kind=RELEASED_KIND,
            occurred_at=act.at,
            asserter=batch.payer,
            agreement=payment.agreement,
            concerns=(batch.payer, payment.payee),
            groups=(
                Group(BATCH_GROUP, (batch.payer,), {"batch": batch.id, "released_by": act.by}),
                Group(
                    PAYMENT_GROUP,
                    (batch.payer, payment.payee),
                    told(batch, payment),
                    posted(session, payment, batch.currency, clause_of(agreements, payment)),
                ),
            ),
        )
        for payment in batch.payments
    ]


def told(batch: Batch, payment: Payment) -> dict[str, Any]:
    """Return what every entry about a payment says of it, to payer and payee."""
    return {
        **payment_content(payment),
        "batch": batch.id,
        "payer": batch.payer,
        "currency": batch.currency,
        "digest": batch.digest,
    }


def clause_of(agreements: Versions, payment: Payment) -> str:
    """Return the clause that a payment's postings name."""
    mine = agreements[payment.agreement_id]
    return payout_terms(next(one for one in mine if one.ref == payment.agreement)).clause
