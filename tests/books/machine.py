"""The machine that does to the books whatever may be done, in any order, and holds them to a plain model.

One machine interleaves what its parts do (sales, refunds, reversals, order files, voids, holds, legal holds,
erasures) with closed months, time, checkpoints, rebuilds and restarts. What must be true is in model.py; the
databases and the runs are in tests/property/ledger/test_books_machine.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ledger.checkpoints import make_checkpoint
from ledger.database import open_engine
from ledger.errors import PeriodRefused
from ledger.log import Log
from ledger.periods import SOURCE as PERIODS
from ledger.periods import Calendar, Closing, Period, calendar_of, close_period, closing_balances, lines
from ledger.rebuild import rebuild
from tests.books.base import ESCROW, KEY
from tests.books.importing import Importing
from tests.books.keeping import Keeping
from tests.books.model import AGREEMENT_ID, ZONE, Month, following, month_of, plain_month
from tests.books.selling import Selling
from tests.ledger_samples import AGREEMENT, PARTIES

CLOSING = Closing(agreement=AGREEMENT, parties=PARTIES, keepers=("platform",))


class Books(Selling, Importing, Keeping):
    """All of it together, months that close over it, and what happens to a database."""

    def looks(self) -> Iterator[Callable[[], None]]:
        yield from super().looks()
        yield self.look_at_months

    # ---- months

    @rule()
    def close_the_next_month(self) -> None:
        closed = self.model.closed
        self._close(following(closed[-1][0]) if closed else following(month_of(self.now), -1))

    @rule(back=st.integers(-1, 3))
    def close_some_month(self, back: int) -> None:
        self._close(following(month_of(self.now), -back))

    def _close(self, month: Month) -> None:
        model, calendar = self.model, self.calendar()

        def ask() -> int:
            return close_period(self.log, calendar, Period(*month), CLOSING, now=self.now, by="platform").seq

        standing = dict(model.closed)
        if month in standing:
            assert ask() == standing[month]
        elif model.may_close(month, self.now):
            assert ask() == len(model.said)
            key = (PERIODS, f"{AGREEMENT_ID}/{Period(*month)}")
            model.closed.append((month, model.say(key, "period.closed", self.now, self.now)))
        else:
            with pytest.raises(PeriodRefused):
                ask()

    def calendar(self) -> Calendar:
        return calendar_of(self.log, AGREEMENT_ID, ZONE)

    @rule()
    def look_at_months(self) -> None:
        calendar = self.calendar()
        assert [(plain_month(one.period), one.seq) for one in calendar.closes] == self.model.closed
        for month, _ in self.model.closed[-2:]:
            self.look_at_month(calendar, month)
        if self.model.closed:
            self.look_at_month(calendar, following(self.model.closed[-1][0]))

    def look_at_month(self, calendar: Calendar, month: Month) -> None:
        opening, moved, late, closing = self.model.month(month)
        told = [
            (one.opening_minor, one.moved_minor, {plain_month(of): n for of, n in one.late_minor.items()})
            for one in lines(self.engine, calendar, Period(*month))
            if one.account == ESCROW
        ]
        assert told == ([(opening, moved, late)] if opening or moved or late else [])
        assert closing_balances(self.engine, calendar, Period(*month)).get(ESCROW, 0) == closing

    # ---- time, and what happens to a database

    @rule(hours=st.sampled_from([1, 30, 200, 800]))
    def time_goes_by(self, hours: int) -> None:
        self.clock.forward(hours=hours)

    @rule(hours=st.sampled_from([1, 30]))
    def the_clock_is_set_back(self, hours: int) -> None:
        self.clock.forward(hours=-hours)

    @rule()
    def sign(self) -> None:
        for point in self.checkpoints[-1:]:
            self.extends_to_the_present(point)
        self.checkpoints.append(make_checkpoint(self.log, KEY))

    @precondition(lambda self: self.model.said)
    @rule(again=st.booleans())
    def restart(self, again: bool) -> None:  # noqa: FBT001 -- drawn
        """Open the log anew, and perhaps make everything derived again."""
        self.engine.dispose()
        self.engine = open_engine(self.url)
        self.log = Log(self.engine, clock=self.clock)
        if again:
            report = rebuild(self.engine)
            assert report.unchanged
            assert {gone.seq for gone in report.erased} == set(self.model.erased)
