"""Any order of preparing, releasing, failing, returning, correcting and contesting pays what is due."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database import open_engine
from ledger.holds import NewHold, left_of, place_hold, release_hold
from ledger.log import Log
from ledger.payouts.batches import batches, cancel
from ledger.payouts.errors import PayoutError
from ledger.settlement.errors import SettlementError
from ledger.settlement.issue import correct
from ledger.statements.life import life_of
from ledger.statements.reading import Statement, list_statements
from migrations.apply import migrate
from tests.ledger_samples import FixedClock
from tests.payout_world import NOON, Payday, terms
from tests.settlement_world import World, instant, receipt, refund, sale

PAYEES = ("mcn", "streamer", "brand")
MONTHS = ("2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01")
FEW = settings(max_examples=max(settings().max_examples // 8, 1))
"""Each example settles months and commits every step."""

Step = tuple[str, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["month", "refund", "correct", "accept", "accept", "contest", "end", "hold", "free", "prepare",
             "prepare", "release", "release", "cancel", "confirm", "confirm", "fail", "return", "wait"]
        ),
        st.integers(0, 11),
    ),
    min_size=8,
    max_size=24,
)  # fmt: skip


@dataclass
class Machine:
    """A payday to which anything may happen, and what must hold after each step."""

    day: Payday
    months: int = 0
    orders: list[str] = field(default_factory=list)
    holds: list[str] = field(default_factory=list)
    held: int = 0

    def take(self, step: Step) -> None:
        name, pick = step
        if name == "return":
            name = "give_back"
        act: Callable[[int], None] = getattr(self, name)
        with suppress(PayoutError, SettlementError):
            act(pick)
        self.check()

    def statements(self, payee: str) -> list[Statement]:
        return list_statements(self.day.world.log, party=payee)

    def month(self, pick: int) -> None:
        if self.months >= len(MONTHS):
            return
        until = MONTHS[self.months]
        sold = instant(until).replace(day=1)
        order = f"O{self.months}"
        paid = f"{100 * (pick + 1)}.00"
        early = f"2026-{sold.month - 2:02}-05"
        agreement = self.day.world.agreement
        self.day.world.tell(
            sale(agreement, order, at=early, paid=paid),
            receipt(agreement, order, f"{early[:8]}10"),
        )
        self.orders.append(order)
        self.months += 1
        self.day.clock.now = max(self.day.clock.now, instant(until))
        self.day.world.settle(until)

    def refund(self, pick: int) -> None:
        if self.orders:
            order = self.orders.pop(pick % len(self.orders))
            amount = f"{100 * (int(order[1:]) % 2) + 50}.00"
            back = f"2026-{int(order[1:]) + 2:02}-20"
            self.day.world.tell(refund(self.day.world.agreement, order, amount, back))

    def correct(self, _pick: int) -> None:
        world = self.day.world
        correct(world.log, world.agreements, reason="told late", data=world.data, asserter="platform")

    def accept(self, pick: int) -> None:
        mine = self.statements(PAYEES[pick % 3])
        if mine:
            self.day.accept_one(mine[pick // 3 % len(mine)])

    def contest(self, pick: int) -> None:
        mine = self.statements(PAYEES[pick % 3])
        if mine and mine[0].count:
            self.day.contest(mine[0], pick % mine[0].count)

    def end(self, pick: int) -> None:
        for statement in self.statements(PAYEES[pick % 3]):
            for one in life_of(self.day.world.log, statement.id).open_contests:
                self.day.end(statement, one.number, ("withdrawn", "answered", "dismissed")[pick % 3])

    def hold(self, pick: int) -> None:
        world, payee = self.day.world, PAYEES[pick % 3]
        self.held += 1
        name = f"H{self.held}"
        place_hold(
            world.log,
            NewHold(
                id=name, account=world.account(payee), amount_minor=100 * (pick + 1), reason="claim",
                clause="13.1", agreement=world.agreement.ref, readers=("platform", payee),
            ),
            at=self.day.act().at, by="operator", beyond_balance=True,
        )  # fmt: skip
        self.holds.append(name)

    def free(self, pick: int) -> None:
        if self.holds:
            name, at = self.holds.pop(pick % len(self.holds)), self.day.act().at
            if left_of(self.day.world.log, name, at):
                release_hold(
                    self.day.world.log, name, None, release="all", at=at, by="operator", reason="over"
                )

    def prepare(self, _pick: int) -> None:
        self.day.prepare()

    def release(self, pick: int) -> None:
        found = [one for one in batches(self.day.world.log) if one.state == "prepared"]
        if found:
            batch = found[pick % len(found)]
            before = {one.payee: self._owed_to(one.payee) for one in batch.payments}
            self.day.release(batch)
            for one in batch.payments:
                assert one.amount_minor <= before[one.payee], "no more than the payee's accounts hold"

    def cancel(self, pick: int) -> None:
        found = batches(self.day.world.log)
        if found:
            cancel(self.day.world.log, found[pick % len(found)].id, self.day.act(), reason="anew")

    def confirm(self, pick: int) -> None:
        self._say("confirmed", pick)

    def fail(self, pick: int) -> None:
        self._say("failed", pick)

    def give_back(self, pick: int) -> None:
        self._say("returned", pick)

    def wait(self, pick: int) -> None:
        self.day.clock.forward(days=pick)

    def _say(self, outcome: str, pick: int) -> None:
        for batch in batches(self.day.world.log):
            for one in batch.payments[pick % 2 :]:
                self.day.tell(self.day.say(batch, one.payee, outcome))

    def _owed_to(self, payee: str) -> int:
        return self.day.balance(payee, "balance") + self.day.balance(payee, "payable")

    def check(self) -> None:
        on_its_way, paid = defaultdict[str, int](int), defaultdict[str, int](int)
        parts = defaultdict[str, int](int)
        for batch in batches(self.day.world.log):
            for one in batch.payments:
                on_its_way[one.payee] += one.amount_minor if one.state == "released" else 0
                paid[one.payee] += one.amount_minor if one.state == "confirmed" else 0
                for part in one.parts if one.state in {"released", "confirmed"} else ():
                    parts[part.statement] += part.amount_minor
        assert self.day.balance("platform", "bank") == sum(paid.values())
        for payee in PAYEES:
            assert self.day.balance(payee, "clearing") == on_its_way[payee]
            stated = {one.id: one.content["payable_minor"] for one in self.statements(payee)}
            assert on_its_way[payee] + paid[payee] <= sum(stated.values())
            for statement, minor in stated.items():
                assert parts[statement] <= minor, "no statement is paid twice"

    def finish(self) -> None:
        """Answer everything that is open, pay what is left, and see that all of it was paid."""
        for pick in range(3):
            self.end(3 * pick + pick)
            for statement in self.statements(PAYEES[pick]):
                self.day.accept_one(statement)
        while self.holds:
            self.free(0)
        for batch in batches(self.day.world.log):
            if batch.state == "prepared":
                cancel(self.day.world.log, batch.id, self.day.act(), reason="over")
        self.confirm(0)
        while any(one.ready for one in self.day.payables().values()):
            self.day.release(self.day.prepare())
            self.confirm(0)
        self.check()
        for payee, one in self.day.payables().items():
            assert self.day.balance(payee, "clearing") == 0
            assert one.due_minor - one.owed_minor <= one.paid_minor + one.held_minor <= one.due_minor


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied."""
    path = tmp_path_factory.mktemp("fresh") / "ledger.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@FEW
@given(steps=STEPS)
def test_nobody_is_paid_more_than_is_payable_and_clearing_returns_to_zero(
    steps: list[Step], fresh: Path
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        shutil.copy(fresh, path)
        engine = open_engine(f"sqlite:///{path}")
        clock = FixedClock(NOON)
        day = Payday(World(Log(engine, clock=clock), Path(folder) / "data", [terms()]), clock)
        day.accounts()
        machine = Machine(day)
        machine.month(9)
        for step in steps:
            machine.take(step)
        machine.finish()
        engine.dispose()
