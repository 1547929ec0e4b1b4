"""Remedies of a clause evaluated to amounts: in order, later ones citing earlier, each rounded as written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause, Remedy
from policies.errors import FactError
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.prose import Language, Prose
from policies.formulas.tree import Node, names
from policies.money import exact_decimal, exact_text, from_minor, grouped, round_minor


@dataclass(frozen=True, slots=True)
class Award:
    """One remedy's outcome: its amount in minor units, from and to which account, under which clause ids."""

    remedy: Remedy
    clauses: tuple[str, ...]
    from_account: str
    to_account: str
    amount_minor: int
    trace: Mapping[str, Any]


@dataclass
class Awards:
    """The awards so far, the facts without which a remedy stayed open, and each `awarded.KIND`."""

    awards: list[Award] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    figures: dict[str, Value] = field(default_factory=dict)

    def join(self, more: Awards) -> None:
        """Take in the awards of another clause; of one kind, figures add up."""
        self.awards += more.awards
        self.missing |= more.missing
        for name, value in more.figures.items():
            self.count(name, value)

    def count(self, name: str, value: Value) -> None:
        """Add a figure to those of its name; with one unknown among them the sum is unknown."""
        before = self.figures.get(name, Fraction(0))
        if isinstance(before, Fraction):
            self.figures[name] = before + value if isinstance(value, Fraction) else value

    def total_minor(self, *, set_off: bool) -> int:
        """Return the sum of what is awarded, or of what is set off against it."""
        return sum(one.amount_minor for one in self.awards if one.remedy.set_off is set_off)


def evaluate_remedies(agreement: Agreement, clause: Clause, facts: Facts) -> Awards:
    """Evaluate the remedies of a clause that applies. Unknown facts leave a remedy open and are named.

    `awarded.KIND` is the sum of all remedies of that kind so far, unknown as soon as one of them is.
    """
    result = Awards()
    for remedy in clause.remedies:
        seen = Facts({**facts.values, **result.figures}, facts.rows)
        outcome = _Evaluating(agreement, clause, remedy, seen).award()
        name = f"awarded.{remedy.kind}"
        if isinstance(outcome, Unknown):
            result.missing |= outcome.names
            result.count(name, outcome)
        else:
            result.awards.append(outcome)
            result.count(name, Fraction(outcome.amount_minor, agreement.scale))
    return result


