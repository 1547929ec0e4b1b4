"""What is expected by day, with nothing more happening, equals what runs on those days pay."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.database import open_engine
from ledger.log import Log
from ledger.settlement.forecast import forecast
from migrations.apply import migrate
from policies.agreement import Agreement
from tests.settlement_world import World, instant, plain, receipt, refund, sale

FEWER = settings(max_examples=max(settings().max_examples // 12, 1))
"""Each example settles day by day on a database of its own."""

ROUNDED = plain(was="rounding: {mode: half_up, at: line}", now="rounding: {mode: half_up, at: statement}")
AT = "2026-03-10T15:00:00"

LINES = st.lists(
    st.tuples(
        st.integers(1, 500_000),  # paid, in cents
        st.none() | st.integers(1, 9),  # received on that day of March
        st.integers(0, 100),  # refunded by now, in hundredths
    ),
    min_size=1,
    max_size=5,
)


@FEWER
@given(LINES, st.sampled_from([plain(), ROUNDED]))
def test_expected_is_what_runs_pay(lines: list[tuple[int, int | None, int]], agreement: Agreement) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/ledger.db")
        migrate(engine)
        world = World(Log(engine), Path(folder) / "data", [agreement])
        for number, line in enumerate(lines):
            _tell(world, f"O{number}", *line)
        found = forecast(world.log, [agreement], instant(AT), data=world.data, days=15)
        paid: dict[str, int] = {}
        for day in sorted({one.day for one in found.days}):
            world.settle(day.isoformat())
            for one in found.days:
                if one.day == day and one.party in {"streamer", "mcn", "brand"}:
                    content = world.statement(one.party).content
                    paid[one.party] = paid.get(one.party, 0) + content["payable_minor"]
                    assert paid[one.party] == one.payable_minor, (day, one)
        engine.dispose()


def _tell(world: World, order: str, paid: int, received: int | None, refunded: int) -> None:
    agreement = world.agreement
    world.tell(sale(agreement, order, at="2026-02-20", paid=f"{paid // 100}.{paid % 100:02}"))
    if received is not None:
        world.tell(receipt(agreement, order, f"2026-03-{received:02}"))
    total = paid * refunded // 100
    if total:
        world.tell(refund(agreement, order, f"{total // 100}.{total % 100:02}", "2026-03-10T09:00:00"))
