"""Past orders replayed under a proposed version: what each party would have had, share by share.

Both versions are computed by the kernels that settle, refunds reversed within each version's own window, so
that a simulation and a run of the same lines agree to the minor unit. Every line counts as received: what
is compared is what an order pays, not when. Where a split counts over windows or rounds per statement, all
lines are settled at once, every window over, and what that makes up beside lines is in the shares. Nothing
is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ledger.settlement.accounts import SET_ASIDE, owner_and_purpose
from ledger.settlement.counting import with_volumes
from ledger.settlement.dues import Due
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.kernels import Kernel, run_kernel
from ledger.settlement.moved import exact_sum
from ledger.settlement.moves import move_columns, moves_of
from ledger.settlement.rounding import rounding_of
from ledger.settlement.state import Point, lines_in_force, with_state
from ledger.settlement.terms import Terms, VersionTerms, version_terms
from ledger.settlement.windows import at_once, window_dues
from policies.agreement import Agreement

LEFT_OUT_SHOWN = 20
"""How many of the lines that could not be compared a simulation names; it always counts them all."""

ShareKey = tuple[str, str]
"""Whose share, by global id, and its name: the leg, or the kind of what is brought to the whole."""


@dataclass(slots=True)
class ShareTotal:
    """One share summed over all lines, in minor units; `lines` counts those it changes on."""

    clause: str
    before: int = 0
    after: int = 0
    lines: int = 0

    @property
    def difference(self) -> int:
        """How much more the share is under the proposed version."""
        return self.after - self.before


@dataclass
class Simulation:
    """What a proposed version would have changed: totals by share, and the lines that could not be compared.

    A share below zero is what a party brings to the whole, such as the platform's coupon.
    """

    lines: int = 0
    left_out: int = 0
    left_out_shown: list[tuple[str, str]] = field(default_factory=list)
    shares: dict[ShareKey, ShareTotal] = field(default_factory=dict)

    def by_party(self) -> dict[str, ShareTotal]:
        """Return each party's totals over all of its shares, by global id."""
        found: dict[str, ShareTotal] = {}
        for (party, _), one in self.shares.items():
            total = found.setdefault(party, ShareTotal(""))
            total.before += one.before
            total.after += one.after
            total.lines = max(total.lines, one.lines)
        return found


