"""One remedy worked out: its figure or its figure a row, bounded by cap and floor, rounded as written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause, Remedy
from policies.decisions.filled import worded
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.formulas.joins import candidates
from policies.formulas.tree import Rows
from policies.money import from_minor, round_minor
from policies.references.remedies import figure_types


@dataclass(frozen=True, slots=True)
class RowAmount:
    """What one row is awarded, in minor units for each of the alike rows it stands for."""

    row: Row
    number: int
    minor: int


@dataclass(frozen=True)
class Amount:
    """A remedy's figure in minor units, the rows it is for, the clause ids it rests on, and how it came."""

    minor: int
    trace: dict[str, Any]
    cited: tuple[str, ...]
    rows_name: str = ""
    rows: tuple[RowAmount, ...] = ()
    memo: Mapping[str, str] | None = None

    @property
    def counts(self) -> dict[tuple[str, int], int]:
        """How many rows each awarded row stands for, by the name of the set and the row's place in it."""
        return {(self.rows_name, one.number): one.row.count for one in self.rows}


@dataclass
class _Bounds:
    """What cap and floor made of a figure: the words of each, and the numbers of those that bit."""

    exact: Fraction
    trace: dict[str, Any] = field(default_factory=dict)
    cited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Working:
    """One remedy over the facts of a case as its clause sees them."""

    agreement: Agreement
    clause: Clause
    remedy: Remedy
    facts: Facts

    def amount(self) -> Amount | Unknown:
        """Return what the remedy awards, zero where its condition fails. Unknown where facts are lacking."""
        applies = self._value(self.remedy.if_) if self.remedy.if_ else True
        if isinstance(applies, Unknown):
            return applies
        if not applies:
            words = {"applies": False, "if": self._worded(self.remedy.if_ or "true")}
            return Amount(0, self._step(0, words), self._ids)
        return self._per_row() if self.remedy.each is not None else self._single()

    @property
    def _ids(self) -> tuple[str, ...]:
        """The clause number that the remedy is cited by."""
        return (self.remedy.id or self.clause.id,)

    def _single(self) -> Amount | Unknown:
        assert self.remedy.amount is not None
        exact = self._value(self.remedy.amount)
        if isinstance(exact, Unknown):
            return exact
        bounds = self._bounded(self._minor(exact))
        if isinstance(bounds, Unknown):
            return bounds
        posted = self._posted(bounds.exact)
        trace = self._step(posted, {"formula": self._worded(self.remedy.amount), **bounds.trace})
        return Amount(posted, trace, (*self._ids, *bounds.cited), memo=self._memo(None))

    def _per_row(self) -> Amount | Unknown:
        """Award `each` for every row of `for`, rounded per row, and sum."""
        assert self.remedy.for_ is not None
        source = self.agreement.rows_formula(self.remedy.for_)
        rows = candidates(source, self.facts.rows)
        if isinstance(rows, Unknown):
            return rows
        found: list[RowAmount] = []
        for one in self._row_amounts(source, rows):
            if isinstance(one, Unknown):
                return one
            found.append(one)
        bounds = self._bounded(Fraction(sum(one.minor * one.row.count for one in found)))
        if isinstance(bounds, Unknown):
            return bounds
        posted = self._posted(bounds.exact)
        count, figures = sum(one.row.count for one in found), {one.minor for one in found}
        each = from_minor(figures.pop(), self.agreement.currency) if len(figures) == 1 else None
        trace = {"formula": self._worded(self.remedy.each or "0"), "rows": count}
        trace |= ({"each": each} if each else {}) | bounds.trace
        ids = (*self._ids, *bounds.cited)
        return Amount(
            posted,
            self._step(posted, trace),
            ids,
            f"{source.name} {source.other or ''}",
            tuple(found),
            self._memo(each if count > 1 else None),
        )

    def _row_amounts(self, source: Rows, rows: Iterable[Row]) -> Iterator[RowAmount | Unknown]:
        """Yield what each row is awarded, passing over rows that are not meant or get nothing."""
        assert self.remedy.each is not None
        node = self.agreement.formula(self.remedy.each)
        for number, row in enumerate(rows):
            inside = Facts({**self.facts.values, **row.facts}, {}, self._rounded)
            chosen: Value = True if source.where is None else evaluate(source.where, inside)
            value = chosen if isinstance(chosen, Unknown) or not chosen else evaluate(node, inside)
            if isinstance(value, Unknown):
                yield value
            elif chosen:
                minor = self._posted(self._minor(value))
                if minor:
                    yield RowAmount(row, number, minor)

    def _bounded(self, exact: Fraction) -> _Bounds | Unknown:
        """Apply cap and floor to an exact number of minor units; a cap is cited where it bit."""
        found = _Bounds(exact)
        if self.remedy.cap is not None:
            binds = self._value(self.remedy.cap_if) if self.remedy.cap_if else True
            if isinstance(binds, Unknown):
                return binds
            if binds:
                cap = self._value(self.remedy.cap)
                if isinstance(cap, Unknown):
                    return cap
                found.trace["cap"] = self._limit(self.remedy.cap, cap)
                if self._minor(cap) < found.exact:
                    found.exact = self._minor(cap)
                    found.cited = (self.remedy.cap_id,) if self.remedy.cap_id else ()
        if self.remedy.floor is not None:
            floor = self._value(self.remedy.floor)
            if isinstance(floor, Unknown):
                return floor
            found.trace["floor"] = self._limit(self.remedy.floor, floor)
            found.exact = max(found.exact, self._minor(floor))
        return found

    def _limit(self, formula: str, value: Value) -> dict[str, str]:
        amount = from_minor(round_minor(self._minor(value), self.remedy.rounding), self.agreement.currency)
        return self._worded(formula) | {"amount": amount}

    def _memo(self, each: str | None) -> dict[str, str] | None:
        if self.remedy.set_off:
            return {"zh": "抵销", "en": "set off"}
        return {"zh": f"每单 {each}", "en": f"{each} each"} if each else None

    def _step(self, minor: int, trace: Mapping[str, Any]) -> dict[str, Any]:
        """Return the step of the trace that says how the figure came."""
        head: dict[str, Any] = {"step": "remedy", "clause": self._ids[0], "remedy": self.remedy.kind}
        head |= {"text": self.remedy.text.model_dump()} if self.remedy.text is not None else {}
        return {**head, "amount_minor": minor, "rounding": self.remedy.rounding, **trace}

    def _posted(self, exact: Fraction) -> int:
        """Round an exact number of minor units as the remedy says; an award is never below zero."""
        return max(0, round_minor(exact, self.remedy.rounding))

    def _value(self, formula: str) -> Value:
        return evaluate(
            self.agreement.formula(formula), Facts(self.facts.values, self.facts.rows, self._rounded)
        )

    def _rounded(self, major: Fraction) -> Fraction:
        return Fraction(round_minor(self._minor(major), self.remedy.rounding), self.agreement.scale)

    def _minor(self, value: Value) -> Fraction:
        assert isinstance(value, Fraction)
        return value * self.agreement.scale

    def _worded(self, formula: str) -> dict[str, str]:
        return worded(
            self.agreement,
            self.agreement.formula(formula),
            self.facts.values,
            figure_types(self.agreement, self.clause),
        )
