"""Whose each line of an agreement with an attribution clause is: its own, another's, or nobody's yet.

Decided by the clauses alone (policies.splits.attribution) over what sales say, under the versions in force
when they were sold. Another agreement may say that a line is its own once the line is told under it too; its
routes then read what was told there. What is nobody's waits in suspense until a claim settles it (claims.py).
Not here: how runs leave out what is not their own (counted.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from ledger.settlement.terms import Terms
from policies.agreement import Agreement
from policies.errors import FactError
from policies.facts import order_facts
from policies.formulas.exact import Unknown, Value
from policies.splits.attribution import Attributed, attribute, attribution_facts

SAID = "said:"
"""Prefix of the columns of what a sale says, as text, that attribution reads."""

PLACE = "place:"
"""Prefix of the columns of which version was in force: its own, and that of each beside it; -1 for none."""

ATTRIBUTED = "attributed"
"""Column of a sale: `own`, `elsewhere`, or why it is nobody's: `none`, `tie` or `unknown`."""

OWN, ELSEWHERE = "own", "elsewhere"
_KEY = ["order", "line"]


def said_names(terms: Terms) -> list[str]:
    """Return the facts that the attribution clauses of an agreement's versions read."""
    return sorted(frozenset[str]().union(*(attribution_facts(one.agreement) for one in terms.versions)))


def with_attribution(
    sales: pl.DataFrame, terms: Terms, beside: Sequence[pl.DataFrame], end: int
) -> pl.DataFrame:
    """Add to sales whose each is before seq `end`, with the columns that it rests on.

    `beside` are the sales that count of each agreement beside it, in the order of `terms.beside`; only
    versions that were signed by then say that a line is theirs. Each distinct set of what sales say is read
    once, by the exact reader, whatever computes the run.
    """
    marked = sales.with_columns(_place(terms, end).alias(f"{PLACE}0"))
    for number, (other, told) in enumerate(zip(terms.beside, beside, strict=True), 1):
        columns = [_place(other, end).alias(f"{PLACE}{number}")]
        columns += [pl.col(f"{SAID}{name}").alias(f"{SAID}{number}:{name}") for name in said_names(other)]
        marked = marked.join(told.select(*_KEY, *columns), on=_KEY, how="left", maintain_order="left")
        marked = marked.with_columns(pl.col(f"{PLACE}{number}").fill_null(-1))
    key = [name for name in marked.columns if name.startswith((SAID, PLACE))]
    alike = marked.select(key).unique(maintain_order=True)
    found = [_name(terms, row) for row in alike.iter_rows(named=True)]
    named = alike.with_columns(pl.Series(ATTRIBUTED, found, dtype=pl.String))
    return marked.join(named, on=key, how="left", nulls_equal=True, maintain_order="left")


def attributed(terms: Terms, row: Mapping[str, Any]) -> Attributed | None:
    """Return where a row of `with_attribution` falls, with the reason in words and who may claim it.

    None where it was sold before the first version, or under one that attributes nothing.
    """
    if row[f"{PLACE}0"] < 0:
        return None
    own = terms.versions[row[f"{PLACE}0"]].agreement
    if own.attribution is None:
        return None
    facts = {own.ref: _facts(own, row, SAID)}
    agreements = [own]
    for number, other in enumerate(terms.beside, 1):
        if row[f"{PLACE}{number}"] >= 0:
            one = other.versions[row[f"{PLACE}{number}"]].agreement
            agreements.append(one)
            facts[one.ref] = _facts(one, row, f"{SAID}{number}:")
    return attribute(agreements, facts)


def without_attribution(sales: pl.DataFrame) -> pl.DataFrame:
    """Return sales without the columns that `with_attribution` adds."""
    return sales.select(list(_others(sales)))


def _others(sales: pl.DataFrame) -> Iterator[str]:
    for name in sales.columns:
        beside = name.startswith(SAID) and ":" in name.removeprefix(SAID)
        if name != ATTRIBUTED and not name.startswith(PLACE) and not beside:
            yield name


def _place(terms: Terms, end: int) -> pl.Expr:
    """Return which version known before seq `end` was in force when each sale was made, -1 for none."""
    place = pl.lit(-1)
    known = ((number, one) for number, one in enumerate(terms.versions) if one.known_from < end)
    for number, one in known:
        place = pl.when(pl.col("us:sold") >= one.effective_us).then(number).otherwise(place)
    return place


def _name(terms: Terms, row: Mapping[str, Any]) -> str:
    found = attributed(terms, row)
    if found is None:
        return OWN
    if found.match is None:
        return found.reason
    return OWN if found.match.agreement == terms.versions[row[f"{PLACE}0"]].agreement.ref else ELSEWHERE


def _facts(agreement: Agreement, row: Mapping[str, Any], prefix: str) -> dict[str, Value]:
    """Read what attribution needs of texts; what does not read is unknown, so that nothing is guessed."""
    values: dict[str, Value] = {}
    for name in attribution_facts(agreement):
        try:
            said = {name: row[f"{prefix}{name}"]}
            values |= order_facts(agreement, said, where="", only=frozenset({name}))
        except FactError:
            values[name] = Unknown(frozenset({name}))
    return values
