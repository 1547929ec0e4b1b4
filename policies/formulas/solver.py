"""The z3 reader: questions about every order or case at once, answered by a proof or by values.

A question is answered under a resource limit, not a clock, so the answer is repeatable; an answer with values
was confirmed by the exact reader first. It is not the place where checks are worded; how formulas become
terms is `policies.formulas.terms`'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

from policies.formulas.terms import Terms, one_context
from policies.formulas.values import Facts, Known, Row, Value
from policies.formulas.variables import Domain
from policies.money import round_minor

__all__ = ["Answer", "Domain", "Terms", "Values", "facts_of", "find", "one_context", "solve"]

RESOURCE_LIMIT = 2_000_000
"""z3 resource units for one question: about a second, and the same on every machine."""

_ESCAPE = re.compile(r"\\u\{([0-9a-fA-F]+)\}")
"""How z3 writes characters beyond ASCII."""

SMALL_MAJOR = 1_000
"""Witnesses are looked for among amounts up to this many major units first: people read those best."""

ROWS_MADE_OUT = 2
"""Different rows of a set that a witness may have; each may stand for many alike."""


class Values(dict[str, Known]):
    """Values of a solved question by name; facts that are missing in it are left out. `rows` are its rows."""

    def __init__(self, values: Mapping[str, Known] = {}, rows: Mapping[str, tuple[Row, ...]] = {}) -> None:
        super().__init__(values)
        self.rows = dict(rows)


def facts_of(values: Mapping[str, Known]) -> Facts:
    """Return a solved case as the exact reader takes it, its rows too."""
    return Facts(values, values.rows if isinstance(values, Values) else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """`never`: nothing satisfies the question. `found`: `values` do. `unknown`: the limit was reached."""

    verdict: Literal["never", "found", "unknown"]
    values: Mapping[str, Known] = field(default_factory=dict)


def solve(terms: Terms, conditions: Iterable[Any], limit: int) -> Answer:
    """Ask whether all conditions can hold at once."""
    solver = terms.z3.Solver(ctx=terms.context)
    solver.set("rlimit", limit)
    solver.set("random_seed", 0)
    solver.add(*conditions, *terms.bounds)
    verdict = solver.check()
    if verdict == terms.z3.unsat:
        return Answer("never")
    if verdict != terms.z3.sat:
        return Answer("unknown")
    return _read_model(terms, solver.model())


def _read_model(terms: Terms, model: Any) -> Answer:
    """Return the values of a model; unknown where one of them has no plain form."""

    def solved(term: Any) -> Any:
        return model.eval(term, model_completion=True)

    values: dict[str, Known] = {}
    facts: dict[str, dict[str, Value]] = {}
    for key, variable in sorted(terms.variables.items()):
        row, _, fact = key.partition("].")
        if key in terms.optional and not terms.z3.is_true(solved(terms.known(key))):
            continue
        value = _value(terms, fact or key, solved(variable))
        if value is None:
            return Answer("unknown")
        if fact:
            facts.setdefault(f"{row}]", {})[fact] = value
        else:
            values[key] = value
    rows: dict[str, list[Row]] = {}
    for (name, index), count in terms.of_rows.counts.items():
        made = rows.setdefault(name, [])
        alike = solved(count).as_long()
        if alike:
            made.append(Row(facts.get(f"{name}[{index}]", {}), alike))
    return Answer("found", Values(values, {name: tuple(made) for name, made in rows.items()}))


def _value(terms: Terms, name: str, value: Any) -> Known | None:
    """Read a model's value; money to the nearest minor unit. None where z3 gives no plain value."""
    kind, z3 = terms.kind(name), terms.z3
    if kind == "bool":
        return bool(z3.is_true(value))
    if kind == "text":
        return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), str(value.as_string()))
    if kind == "date":
        return date.fromordinal(value.as_long())
    if kind == "instant":
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value.as_long())
    if z3.is_algebraic_value(value):
        return None
    number = Fraction(value.as_long()) if z3.is_int_value(value) else Fraction(str(value.as_fraction()))
    if kind != "money":
        return number
    scale = terms.domain.scale
    minor = number if terms.whole_minor else Fraction(round_minor(number * scale, "half_up"))
    return minor / scale


def find(
    domain: Domain,
    conditions: Callable[[Terms], Iterable[Any]],
    holds: Callable[[Mapping[str, Known]], bool],
    *,
    limit: int = RESOURCE_LIMIT,
) -> Answer:
    """Look for values that satisfy the conditions, small and in whole minor units where there are such.

    `holds` is the exact reader's word on the same question (over `facts_of(values)`): values that it does not
    confirm are never returned. `never` is a proof; `unknown` is neither. Raises FormulaError for what has no
    term.
    """
    terms = Terms(domain)
    asked = list(conditions(terms))
    if terms.asked:
        terms = Terms(domain, optional=frozenset(terms.asked))
        asked = list(conditions(terms))
    for number, (attempt, guarded) in enumerate(_attempts(terms)):
        made = list(conditions(attempt))
        answer = solve(attempt, [*made, *(attempt.guards if guarded else ())], limit)
        if answer.verdict == "found" and holds(answer.values):
            return answer
        if answer.verdict == "never" and _is_proof(attempt, guarded=guarded):
            return answer
        # most questions have a small answer; only where there is none is a proof looked for
        if number == 0 and solve(terms, asked, limit).verdict == "never":
            return Answer("never")
    return Answer("unknown")


def _is_proof(terms: Terms, *, guarded: bool) -> bool:
    """Tell whether no whole-minor order at all was left out of an attempt that found none."""
    return terms.whole_minor and terms.limit_major is None and not guarded and not terms.of_rows.counts


def _attempts(first: Terms) -> Iterator[tuple[Terms, bool]]:
    """Yield ways to look for values, the most readable first, and whether every figure must have a value."""

    def attempt(*, whole: bool, limit: int | None) -> Terms:
        return Terms(first.domain, whole, limit, first.optional, ROWS_MADE_OUT)

    yield attempt(whole=False, limit=SMALL_MAJOR), True
    yield attempt(whole=True, limit=SMALL_MAJOR), True
    if first.guards:
        yield attempt(whole=True, limit=None), True
    yield attempt(whole=True, limit=None), False
