"""hledger and bean-check accept the journal of a settled month, and agree on every balance, to the unit.

The month is of the example with dues: orders sold, received, refunded and settled, with slot fees, penalties,
reserves and interest falling due, and what came late for it in the next.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.journals.names import account_name
from ledger.journals.transactions import Scope
from ledger.journals.writing import Program, journal
from ledger.periods import Calendar, Closing, Period, calendar_of, close_period, closing_balances
from ledger.settlement.runs import RUN_KIND
from tests.accounting_programs import Balances, beancount_balances, hledger_balances
from tests.due_world import orders, records, season_dues
from tests.settlement_world import World, refund, sale

MONTHS = (Period(2026, 3), Period(2026, 4), Period(2026, 5))
PROGRAMS: list[tuple[Program, Callable[[Path], Balances]]] = [
    ("hledger", hledger_balances), ("beancount", beancount_balances),
]  # fmt: skip


def months(world: World) -> Calendar:
    return calendar_of(world.log, world.agreement.id, world.agreement.zone)


def close(world: World, period: Period) -> None:
    closing = Closing(agreement=world.agreement.ref, parties=("platform",), keepers=("platform",))
    now = datetime(2026, 12, 1, tzinfo=UTC)
    close_period(world.log, months(world), period, closing, now=now, by="platform")


@pytest.fixture
def settled(world: World) -> World:
    """Three months, each settled to its last second and closed; a refund of April is told in May."""
    world.agreements = [season_dues()]
    world.tell(*orders(world.agreement), *records(world.agreement))
    for month, last in zip(MONTHS, ("2026-03-31", "2026-04-30", "2026-05-31"), strict=True):
        if month == MONTHS[2]:
            world.tell(
                refund(world.agreement, "O3", "25000.00", "2026-04-28T10:00:00"),
                sale(world.agreement, "O4", at="2026-04-30", paid="999.99"),
            )
        world.settle(f"{last}T23:59:59")
        close(world, month)
    return world


def written(world: World, period: Period, program: Program, to: Path) -> Path:
    known = months(world)
    closed, before = known.close_of(period), known.before(period)
    assert closed is not None
    scope = Scope(
        agreement=world.agreement.id, start=period.start(known.zone), stop=period.end(known.zone),
        zone=known.zone, since=before.as_of_seq if before else None, end=closed.as_of_seq,
    )  # fmt: skip
    path = to / f"{period}.{program}"
    path.write_text("".join(journal(world.log.engine, scope, program)), encoding="utf-8")
    return path


@pytest.mark.parametrize(("program", "read"), PROGRAMS)
def test_the_journal_of_each_settled_month_comes_to_its_closing_balances(
    settled: World, tmp_path: Path, program: Program, read: Callable[[Path], Balances]
) -> None:
    for period in MONTHS:
        path = written(settled, period, program, tmp_path)
        found = closing_balances(settled.log.engine, months(settled), period)
        assert read(path) == {(account_name(one), one.currency): -minor for one, minor in found.items()}
    text = path.read_text(encoding="utf-8")
    assert "late_from" in text
    assert RUN_KIND in text
    purposes = {one.purpose for one in found}
    assert len(purposes) > 3, "commission, dues and what is set aside stand on accounts of their own"
