"""What of a case's facts counts under one clause: its presumptions, what it wants proven, its figures.

A clause may `presume` a value while nobody has shown one, and may want a fact proven: then an asserted or
presumed value is as good as missing, and a presumption of the clause stands in for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.decisions.case_file import Standing
from policies.facts import read_fact
from policies.formulas.exact import Facts, Known, Unknown, Value
from policies.formulas.tree import names
from policies.money import exact_decimal


@dataclass(frozen=True, slots=True)
class Shown:
    """The facts of a case as they are shown, and the standing of each that is given."""

    agreement: Agreement
    facts: Facts
    standing: Mapping[str, Standing] = field(default_factory=dict)

    def under(self, clause: Clause) -> Facts:
        """Return the facts that count under a clause."""
        if not clause.presume and not clause.needs_proof:
            return self.facts
        values: dict[str, Value] = dict(self.facts.values)
        for name in clause.needs_proof or ():
            if self.standing.get(name) != "proven":
                values[name] = Unknown(frozenset({name}), disputed=self.standing.get(name) == "disputed")
        for name, text in (clause.presume or {}).items():
            if isinstance(values.get(name), Unknown | None):
                fact = self.agreement.document.facts[name]
                values[name] = read_fact(text, fact.type, self.agreement.currency, fact.options)
        return Facts(values, self.facts.rows, self.facts.rounded)

    def presumptions(self, clause: Clause) -> Iterator[dict[str, Any]]:
        """Yield what is presumed among the facts that a clause reads, by the clause or by the case."""
        labels = self.agreement.labels()
        under = self.under(clause).values
        for name in sorted({*_read(self.agreement, clause), *(clause.presume or ())}):
            by_clause = under.get(name) != self.facts.values.get(name)
            value = under.get(name)
            if isinstance(value, Unknown | None) or not (by_clause or self.standing.get(name) == "presumed"):
                continue
            text = (clause.presume or {})[name] if by_clause else _written(value)
            label = labels.get(name, {"zh": name, "en": name})
            yield {
                "step": "presumption",
                "clause": clause.id,
                "fact": name,
                "value": text,
                "by": "clause" if by_clause else "case",
                "zh": f"推定：{label['zh']} = {text}",
                "en": f"presumed: {label['en']} = {text}",
            }


def _read(agreement: Agreement, clause: Clause) -> frozenset[str]:
    """Return the facts that some formula of a clause reads."""
    formulas = [
        clause.when,
        clause.review_when,
        *(figure.value for figure in (clause.figures or {}).values()),
    ]
    formulas += [effect.if_ for effect in clause.effects]
    for remedy in clause.remedies:
        formulas += [remedy.amount, remedy.each, remedy.if_, remedy.cap, remedy.cap_if, remedy.floor]
    read = [names(agreement.formula(text)) for text in formulas if text is not None]
    return frozenset().union(*read) & agreement.fact_types("case").keys()


def _written(value: Known) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return exact_decimal(value, 0) if isinstance(value, Fraction) else str(value)
