"""A due worked out: the clause and those evaluated with it, over the facts that count on the occasion.

The readers are those of decisions: conditions by the rules and the exact reader, remedies in order, drawn
from their accounts. Nobody claims anything here, so set-off is simply what moves the other way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.clauses.family import family, lending
from policies.decisions.awards import Awards, evaluate_remedies
from policies.decisions.case_file import Standing
from policies.decisions.conditions import Applicability, applicability, condition
from policies.decisions.filled import figure_text, worded
from policies.decisions.proof import Shown
from policies.decisions.review import effects_of, review_asked
from policies.dues.due import Cause, HeldBecause, WorkedDue
from policies.dues.occasions import Occasion
from policies.errors import FactError, FormulaError
from policies.formulas.exact import Facts, Row, Unknown, Value, evaluate
from policies.money import AMOUNT_LIMIT_MINOR


@dataclass(frozen=True)
class Told:
    """What a run knows on an occasion: recorded facts with their standing, sets of rows, and figures.

    `figures` are what the ledger gives by itself: `balance.ACCOUNT`, `due.LEG`, `settled.LEG`,
    `reversed.LEG`.
    """

    facts: Mapping[str, Value]
    standing: Mapping[str, Standing]
    rows: Mapping[str, tuple[Row, ...]]
    figures: Mapping[str, Value] = field(default_factory=dict)


def work_out(agreement: Agreement, occasion: Occasion, told: Told) -> WorkedDue:
    """Return what a clause comes to on an occasion, or why it is held.

    Raises EnginesDisagree and ReadersDisagree where two readers of the same document differ.
    """
    clause = agreement.clauses[occasion.clause]
    try:
        return _Working(agreement, clause, occasion, told).due()
    except (FormulaError, FactError) as fault:
        words = {
            "zh": f"条款无法以这些数值计算：{fault}",
            "en": f"the clause cannot work on these figures: {fault}",
        }
        return WorkedDue(occasion, held=HeldBecause("figures", words=(words,)))


def due_day(agreement: Agreement, clause: Clause, told: Told) -> Value:
    """Return the day that a clause gives as `on`; unknown while the facts that it reads are."""
    assert clause.falls_due is not None
    assert clause.falls_due.on is not None
    return evaluate(agreement.formula(clause.falls_due.on), Facts(told.facts, told.rows))


@dataclass
class _Working:
    agreement: Agreement
    clause: Clause
    occasion: Occasion
    told: Told
    worked: dict[str, Value] = field(default_factory=dict)
    trace: list[dict[str, Any]] = field(default_factory=list)

    def due(self) -> WorkedDue:
        shown = self.shown()
        members = family(self.agreement.clauses, self.clause.id)
        found = applicability((*members, *lending(self.agreement.clauses, members)), shown)
        self.conditions(shown, found)
        if found.conflicts:
            return self.held(
                HeldBecause(
                    "conflict",
                    words=({"zh": "两项例外相互冲突", "en": "two exceptions contradict each other"},),
                )
            )
        lacking = [truth for one in found.open if isinstance(truth := found.holds[one], Unknown)]
        if lacking:
            return self.lacking(shown, frozenset().union(*(one.names for one in lacking)))
        applied = tuple(one for one in members if one.id in found.applied)
        awards = evaluate_remedies(shown, applied, frozenset(found.applied))
        self.trace += awards.trace
        if awards.missing:
            return self.lacking(shown, frozenset(awards.missing))
        return self.unless_reviewed(shown, applied, awards)

    def unless_reviewed(self, shown: Shown, applied: tuple[Clause, ...], awards: Awards) -> WorkedDue:
        """Hold what a person must look at, else give what moves."""
        if awards.largest_minor() > AMOUNT_LIMIT_MINOR:
            raise FactError("the amounts are larger than a posting can carry")
        effects = effects_of(shown, applied, awards)
        asked = {effect.id for one in applied for effect in one.effects if effect.review}
        if any(one["id"] in asked for one in effects.open):
            return self.lacking(shown, frozenset(effects.missing))
        reasons = [one["text"] for one in effects.follow if one["id"] in effects.review]
        net = awards.total_minor(set_off=False) - awards.total_minor(set_off=True)
        reasons += (one.text for one in review_asked(shown, applied, net, awards))
        if reasons:
            return self.held(HeldBecause("review", words=tuple(reasons)))
        moves = tuple(one for one in awards.moved if one.minor)
        return WorkedDue(self.occasion, moves, None, awards.uncovered_minor(), self.worked, tuple(self.trace))

    def shown(self) -> Shown:
        """Return the facts of the occasion: recorded or by default, those worked out, and the two days."""
        case = {name: fact for name, fact in self.agreement.document.facts.items() if fact.of == "case"}
        values: dict[str, Value] = {**self.told.figures, **self.told.facts}
        values |= {"decided_at": self.occasion.day, "occurred_on": self.occasion.at}
        standing = dict(self.told.standing)
        due = self.clause.falls_due
        assert due is not None, "a clause that falls due"
        facts = Facts(values, self.told.rows)
        for name, formula in (due.facts or {}).items():
            node = self.agreement.formula(formula)
            self.worked[name] = evaluate(node, facts)
            self.trace.append(self.fact(name, self.worked[name], worded(self.agreement, node, values)))
        values |= self.worked
        standing |= dict.fromkeys(self.worked, "proven")
        for name in case:
            values[f"proven.{name}"] = standing.get(name) == "proven"
            values[f"evidence.{name}"] = Fraction(1 if name in standing else 0)
        return Shown(self.agreement, Facts(values, self.told.rows), standing)

    def fact(self, name: str, value: Value, words: Mapping[str, str]) -> dict[str, Any]:
        """Return the step of the trace that says how a fact was worked out."""
        text = figure_text(self.agreement, value, self.agreement.fact_types("case").get(name))
        return {
            "step": "fact",
            "clause": self.clause.id,
            "fact": name,
            **({"value": text} if text else {}),
            **words,
        }

    def conditions(self, shown: Shown, found: Applicability) -> None:
        """Note each condition with its figures and whether it held, and what is presumed."""
        for clause_id, truth in found.holds.items():
            clause = self.agreement.clauses[clause_id]
            facts = shown.under(clause)
            node = condition(self.agreement, clause, facts)
            result = "unknown" if isinstance(truth, Unknown) else "holds" if truth else "fails"
            words = worded(self.agreement, node, facts.values) if node is not None else {}
            self.trace.append({"step": "condition", "clause": clause_id, "result": result, **words})
            self.trace += shown.presumptions(clause)

    def lacking(self, shown: Shown, names: frozenset[str]) -> WorkedDue:
        contested = sorted(name for name in names if shown.standing.get(name) == "disputed")
        because: Cause = "contested" if contested else "missing"
        return self.held(HeldBecause(because, tuple(contested or sorted(names))))

    def held(self, why: HeldBecause) -> WorkedDue:
        return WorkedDue(self.occasion, held=why, facts=self.worked, trace=tuple(self.trace))