@dataclass(frozen=True, slots=True)
class _Evaluating:
    """One remedy over the facts of a case."""

    agreement: Agreement
    clause: Clause
    remedy: Remedy
    facts: Facts

    def award(self) -> Award | Unknown:
        applies = self.value(self.remedy.if_) if self.remedy.if_ else True
        if isinstance(applies, Unknown):
            return applies
        if not applies:
            return self.awarded(0, 0, {"applies": False})
        if self.remedy.each is not None:
            return self.per_row()
        assert self.remedy.amount is not None
        exact = self.value(self.remedy.amount)
        if isinstance(exact, Unknown):
            return exact
        return self.bounded(self.minor(exact), {"formula": self.worded(self.remedy.amount)}, count=0)

    def bounded(self, exact: Fraction, trace: dict[str, Any], *, count: int) -> Award | Unknown:
        """Apply cap and floor to an exact number of minor units, round it, and never award below zero."""
        clauses: list[str] = []
        if self.remedy.cap is not None:
            binds = self.value(self.remedy.cap_if) if self.remedy.cap_if else True
            if isinstance(binds, Unknown):
                return binds
            if binds:
                cap = self.value(self.remedy.cap)
                if isinstance(cap, Unknown):
                    return cap
                trace["cap"] = self.worded(self.remedy.cap) | {"amount": self.money(self.minor(cap))}
                clauses += [self.remedy.cap_id] if self.remedy.cap_id else []
                exact = min(exact, self.minor(cap))
        if self.remedy.floor is not None:
            floor = self.value(self.remedy.floor)
            if isinstance(floor, Unknown):
                return floor
            trace["floor"] = self.worded(self.remedy.floor) | {"amount": self.money(self.minor(floor))}
            exact = max(exact, self.minor(floor))
        posted = max(0, round_minor(exact, self.remedy.rounding))
        return self.awarded(posted, count, trace, clauses)

    def per_row(self) -> Award | Unknown:
        """Award `each` for every row of `for`, rounded per row, and sum."""
        assert self.remedy.each is not None
        assert self.remedy.for_ is not None
        rows = self.agreement.rows_formula(self.remedy.for_)
        if rows.name not in self.facts.rows:
            return Unknown(frozenset({rows.name}))
        node, total, count, each = self.agreement.formula(self.remedy.each), 0, 0, set()
        for row in self.facts.rows[rows.name]:
            amount = self.row_amount(node, rows.where, row)
            if isinstance(amount, Unknown):
                return amount
            if amount:
                total, count = total + amount * row.count, count + row.count
                each.add(amount)
        trace: dict[str, Any] = {"formula": self.worded(self.remedy.each), "rows": count}
        if len(each) == 1:
            trace["each"] = from_minor(each.pop(), self.agreement.currency)
        return self.bounded(Fraction(total), trace, count=count)

    def row_amount(self, node: Node, where: Node | None, row: Row) -> int | Unknown | None:
        """Return what one row is awarded, None where the row is not among those meant."""
        inside = Facts({**self.facts.values, **row.facts}, {}, self.rounded)
        chosen: Value = True if where is None else evaluate(where, inside)
        if isinstance(chosen, Unknown):
            return chosen
        if not chosen:
            return None
        value = evaluate(node, inside)
        if isinstance(value, Unknown):
            return value
        return max(0, round_minor(self.minor(value), self.remedy.rounding))

    def awarded(self, minor: int, count: int, trace: dict[str, Any], clauses: Iterable[str] = ()) -> Award:
        ids = (self.remedy.id or self.clause.id, *clauses)
        if not isinstance(self.remedy.from_, str) or self.remedy.to is None:
            raise FactError("draws and pools are not paid by this version", where=self.clause.id)
        from_account = self.account(self.remedy.from_, 0)
        to_account = self.account(self.remedy.to, count)
        step = {"step": "remedy", "clause": ids[0], "remedy": self.remedy.kind}
        figures = {"amount_minor": minor, "rounding": self.remedy.rounding}
        return Award(self.remedy, ids, from_account, to_account, minor, {**step, **figures, **trace})

    def account(self, account: str, count: int) -> str:
        """Name an account in full: a party alone means its balance, a class of payees says how many."""
        if account in self.agreement.parties:
            return f"{account}.balance"
        return f"{account}({count})" if account in self.agreement.document.payees and count else account

    def value(self, formula: str) -> Value:
        return evaluate(
            self.agreement.formula(formula), Facts(self.facts.values, self.facts.rows, self.rounded)
        )

    def rounded(self, major: Fraction) -> Fraction:
        return Fraction(round_minor(self.minor(major), self.remedy.rounding), self.agreement.scale)

    def minor(self, value: Value) -> Fraction:
        assert isinstance(value, Fraction)
        return value * self.agreement.scale

    def money(self, minor: Fraction) -> str:
        return from_minor(round_minor(minor, self.remedy.rounding), self.agreement.currency)

    def worded(self, formula: str) -> dict[str, str]:
        return worded(self.agreement, self.agreement.formula(formula), self.facts.values)


def worded(agreement: Agreement, node: Node, values: Mapping[str, Value]) -> dict[str, str]:
    """Return a formula in both languages with the figures it read filled in."""
    figures = {}
    types = agreement.fact_types("case") | agreement.fact_types("order")
    for name in names(node):
        value = values.get(name)
        if isinstance(value, Fraction):
            plain = types.get(name) == "number"
            figures[name] = grouped(
                exact_decimal(value, 0) if plain else exact_text(value, agreement.currency)
            )
        elif isinstance(value, bool) or value is None or isinstance(value, Unknown):
            continue
        else:
            figures[name] = str(value)
    labels = agreement.labels()
    languages: tuple[Language, Language] = ("zh", "en")
    return {language: Prose(language, labels, figures).render(node) for language in languages}
