"""Where a decision may turn: the differences that its formulas compare, measured on the facts of a case.

Every comparison, choice, step of a table, cap, floor and award of the clauses in play is a difference that is
zero where the decision turns. Measured at two steps of one fact, each names the step at which it would be
zero; for what is linear in the fact that is exact. Nothing here decides; whoever asks decides again there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, islice

from policies.clauses.core import Clause, Remedy
from policies.counterfactuals.axis import measured
from policies.counterfactuals.places import ROWS_LIMIT
from policies.decisions.conditions import condition
from policies.decisions.decide import Worked
from policies.errors import FormulaError
from policies.formulas.exact import Facts, Unknown, evaluate
from policies.formulas.joins import candidates
from policies.formulas.tree import Aggregate, Call, Comparison, Lookup, Node, Rows, children

Key = tuple[str | int, ...]
"""Which difference: clause, part, and place within the formula, the same whatever the facts."""


def measures(worked: Worked) -> dict[Key, Fraction]:
    """Return every difference that the facts of a case suffice to tell, by where it stands."""
    found: dict[Key, Fraction] = {}
    for clause in worked.clauses:
        facts = worked.awards.facts(worked.shown, clause)
        found.update(_of_clause(worked, clause, facts))
    return found


def amounts(worked: Worked) -> dict[str, int]:
    """Return what is awarded less what is set off, and less what is asked, in minor units."""
    awards, shown = worked.awards, worked.shown
    granted = awards.total_minor(set_off=False)
    asked = shown.facts.values.get("claim.amount")
    claimed = int(asked * shown.agreement.scale) if isinstance(asked, Fraction) else 0
    return {"net": granted - awards.total_minor(set_off=True), "asked": granted - claimed}


def turning(before: Mapping[Key, Fraction], after: Mapping[Key, Fraction], at: int) -> set[Fraction]:
    """Return the steps where some difference would be zero, from its values at step `at` and the next."""
    slopes = {key: after.get(key, value) - value for key, value in before.items()}
    return {at - before[key] / slope for key, slope in slopes.items() if slope}


def _of_clause(worked: Worked, clause: Clause, facts: Facts) -> Iterator[tuple[Key, Fraction]]:
    agreement = worked.shown.agreement
    under = worked.shown.under(clause)
    whole = condition(agreement, clause, under)
    if whole is not None:
        yield from _within(whole, under, (clause.id, "when"))
    for name, figure in (clause.figures or {}).items():
        yield from _within(agreement.formula(figure.value), facts, (clause.id, "figure", name))
    for number, remedy in enumerate(clause.remedies):
        yield from _of_remedy(worked, remedy, facts, (clause.id, "remedy", number))
    for effect in clause.effects:
        if effect.if_ is not None:
            yield from _within(agreement.formula(effect.if_), facts, (clause.id, "effect", effect.id))


def _of_remedy(worked: Worked, remedy: Remedy, facts: Facts, key: Key) -> Iterator[tuple[Key, Fraction]]:
    agreement = worked.shown.agreement
    for part in ("if_", "cap_if"):
        text = getattr(remedy, part)
        if text is not None:
            yield from _within(agreement.formula(text), facts, (*key, part))
    if remedy.for_ is not None and remedy.each is not None:
        node = agreement.formula(remedy.each)
        for at, inside in _rows(agreement.rows_formula(remedy.for_), facts):
            yield from _whole(node, inside, (*key, "each", at))
        return
    assert remedy.amount is not None
    amount = agreement.formula(remedy.amount)
    yield from _whole(amount, facts, (*key, "amount"))
    own = _value(amount, facts)
    for part, text in (("cap", remedy.cap), ("floor", remedy.floor)):
        if text is None:
            continue
        limit = agreement.formula(text)
        yield from _whole(limit, facts, (*key, part))
        other = _value(limit, facts)
        if own is not None and other is not None:
            yield (*key, part, "limit"), own - other


def _whole(node: Node, facts: Facts, key: Key) -> Iterator[tuple[Key, Fraction]]:
    """Yield a figure itself, which is zero where nothing is due, and the differences within it."""
    value = _value(node, facts)
    if value is not None:
        yield (*key, "zero"), value
    yield from _within(node, facts, key)


def _within(node: Node, facts: Facts, key: Key) -> Iterator[tuple[Key, Fraction]]:
    match node:
        case Comparison(_, left, right):
            yield from _between(left, right, facts, key)
        case Call("min" | "max", arguments):
            for (i, left), (j, right) in combinations(enumerate(arguments), 2):
                yield from _between(left, right, facts, (*key, i, j))
        case Lookup(key=read, table=table) if table is not None:
            value = _value(read, facts)
            for number, (upto, _) in enumerate(table.steps):
                if value is not None and upto is not None:
                    yield (*key, "step", number), value - upto.value
        case Aggregate(_, body, rows):
            for at, inside in _rows(rows, facts):
                yield from _whole(body, inside, (*key, "row", at))
                if rows.where is not None:
                    yield from _within(rows.where, inside, (*key, "where", at))
            return
        case _:
            pass
    for place, child in enumerate(children(node)):
        yield from _within(child, facts, (*key, place))


def _rows(rows: Rows, facts: Facts) -> Iterator[tuple[int, Facts]]:
    found = candidates(rows, facts.rows)
    if isinstance(found, Unknown):
        return
    for at, row in enumerate(islice(found, ROWS_LIMIT)):
        yield at, Facts({**facts.values, **row.facts}, {}, facts.rounded)


def _between(left: Node, right: Node, facts: Facts, key: Key) -> Iterator[tuple[Key, Fraction]]:
    one, other = _value(left, facts), _value(right, facts)
    if one is not None and other is not None:
        yield key, one - other


def _value(node: Node, facts: Facts) -> Fraction | None:
    """Return a figure as a number; None where it is unknown, has no order, or cannot be worked out."""
    try:
        value = evaluate(node, facts)
    except FormulaError:
        return None
    return None if isinstance(value, Unknown) else measured(value)
