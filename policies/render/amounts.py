"""Formulas of a contract in words: as prose reads them, each amount written out in Chinese in capitals too.

`min(2_000_000.00, 130% * proven_loss)` names 2,000,000.00 元（人民币贰佰万元整）. Which numbers are money is
told by what they stand with: 500.00 in `500.00 * days_late` is, 0.05 in `0.05 * paid` is a rate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from policies.agreement import Agreement
from policies.formulas.prose import Prose
from policies.formulas.tree import (
    Aggregate,
    Arithmetic,
    Call,
    Comparison,
    Lookup,
    Name,
    Negate,
    Node,
    Number,
    Table,
    children,
)
from policies.money import minor_digits
from policies.render.capitals import capitals

IsMoney = Callable[[str], bool]
_FIGURES = frozenset({"whole", "base", "award"})
_SURELY_MONEY = 100
"""A number of this size that is written with cents is an amount; smaller ones, such as 1.30, may be rates."""

_OWNERS = frozenset({"due", "settled", "awarded", "reversed", "balance", "claim"})


@dataclass(frozen=True, slots=True)
class ContractProse(Prose):
    """Prose in which the amounts of `money` stand with their capitals."""

    currency: str = "CNY"
    money: frozenset[int] = field(default_factory=frozenset)

    def _phrase(self, node: Node) -> tuple[str, int]:
        # by name: a class with slots is made anew, and `super()` alone would mean the first one
        text, rank = Prose._phrase(self, node)  # noqa: SLF001 (its own base)
        if isinstance(node, Number) and id(node) in self.money:
            return in_capitals(text, int(node.value * 10 ** minor_digits(self.currency)), self.currency), rank
        return text, rank


def in_capitals(text: str, amount_minor: int, currency: str) -> str:
    """Write an amount with its capitals in brackets; as it stands where the currency has none."""
    written = capitals(amount_minor, currency)
    return f"{text} 元（{written}）" if written else text


def contract_prose(agreement: Agreement, prose: Prose, node: Node, *, money: bool) -> ContractProse:
    """Return prose for one formula of an agreement; `money` says that the formula as a whole is an amount."""
    places = 10 ** minor_digits(agreement.currency)
    found = money_literals(node, money_names(agreement), money=money) if prose.language == "zh" else ()
    exact = frozenset(id(one) for one in found if (one.value * places).denominator == 1 and one.value)
    return ContractProse(
        prose.language, prose.labels, prose.figures, currency=agreement.currency, money=exact
    )


def money_names(agreement: Agreement) -> IsMoney:
    """Return the test whether a name of the agreement's formulas is an amount."""
    facts = {name for name, fact in agreement.document.facts.items() if fact.type == "money"}
    steps = {step.name for step in agreement.commission.waterfall} if agreement.commission else set()
    known = facts | steps | _FIGURES
    return lambda name: name in known or name.partition(".")[0] in _OWNERS


def money_literals(node: Node, is_money: IsMoney, *, money: bool) -> Iterator[Number]:
    """Yield the numbers of a formula that stand for amounts, percentages never."""
    match node:
        case Number(_, text):
            if money and not text.endswith("%"):
                yield node
        case Negate(operand):
            yield from money_literals(operand, is_money, money=money)
        case Arithmetic("*", left, right):
            known = _is_amount(left, is_money)
            first = tuple(
                money_literals(left, is_money, money=money and (known or not _is_amount(right, is_money)))
            )
            yield from first
            yield from money_literals(right, is_money, money=money and not known and not first)
        case Arithmetic("/", left, right):
            yield from money_literals(left, is_money, money=money)
            yield from money_literals(right, is_money, money=False)
        case Arithmetic(_, left, right) | Comparison(_, left, right):
            both = _is_amount(left, is_money) or _is_amount(right, is_money)
            both = both or (money and isinstance(node, Arithmetic))
            for part in (left, right):
                yield from money_literals(part, is_money, money=both)
        case Call(function, arguments) if function in {"min", "max", "if", "round"}:
            condition, amounts = (arguments[:1], arguments[1:]) if function == "if" else ((), arguments)
            joined = money or function == "round" or any(_is_amount(one, is_money) for one in amounts)
            for part in condition:
                yield from money_literals(part, is_money, money=False)
            for part in amounts:
                yield from money_literals(part, is_money, money=joined)
        case Aggregate("sum" | "min" | "max", body):
            yield from money_literals(body, is_money, money=money)
            for part in children(node)[1:]:
                yield from money_literals(part, is_money, money=False)
        case _:
            for part in children(node):
                yield from money_literals(part, is_money, money=False)


def _is_amount(node: Node, is_money: IsMoney) -> bool:
    match node:
        case Number(value, text):
            return value >= _SURELY_MONEY and re.fullmatch(r"[0-9_]+\.[0-9]{2}", text) is not None
        case Name(name):
            return is_money(name)
        case Negate(operand):
            return _is_amount(operand, is_money)
        case Arithmetic("/", left, right):
            return _is_amount(left, is_money) and not _is_amount(right, is_money)
        case Arithmetic(_, left, right):
            return _is_amount(left, is_money) or _is_amount(right, is_money)
        case Call("round", _):
            return True
        case Call(function, arguments) if function in {"min", "max", "if"}:
            return any(_is_amount(one, is_money) for one in arguments)
        case Aggregate("sum" | "min" | "max", body):
            return _is_amount(body, is_money)
        case Lookup(function, _, _, Table() as table):
            return table.gives == "money" or function == "marginal"
        case _:
            return False
