"""What stands at a point: which lines are earned, and how much of them refunds take back.

A point is a cut-off time and a place in the log. Its state is a function of the lines alone, so what a run
settles is the state at its point less the state at the point before, and runs month by month add up to one.

A line is earned once `clearing.days` calendar days have passed since the day of its receipt, in the
agreement's time zone: received on the 2nd with 15 days, from the 17th at 00:00. Where the document has lines
with an open after-sale case wait, it is earned once none is open any more (after_sales.py). A refund is taken
back when it came before receipt or at most `returns.window_days` calendar days after the day of receipt; the
last day counts. Totals are cumulative, so the largest total refunded in time is what is taken back; what came
later, or goes beyond what is refundable, is not reversed under the clause and is counted as late.

A line that another agreement feeds is earned once it is earned there and here, and a refund takes back the
share of it that it takes back there; what it shares out is exactly what the legs that feed it post.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from ledger.leaves import microseconds
from ledger.settlement.after_sales import waiting
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.fact_cells import fact_default
from ledger.settlement.facts import KEY, LineBook
from ledger.settlement.kernels import FED_REFUNDABLE, WHOLE, WHOLE_BACK, run_kernel, with_nothing_held
from ledger.settlement.terms import Terms, VersionTerms
from policies.formulas.tree import names
from policies.links import Feed
from policies.splits.columns import LEG, REVERSED
from policies.splits.line import SplitPlan


@dataclass(frozen=True, slots=True)
class Point:
    """A cut-off time (aware, whole seconds) and the seq before which the log counts."""

    cutoff: datetime
    end: int

    @property
    def us(self) -> int:
        """The cut-off in microseconds since 1970 UTC."""
        return microseconds(self.cutoff)

    def day(self, terms: Terms) -> date:
        """Return the day of the cut-off in the agreement's time zone."""
        return terms.local(self.cutoff).date()


def lines_in_force(book: LineBook, terms: Terms, version: VersionTerms) -> pl.LazyFrame:
    """Return the sales under one version, chosen by time of sale, with defaults filled and their receipts.

    Lines sold before the first version took effect belong to none and are left out of each.
    """
    index = terms.versions.index(version)
    later = [one.effective_us for one in terms.versions[index + 1 : index + 2]]
    sold = pl.col("us:sold")
    inside = (sold >= version.effective_us) & (sold < later[0] if later else pl.lit(value=True))
    zone = terms.zone.key
    lines = (
        book.sales.lazy()
        .filter(inside)
        .with_columns(_defaults(version))
        .join(book.receipts.lazy(), on=list(KEY), how="left", maintain_order="left")
        .with_columns(local_day("us:confirmed", zone).alias("day:confirmed"))
    )
    if version.feed is None:
        return lines
    brought = _Feeding.of(book, terms, version.feed).brought()
    return lines.join(brought, on=list(KEY), how="left", maintain_order="left")


def _defaults(version: VersionTerms) -> list[pl.Expr]:
    document = version.agreement.document
    filled = []
    for name in version.read_names:
        fact = document.facts[name]
        value = fact_default(fact.type, fact.default, version.agreement.currency)
        if value is not None:
            filled.append(pl.col(name).fill_null(pl.lit(value)))
    return filled


def local_day(us: str, zone: str) -> pl.Expr:
    """Return the calendar day, in a time zone, of a column of microseconds since 1970 UTC."""
    return (
        pl.from_epoch(pl.col(us), time_unit="us")
        .dt.replace_time_zone("UTC")
        .dt.convert_time_zone(zone)
        .dt.date()
    )


def with_state(  # noqa: PLR0913, PLR0917 -- lines, refunds, terms, and the point by its name
    lines: pl.LazyFrame, book: LineBook, terms: Terms, version: VersionTerms, point: Point | None, name: str
) -> pl.LazyFrame:
    """Add the state at a point, None being before everything, in columns prefixed by `name`.

    `NAME:earned` (bool); `NAME:refunded` minor units that may be taken back, before the limit of what is
    refundable; `NAME:claimed` minor units refunded in all; `NAME:refund` seq of the refund it rests on. Of a
    fed line also `NAME:whole_back`, what the legs that feed it take back.
    """
    if point is None:
        fed = [pl.lit(0, dtype=pl.Int64).alias(f"{name}:{WHOLE_BACK}")] if version.feed is not None else []
        return lines.with_columns(
            *fed,
            pl.lit(value=False).alias(f"{name}:earned"),
            pl.lit(0, dtype=pl.Int64).alias(f"{name}:refunded"),
            pl.lit(0, dtype=pl.Int64).alias(f"{name}:claimed"),
            pl.lit(None, dtype=pl.Int64).alias(f"{name}:refund"),
        )
    sold = (pl.col("seq:sale") < point.end) & (pl.col("us:sold") <= point.us)
    cleared = pl.col("day:confirmed") + pl.duration(days=version.clearing_days) <= pl.lit(point.day(terms))
    earned = sold & _received(point) & cleared.fill_null(value=False)
    if version.waits_for_cases and not book.cases.is_empty():
        held = waiting(lines, book, version, (point.us, point.end)).with_columns(waits=pl.lit(value=True))
        lines = lines.join(held.lazy(), on=list(KEY), how="left", maintain_order="left")
        earned &= pl.col("waits").is_null()
    if version.feed is not None:
        above = _Feeding.of(book, terms, version.feed).state(point, name)
        done = lines.join(above, on=list(KEY), how="left", maintain_order="left").with_columns(
            # a line that is not fed is held by name, as soon as it is earned here
            (earned & pl.col(f"{name}:earned").fill_null(value=True)).alias(f"{name}:earned"),
            *(pl.col(f"{name}:{what}").fill_null(0) for what in ("refunded", "claimed", WHOLE_BACK)),
        )
        return done.drop("waits", strict=False)
    refunds = _refunds_at(lines, book, terms, version, point, name)
    done = lines.join(refunds, on=list(KEY), how="left", maintain_order="left").with_columns(
        earned.alias(f"{name}:earned"),
        pl.when(sold).then(pl.col(f"{name}:refunded").fill_null(0)).otherwise(0).alias(f"{name}:refunded"),
        pl.when(sold).then(pl.col(f"{name}:claimed").fill_null(0)).otherwise(0).alias(f"{name}:claimed"),
    )
    return done.drop("waits", strict=False)


