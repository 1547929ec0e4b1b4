"""What payments post: from what the payee is owed to clearing, on to the bank, and back where they fail.

released    payee.payable, as far as something came back before, then payee.balance → payee.clearing
confirmed   payee.clearing → payer.bank
failed      payee.clearing → payee.payable
returned    the same, or payer.bank → payee.payable after it was confirmed

Clearing belongs to the payee, so what is on its way to whom stands on an account of its own, and is zero once
the bank has answered.
"""

from __future__ import annotations

from ledger.accounts import Account, balance_within
from ledger.database import Session
from ledger.entries import Posting
from ledger.payouts.reading import Payment
from ledger.settlement.accounts import DEFAULT_PURPOSE, SET_ASIDE

PAYABLE, CLEARING, BANK = "payable", "clearing", "bank"
KIND = "payout"


def released(session: Session, payment: Payment, currency: str, clause: str) -> tuple[Posting, ...]:
    """Return the postings of a release: from the payee's accounts, as far as each holds, to clearing."""
    left, postings = payment.amount_minor, []
    for purpose, there in _sources(session, payment, currency):
        minor = min(left, there)
        if minor > 0:
            postings.append(_posting(payment, payment.payee, purpose, currency, -minor, clause, KIND))
            left -= minor
    if left:  # what funders' own accounts owe to the balance stays between them
        merged = [one for one in postings if one.purpose != DEFAULT_PURPOSE]
        of_balance = payment.amount_minor + sum(one.amount_minor for one in merged)
        postings = [
            *merged,
            _posting(payment, payment.payee, DEFAULT_PURPOSE, currency, -of_balance, clause, KIND),
        ]
    postings.append(_posting(payment, payment.payee, CLEARING, currency, payment.amount_minor, clause, KIND))
    return tuple(postings)


def moved(  # noqa: PLR0913 -- what moves, from where to where, under which clause
    payment: Payment,
    source: tuple[str, str],
    target: tuple[str, str],
    *,
    currency: str,
    clause: str,
    kind: str,
) -> tuple[Posting, Posting]:
    """Return the postings that move a payment from one (owner, purpose) to another."""
    amount = payment.amount_minor
    return (
        _posting(payment, *source, currency, -amount, clause, kind),
        _posting(payment, *target, currency, amount, clause, kind),
    )


def _sources(session: Session, payment: Payment, currency: str) -> list[tuple[str, int]]:
    """Return the purposes of a payee's accounts that payments come from, in order, with what each holds."""
    rows = session.rows(
        "SELECT DISTINCT purpose FROM account WHERE owner = ? AND agreement = ? AND currency = ?",
        (payment.payee, payment.agreement_id, currency),
    )
    first = [PAYABLE, DEFAULT_PURPOSE]
    others = sorted({row[0] for row in rows} - SET_ASIDE - {*first, BANK})
    return [
        (
            purpose,
            balance_within(session, Account(payment.payee, payment.agreement_id, purpose, currency)),
        )
        for purpose in (*first, *others)
    ]


def _posting(  # noqa: PLR0913, PLR0917 -- the parts of one posting
    payment: Payment, owner: str, purpose: str, currency: str, amount_minor: int, clause: str, kind: str
) -> Posting:
    return Posting(
        owner=owner,
        purpose=purpose,
        agreement=payment.agreement_id,
        currency=currency,
        amount_minor=amount_minor,
        clause=clause,
        kind=kind,
    )
