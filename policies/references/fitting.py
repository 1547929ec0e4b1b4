"""What every part of a document is asked: is this formula of this type, is this account known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.agreement import Agreement
from policies.errors import Finding, FormulaError, did_you_mean
from policies.formulas.tree import Call, walk
from policies.formulas.types import Scope, Type, check_type
from policies.source import Path


def account(agreement: Agreement, account: str, path: Path) -> Iterator[Finding]:
    """Yield a finding where an account belongs to nobody the document names."""
    owner = account.partition(".")[0]
    known = {*agreement.parties, *agreement.document.payees, "escrow"}
    if owner not in known:
        message = f"'{owner}' is neither a party nor a class of payees nor escrow{did_you_mean(owner, known)}"
        yield agreement.finding("party.unknown", message, path)


def typed(  # noqa: PLR0913, PLR0917 (the six are one question: is this formula, here, of this type)
    agreement: Agreement,
    formula: str,
    scope: Scope,
    expected: Type,
    path: Path,
    rows: Mapping[str, Scope] | None = None,
) -> Iterator[Finding]:
    """Yield a finding where a formula does not parse, or is not of the expected type in this scope."""
    try:
        node = agreement.formula(formula)
        check_type(node, scope, rows or {}, expected)
    except FormulaError as fault:
        yield agreement.finding("formula.invalid", f"in '{formula}': {fault}", path)
        return
    if expected == "bool" and any(isinstance(one, Call) and one.function == "round" for one in walk(node)):
        message = f"in '{formula}': round() stands in amounts only; a condition compares exact figures"
        yield agreement.finding("formula.invalid", message, path)
