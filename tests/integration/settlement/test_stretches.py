"""Runs read and settled a stretch of keys at a time come to the same wherever lines are cut."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from ledger.database import reading
from ledger.entries import NewEntry
from ledger.line_ranges import key_ranges
from ledger.settlement import whole_run
from ledger.settlement.books import ESCROW_GROUP
from ledger.settlement.digest import run_digest
from ledger.settlement.facts import read_books, read_lines
from ledger.settlement.rebuild import rebuild_statements
from ledger.settlement.run import result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import read_terms
from ledger.statements import lines as lines_module
from tests.settlement_world import World, instant, plain, receipt, refund, sale

ORDERS = 40


def told(world: World) -> Iterator[NewEntry]:
    """Orders of one to three lines whose keys do not come in order; half refunded, one never received."""
    for number in range(ORDERS):
        order = f"{number * 7 % ORDERS:02}" + "长" * (number % 2)
        for line in range(1 + number % 3):
            key = {"line": str(line)}
            yield sale(world.agreement, order, paid=f"{100 + number}.{line}0", **key)
            if number:
                yield receipt(world.agreement, order, f"2026-03-{1 + number % 9:02}", **key)
            if number % 2:
                yield refund(world.agreement, order, f"{number}.00", "2026-03-12", **key)


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_run, "EVENTS_AT_ONCE", 5)
    monkeypatch.setattr(lines_module, "_LINES_IN_MEMORY", 3)


def _digest(world: World, seq: int) -> str:
    content = next(one for one in world.log.groups(seq) if one.name == ESCROW_GROUP).content
    return str(content["digest"])


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("at", ["line", "statement"])
def test_a_run_in_short_stretches_is_the_run_in_one(
    world: World, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.agreements = [plain(was_1="at: line", now_1=f"at: {at}")]
    world.tell(*told(world))
    terms, before = read_terms(world.agreements), None
    for cutoff in ("2026-03-20", "2026-04-20"):
        report = world.settle(cutoff)
        point = Point(terms.local(instant(cutoff)), report.content["as_of_seq"])
        whole = result_of(read_lines(world.log, terms, point.end), terms, point, before)
        assert _digest(world, report.seq) == run_digest(whole)
        assert report.content["lines"] == whole.lines > ORDERS / 2
        before = point
    monkeypatch.undo()
    rebuilt = rebuild_statements(world.log, world.agreements, data=world.data)
    assert rebuilt.statements == 8, "in one piece they come out the same, line by line"
    assert not list((world.data / "lines").glob(".run-*")), "what was put down meanwhile is removed"


def test_ranges_hold_every_order_once_and_in_order(world: World) -> None:
    world.tell(*told(world))
    end = world.log.size()
    terms = read_terms(world.agreements)
    with reading(world.log.engine) as session:
        ranges = list(key_ranges(session, world.agreement.id, end, 5))
    assert len(ranges) > ORDERS / 4
    assert all(one.last < other.first for one, other in pairwise(ranges))
    books = list(read_books(world.log, terms, end, 5))
    orders = [order for book in books for order in sorted(set(book.sales["order"]))]
    assert orders == sorted(set(orders))
    assert len(orders) == ORDERS
    events = (one for book in books for one in (book.sales, book.receipts, book.refunds, book.cases))
    assert sum(one.height for one in events) == end


def test_an_agreement_without_orders_settles_to_nothing(world: World) -> None:
    report = world.settle("2026-03-20")
    assert report.content["lines"] == 0
    assert all(one.lines == 0 for one in report.statements)