class Replay:
    """Replays books of past lines under the versions they were sold under, and under a proposed one.

    Each line goes by the version of `terms` in force when it was sold; `point` is up to when receipts and
    refunds count. `found` sums what was taken so far. Raises SettlementRefused for a document whose lines no
    run can settle.
    """

    def __init__(self, terms: Terms, proposed: Agreement, point: Point) -> None:
        """Hold every version against the proposed one, which takes its place and its time."""
        self._terms = terms
        self._point = point
        self._pairs = tuple((one, version_terms(proposed, one.starts)) for one in terms.versions)
        for one in (version for pair in self._pairs for version in pair):
            if one.plan.fed or one.agreement.attribution is not None:
                raise SettlementRefused(
                    "another agreement brings what it shares out, or it says which of several its orders fall"
                    " under, and a simulation replays one agreement; use 'tallystick split'",
                    where=one.agreement.ref,
                )
        self.found = Simulation()

    @property
    def together(self) -> bool:
        """Tell whether lines count together, so that all of them are to be taken as one book."""
        plans = [version.plan for pair in self._pairs for version in pair]
        return any(plan.windows or plan.clause.rounding.at == "statement" for plan in plans)

    def take(self, book: LineBook) -> pl.DataFrame:
        """Replay one book; return a row a line and party that it changes for, in minor units.

        Columns: order, line, party, before_minor, after_minor, difference_minor.
        """
        changed, compared = [], 0
        for old, new in self._pairs:
            instead = Terms(tuple(new if one is old else one for one in self._terms.versions))
            before = self._positions(book, self._terms, old, "old")
            after = self._positions(book, instead, new, "new")
            joined = before.join(after, on=list(KEY), how="inner", maintain_order="left")
            compared += joined.height
            changed.append(self._compare(joined, _shares(old), _shares(new)))
        self.found.lines += book.sales.height
        self.found.left_out += book.sales.height - compared
        return pl.concat(changed).sort(*KEY, "party")

    def _positions(self, book: LineBook, terms: Terms, version: VersionTerms, side: str) -> pl.DataFrame:
        """Return the lines of one version with a column a share, named by side and place."""
        lines = with_state(lines_in_force(book, terms, version), book, terms, version, self._point, "now")
        lines = with_state(lines, book, terms, version, None, "before")
        frame = lines.with_columns(pl.lit(value=True).alias("now:earned")).collect()
        try:
            done, dues = _done("columns", terms, version, frame)
        except SettlementRefused:  # what has no exact column is computed line by line
            done, dues = _done("exact", terms, version, frame)
        self._add_dues(dues, side)
        sums = [
            pl.sum_horizontal(columns).alias(f"{side}:{place}")
            for place, (_, columns) in enumerate(_shares(version).values())
        ]
        moved = done.select(*KEY, pl.col("unusable").alias(f"{side}:unusable"), *move_columns(version))
        return moved.select(*KEY, f"{side}:unusable", *sums)

    def _add_dues(self, dues: Sequence[Due], side: str) -> None:
        for due in dues:
            for end, amount in ((due.payee, due.amount_minor), (due.funder, -due.amount_minor)):
                owner, purpose = owner_and_purpose(due.version.agreement, end.account)
                if purpose in SET_ASIDE:
                    continue
                total = self.found.shares.setdefault((owner, end.leg), ShareTotal(end.clause))
                if side == "old":
                    total.before += amount
                else:
                    total.after += amount

    def _compare(self, joined: pl.DataFrame, was: _Shares, now: _Shares) -> pl.DataFrame:
        odd = pl.col("old:unusable") | pl.col("new:unusable")
        out, usable = joined.filter(odd), joined.filter(~odd)
        self.found.left_out += out.height
        room = LEFT_OUT_SHOWN - len(self.found.left_out_shown)
        self.found.left_out_shown += list(out.select(KEY).head(room).iter_rows())
        parties: dict[str, list[tuple[pl.Expr, pl.Expr]]] = {}
        for key in dict.fromkeys([*was, *now]):
            sides = _column("old", was, key), _column("new", now, key)
            parties.setdefault(key[0], []).append(sides)
            clause = (now if key in now else was)[key][0]
            self._add(key, clause, usable.select(sides[0].alias("old"), sides[1].alias("new")))
        return _changed(usable, parties)

    def _add(self, key: ShareKey, clause: str, amounts: pl.DataFrame) -> None:
        total = self.found.shares.setdefault(key, ShareTotal(clause))
        total.clause = clause
        total.before += exact_sum(amounts["old"])
        total.after += exact_sum(amounts["new"])
        total.lines += int((amounts["old"] != amounts["new"]).sum())


def _done(
    engine: Kernel, terms: Terms, version: VersionTerms, lines: pl.DataFrame
) -> tuple[pl.DataFrame, list[Due]]:
    """Split lines, and return what windows and rounding make up beside them, all settled at once."""
    dues: list[Due] = []
    if version.plan.windows:
        received = pl.col("us:confirmed").fill_null(pl.col("us:sold"))
        lines = lines.with_columns(received, pl.col("seq:receipt").fill_null(-1))
        lines = with_volumes(engine, version, lines)
        dues += window_dues(at_once(terms, version, lines, engine))
    done = run_kernel(engine, version, lines)
    if version.plan.clause.rounding.at == "statement":
        dues += rounding_of(version, done.filter(~pl.col("unusable")), engine)
    return done, dues


_Shares = Mapping[ShareKey, tuple[str, list[str]]]
"""The columns of moves that make up each share, with the share's clause."""


def _shares(version: VersionTerms) -> _Shares:
    found: dict[ShareKey, tuple[str, list[str]]] = {}
    for move in moves_of(version):
        if move.stated:
            found.setdefault((move.owner, move.leg), (move.clause, []))[1].append(move.column)
    return found


def _column(side: str, shares: _Shares, key: ShareKey) -> pl.Expr:
    if key not in shares:
        return pl.lit(0, dtype=pl.Int64)
    return pl.col(f"{side}:{list(shares).index(key)}")


def _changed(usable: pl.DataFrame, parties: Mapping[str, list[tuple[pl.Expr, pl.Expr]]]) -> pl.DataFrame:
    parts = []
    for party, sides in parties.items():
        one = usable.select(
            *KEY,
            pl.lit(party).alias("party"),
            pl.sum_horizontal(old for old, _ in sides).cast(pl.Int64).alias("before_minor"),
            pl.sum_horizontal(new for _, new in sides).cast(pl.Int64).alias("after_minor"),
        )
        parts.append(one.filter(pl.col("before_minor") != pl.col("after_minor")))
    difference = (pl.col("after_minor") - pl.col("before_minor")).alias("difference_minor")
    return pl.concat(parts).with_columns(difference)
