"""The machine that does to the books whatever may be done, in any order, and holds them to a plain model.

One machine interleaves sales, refunds by cumulative total, holds, closed months, erasures, legal holds,
checkpoints, rebuilds and restarts. What must be true is in books_model.py; the databases and the runs are in
tests/property/ledger/test_books_machine.py. The log alone has a machine of its own beside that.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from msgspec import structs

from ledger import legal_holds
from ledger.accounts import Account, balances
from ledger.checkpoints import Checkpoint, make_checkpoint
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.entries import NewEntry
from ledger.errors import (
    EntryConflict,
    EntryUnknown,
    ErasureRefused,
    HoldBeyondBalance,
    HoldRefused,
    HoldUnknown,
    PeriodRefused,
)
from ledger.holds import SOURCE as HOLDS
from ledger.holds import NewHold, available, holds, place_hold, record_expired, release_hold
from ledger.log import Log
from ledger.notes import LogKey
from ledger.periods import SOURCE as PERIODS
from ledger.periods import Calendar, Closing, Period, calendar_of, close_period, closing_balances, lines
from ledger.rebuild import rebuild
from ledger.tree import extends
from tests.books_model import (
    AGREEMENT_ID,
    ZONE,
    BooksModel,
    HoldModel,
    LegalHoldModel,
    Month,
    following,
    month_of,
    plain_month,
    yuan,
)
from tests.ledger_samples import AGREEMENT, PARTIES, FixedClock, pair, refund, sale

KEY = LogKey("log.test", bytes(32))
ESCROW = Account("escrow", AGREEMENT_ID, "balance", "CNY")
CLOSING = Closing(agreement=AGREEMENT, parties=PARTIES, keepers=("platform",))
COURT = {"reason": "file 17", "asserter": "platform"}
HOUR = timedelta(hours=1)

orders = st.integers(0, 6).map("O{}".format)
amounts = st.sampled_from([1, 250, 29_900])
lasting = st.none() | st.sampled_from([1, 40, 900])
hours_back = st.sampled_from([0, 0, 0, 1, 30, 700, 1_700])
hold_places = st.integers(0, 5)
scopes = st.sampled_from([(None, None), (AGREEMENT_ID, None), (AGREEMENT_ID, "O1"), ("autumn", None)])


class Books(RuleBasedStateMachine):
    """`model` is what must be true; `now` is the clock of the log, which rules alone move."""

    database: ClassVar[Callable[[], AbstractContextManager[str]]]  # fresh and migrated, for one run

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.url = self.open.enter_context(type(self).database())
        self.clock = FixedClock()
        self.engine = open_engine(self.url)
        self.log = Log(self.engine, clock=self.clock)
        self.model = BooksModel()
        self.checkpoints: list[Checkpoint] = []

    @property
    def now(self) -> datetime:
        return self.clock.now

    def teardown(self) -> None:
        try:
            assert examine(self.engine, [KEY.verifier]) == []
            self.every_entry_is_the_models()
            for point in self.checkpoints:
                self.extends_to_the_present(point)
        finally:
            self.engine.dispose()
            self.open.close()

    # ---- what is sold and refunded

    @initialize()
    def begin(self) -> None:
        self.sell([("O1", 29_900, 1_700), ("O2", 29_900, 30), ("O3", 250, 700)])

    @rule(
        wanted=st.lists(
            st.tuples(orders, amounts, hours_back), min_size=1, max_size=4, unique_by=lambda one: one[0]
        )
    )
    def sell(self, wanted: list[tuple[str, int, int]]) -> None:
        model, entries, fresh = self.model, [], []
        for order, amount, back in wanted:
            at = model.said[model.sales[order][0]].at if order in model.sales else self.now - back * HOUR
            entries.append(sale(order, paid_minor=amount, occurred_at=at))
            if order not in model.sales:
                fresh.append((order, amount, at))
        if any(order in model.sales and model.sales[order][1] != amount for order, amount, _ in wanted):
            with pytest.raises(EntryConflict):
                self.log.append(entries)
            return
        report = self.log.append(entries)
        assert report.accepted == list(range(len(model.said), len(model.said) + len(fresh)))
        for order, amount, at in fresh:
            seq = model.say(("shop", f"{order}/1/sale/"), "sale.recorded", at, self.now, amount)
            model.sales[order] = (seq, amount)

    @precondition(lambda self: self.model.sales)
    @rule(place=hold_places, part=st.integers(1, 4), back=hours_back)
    def refund(self, place: int, part: int, back: int) -> None:
        """A refund tells the total so far; a total that is told already adds nothing."""
        model = self.model
        order = sorted(model.sales)[place % len(model.sales)]
        seq, paid = model.sales[order]
        total, told = max(paid * part // 4, 1), model.refunds.setdefault(order, [])
        key = ("shop", f"{order}/1/refund/{yuan(total)}")
        if total in told:
            earlier = model.said[model.seq(*key)]
            assert not self.log.append([_refund(order, total, -earlier.minor, earlier.at)]).accepted
            return
        if told and total < told[-1]:
            return
        before = told[-1] if told else 0
        at = max(model.said[seq].at, self.now - back * HOUR)
        assert self.log.append([_refund(order, total, total - before, at)]).accepted == [len(model.said)]
        model.say(key, "refund.recorded", at, self.now, before - total)
        told.append(total)

    @rule(amount=amounts, lasts=lasting, back=st.sampled_from([0, 0, 2, 60]))
    def place_hold(self, amount: int, lasts: int | None, back: int) -> None:
        model, name, at = self.model, f"H{len(self.model.holds)}", self.now - back * HOUR
        hold = HoldModel(at, self.now, amount, None if lasts is None else at + lasts * HOUR)
        new = NewHold(
            id=name, account=ESCROW, amount_minor=amount, reason="contested", clause="13.1",
            agreement=AGREEMENT, readers=("platform",), expires_at=hold.expires,
        )  # fmt: skip
        if amount > model.balance(at, self.now) - model.held(at, self.now):
            with pytest.raises(HoldBeyondBalance):
                place_hold(self.log, new, at=at, by="platform")
            return
        assert place_hold(self.log, new, at=at, by="platform") == len(model.said)
        model.say((HOLDS, f"{name}/placed"), "hold.placed", at, self.now)
        model.holds[name] = hold

    @precondition(lambda self: self.model.holds)
    @rule(place=hold_places, amount=st.none() | amounts, back=st.sampled_from([0, 0, 1, 50]))
    def release_hold(self, place: int, amount: int | None, back: int) -> None:
        model, at = self.model, self.now - back * HOUR
        name = sorted(model.holds)[place % len(model.holds)]
        hold = model.holds[name]
        held = hold.held(at, self.now)
        part = held if amount is None else amount
        release = f"{len(hold.released)}"

        def ask() -> int:
            return release_hold(
                self.log, name, amount, release=release, at=at, by="platform", reason="settled"
            )

        if not 0 < part <= held or at < hold.last():
            with pytest.raises(HoldUnknown if at < hold.at else HoldRefused):
                ask()
            return
        seq = model.say((HOLDS, f"{name}/released/{release}"), "hold.released", at, self.now)
        hold.released.append((at, self.now, part))
        assert ask() == seq
        assert ask() == seq

    @rule()
    def record_what_expired(self) -> None:
        model, first = self.model, len(self.model.said)
        for name, hold in model.holds.items():
            if hold.left_at_expiry(self.now) and hold.expires is not None:
                model.say((HOLDS, f"{name}/expired"), "hold.expired", hold.expires, self.now)
                hold.expiry_told = True
        assert record_expired(self.log, self.now, "operator") == list(range(first, len(model.said)))

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

    @precondition(lambda self: self.model.sales)
    @rule(place=hold_places)
    def erase_the_buyer(self, place: int) -> None:
        model = self.model
        order = sorted(model.sales)[place % len(model.sales)]
        seq = model.sales[order][0]

        def ask(name: str) -> int:
            return self.log.erase(seq, "buyer", reason="asked", asserter="platform", source="ops", id=name)

        if seq in model.erased:
            assert ask(f"E{seq}") == model.erased[seq]
        if seq in model.erased or model.kept(order):
            with pytest.raises(ErasureRefused):
                ask(f"other {seq}")
            return
        assert ask(f"E{seq}") == len(model.said)
        model.erased[seq] = model.say(("ops", f"E{seq}"), "content.erased", self.now, self.now)

    @precondition(lambda self: self.model.said)
    @rule(place=st.integers(0, 60))
    def nothing_else_is_erased(self, place: int) -> None:
        seq = place % len(self.model.said)
        for group in self.log.groups(seq):
            if group.name != "buyer":
                with pytest.raises(ErasureRefused):
                    self.log.erase(seq, group.name, reason="x", asserter="platform", source="ops", id="never")

    @rule(number=st.integers(0, 2), scope=scopes)
    def keep_from_erasing(self, number: int, scope: tuple[str | None, str | None]) -> None:
        model, name = self.model, f"case-{number}"

        def ask() -> legal_holds.LegalHold:
            return legal_holds.place_hold(
                self.log, name, agreement=scope[0], order=scope[1], readers=PARTIES, now=self.now, **COURT
            )

        standing = model.legal_holds.setdefault(name, LegalHoldModel(*scope))
        if (standing.agreement, standing.order) != scope:
            with pytest.raises(EntryConflict):
                ask()
            return
        assert ask().stands is standing.stands
        key = (legal_holds.SOURCE, f"{name}/placed")
        if key not in {(one.source, one.id) for one in model.said}:
            model.say(key, "legal_hold.placed", self.now, self.now)

    @rule(number=st.integers(0, 2))
    def let_erase(self, number: int) -> None:
        model, name = self.model, f"case-{number}"
        if name not in model.legal_holds:
            with pytest.raises(EntryUnknown):
                legal_holds.lift_hold(self.log, name, now=self.now, **COURT)
            return
        assert not legal_holds.lift_hold(self.log, name, now=self.now, **COURT).stands
        if model.legal_holds[name].stands:
            model.say((legal_holds.SOURCE, f"{name}/lifted"), "legal_hold.lifted", self.now, self.now)
            model.legal_holds[name].stands = False

    # ---- time, and what happens to a database

    @rule(hours=st.sampled_from([1, 30, 200, 800]))
    def time_goes_by(self, hours: int) -> None:
        self.clock.forward(hours=hours)

    @rule()
    def sign(self) -> None:
        self.checkpoints.append(make_checkpoint(self.log, KEY))

    @rule()
    def restart(self) -> None:
        self.engine.dispose()
        self.engine = open_engine(self.url)
        self.log = Log(self.engine, clock=self.clock)

    @precondition(lambda self: self.model.said)
    @rule()
    def rebuild(self) -> None:
        report = rebuild(self.engine)
        assert report.unchanged
        assert {gone.seq for gone in report.erased} == set(self.model.erased)

    @rule(at=st.integers(-2_000, 1_000), known=st.integers(-1_500, 0))
    def ask_of_another_time(self, at: int, known: int) -> None:
        recorded = self.now + known * HOUR
        ends = {hold.expires for hold in self.model.holds.values() if hold.expires}
        for when in sorted({self.now + at * HOUR, *ends}):
            found = available(self.engine, ESCROW, when, recorded)
            assert found.balance_minor == self.model.balance(when, recorded)
            assert found.held_minor == self.model.held(when, recorded)

    @precondition(lambda self: self.model.sales)
    @rule(place=hold_places)
    def ask_of_an_order(self, place: int) -> None:
        model = self.model
        order = sorted(model.sales)[place % len(model.sales)]
        seq = model.sales[order][0]
        told = [(event, of) for of, _, _, event, *_ in self.log.line(AGREEMENT_ID, order, "1")]
        totals = model.refunds.get(order, [])
        refunds = [("refund", model.seq("shop", f"{order}/1/refund/{yuan(total)}")) for total in totals]
        assert told == [("sale", seq), *refunds]
        (buyer,) = [one for one in self.log.groups(seq) if one.name == "buyer"]
        assert buyer.erased_by == model.erased.get(seq)
        assert seq in model.erased or buyer.content == {"buyer": f"buyer of {order}"}

    # ---- what holds after every step

    @invariant()
    def the_last_entry_is_the_models(self) -> None:
        assert self.log.size() == len(self.model.said)
        if self.model.said:
            last, entry = self.model.said[-1], self.log.entry(len(self.model.said) - 1)
            assert (entry.source, entry.id, entry.kind) == (last.source, last.id, last.kind)

    @invariant()
    def balances_and_what_is_available_are_the_models(self) -> None:
        total = self.model.balance(self.now, self.now)
        found = {account.owner: amount for account, amount in balances(self.engine).items() if amount}
        assert found == ({"buyers": -total, "escrow": total} if total else {})
        there = available(self.engine, ESCROW, self.now)
        assert (there.balance_minor, there.held_minor) == (total, self.model.held(self.now, self.now))
        left = {one.id: one.held_minor for one in holds(self.engine, self.now)}
        assert left == {name: hold.held(self.now, self.now) for name, hold in self.model.holds.items()}

    @invariant()
    def months_are_the_models(self) -> None:
        calendar = self.calendar()
        assert [(plain_month(one.period), one.seq) for one in calendar.closes] == self.model.closed
        if not self.model.closed:
            return
        last = self.model.closed[-1][0]
        for month in (last, following(last)):
            opening, moved, late, closing = self.model.month(month)
            found = [one for one in lines(self.engine, calendar, Period(*month)) if one.account == ESCROW]
            told = [
                (
                    one.opening_minor,
                    one.moved_minor,
                    {plain_month(of): n for of, n in one.late_minor.items()},
                )
                for one in found
            ]
            assert told == ([(opening, moved, late)] if opening or moved or late else [])
            assert closing_balances(self.engine, calendar, Period(*month)).get(ESCROW, 0) == closing

    @invariant()
    def the_last_checkpoint_is_a_past_of_this_log(self) -> None:
        for point in self.checkpoints[-1:]:
            self.extends_to_the_present(point)

    def extends_to_the_present(self, point: Checkpoint) -> None:
        size = self.log.size()
        proof = self.log.consistency_proof(point.size, size)
        assert extends(point.size, point.root, size, self.log.root(), proof)

    def every_entry_is_the_models(self) -> None:
        found = self.log.entries(limit=10_000)
        told = [(one.source, one.id, one.kind, datetime.fromisoformat(one.occurred_at)) for one in found]
        assert told == [(one.source, one.id, one.kind, one.at) for one in self.model.said]


def _refund(order: str, total: int, part: int, at: datetime) -> NewEntry:
    """A refund by its total so far, with postings of what this one adds."""
    plain = refund(order, total=yuan(total), occurred_at=at)
    (group,) = plain.groups
    return structs.replace(plain, groups=(structs.replace(group, postings=pair(-part, kind="refund")),))
