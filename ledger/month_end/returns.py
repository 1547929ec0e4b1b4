"""Expected returns: what refunds will probably still take back of what is earned, from recorded history.

A right to return makes part of what is earned variable: 企业会计准则第14号——收入 (article 32) and IFRS 15
(B20 to B27) have the seller recognise only what it expects to keep, state the rest as a refund liability, and
estimate it anew at each reporting date. The rate here is history and no opinion: of the order lines whose
return window was over by the month's end, what was refunded in time of what was refundable, as an exact
fraction with its population named. It is put on the lines whose window still runs, less what of them was
refunded already.

Each account's part is rounded once, `half_up`, and the escrow's, through which refunds go back, is their sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

import polars as pl

from ledger.month_end.accruals import Accrued, Earned, Place
from ledger.settlement.accounts import ESCROW, owner_and_purpose
from ledger.settlement.counted import counted
from ledger.settlement.counting import taken_back
from ledger.settlement.facts import KEY
from ledger.settlement.kernels import run_kernel
from ledger.settlement.moved import exact_sum
from ledger.settlement.run import VersionResult, lines_with_states, series_of
from ledger.settlement.terms import VersionTerms
from ledger.settlement.windows import with_posted_volumes
from policies.money import Rounding, round_minor

ROUNDING: Rounding = "half_up"
HISTORY_MONTHS = 12
"""How far back history goes where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Population:
    """Some order lines: how many, received from which day to which, what was refundable and refunded of them.

    Amounts are in minor units; `refunded_minor` is what was refunded in time.
    """

    lines: int
    first: date | None
    last: date | None
    refundable_minor: int
    refunded_minor: int


@dataclass(frozen=True, slots=True)
class ExpectedReturns:
    """What returns are expected at a month's end, and on what it rests.

    `rate` is that of `history`; `share` of what is left of the `open` lines is expected to be taken back, and
    `rows` are what that takes from each account, in minor units, summing to zero.
    """

    months: int
    history: Population
    rate: Fraction
    open: Population
    share: Fraction
    rows: tuple[Accrued, ...]


def expected_returns(earned: Earned, months: int = HISTORY_MONTHS) -> ExpectedReturns:
    """Return what returns are expected of what is earned, by the history of so many months.

    History are lines received in the months up to the last day whose return window is over by the month's
    end. Where there is none, nothing is expected: the rate is zero over no line.
    """
    today = earned.point.day(earned.terms)
    past, running = _Tally(), _Tally()
    open_keys: dict[int, pl.DataFrame] = {}
    for version, done in _done(earned):
        window = pl.duration(days=version.window_days)
        still = pl.col("day:confirmed") + window > pl.lit(today)
        since = _months_before(today, months)
        past.take(done.filter(~still & (pl.col("day:confirmed") > pl.lit(since))))
        running.take(done.filter(still))
        open_keys[version.version] = done.filter(still).select(KEY)
    history, opened = past.population, running.population
    rate = (
        Fraction(history.refunded_minor, history.refundable_minor)
        if history.refundable_minor
        else Fraction(0)
    )
    left = opened.refundable_minor - opened.refunded_minor
    more = rate * opened.refundable_minor - opened.refunded_minor
    share = max(Fraction(0), more) / left if left > 0 else Fraction(0)
    rows = tuple(_rows(earned, open_keys, share)) if share else ()
    return ExpectedReturns(months, history, rate, opened, share, rows)


def _done(earned: Earned) -> Iterator[tuple[VersionTerms, pl.DataFrame]]:
    """Yield each version that has a returns clause with its earned lines, split and reversed."""
    terms, point = earned.terms, earned.point
    book = counted(earned.book, point.end)
    series = series_of(earned.book, terms, (point,), "columns")
    for version in terms.versions:
        if version.refundable is None:
            continue
        frame = lines_with_states(book, terms, version, point, None).filter("now:earned").sort(KEY).collect()
        if version.plan.windows:
            frame = with_posted_volumes(series[version.version], frame)
        frame = frame.drop(name for name in frame.columns if name.startswith("before:"))
        done = run_kernel("columns", version, frame)
        yield version, done.filter(~pl.col("unusable"))


class _Tally:
    """Sums lines of several versions into one population."""

    def __init__(self) -> None:
        self.population = Population(0, None, None, 0, 0)

    def take(self, done: pl.DataFrame) -> None:
        if done.is_empty():
            return
        so_far = self.population
        days = [one for one in (so_far.first, done["day:confirmed"].min()) if isinstance(one, date)]
        ends = [one for one in (so_far.last, done["day:confirmed"].max()) if isinstance(one, date)]
        limit = pl.max_horizontal(pl.col("refundable_minor"), pl.lit(0, dtype=pl.Int64))
        sums = done.select(limit.alias("refundable"), taken_back().alias("refunded"))
        self.population = Population(
            so_far.lines + done.height,
            min(days),
            max(ends),
            so_far.refundable_minor + exact_sum(sums["refundable"]),
            so_far.refunded_minor + exact_sum(sums["refunded"]),
        )


def _rows(earned: Earned, keys: dict[int, pl.DataFrame], share: Fraction) -> Iterator[Accrued]:
    """Yield what each account would give back of its reversible legs over the open lines."""
    sums: dict[Place, int] = defaultdict(int)
    for part in earned.lines.parts:
        if part.terms.version in keys:
            for place, minor in _legs(part, keys[part.terms.version]):
                sums[place] += minor
    total = 0
    for (owner, purpose, clause), minor in sorted(sums.items()):
        back = round_minor(share * minor, ROUNDING)
        if back:
            total += back
            yield Accrued(owner, purpose, clause, -back)
    if total:
        newest = earned.terms.newest
        commission = earned.terms.versions[-1].plan.clause.id
        yield Accrued(*owner_and_purpose(newest, ESCROW), commission, total)


def _legs(part: VersionResult, keys: pl.DataFrame) -> Iterator[tuple[Place, int]]:
    frame = part.frame.join(keys, on=list(KEY), how="semi")
    kept = {step.name for step in part.terms.plan.steps if step.keeps}
    for move in part.moves:
        if move.kind in {"earned", "reversed"} and move.leg not in kept:
            owner, purpose = owner_and_purpose(part.terms.agreement, move.account)
            yield (owner, purpose, move.clause), exact_sum(frame[move.column])


def _months_before(day: date, months: int) -> date:
    """Return the last day of the month so many months before that of a day, of which `day` is the last."""
    count = day.year * 12 + day.month - months
    first = datetime.combine(date(count // 12, count % 12 + 1, 1), time())
    return (first - timedelta(days=1)).date()
