"""What was ruled on the costs of a case, as moves that go with the decision that stands.

The fees are taken from what each side has and held for whoever paid the arbiters: a ruling on costs is
enforced by the one entry that enforces the ruling, so that nothing of it is posted twice, or by an appeal in
vain. Who bears them by the document goes by the decision that stands, not by one that was appealed since.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ledger.cases.bench import bench
from ledger.cases.record import CaseRecord, Step
from ledger.settlement.accounts import DEFAULT_PURPOSE, ESCROW
from ledger.settlement.decisions import DECISION_PHASE
from policies.agreement import Agreement
from policies.clauses.dispute_process import Arbiters
from policies.money import from_minor, round_minor, to_minor

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
            "amount": from_minor(minor, agreement.currency),
            "amount_minor": minor,
            "clause": decision["clause"],
            "currency": agreement.currency,
            "from": f"{keys.get(party, party)}.{DEFAULT_PURPOSE}",
            "kind": KIND,
            "phase": DECISION_PHASE,
            "seq": number,
            "status": "settled",
            "to": f"{ESCROW}.{KIND}",
        }
        for number, (party, minor) in enumerate(
            shares_of(record, agreement, ruled, decision).items(), len(decision["postings"]) + 1
        )
    ]
    costs = {"costs_seq": ruled.seq, "costs_minor": ruled.content["total_minor"]}
    return {**decision, **costs, "postings": [*decision["postings"], *moves]}


def shares_of(
    record: CaseRecord, agreement: Agreement, ruled: Step, decision: Mapping[str, Any]
) -> dict[str, int]:
    """Return what each side that bears some bears of the costs ruled on, in minor units by global id.

    As ruled, or where the document's word was ruled, by it and what a decision gives the claimant.
    """
    if not ruled.content["by_document"]:
        return {one["party"]: one["amount_minor"] for one in ruled.content["shares"]}
    sides = (record.filed.content["claimant"], record.filed.content["respondent"])
    lost = lost_part(record, agreement, decision)
    parts = by_document(bearing(agreement).costs, ruled.content["total_minor"], lost)
    named = (agreement.party_id(key) if key in agreement.parties else key for key in sides)
    return {party: minor for party, minor in zip(named, parts, strict=True) if minor}


def bearing(agreement: Agreement) -> Arbiters:
    """Return what a document says of arbiters and costs, or what stands where it is silent."""
    process = agreement.process
    return (process.arbiters if process else None) or Arbiters()


def by_document(rule: str, total_minor: int, lost: Fraction) -> tuple[int, int]:
    """Return what claimant and respondent bear of costs by `loser` or `halves`; the second bears the rest."""
    part = lost if rule == "loser" else Fraction(1, 2)
    first = round_minor(part * total_minor, "half_up")
    return first, total_minor - first


def lost_part(record: CaseRecord, agreement: Agreement, decision: Mapping[str, Any]) -> Fraction:
    """Return how much of what they claimed the claimant lost by a decision, 0 to 1.

    Of a claim of no amount, all or nothing.
    """
    claimed = record.filed.content["case"]["claim"].get("amount")
    if claimed is None or not (minor := to_minor(claimed, agreement.currency)):
        return Fraction(int(decision["outcome"] == "rejected"))
    return 1 - Fraction(min(max(decision["amount_minor"], 0), minor), minor)
