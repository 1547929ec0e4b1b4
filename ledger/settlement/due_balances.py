"""What accounts hold when something falls due: what others posted, what the split gives by then, and dues.

A run's own postings are left out and worked out anew, so that what falls due never depends on when runs were
made; only what it recovered from a party's accounts is gone from them. Not here: the balances of the books
(accounts.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property

from ledger.accounts import Account, Until, balance
from ledger.log import Log
from ledger.settlement.accounts import ESCROW, owner_and_purpose
from ledger.settlement.books import posted_by_runs, run_postings
from ledger.settlement.facts import LineBook
from ledger.settlement.moved import Engine
from ledger.settlement.moves import moves_of
from ledger.settlement.run import result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from policies.agreement import Agreement
from policies.decisions.moves import Move
from policies.formulas.exact import Value

Place = tuple[str, str]
"""An account by owner and purpose, within one agreement and currency."""


@dataclass
class DueBalances:
    """Balances as dues are worked out one after another; `take` tells of each that moved something."""

    log: Log
    book: LineBook
    terms: Terms
    point: Point
    engine: Engine
    moved: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    settled: dict[datetime, Mapping[Place, int]] = field(default_factory=dict)

    def take(self, agreement: Agreement, moves: tuple[Move, ...]) -> None:
        """Count what a due moved in those that come after it."""
        for move in moves:
            self.moved[owner_and_purpose(agreement, move.source)] -= move.minor
            self.moved[owner_and_purpose(agreement, move.target)] += move.minor

    def figure(self, agreement: Agreement, account: str, at: datetime) -> Value:
        """Return what an account, by its name in the document, holds at a time, in major units."""
        place = owner_and_purpose(agreement, account)
        minor = self._posted(place, at) + self.moved[place]
        if place in self._of_lines:
            minor += self._settled(at).get(place, 0)
        return Fraction(minor, agreement.scale)

    @cached_property
    def _of_lines(self) -> frozenset[Place]:
        """The accounts that settling lines moves; every line moves the escrow."""
        return frozenset(
            owner_and_purpose(one.agreement, account)
            for one in self.terms.versions
            for account in (ESCROW, *(move.account for move in moves_of(one)))
        )

    def _posted(self, place: Place, at: datetime) -> int:
        """Return what entries other than runs posted by a time."""
        newest = self.terms.newest
        account = Account(place[0], newest.id, place[1], newest.currency)
        total = balance(self.log.engine, account, Until(occurred=at, end=self.point.end))
        return total - posted_by_runs(self.log, account, Point(at, self.point.end), recovery=False)

    def _settled(self, at: datetime) -> Mapping[Place, int]:
        """Return what settling every line by a time moves, by account."""
        if at not in self.settled:
            sums: dict[Place, int] = defaultdict(int)
            point = Point(at, self.point.end)
            for one in run_postings(result_of(self.book, self.terms, point, None, self.engine)):
                sums[one.owner, one.purpose] += one.amount_minor
            self.settled[at] = dict(sums)
        return self.settled[at]
