"""What every name in a formula may mean: the names that are taken, and the scopes that formulas read."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses.commission import Step
from policies.clauses.core import Clause
from policies.clauses.family import sources_named
from policies.formulas.parse import AGGREGATES, ARITY, TABLE_READS, WORDS
from policies.formulas.types import Scope, Type

CLAIM_FACTS: dict[str, Type] = {
    "claim.amount": "money", "claim.claimant": "text", "claim.respondent": "text", "decided_at": "date",
    "occurred_on": "date",
}  # fmt: skip
"""Facts that every case may have."""

RESERVED = frozenset(
    {
        *WORDS,
        *ARITY,
        *AGGREGATES,
        *TABLE_READS,
        "whole",
        "base",
        "volume",
        "orders",
        "award",
        "decided_at",
        "occurred_on",
    }
)
"""Names that formulas read as something of their own."""

RESERVED_OWNERS = frozenset(
    {"due", "settled", "reversed", "awarded", "drawn", "claim", "balance", "proven", "evidence", "volume"}
)
"""What stands before the dot in figures of a case: `due.mcn_share`."""

BALANCES = ("balance", "deposit", "reserve")
"""Purposes of a party's accounts whose balance a formula may read: `balance.brand.deposit`."""


def case_scope(agreement: Agreement) -> dict[str, Type]:
    """Return the types of every name that conditions and remedies may read."""
    scope: dict[str, Type] = {**CLAIM_FACTS, **agreement.fact_types("case")}
    for key in agreement.parties:
        scope |= {f"balance.{key}.{purpose}": "money" for purpose in BALANCES}
    for account in sources_named(cores(agreement)):
        full = f"{account}.balance" if account in agreement.parties else account
        scope[f"balance.{full}"] = scope[f"drawn.{full}"] = "money"
    for name in agreement.fact_types("case"):
        scope[f"proven.{name}"], scope[f"evidence.{name}"] = "bool", "number"
    for step in agreement.commission.waterfall if agreement.commission else ():
        scope |= {f"{owner}.{step.name}": "money" for owner in ("due", "settled", "reversed")}
    return scope


def cores(agreement: Agreement) -> dict[str, Clause]:
    """Return every clause by id as the core clause, or as written where it is too large to write out."""
    found: dict[str, Clause] = {}
    for clause in agreement.document.clauses:
        try:
            found[clause.id] = clause.core()
        except ValidationError:
            found[clause.id] = clause
    return found


def row_scopes(agreement: Agreement) -> dict[str, Scope]:
    """Return the sets of rows that aggregates may walk, with the types of their facts."""
    return agreement.row_types()


def steps(agreement: Agreement) -> Mapping[str, Step]:
    """Return the legs and pools of the split by name; none where nothing is split."""
    return {step.name: step for step in agreement.commission.waterfall} if agreement.commission else {}
