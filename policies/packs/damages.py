"""Tells damages that nothing limits from those that follow a loss, a price or an amount at stake.

The law asks that damages are computed in a stated way and are not excessive. A formula states the way; what
is left to ask is whether a figure stands whatever was lost, or grows without end.
"""

from __future__ import annotations

from fractions import Fraction

from policies.agreement import Agreement
from policies.clauses.core import Clause, Remedy
from policies.formulas.tree import Arithmetic, Call, Node, Number, names, walk

EXCESSIVE = Fraction(13, 10)
"""More than this part of a loss, thirty per cent above it, is generally held excessive (法释〔2023〕13号)."""

_DAYS = ("decided_at", "occurred_on")


def without_limit(agreement: Agreement, clause: Clause, remedy: Remedy) -> bool:
    """Tell whether a party is owed a figure, so much a day or piece, or a multiple, and no cap bounds it.

    What is paid to people who do not sign, such as buyers, is no agreed damages between the parties.
    """
    pool = (clause.pools or {}).get(remedy.into or "")
    payee = pool.to if pool is not None else remedy.to
    written = remedy.amount or remedy.each
    if remedy.cap is not None or written is None or owner(payee or "") not in agreement.parties:
        return False
    formula = agreement.formula(written)
    if isinstance(formula, Call) and formula.function == "min":
        return False
    follows = any(_is_money(agreement, name) for name in names(formula))
    return not follows or any(map(_multiplies, walk(formula)))


def payers(clause: Clause, remedy: Remedy) -> tuple[str, ...]:
    """Return the accounts that a remedy draws on, those of its pool where it is paid into one."""
    pool = (clause.pools or {}).get(remedy.into or "")
    source = pool.from_ if pool is not None else remedy.from_
    if source is None:
        return ()
    return (source,) if isinstance(source, str) else tuple(draw.account for draw in source)


def owner(account: str) -> str:
    """Return whose account it is."""
    return account.partition(".")[0]


def _is_money(agreement: Agreement, name: str) -> bool:
    """Tell whether a name is money; one that is no fact, such as `claim.amount`, is unless it is a day."""
    fact = agreement.document.facts.get(name)
    return name not in _DAYS if fact is None else fact.type == "money"


def _multiplies(node: Node) -> bool:
    if not isinstance(node, Arithmetic) or node.op != "*":
        return False
    return any(isinstance(side, Number) and side.value > EXCESSIVE for side in (node.left, node.right))
