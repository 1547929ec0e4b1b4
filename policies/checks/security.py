"""What a party has put up to secure what it may owe: the deposits and reserves that a document fixes."""

from __future__ import annotations

from fractions import Fraction

from policies.agreement import Agreement
from policies.checks.asking import read
from policies.checks.bounds import upper
from policies.checks.paths import party_of, payees_of

SECURITIES = ("deposit", "reserve", "bond")
"""Purposes of a party's accounts that secure what it owes."""


def security_of(agreement: Agreement, owner: str) -> dict[str, Fraction]:
    """Return what a party puts up, in major units, by the clause that says so; empty where none fixes it."""
    found: dict[str, Fraction] = {}
    for clause in agreement.document.clauses:
        core = agreement.clauses[clause.id]
        for remedy in core.remedies:
            secured = any(
                party_of(account) == owner and account.partition(".")[2] in SECURITIES
                for account in payees_of(agreement, remedy)
            )
            most = upper(read(agreement, core, remedy.amount)) if secured and remedy.amount else None
            if most is not None:
                found[core.id] = max(most, found.get(core.id, most))
    return found