def _received(point: Point) -> pl.Expr:
    known = (pl.col("seq:receipt") < point.end) & (pl.col("us:confirmed") <= point.us)
    return known.fill_null(value=False)


def _refunds_at(  # noqa: PLR0913, PLR0917 -- as with_state
    lines: pl.LazyFrame, book: LineBook, terms: Terms, version: VersionTerms, point: Point, name: str
) -> pl.LazyFrame:
    """Return, per line refunded by then, what may be taken back, what was refunded, and by which entry."""
    day = local_day("us:refunded", terms.zone.key)
    last = pl.col("day:confirmed") + pl.duration(days=version.window_days)
    has_clause = pl.lit(version.refundable is not None)
    in_time = has_clause & (~_received(point) | (day <= last).fill_null(value=False))
    counted = (
        book.refunds.lazy()
        .filter((pl.col("seq:refund") < point.end) & (pl.col("us:refunded") <= point.us))
        .join(lines.select(*KEY, "seq:receipt", "us:confirmed", "day:confirmed"), on=list(KEY))
        .with_columns(in_time.alias("in_time"))
    )
    best = pl.col("total").filter("in_time").max()
    return counted.group_by(KEY).agg(
        best.fill_null(0).alias(f"{name}:refunded"),
        pl.col("total").max().alias(f"{name}:claimed"),
        pl.col("seq:refund")
        .filter(pl.col("in_time") & (pl.col("total") == best))
        .min()
        .alias(f"{name}:refund"),
    )


# ---- lines that another agreement feeds


@dataclass(frozen=True, slots=True)
class _Feeding:
    """The lines of the version that feeds another, as its own run would split them."""

    book: LineBook
    terms: Terms
    version: VersionTerms
    feed: Feed

    @classmethod
    def of(cls, book: LineBook, terms: Terms, feed: Feed) -> _Feeding:
        """Return what feeds the lines of a book."""
        assert terms.feeding is not None, "a fed version is read with what feeds it"
        assert book.feeding is not None, "a fed book is read with what feeds it"
        version = next(one for one in terms.feeding.versions if one.agreement.ref == feed.source)
        above = replace(book.feeding, settled=book.settled, kernel=book.kernel)
        return cls(above, terms.feeding, version, feed)

    def brought(self) -> pl.LazyFrame:
        """Return, by line, `fed:refundable` and `whole`, which is null where the line is not split."""
        done = self._split(lines_in_force(self.book, self.terms, self.version))
        whole = pl.sum_horizontal(f"{LEG}{leg}" for leg in self.feed.legs)
        return done.select(
            *KEY,
            pl.when(~pl.col("unusable")).then(whole).alias(WHOLE),
            pl.col("refundable_minor").alias(FED_REFUNDABLE),
        ).lazy()

    def state(self, point: Point, name: str) -> pl.LazyFrame:
        """Return, by line, the columns of `with_state` as they stand where the money comes from."""
        lines = lines_in_force(self.book, self.terms, self.version)
        done = self._split(with_state(lines, self.book, self.terms, self.version, point, name))
        steps = [step for step in self.version.plan.steps if step.name in self.feed.legs]
        limit = pl.max_horizontal(pl.col("refundable_minor"), pl.lit(0, dtype=pl.Int64))
        back = pl.min_horizontal(pl.col(f"{name}:refunded"), limit)
        if all(step.keeps for step in steps):
            back = pl.lit(0, dtype=pl.Int64)
        whole_back = pl.sum_horizontal(f"{name}:{REVERSED}{leg}" for leg in self.feed.legs)
        usable = ~pl.col("unusable")
        return done.select(
            *KEY,
            f"{name}:earned",
            pl.when(usable).then(back).otherwise(0).alias(f"{name}:refunded"),
            pl.when(usable).then(back).otherwise(0).alias(f"{name}:claimed"),
            f"{name}:refund",
            pl.when(usable).then(whole_back).otherwise(0).alias(f"{name}:{WHOLE_BACK}"),
        ).lazy()

    def _split(self, lines: pl.LazyFrame) -> pl.DataFrame:
        _require_apart(self.version.plan, self.feed)
        frame = with_nothing_held(self.book.kernel, self.version, lines).collect()
        return run_kernel(self.book.kernel, self.version, frame)


def _require_apart(plan: SplitPlan, feed: Feed) -> None:
    """Refuse a leg that is computed from what a window counts: that is made up later, and not by line."""
    steps = {step.name: step for step in plan.steps}
    ahead, seen = [*feed.legs], set[str]()
    while ahead:
        name = ahead.pop()
        if name in seen or name not in steps:
            continue
        seen.add(name)
        step = steps[name]
        if step.window is not None:
            raise SettlementRefused(
                f"'{feed.legs[0]}' depends on '{name}', which counts over the window '{step.window}' and may"
                " still change; name a leg that does not",
                where=feed.source,
            )
        ahead += [step.parent] if step.parent else []
        ahead += names(step.formula) if step.formula is not None else ()
        if step.formula is None:
            ahead += [one.name for one in plan.siblings(step.parent) if one.name != name]
