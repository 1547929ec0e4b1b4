"""A sample of the lines that a run settles: the same for everybody who draws it, and nobody's choice.

The digest of the run is its seed, so it is drawn after every figure is fixed. Lines of which something is
taken back are drawn apart from the others, and each version apart, so that none of them is missed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ledger.settlement.run import RunResult, VersionResult
from ledger.settlement.terms import VersionTerms


@dataclass(frozen=True, slots=True)
class SampledLine:
    """A line of a run: its version and key, whether something of it is taken back, and what its moves are."""

    version: VersionTerms
    order: str
    line: str
    taken_back: bool
    moved: Mapping[str, int]


def sample(result: RunResult, seed: str, count: int, versions: Container[int]) -> tuple[SampledLine, ...]:
    """Return up to `count` lines that a run settles under some versions, all where there are fewer."""
    strata = _strata(result, versions)
    quotas = _quotas([one.size for one in strata], count)
    found: list[SampledLine] = []
    for stratum, quota in zip(strata, quotas, strict=True):
        found += stratum.lines(_positions(f"{seed}/{stratum.name}", stratum.size, quota))
    return tuple(found)


@dataclass
class _Stratum:
    """Lines drawn from together: the rows of each part of the run that belong to them."""

    version: VersionTerms
    taken_back: bool
    rows: list[tuple[VersionResult, pl.Series]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.version.version}/{'taken back' if self.taken_back else 'plain'}"

    @property
    def size(self) -> int:
        return sum(len(rows) for _, rows in self.rows)

    def lines(self, positions: Sequence[int]) -> Iterator[SampledLine]:
        start = 0
        for part, rows in self.rows:
            mine = [one - start for one in positions if start <= one < start + len(rows)]
            start += len(rows)
            if not mine:
                continue
            columns = [move.column for move in part.moves]
            for row in part.frame[rows[mine]].iter_rows(named=True):
                moved = {name: row[name] for name in columns}
                yield SampledLine(self.version, row["order"], row["line"], self.taken_back, moved)


def _strata(result: RunResult, versions: Container[int]) -> list[_Stratum]:
    found: dict[tuple[int, bool], _Stratum] = {}
    for part in result.parts:
        if part.terms.version not in versions:
            continue
        back = [pl.col(move.column) != 0 for move in part.moves if move.kind == "reversed"]
        marked = part.rows.read([move.column for move in part.moves if move.kind == "reversed"])
        taken = marked.select(pl.any_horizontal(back)).to_series()
        for taken_back, rows in ((True, taken.arg_true()), (False, (~taken).arg_true())):
            stratum = _Stratum(part.terms, taken_back)
            found.setdefault((part.terms.version, not taken_back), stratum).rows.append((part, rows))
    return [found[key] for key in sorted(found)]


def _quotas(sizes: Sequence[int], count: int) -> list[int]:
    """Share out how many lines are drawn: the same of each, and more where others have fewer."""
    quotas, left = [0] * len(sizes), min(count, sum(sizes))
    while left:
        for place, size in enumerate(sizes):
            if left and quotas[place] < size:
                quotas[place] += 1
                left -= 1
    return quotas


def _positions(seed: str, size: int, count: int) -> list[int]:
    """Return so many different numbers below `size`, ascending, by SHA-256 over the seed and a counter."""
    if count == size:
        return list(range(size))
    found: set[int] = set()
    draw = 0
    while len(found) < count:
        digest = hashlib.sha256(f"{seed}/{draw}".encode()).digest()
        found.add(int.from_bytes(digest[:16]) % size)
        draw += 1
    return sorted(found)
