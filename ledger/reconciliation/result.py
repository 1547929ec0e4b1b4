"""What a reconciliation gives: matches, breaks, suggestions, the total explained, and a digest of it all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import polars as pl

from ledger.reconciliation.breaks import CLASSES, Break, BreakClass
from ledger.reconciliation.rows import Row
from ledger.reconciliation.rules import Rules
from policies.canonical import canonical_bytes

FORMAT = "tallystick.reconciliation/1"
"""What the digest of a result begins with."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Rows that may belong together, and why they are not simply matched.

    `why` is "several" where other rows fit too, "named" where both name something and name it differently,
    "unlikely" where so many sums are possible that one comes about by accident; `how` is what fits.
    """

    a: tuple[Row, ...]
    b: tuple[Row, ...]
    how: str
    why: str
    fits: int = 1


@dataclass(frozen=True, slots=True)
class ClassTotal:
    """What the breaks of one class come to: how many, both sides, and the difference that they explain."""

    kind: BreakClass
    count: int
    open: int
    a_minor: int
    b_minor: int

    @property
    def difference_minor(self) -> int:
        """What they explain of the difference."""
        return self.a_minor - self.b_minor


@dataclass(frozen=True)
class Result:
    """A reconciliation: `matched` rows with their matches, breaks, suggestions, what was not searched."""

    rules: Rules
    rows_a: int
    rows_b: int
    a_minor: int
    b_minor: int
    matched: pl.DataFrame
    breaks: tuple[Break, ...]
    suggestions: tuple[Suggestion, ...]
    suggested: int
    limited: int

    def assert_explained(self) -> None:
        """Stop unless every row is in one match or one open break, and breaks explain the difference."""
        broken = sum(len(one.a) + len(one.b) for one in self.open)
        assert self.matched.height + broken == self.rows_a + self.rows_b, "a row is lost or counted twice"
        explained = sum(one.difference_minor for one in self.breaks)
        assert explained == self.a_minor - self.b_minor, "the breaks do not explain the difference"

    @property
    def matches(self) -> int:
        """How many matches there are."""
        return int(self.matched["match"].n_unique())

    @property
    def open(self) -> tuple[Break, ...]:
        """The breaks that are carried over."""
        return tuple(one for one in self.breaks if one.open)

    def by_class(self) -> tuple[ClassTotal, ...]:
        """Return what the breaks of each class come to, in a fixed order; classes with none have none."""
        found = []
        for kind in CLASSES:
            mine = [one for one in self.breaks if one.kind == kind]
            sums = sum(one.a_minor for one in mine), sum(one.b_minor for one in mine)
            found.append(ClassTotal(kind, len(mine), sum(one.open for one in mine), *sums))
        return tuple(found)

    def digest(self) -> str:
        """Return SHA-256 over the rules, and every row with what became of it, sorted by side and id."""
        digest = hashlib.sha256(f"{FORMAT}\n{_text(self.rules.as_json())}\n".encode())
        broken = {
            row.id: f"break\t{one.kind}\t{one.cause}\t{_text(dict(one.figures))}"
            for one in self.breaks
            for row in (*one.a, *one.b)
            if one.open
        }
        text = pl.concat_str("side", "id", "amount_minor", "how", "match", separator="\t").alias("text")
        lines = self.matched.select("side", "id", text)
        rows = [
            (row.side, row.id, f"{row.side}\t{row.id}\t{row.amount_minor}\t{broken[row.id]}")
            for one in self.open
            for row in (*one.a, *one.b)
        ]
        more = pl.DataFrame(rows, schema=lines.schema, orient="row")
        for slice_ in pl.concat([lines, more]).sort("side", "id").iter_slices(100_000):
            digest.update("".join(f"{text}\n" for text in slice_["text"]).encode())
        return digest.hexdigest()


def _text(value: Any) -> str:
    return canonical_bytes(value).decode()
