"""Balances carried over from an agreement signed elsewhere, as an entry of the log.

They stand in the document, so each party signed them; here they become postings at the start of their day.
What they add to a party's balance is on its first statement. Deposits and reserves are on their accounts,
and no statement pays them out.
"""

from __future__ import annotations

from datetime import datetime, time

from ledger.entries import Group, NewEntry, Posting
from ledger.settlement.accounts import owner_and_purpose
from policies.agreement import Agreement
from policies.money import to_minor

OPENING_KIND = "opening.stated"
OPENING_GROUP = "opening"
OPENING_CLAUSE = "opening"
"""Stands where a posting names its clause: the part of the document that the figures are in."""


def opening_entry(agreement: Agreement, *, source: str, asserter: str) -> NewEntry | None:
    """Return the `opening.stated` entry of a document, not yet appended; None where it carries nothing over.

    Its postings sum to zero: the account named as `rest` takes what is missing. Readers are the parties.
    """
    opening = agreement.document.opening
    if opening is None:
        return None
    minor = {account: to_minor(text, agreement.currency) for account, text in opening.balances.items()}
    if opening.rest is not None:
        minor[opening.rest] = -sum(minor.values())
    readers = tuple(agreement.party_id(key) for key in agreement.parties)
    content = {
        "agreement": agreement.ref,
        "sha256": agreement.sha256,
        **opening.model_dump(mode="json", by_alias=True, exclude_none=True),
    }
    postings = tuple(_posting(agreement, account, amount) for account, amount in minor.items() if amount)
    return NewEntry(
        source=source,
        id=f"{agreement.id}/opening",
        kind=OPENING_KIND,
        occurred_at=datetime.combine(opening.on, time(), tzinfo=agreement.zone),
        asserter=asserter,
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group(OPENING_GROUP, readers, content, postings),),
    )


def _posting(agreement: Agreement, account: str, amount_minor: int) -> Posting:
    owner, purpose = owner_and_purpose(agreement, account)
    return Posting(
        owner=owner,
        purpose=purpose,
        agreement=agreement.id,
        currency=agreement.currency,
        amount_minor=amount_minor,
        clause=OPENING_CLAUSE,
        kind="opening_balance",
    )
