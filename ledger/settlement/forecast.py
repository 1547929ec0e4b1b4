"""What will be payable, by day, of what is in flight: runs that are not made yet, each previewed for its day.

A day's figure is what the next run would pay a party if it were made at the start of that day and nothing
more came into the log: no sale, no receipt, no refund. So it is what runs later pay, if nothing more happens.
The days are those on which something changes by the documents' own counts: clearing days that are over, holds
that expire, and, where anything is due beside lines, every day.

A second figure takes off what returns will probably still take: the rate is that of recorded history, of the
lines whose return window is over, an exact fraction (ledger.month_end.returns). It is given for the days to
come only, whose lines nobody was paid for yet, and as though refunds fell on every share alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import polars as pl

from ledger.accounts import Until
from ledger.database import reading
from ledger.hold_events import NEVER_US
from ledger.holds import held_at
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.month_end.accruals import earned_by
from ledger.month_end.returns import Population, expected_returns
from ledger.settlement.counted import counted
from ledger.settlement.deal import deal_terms
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import LineBook, read_lines
from ledger.settlement.issue import statement_contents
from ledger.settlement.moved import moved_by
from ledger.settlement.moves import moves_of
from ledger.settlement.run import lines_with_states
from ledger.settlement.runs import last_run, settled_before
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms, VersionTerms
from policies.agreement import Agreement

DAYS = 45
"""How many days ahead are looked at where nobody says otherwise."""

DAYS_MAX = 366


@dataclass(frozen=True, slots=True)
class Expected:
    """What a party may expect of a day, in minor units.

    `payable_minor` is what the next run would pay if made on that day, `adds_minor` how much more that is
    than on the day before in the list. `given_minor` and `taken_minor` are what lines and their refunds add
    since that day, and `lines` how many more stand on the statement. `kept` is `adds_minor` less the returns
    still to come at the recorded rate, exact; None where it cannot be said.
    """

    day: date
    party: str
    payable_minor: int
    adds_minor: int
    given_minor: int
    taken_minor: int
    lines: int
    kept: Fraction | None


@dataclass(frozen=True, slots=True)
class Undated:
    """Lines of which nobody knows the day: without a `receipt`, or with an `after_sale` case that is open.

    `amounts` are what they would add per party, in minor units, as they stand; None where that is not the
    lines' own alone, as over a window.
    """

    because: Literal["receipt", "after_sale"]
    lines: int
    amounts: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is to be expected under an agreement, from entries before `as_of_seq` and nothing more.

    The first day is that of `at` itself: what is payable by now. `refundable_days` is for how many days after
    a line is earned it can still be returned, 0 where no longer. `rate` and `history` are those of recorded
    returns, None where there are none whose window is over.
    """

    agreement: str
    currency: str
    at: datetime
    as_of_seq: int
    days: tuple[Expected, ...]
    undated: tuple[Undated, ...]
    refundable_days: int
    rate: Fraction | None
    history: Population | None


def forecast(
    log: Log, agreements: Iterable[Agreement], at: datetime, *, data: Path, days: int = DAYS
) -> Forecast:
    """Return what parties may expect by day for some days from a time on; nothing is written.

    Raises SettlementRefused where a run could not be made, or for more days than DAYS_MAX.
    """
    if not 0 <= days <= DAYS_MAX:
        raise SettlementRefused(f"look 0 to {DAYS_MAX} days ahead, not {days}")
    given = tuple(agreements)
    terms = deal_terms(log, given)
    now = Point(terms.local(at).replace(microsecond=0), log.size())
    book = replace(read_lines(log, terms, now.end), settled=settled_before(log, terms.id, now))
    rate, history = _history(log, terms, now)
    made = [
        (day, {one["party"]: one for one in statement_contents(log, given, cutoff, data=data)})
        for day, cutoff in _days(log, terms, book, now, days)
    ]
    return Forecast(
        terms.id,
        terms.newest.currency,
        now.cutoff,
        now.end,
        tuple(_expected(made, rate)),
        tuple(_undated(terms, book, now)),
        _refundable_days(terms),
        rate,
        history,
    )


def _days(log: Log, terms: Terms, book: LineBook, now: Point, days: int) -> Iterator[tuple[date, datetime]]:
    """Yield the days on which something changes with the cut-off of each, that of now first."""
    last = last_run(log, terms.id)
    today = now.day(terms)
    if last is None or last.point.cutoff < now.cutoff:
        yield today, now.cutoff
    until = today + timedelta(days=days)
    if any(_counts_together(one) or one.due_clauses for one in terms.versions):
        found = {today + timedelta(days=count) for count in range(1, days + 1)}
    else:
        found = {*_cleared(terms, book, now), *_freed(log, terms, now)}
    for day in sorted(one for one in found if today < one <= until):
        yield day, datetime.combine(day, time(), tzinfo=terms.zone)


