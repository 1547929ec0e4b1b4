"""The rows that a source names: those of one set, or the pairs of two that an equality joins.

Pairs are found by hash of what the equality compares, so a join costs what it yields. A row in which that is
unknown may pair with any row, and is offered with every one; the condition itself is evaluated by the reader.
Sets share no fact; where both rows name an order, it is that of the set named first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.errors import FormulaError
from policies.formulas.tree import Rows
from policies.formulas.values import Row, Unknown, Value

PAIRS_LIMIT = 200_000
"""Pairs of rows that one join may look at."""


def candidates(rows: Rows, sets: Mapping[str, Iterable[Row]]) -> Iterable[Row] | Unknown:
    """Return every row that may meet the condition of a bound source, or which sets are not known.

    Raises FormulaError for more pairs than PAIRS_LIMIT.
    """
    wanted = [rows.name] if rows.other is None else [rows.name, rows.other]
    lacking = frozenset(name for name in wanted if name not in sets)
    if lacking:
        return Unknown(lacking)
    if rows.other is None:
        return sets[rows.name]
    return _Join(rows, tuple(sets[rows.other])).pairs(sets[rows.name])


@dataclass(frozen=True, slots=True)
class _Join:
    rows: Rows
    right: tuple[Row, ...]

    def pairs(self, left: Iterable[Row]) -> Iterator[Row]:
        by_key: dict[tuple[Value, ...], list[Row]] = {}
        unclear: list[Row] = []
        for row in self.right:
            key = _key(row, [name for _, name in self.rows.on])
            (unclear if key is None else by_key.setdefault(key, [])).append(row)
        seen = 0
        for row in left:
            key = _key(row, [name for name, _ in self.rows.on])
            partners = self.right if key is None else [*by_key.get(key, ()), *unclear]
            seen += len(partners)
            if seen > PAIRS_LIMIT:
                message = (
                    f"'{self.rows.name} with {self.rows.other}' joins more than {PAIRS_LIMIT} pairs of rows;"
                    " join by a name that tells more of them apart"
                )
                raise FormulaError(message)
            for other in partners:
                yield Row({**other.facts, **row.facts}, row.count * other.count)


def _key(row: Row, names: list[str]) -> tuple[Value, ...] | None:
    """Return what a row is joined by, None where some of it is unknown."""
    values = tuple(row.facts.get(name, _MISSING) for name in names)
    return None if any(isinstance(value, Unknown) for value in values) else values


_MISSING = Unknown(frozenset())
