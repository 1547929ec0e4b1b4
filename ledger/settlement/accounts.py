"""Account names of a document ("mcn.balance", "consumers(12000)", "escrow") and the accounts they stand for.

An account's owner is a party's global id, a payee class by its key, or `escrow`. Postings themselves are
ledger.entries.Posting.
"""

from __future__ import annotations

import re

from ledger.entries import Posting
from ledger.settlement.errors import SettlementRefused
from policies.agreement import Agreement

ESCROW = "escrow"
"""Owner of an agreement's escrow account, which is nobody's balance."""

DEFAULT_PURPOSE = "balance"
RECEIVABLE = "receivable"
"""Purpose of the account on which stands, below zero, what its owner owes."""

SET_ASIDE = frozenset({"deposit", "reserve", "receivable", "tax", "penalty_pool", "clearing", "suspense"})
"""Purposes of accounts that hold what their owner is not to be paid: a statement shows only what moved there
from what it is."""

_COUNTED = re.compile(r"(:[^()]*)?(\([0-9]+\))?$")


def owner_and_purpose(agreement: Agreement, account: str) -> tuple[str, str]:
    """Return owner and purpose of an account named in a document or decision.

    A count of payees as in "consumers(12000)" and an order as in "escrow:A-17" are dropped, and a name with
    no purpose is a balance.
    Raises SettlementRefused for an owner that the document does not know.
    """
    key, _, purpose = _COUNTED.sub("", account, count=1).partition(".")
    if key in agreement.parties:
        return agreement.party_id(key), purpose or DEFAULT_PURPOSE
    if key == ESCROW or key in agreement.document.payees:
        return key, purpose or DEFAULT_PURPOSE
    raise SettlementRefused(
        f"'{account}' belongs to no party, payee class or escrow of the document", where=agreement.ref
    )


def posting_pair(  # noqa: PLR0913 -- two accounts and what moves between them, under which clause
    agreement: Agreement, source: str, target: str, amount_minor: int, *, clause: str, kind: str
) -> tuple[Posting, Posting]:
    """Return the two postings that move `amount_minor` (not 0) from one account name to another.

    A negative amount moves the other way.
    """

    def posting(account: str, amount: int) -> Posting:
        owner, purpose = owner_and_purpose(agreement, account)
        return Posting(
            owner=owner,
            purpose=purpose,
            agreement=agreement.id,
            currency=agreement.currency,
            amount_minor=amount,
            clause=clause,
            kind=kind,
        )

    return posting(source, -amount_minor), posting(target, amount_minor)
