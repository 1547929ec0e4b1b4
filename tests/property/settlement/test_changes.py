"""Whatever happens between two statements, the causes of their change come to the difference exactly."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database import open_engine
from ledger.log import Log
from ledger.statements.change import change_between
from ledger.statements.reading import list_statements
from migrations.apply import migrate
from tests.settlement_world import World, plain, receipt, refund, sale

FEWER = settings(max_examples=max(settings().max_examples // 10, 1))
"""Each example settles several times on a database of its own."""

SECOND = plain(
    was1="version: 1\n", now1="version: 2\nsupersedes: {version: 1, transition: by_order_time}\n",
    was2="effective_from: 2026-02-01", now2="effective_from: 2026-03-20",
    was3="amount: 30% * (commission - alliance_fee)", now3="amount: 45% * (commission - alliance_fee)",
)  # fmt: skip
CUTOFFS = ("2026-03-19", "2026-04-10", "2026-05-20")

Refunds = list[tuple[int, Fraction]]
Line = tuple[int, int, int | None, Refunds, int]

LINES = st.lists(
    st.tuples(
        st.integers(1, 500_000),  # paid, in cents
        st.integers(0, 60),  # sold, in days from the middle of February
        st.none() | st.integers(0, 20),  # days until received
        st.lists(st.tuples(st.integers(0, 40), st.fractions(0, 1)), max_size=2),  # refunds, days later
        st.integers(0, 2),  # before which cut-off all of it is told, at the earliest
    ),
    min_size=1,
    max_size=6,
)


def _day(number: int) -> str:
    month, day = divmod(number + 14, 28)
    return f"2026-{month + 2:02}-{day + 1:02}"


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


@FEWER
@given(LINES)
def test_causes_come_to_the_difference(lines: list[Line]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/ledger.db")
        migrate(engine)
        world = World(Log(engine), Path(folder) / "data", [plain(), SECOND])
        for place, cutoff in enumerate(CUTOFFS):
            for number, (paid, sold, received, refunds, told) in enumerate(lines):
                if told == place:
                    _tell(world, f"O{number}", paid, sold, received, refunds)
            world.agreements = [plain()] if place == 0 else [plain(), SECOND]
            world.settle(cutoff)
        for party in ("streamer", "mcn", "brand", "platform"):
            third, second, first = list_statements(world.log, party=party)
            for before, after in ((first, second), (second, third), (first, third)):
                found = change_between(world.log, world.store, world.agreements, before, after)
                paid_more = after.content["payable_minor"] - before.content["payable_minor"]
                assert sum(one.change_minor for one in found.causes) == found.change_minor == paid_more
                assert found.separated
        engine.dispose()


def _tell(world: World, order: str, paid: int, sold: int, received: int | None, refunds: Refunds) -> None:
    agreement = plain()
    world.tell(sale(agreement, order, at=_day(sold), paid=_text(paid)))
    if received is not None:
        world.tell(receipt(agreement, order, _day(sold + received)))
    total = 0
    for days, part in sorted(refunds, key=lambda one: one[0]):
        more = int((paid - total) * part)
        total += more
        if more:
            world.tell(refund(agreement, order, _text(total), _day(sold + (received or 0) + days)))
