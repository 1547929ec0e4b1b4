"""A decided dispute written into the log: the decision as its parties read it, and the postings it orders.

The decision itself is made in policies; here its account names become accounts. Only postings of the phase
`decision` are taken: what settlement owes is posted by settlement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ledger.disclosed import DISPUTES
from ledger.entries import Group, NewEntry, Posting
from ledger.settlement.accounts import posting_pair
from ledger.settlement.errors import SettlementRefused
from policies.agreement import Agreement

DECISION_KIND = "dispute.decided"
DECISION_GROUP = "decision"
DECISION_PHASE = "decision"


def decision_postings(
    agreement: Agreement, postings: Iterable[Mapping[str, Any]], *, clause: str
) -> tuple[Posting, ...]:
    """Return the postings that a decision orders, in its order, under an agreement.

    Each is {"from","to","amount_minor","currency","kind","phase",…}; a "clause" of its own wins.
    Raises SettlementRefused for another currency or an account that the document does not know.
    """
    found: list[Posting] = []
    for one in postings:
        if one.get("phase", DECISION_PHASE) != DECISION_PHASE or not one["amount_minor"]:
            continue
        if one["currency"] != agreement.currency:
            raise SettlementRefused(
                f"a posting in {one['currency']} under an agreement in {agreement.currency}",
                where=agreement.ref,
            )
        found += posting_pair(
            agreement,
            one["from"],
            one["to"],
            one["amount_minor"],
            clause=one.get("clause") or clause,
            kind=one["kind"],
        )
    return tuple(found)


def decision_entry(  # noqa: PLR0913 -- the case, what was decided, when, on whose word, for whom
    agreement: Agreement,
    *,
    case: str,
    decision: Mapping[str, Any],
    decided_at: datetime,
    asserter: str,
    parties: Sequence[str],
    clause: str,
) -> NewEntry:
    """Return the `dispute.decided` entry of a case, not yet appended.

    `decision` is the decision as JSON, with its `postings`; `parties` are the global ids of those who read
    it, to whom the owners of its postings are added; `clause` names postings that name none themselves.
    """
    postings = decision_postings(agreement, decision["postings"], clause=clause)
    known = {agreement.party_id(key) for key in agreement.parties}
    readers = tuple(sorted({*parties, *(one.owner for one in postings if one.owner in known)}))
    return NewEntry(
        source=DISPUTES,
        id=f"{case}/decided",
        kind=DECISION_KIND,
        occurred_at=decided_at,
        asserter=asserter,
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group(DECISION_GROUP, readers, dict(decision), postings),),
    )
