"""What every name in a formula may mean: the names that are taken, and the scopes that formulas read."""

from __future__ import annotations

from collections.abc import Mapping

from policies.agreement import Agreement
from policies.clauses.commission import Step
from policies.formulas.parse import AGGREGATES, ARITY, WORDS
from policies.formulas.types import Scope, Type

CLAIM_FACTS: dict[str, Type] = {"claim.amount": "money", "decided_at": "date", "occurred_on": "date"}
"""Facts that every case may have."""

RESERVED = frozenset(
    {*WORDS, *ARITY, *AGGREGATES, "whole", "base", "orders", "award", "decided_at", "occurred_on"}
)
"""Names that formulas read as something of their own."""

RESERVED_OWNERS = frozenset({"due", "settled", "awarded", "claim", "balance"})
"""What stands before the dot in figures of a case: `due.mcn_share`."""

BALANCES = ("balance", "deposit", "reserve")
"""Purposes of a party's accounts whose balance a formula may read: `balance.brand.deposit`."""


def case_scope(agreement: Agreement) -> dict[str, Type]:
    """Return the types of every name that conditions and remedies may read."""
    scope: dict[str, Type] = {**CLAIM_FACTS, **agreement.fact_types("case")}
    for key in agreement.parties:
        scope |= {f"balance.{key}.{purpose}": "money" for purpose in BALANCES}
    for step in agreement.commission.waterfall if agreement.commission else ():
        scope[f"due.{step.name}"] = scope[f"settled.{step.name}"] = "money"
    return scope


def row_scopes(agreement: Agreement) -> dict[str, Scope]:
    """Return the sets of rows that aggregates may walk, with the types of their facts."""
    return {"orders": agreement.fact_types("order")}


def steps(agreement: Agreement) -> Mapping[str, Step]:
    """Return the legs and pools of the split by name; none where nothing is split."""
    return {step.name: step for step in agreement.commission.waterfall} if agreement.commission else {}
