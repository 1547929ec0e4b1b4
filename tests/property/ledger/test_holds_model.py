"""Holds against a plain model: random placing, releasing, crediting and asking at random times."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.accounts import Account
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.errors import HoldBeyondBalance, HoldRefused
from ledger.holds import NewHold, available, place_hold, record_expired, release_hold
from ledger.log import Log
from ledger.rebuild import rebuild
from migrations.apply import migrate
from tests.ledger_samples import AGREEMENT, START, FixedClock, sale

ESCROW = Account("escrow", "autumn-beauty", "balance", "CNY")
HOURS = 48

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("credit"), st.integers(1, 300)),
        st.tuples(st.just("place"), st.integers(1, 300), st.none() | st.integers(1, 30)),
        st.tuples(st.just("release"), st.integers(0, 3), st.integers(1, 200)),
        st.tuples(st.just("record")),
    ),
    max_size=14,
)


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


class Model:
    """What holds are: lists, and sums over them."""

    def __init__(self) -> None:
        self.credits: list[tuple[int, int]] = []
        self.placed: list[tuple[int, int, int | None]] = []
        self.released: list[tuple[int, int, int]] = []

    def left(self, number: int, at: int) -> int:
        begun, amount, over = self.placed[number]
        if begun > at or (over is not None and at >= over):
            return 0
        return amount - sum(part for hold, when, part in self.released if hold == number and when <= at)

    def held(self, at: int) -> int:
        return sum(self.left(number, at) for number in range(len(self.placed)))

    def balance(self, at: int) -> int:
        return sum(amount for when, amount in self.credits if when <= at)


@given(STEPS)
@settings(max_examples=40)
def test_holds_are_what_a_list_of_them_says(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'log.db'}")
        migrate(engine)
        log, model = Log(engine, clock=FixedClock()), Model()
        for now, step in enumerate(steps):
            _act(log, model, now, step)
        for at in range(0, HOURS, 3):
            found = available(engine, ESCROW, hour(at))
            assert (found.balance_minor, found.held_minor) == (model.balance(at), model.held(at))
        assert rebuild(engine).unchanged
        assert examine(engine) == []
        engine.dispose()


def _act(log: Log, model: Model, now: int, step: tuple[Any, ...]) -> None:
    match step:
        case ("credit", amount):
            log.append([sale(f"O{now}", paid_minor=amount, occurred_at=hour(now))])
            model.credits.append((now, amount))
        case ("place", amount, hours):
            over = None if hours is None else now + hours
            fits = amount <= model.balance(now) - model.held(now)
            assert _place(log, len(model.placed), amount, now, over) is fits
            if fits:
                model.placed.append((now, amount, over))
        case ("release", number, amount) if number < len(model.placed):
            fits = amount <= model.left(number, now)
            assert _release(log, number, amount, now) is fits
            if fits:
                model.released.append((number, now, amount))
        case ("record",):
            record_expired(log, hour(now), "operator")


def _place(log: Log, number: int, amount: int, now: int, over: int | None) -> bool:
    hold = NewHold(
        id=f"H{number}", account=ESCROW, amount_minor=amount, reason="contested", clause="13.1",
        agreement=AGREEMENT, readers=("platform",), expires_at=None if over is None else hour(over),
    )  # fmt: skip
    try:
        place_hold(log, hold, at=hour(now), by="platform")
    except HoldBeyondBalance:
        return False
    return True


def _release(log: Log, number: int, amount: int, now: int) -> bool:
    try:
        release_hold(
            log, f"H{number}", amount, release=f"{now}", at=hour(now), by="platform", reason="settled"
        )
    except HoldRefused:
        return False
    return True
