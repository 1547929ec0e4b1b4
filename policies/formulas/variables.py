"""The variables that facts become in a proof, each with the bounds within which real facts lie.

What a domain knows of its facts decides: whole minor units or any real amount, counts, the options of an
enum, days of two centuries. How formulas over them become terms is in terms.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from policies.formulas.types import Scope, Type
from policies.money import AMOUNT_LIMIT_MINOR, Rounding

if TYPE_CHECKING:
    from policies.formulas.terms import Terms

_FIRST_DAY, _LAST_DAY = date(1970, 1, 1).toordinal(), date(2199, 12, 31).toordinal()
_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True)
class Domain:
    """What variables range over: types by name, which numbers are counts, minor units and rounding.

    `options` are what enum facts may be, `rows` the types of the facts of each set of rows.
    """

    types: Scope
    scale: int
    counts: frozenset[str] = frozenset()
    rounding: Rounding | None = None
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Mapping[str, Scope] = field(default_factory=dict)


def fresh_variable(terms: Terms, name: str, key: str, kind: Type) -> Any:
    """Return a variable of a fact's type under `key`, and add its bounds to those of the terms."""
    z3, context, domain = terms.z3, terms.context, terms.domain
    if kind == "money":
        return _money(terms, key)
    if kind == "number":
        if name not in domain.counts:
            return z3.Real(key, context)
        variable = z3.Int(key, context)
        terms.bounds.append(variable >= 0)
        return variable
    if kind == "bool":
        return z3.Bool(key, context)
    if kind == "text":
        variable = z3.String(key, context)
        if name in domain.options:
            terms.bounds.append(z3.Or(*(variable == option for option in domain.options[name])))
        return variable
    variable = z3.Int(key, context)
    first, last = _FIRST_DAY, _LAST_DAY
    if kind == "instant":
        first, last = 0, (last - first) * _MICROSECONDS
    terms.bounds += [variable >= first, variable <= last]
    return variable


def _money(terms: Terms, key: str) -> Any:
    variable = (terms.z3.Int if terms.whole_minor else terms.z3.Real)(key, terms.context)
    unit = 1 if terms.whole_minor else terms.domain.scale
    largest = Fraction(AMOUNT_LIMIT_MINOR, unit)
    if terms.limit_major is not None:
        largest = Fraction(terms.limit_major * terms.domain.scale, unit)
    bound = terms.number(largest)
    terms.bounds += [variable <= bound, variable >= -bound]
    return variable