def _cleared(terms: Terms, book: LineBook, now: Point) -> set[date]:
    """Return the days from which lines that are received and not earned yet are earned."""
    found: set[date] = set()
    for version in terms.versions:
        frame = _in_flight(terms, version, book, now).filter(pl.col("day:confirmed").is_not_null())
        clearing = timedelta(days=terms.clearing_days(version))
        found |= {day + clearing for day in frame["day:confirmed"].unique()}
    return found


def _in_flight(terms: Terms, version: VersionTerms, book: LineBook, now: Point) -> pl.DataFrame:
    """Return the lines of one version that are told of and not earned by now."""
    lines = lines_with_states(counted(book, now.end), terms, version, now, None)
    return lines.filter(~pl.col("now:earned"), pl.col("us:sold") <= now.us).collect()


def _freed(log: Log, terms: Terms, now: Point) -> set[date]:
    """Return the first days on which holds that expire hold nothing any more."""
    with reading(log.engine) as session:
        holds = held_at(session, now.cutoff, Until(end=now.end), agreement=terms.id)
    running = [one for one in holds if one.held_minor and one.expires_us != NEVER_US]
    ends = [terms.local(instant_of(one.expires_us)) for one in running]
    return {one.date() + timedelta(days=1 if one.time() > time() else 0) for one in ends}


def _counts_together(version: VersionTerms) -> bool:
    """Tell whether what lines come to is not each line's own."""
    return bool(version.plan.windows) or version.plan.clause.rounding.at == "statement"


def _refundable_days(terms: Terms) -> int:
    """Return for how many days after a line is earned a refund can still take it back."""
    deal = [one for one in terms.versions if one.refundable is not None]
    left = (one.window_days - terms.clearing_days(one) for one in deal)
    return max([0, *left])


def _expected(
    made: list[tuple[date, dict[str, dict[str, Any]]]], rate: Fraction | None
) -> Iterator[Expected]:
    before: dict[str, tuple[int, int, int, int]] = defaultdict(lambda: (0, 0, 0, 0))
    for place, (day, contents) in enumerate(made):
        for party, content in sorted(contents.items()):
            now = content["payable_minor"], *_sums(content), content["lines"]["count"]
            paid, given, taken, lines = (one - other for one, other in zip(now, before[party], strict=True))
            before[party] = now
            known = rate is not None and place > 0
            kept = _kept(paid, given, taken, rate) if known and rate is not None else None
            if any((paid, given, taken)):
                yield Expected(day, party, now[0], paid, given, taken, lines, kept)


def _sums(content: Mapping[str, Any]) -> tuple[int, int]:
    """Return what the lines of a statement give and what refunds take back of them."""
    sums = dict.fromkeys(("earned", "funded", "reversed", "returned"), 0)
    for one in content["totals"]:
        sums[one["kind"]] += one["amount_minor"]
    return sums["earned"] + sums["funded"], sums["reversed"] + sums["returned"]


def _kept(adds: int, given: int, taken: int, rate: Fraction) -> Fraction:
    """Return what stays of a day's figure where refunds, those told among them, reach the recorded rate."""
    more = rate * given + taken
    still = max(Fraction(0), more) if given >= 0 else min(Fraction(0), more)
    return adds - still


def _undated(terms: Terms, book: LineBook, now: Point) -> Iterator[Undated]:
    received = pl.col("day:confirmed").is_not_null()
    for because, wanted in (("receipt", ~received), ("after_sale", received)):
        lines, alone, sums = 0, True, defaultdict[str, int](int)
        for version in terms.versions:
            clearing = pl.duration(days=terms.clearing_days(version))
            cleared = (pl.col("day:confirmed") + clearing <= now.day(terms)) & terms.may_wait(version)
            frame = _in_flight(terms, version, book, now).filter(wanted)
            frame = frame.filter(cleared) if because == "after_sale" else frame
            lines += frame.height
            alone &= not frame.height or not _counts_together(version)
            if alone:
                for party, amount in _as_though_earned(version, frame):
                    sums[party] += amount
        if lines:
            amounts = {party: amount for party, amount in sorted(sums.items()) if amount} if alone else None
            yield Undated("receipt" if because == "receipt" else "after_sale", lines, amounts)


def _as_though_earned(version: VersionTerms, frame: pl.DataFrame) -> Iterator[tuple[str, int]]:
    """Yield what lines would add to each owner if they were earned as they stand."""
    if frame.is_empty():
        return
    earned = frame.with_columns(pl.lit(value=True).alias("now:earned"))
    earned = earned.drop(name for name in frame.columns if name.startswith("before:"))
    try:
        moved = moved_by("columns", version, earned)
    except SettlementRefused:  # what has no exact column is computed line by line
        moved = moved_by("exact", version, earned)
    for move in moves_of(version):
        if move.stated:
            yield move.owner, int(moved.frame[move.column].cast(pl.Int128).sum() or 0)


def _history(log: Log, terms: Terms, now: Point) -> tuple[Fraction | None, Population | None]:
    """Return the rate of recorded returns and its population, None where no line's window is over."""
    found = expected_returns(earned_by(log, terms, now))
    return (found.rate, found.history) if found.history.lines else (None, None)
