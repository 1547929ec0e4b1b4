"""Aggregates as z3 terms: over any rows at all, or over a few rows made out one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, Any

from policies.formulas.tree import Aggregate, Rows

if TYPE_CHECKING:
    from policies.formulas.terms import Reading, Terms

ALIKE_LIMIT = 1_000
"""Rows that one row made out for a witness may stand for."""


@dataclass
class RowTerms:
    """The aggregates of one set of terms. `counts` says how many rows each row made out stands for."""

    terms: Terms
    counts: dict[tuple[str, int], Any] = field(default_factory=dict)
    any_figure: dict[Aggregate, Reading] = field(default_factory=dict)

    def aggregate(self, node: Aggregate) -> Reading:
        """Return an aggregate. Raises FormulaError for what in it has no term."""
        if self.terms.rows is None:
            if node not in self.any_figure:
                self.any_figure[node] = self._any(node)
            return self.any_figure[node]
        found = list(self._made_out(node))
        z3, zero = self.terms.z3, self.terms.number(0)
        match node.function:
            case "count":
                total = reduce(lambda a, b: a + b, (z3.If(chosen, alike, zero) for chosen, alike, _ in found))
                return self._reading(total)
            case "sum":
                parts = (z3.If(chosen, alike * body, zero) for chosen, alike, body in found)
                return self._reading(reduce(lambda a, b: a + b, parts))
            case "all":
                return self._reading(z3.And(*(z3.Implies(chosen, body) for chosen, _, body in found)))
            case "any":
                return self._reading(z3.Or(*(z3.And(chosen, body) for chosen, _, body in found)))
            case _:
                return self._extreme(node, found)

    def _any(self, node: Aggregate) -> Reading:
        """Return any figure that the aggregate could be, and more: what never holds of it never holds."""
        z3, context = self.terms.z3, self.terms.context
        if node.function in {"all", "any"}:
            return self._reading(z3.FreshBool("any", ctx=context))
        if node.function == "count":
            count = z3.FreshInt("any", ctx=context)
            self.terms.bounds.append(count >= 0)
            return self._reading(z3.ToReal(count))
        known = z3.FreshBool("any", ctx=context) if node.function in {"min", "max"} else None
        return self._reading(z3.FreshReal("any", ctx=context), known)

    def _made_out(self, node: Aggregate) -> Iterator[tuple[Any, Any, Any]]:
        """Yield, for each row or pair made out, whether it is meant, how many it stands for, its figure."""
        terms = self.terms
        for row in self._rows(node.rows):
            names: dict[str, str] = {}
            for name, index in row:
                names |= {fact: f"{name}[{index}].{fact}" for fact in terms.domain.rows[name]}
            counts = [self._alike(name, index) for name, index in row]
            with terms.inside(names):
                meant = [] if node.rows.where is None else [terms.term(node.rows.where)]
                body = terms.term(node.body)
            chosen = terms.z3.And(*(count > 0 for count in counts), *meant)
            yield chosen, terms.z3.ToReal(reduce(lambda a, b: a * b, counts)), body

    def _rows(self, rows: Rows) -> Iterator[tuple[tuple[str, int], ...]]:
        sets = [rows.name] if rows.other is None else [rows.name, rows.other]
        yield from product(*([(name, index) for index in range(self.terms.rows or 0)] for name in sets))

    def _alike(self, name: str, index: int) -> Any:
        if (name, index) not in self.counts:
            count = self.terms.z3.Int(f"{name}[{index}]", self.terms.context)
            self.terms.bounds += [count >= 0, count <= ALIKE_LIMIT]
            self.counts[name, index] = count
        return self.counts[name, index]

    def _extreme(self, node: Aggregate, found: list[tuple[Any, Any, Any]]) -> Reading:
        z3 = self.terms.z3
        value = z3.FreshReal(node.function, ctx=self.terms.context)
        known = z3.Or(*(chosen for chosen, _, _ in found))
        for chosen, _, body in found:
            beyond = value <= body if node.function == "min" else value >= body
            self.terms.bounds.append(z3.Implies(chosen, beyond))
        is_one = z3.Or(*(z3.And(chosen, value == body) for chosen, _, body in found))
        self.terms.bounds.append(z3.Implies(known, is_one))
        return self._reading(value, known)

    def _reading(self, value: Any, known: Any = None) -> Reading:
        return self.terms.reading(value, known)
