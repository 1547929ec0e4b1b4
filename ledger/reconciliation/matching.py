"""A reconciliation of two sides: what matches, what breaks and why, and the difference explained to zero.

A pure function of the rows of both sides, the rules, what members matched by hand and what the log knows of
the references that differ. Every row is in one match or one break; what the two sides differ by is the sum of
what the breaks differ by, and both are asserted. The order of rows changes nothing, and neither does the
machine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ledger.reconciliation.amounts import ByAmount, by_amount
from ledger.reconciliation.breaks import (
    NOTHING,
    Break,
    BreakClass,
    Known,
    Reach,
    differing,
    only_file,
    only_own,
    within_tolerance,
)
from ledger.reconciliation.reference import MATCHED, ByReference, by_reference
from ledger.reconciliation.result import Result, Suggestion
from ledger.reconciliation.rows import Row, rows_of
from ledger.reconciliation.rules import SUGGESTIONS_MAX, Rules
from ledger.reconciliation.subsets import BySum, by_sum

LookUp = Callable[[Sequence[Row]], Mapping[str, Known]]
"""Says what the log knows of the references of rows that differ."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """Rows that a member matched, and what the member says of their difference where there is one."""

    match: str
    a: tuple[Row, ...]
    b: tuple[Row, ...]
    kind: BreakClass | None


def nothing_known(rows: Sequence[Row]) -> Mapping[str, Known]:
    """Know nothing: rows are then classed by themselves alone."""
    del rows
    return {}


def reconcile(  # noqa: PLR0913 -- both sides, the rules, what is known, and what was done by hand
    a: pl.DataFrame,
    b: pl.DataFrame,
    rules: Rules,
    reach: Reach,
    look_up: LookUp = nothing_known,
    *,
    by_hand: Sequence[ByHand] = (),
) -> Result:
    """Reconcile the party's own side with the file; see the module."""
    taken = [row.id for one in by_hand for row in (*one.a, *one.b)]
    assert len(taken) == len(set(taken)), "a row is matched by hand once"
    first = by_reference(_without(a, taken), _without(b, taken), rules)
    lone = _Lone.of(first, rules)
    breaks = [*_hand_breaks(by_hand), *_within(first, lone, rules), *_differing(first, rules, reach, look_up)]
    breaks += _left_over(lone, rules, reach, look_up)
    suggestions = lone.suggestions()
    matched = pl.concat([first.matched, lone.matched(), _hand_rows(by_hand)])
    result = Result(
        rules=rules,
        rows_a=a.height,
        rows_b=b.height,
        a_minor=_total(a),
        b_minor=_total(b),
        matched=matched,
        breaks=tuple(sorted(breaks, key=lambda one: one.key)),
        suggestions=tuple(suggestions[:SUGGESTIONS_MAX]),
        suggested=len(suggestions),
        limited=len(lone.limited),
    )
    result.assert_explained()
    return result


def suggest(a: pl.DataFrame, b: pl.DataFrame, rules: Rules) -> list[Suggestion]:
    """Return what rows that are open may belong together: what matching would match, and what it suggests."""
    first = by_reference(a, b, rules)
    lone = _Lone.of(first, rules)
    pairs = [Suggestion((one,), (other,), "amount", "fits") for one, other in lone.pairs]
    sums = [Suggestion(*_sides(one.target, one.parts), one.how, "fits") for one in lone.sums.matches]
    return [*pairs, *sums, *lone.suggestions()]


@dataclass(frozen=True)
class _Lone:
    """Rows whose reference the other side lacks, or that have none: what amounts and sums make of them."""

    rows: Mapping[str, Row]
    amounts: ByAmount
    sums: BySum

    @classmethod
    def of(cls, first: ByReference, rules: Rules) -> _Lone:
        """Match them by amount, and what is then left by sums."""
        amounts = by_amount(first.lone_a, first.lone_b, rules)
        rows_a, rows_b = rows_of(first.lone_a, "a"), rows_of(first.lone_b, "b")
        gone_a, gone_b = set(amounts.pairs["a"]), set(amounts.pairs["b"])
        sums = by_sum(
            [row for row in rows_a if row.id not in gone_a],
            [row for row in rows_b if row.id not in gone_b],
            rules,
            unsure=amounts.unsure,
        )
        return cls({row.id: row for row in (*rows_a, *rows_b)}, amounts, sums)

    @property
    def pairs(self) -> list[tuple[Row, Row]]:
        """The rows that match one to one."""
        found = self.amounts.pairs.select("a", "b").iter_rows()
        return [(self.rows[one], self.rows[other]) for one, other in found]

    @property
    def limited(self) -> frozenset[str]:
        """The ids of rows that were not searched for, since too many could fit."""
        return (self.amounts.crowded | set(self.sums.limited)) - self._gone()

    def left(self) -> list[Row]:
        """Return the rows that nothing matched."""
        gone = self._gone()
        return [row for row in self.rows.values() if row.id not in gone]

    def _gone(self) -> set[str]:
        found = {row.id for one in self.sums.matches for row in (one.target, *one.parts)}
        return found | set(self.amounts.pairs["a"]) | set(self.amounts.pairs["b"])

    def matched(self) -> pl.DataFrame:
        """Return the rows that match, each match named by its least id of side a."""
        told = [(row, one.id, "amount") for one, other in self.pairs for row in (one, other)]
        for one in self.sums.matches:
            a, b = _sides(one.target, one.parts)
            name = min(row.id for row in a)
            told += [(row, name, one.how) for row in (*a, *b)]
        return _matched(told)

    def suggestions(self) -> list[Suggestion]:
        """Return what may belong together among the rows that nothing matched, in order of their ids."""
        gone = self._gone()
        found = []
        for one, other, sure, fits in self.amounts.suggested.select("a", "b", "sure", "fits").iter_rows():
            if one not in gone and other not in gone:
                why = "several" if fits > 1 else "named"
                assert sure or fits == 1, (
                    "pairs that name different things are suggested where they fit no other"
                )
                found.append(Suggestion((self.rows[one],), (self.rows[other],), "amount", why, fits))
        for told in self.sums.suggested:
            why = "unlikely" if told.how == "unlikely" else "several"
            found.append(Suggestion(*_sides(told.target, told.parts), told.how, why))
        return found


