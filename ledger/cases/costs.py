"""What was ruled on the costs of a case, as moves that go with the decision that stands.

The fees are taken from what each side has and held for whoever paid the arbiters: a ruling on costs is
enforced by the one entry that enforces the ruling, so that nothing of it is posted twice, or by an appeal in
vain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.cases.bench import bench
from ledger.cases.record import CaseRecord
from ledger.settlement.accounts import DEFAULT_PURPOSE, ESCROW
from ledger.settlement.decisions import DECISION_PHASE
from policies.agreement import Agreement
from policies.money import from_minor

KIND = "dispute_costs"
"""What a posting of costs is, and the purpose of the account on which they are held."""


def with_costs(record: CaseRecord, agreement: Agreement, decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return a decision as JSON with what was ruled on its costs; the same where nothing was."""
    ruled = bench(record).costs
    if ruled is None:
        return dict(decision)
    keys = {agreement.party_id(key): key for key in agreement.parties}
    moves = [
        {
            "amount": from_minor(share["amount_minor"], agreement.currency),
            "amount_minor": share["amount_minor"],
            "clause": decision["clause"],
            "currency": agreement.currency,
            "from": f"{keys.get(share['party'], share['party'])}.{DEFAULT_PURPOSE}",
            "kind": KIND,
            "phase": DECISION_PHASE,
            "seq": number,
            "status": "settled",
            "to": f"{ESCROW}.{KIND}",
        }
        for number, share in enumerate(ruled.content["shares"], len(decision["postings"]) + 1)
    ]
    costs = {"costs_seq": ruled.seq, "costs_minor": ruled.content["total_minor"]}
    return {**decision, **costs, "postings": [*decision["postings"], *moves]}
