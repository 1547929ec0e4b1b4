"""Values that formulas work on: what is known, what is not, and rows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unknown:
    """The value of what was not shown: the facts that are missing, and whether one is given but disputed."""

    names: frozenset[str]
    disputed: bool = False


Known = Fraction | bool | str | date | datetime
Value = Known | Unknown


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a set, standing for `count` alike rows."""

    facts: Mapping[str, Value]
    count: int = 1


@dataclass(frozen=True, slots=True)
class Facts:
    """What a formula is evaluated on: values by name, sets of rows by name, and how `round()` rounds."""

    values: Mapping[str, Value]
    rows: Mapping[str, Iterable[Row]] = field(default_factory=dict)
    rounded: Callable[[Fraction], Fraction] | None = None
