"""The evaluation of one version: its windows, its measures, what is behind the rates, and cautions on both.

Pure over the log: the same log before a seq, versions, days and time give the same figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ledger.evaluation.measures import (
    Measure,
    Side,
    breaches,
    of_sales,
    rate,
    recommendation,
    retention,
    satisfaction,
    sessions,
    violations,
)
from ledger.evaluation.sold import Sold, first_sold, sells, sold
from ledger.evaluation.told import told_items
from ledger.evaluation.windows import Window, Windows, windows_of
from ledger.leaves import microseconds
from ledger.log import Log
from policies.agreement import Agreement
from policies.versions.timeline import Period

Unlike = Literal["shortened", "another_version", "sales_days", "voided"]
"""Why two windows may differ for another reason than the version."""

SALES_DAYS: tuple[tuple[int, int], ...] = ((6, 18), (11, 11), (12, 12))
"""Days of the year on which the whole trade sells: 618, 双11 and 双12."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was so before and after a version started.

    `kinds` are violations and breaches by what they were, each for 10,000 orders before and after.
    """

    windows: Windows
    measures: tuple[Measure, ...]
    kinds: tuple[tuple[str, Side, Side], ...]
    sold: tuple[Sold, Sold]
    unlike: tuple[Unlike, ...]
    end: int


def evaluate(  # noqa: PLR0913 -- the log, which version of what, among whom, over how long, and when
    log: Log,
    periods: Sequence[Period],
    *,
    version: int | None,
    brands: Iterable[tuple[Agreement, frozenset[str]]],
    days: int,
    now: datetime,
    end: int | None = None,
    parties: Collection[str] | None = None,
) -> Evaluation:
    """Evaluate a version, the newest that started where none is named.

    `periods` are those of one agreement's versions; `brands` are agreements by one version each with the
    global ids of their brands, over which retention is counted. Of notices those count that are for some of
    `parties` (global ids), all where it is None. Raises EvaluationUnready.
    """
    until = log.size() if end is None else end
    agreement_id = periods[0].agreement.id if periods else ""
    windows = windows_of(periods, version, days, now, first_sold(log, agreement_id, until))
    agreement = windows.period.agreement
    first, second = windows.before, windows.after
    before, after = (sold(log, _version_in(periods, one, agreement), one, until) for one in (first, second))
    told = told_items(log, agreement.id, until, parties)
    orders = (before.orders, after.orders)
    confirmed = (told.violations(first), told.violations(second))
    breached = (told.breached(first), told.breached(second))
    measures = (
        *satisfaction(told.scores(first), told.scores(second)),
        recommendation(told.recommendations(first), told.recommendations(second)),
        violations(confirmed, orders),
        breaches(breached, orders),
        sessions(told.sessions_held(first), told.sessions_held(second)),
        *of_sales((before, after), f"{agreement.ref}/{first.first}/{second.stop}"),
        _kept(log, list(brands), windows, until),
    )
    kinds = [(one or Counter()) + two for one, two in zip(confirmed, breached, strict=True)]
    names = sorted({*kinds[0], *kinds[1]})
    return Evaluation(
        windows,
        measures,
        tuple((name, rate(kinds[0][name], orders[0]), rate(kinds[1][name], orders[1])) for name in names),
        (before, after),
        tuple(_unlike(windows, periods, before, after)),
        until,
    )


def _version_in(periods: Sequence[Period], window: Window, otherwise: Agreement) -> Agreement:
    """Return the version at whose terms a window's orders are worth something: the one it begins under."""
    first, _ = window.range_us
    for one in reversed(periods):
        if microseconds(one.start) <= first:
            return one.agreement
    return otherwise


def _kept(
    log: Log, brands: Sequence[tuple[Agreement, frozenset[str]]], windows: Windows, end: int
) -> Measure:
    """Count the brands that sold in one window and still sold in the next, over all given agreements."""
    selling: dict[Window, set[str]] = {}
    starts = [at for one, _ in brands if (at := first_sold(log, one.id, end)) is not None]
    earlier = windows.before.earlier()
    for window in (earlier, windows.before, windows.after):
        selling[window] = {
            brand for one, named in brands if sells(log, one.id, window, end) for brand in named
        }
    zone = windows.before.zone
    told = bool(starts) and min(starts).astimezone(zone).date() <= earlier.first
    cohort = selling[earlier]
    before = (len(cohort & selling[windows.before]), len(cohort)) if told else None
    cohort = selling[windows.before]
    return retention(before, (len(cohort & selling[windows.after]), len(cohort)))


def _unlike(windows: Windows, periods: Sequence[Period], before: Sold, after: Sold) -> Iterable[Unlike]:
    if windows.before.days < windows.asked:
        yield "shortened"
    inside = [
        one.start
        for one in periods
        if one.start != windows.period.start
        and windows.before.first < one.start.astimezone(windows.before.zone).date() < windows.after.stop
    ]
    if inside:
        yield "another_version"
    counts = [
        sum(
            window.first <= day < window.stop
            for year in range(window.first.year, window.stop.year + 1)
            for month, at in SALES_DAYS
            for day in [date(year, month, at)]
        )
        for window in (windows.before, windows.after)
    ]
    if counts[0] != counts[1]:
        yield "sales_days"
    if before.voided or after.voided:
        yield "voided"