def _sides(target: Row, parts: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    return ((target,), parts) if target.side == "a" else (parts, (target,))


def _hand_breaks(by_hand: Sequence[ByHand]) -> Iterator[Break]:
    for one in by_hand:
        found = Break(one.kind or "unknown", "by_hand", one.a, one.b, {"match": one.match}, open=False)
        if found.difference_minor:
            yield found


def _within(first: ByReference, lone: _Lone, rules: Rules) -> Iterator[Break]:
    """Yield the differences that lie within the tolerance, however their rows were matched."""
    matches: list[tuple[Sequence[Row], Sequence[Row]]] = [*_by_ref(first.within).values()]
    matches += [((one,), (other,)) for one, other in lone.pairs]
    matches += [_sides(told.target, told.parts) for told in lone.sums.matches]
    found = (within_tolerance(a, b, rules) for a, b in matches)
    return (one for one in found if one.difference_minor)


def _differing(first: ByReference, rules: Rules, reach: Reach, look_up: LookUp) -> Iterator[Break]:
    """Yield the breaks under references that both sides have."""
    rest, paired = _by_ref(first.differing), _by_ref(first.paired)
    known = look_up([row for a, b in rest.values() for row in (*a, *b)])
    for ref, (a, b) in rest.items():
        equals = paired.get(ref, ((), ()))
        yield from differing(a, b, (*equals[0], *equals[1]), known.get(ref, NOTHING), (reach, rules))


def _left_over(lone: _Lone, rules: Rules, reach: Reach, look_up: LookUp) -> Iterator[Break]:
    """Yield the breaks of rows that nothing matched; what was not fully searched is never called missing."""
    left = lone.left()
    known = look_up([row for row in left if row.ref])
    doubtful = {row.id for one in lone.suggestions() if one.why != "named" for row in (*one.a, *one.b)}
    under: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in left:
        cause = "unknown.limit" if row.id in lone.limited else "unknown.several" if row.id in doubtful else ""
        if cause and not row.ref:
            yield Break("unknown", cause, *_sided([row]))
        else:
            under[row.side, row.ref or row.id].append(row)
    for (side, ref), rows in under.items():
        if side == "a":
            yield from only_own(rows, reach, rules)
        else:
            yield from only_file(rows, known.get(ref, NOTHING), reach)


def _by_ref(frame: pl.DataFrame) -> dict[str, tuple[list[Row], list[Row]]]:
    """Return rows of both sides by reference, in order of references."""
    found: dict[str, tuple[list[Row], list[Row]]] = {}
    rows = [
        *rows_of(frame.filter(pl.col("side") == "a"), "a"),
        *rows_of(frame.filter(pl.col("side") == "b"), "b"),
    ]
    for row in sorted(rows, key=lambda one: one.ref):
        found.setdefault(row.ref, ([], []))[row.side == "b"].append(row)
    return found


def _sided(rows: Sequence[Row]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    a, b = (tuple(row for row in rows if row.side == side) for side in ("a", "b"))
    return a, b


def _hand_rows(by_hand: Sequence[ByHand]) -> pl.DataFrame:
    return _matched([(row, one.match, "hand") for one in by_hand for row in (*one.a, *one.b)])


def _matched(told: Sequence[tuple[Row, str, str]]) -> pl.DataFrame:
    cells = [(row.side, row.id, row.amount_minor, match, how) for row, match, how in told]
    return pl.DataFrame(cells, schema=MATCHED, orient="row")


def _total(frame: pl.DataFrame) -> int:
    return int(frame["amount_minor"].cast(pl.Int128).sum() or 0)


def _without(frame: pl.DataFrame, ids: Iterable[str]) -> pl.DataFrame:
    gone = pl.DataFrame({"id": list(ids)}, schema={"id": pl.String})
    return frame if gone.is_empty() else frame.join(gone, on="id", how="anti", maintain_order="left")
