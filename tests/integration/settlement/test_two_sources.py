"""Two sources that report one sale attest one sale; which of them counts is the document's to say."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from ledger.accounts import balances
from ledger.entries import NewEntry
from ledger.settlement.rebuild import rebuild_statements
from ledger.statements.explain import explain, why
from ledger.statements.reading import every_line, read_lines_page
from policies.agreement import Agreement
from tests.settlement_world import World, instant, plain, receipt, refund, sale


def prevailing() -> Agreement:
    """Return the plain agreement with the platform's bill prevailing."""
    return plain(was_1="currency: CNY\n", now_1="currency: CNY\nprevailing_source: bill\n")


def told_by(source: str, entry: NewEntry, *, posted: bool = False) -> NewEntry:
    """Return an entry as another source reports it: the buyer's money was posted with the first report."""
    groups = tuple(group if posted else replace(group, postings=()) for group in entry.groups)
    return replace(entry, source=source, groups=groups)


def paid(world: World) -> dict[str, int]:
    found = {}
    for party in ("brand", "mcn", "streamer"):
        content = world.statement(party).content
        found[party] = content["closing_minor"] - content["opening_minor"]
    return found


def by_hand(paid_minor: int) -> dict[str, int]:
    """5% technical fee, 20% commission, of it 10% to the alliance, 30% of the rest to the agency."""
    commission = paid_minor // 5
    net = commission - commission // 10
    return {"brand": paid_minor * 3 // 4, "mcn": net * 3 // 10, "streamer": net - net * 3 // 10}


def test_without_a_prevailing_source_the_first_report_counts(world: World) -> None:
    agreement = world.agreement
    world.tell(sale(agreement, "A", paid="100.00"), told_by("bill", sale(agreement, "A", paid="200.00")))
    world.tell(receipt(agreement, "A", "2026-03-02"))
    world.settle("2026-03-31")
    assert paid(world) == by_hand(10_000)


@pytest.mark.parametrize("bill_first", [True, False])
def test_the_prevailing_report_counts_whichever_came_first(world: World, *, bill_first: bool) -> None:
    world.agreements = [prevailing()]
    shop = sale(world.agreement, "A", paid="100.00")
    bill = told_by("bill", sale(world.agreement, "A", paid="200.00"))
    world.tell(*((bill, shop) if bill_first else (shop, bill)))
    world.tell(receipt(world.agreement, "A", "2026-03-02"))
    world.settle("2026-03-31")
    assert paid(world) == by_hand(20_000)


def test_a_prevailing_report_after_settlement_posts_the_difference_and_says_so(world: World) -> None:
    world.agreements = [prevailing()]
    world.tell(sale(world.agreement, "A", paid="100.00"), receipt(world.agreement, "A", "2026-03-02"))
    world.tell(sale(world.agreement, "B", paid="50.00"), receipt(world.agreement, "B", "2026-03-02"))
    world.settle("2026-03-31")
    world.tell(told_by("bill", sale(world.agreement, "A", paid="90.00")))
    world.settle("2026-04-30")
    assert paid(world) == {party: by_hand(9_000)[party] - by_hand(10_000)[party] for party in by_hand(0)}
    statement = world.statement("streamer")
    (line,) = every_line(world.store, statement)
    found = explain(world.log, world.agreements, statement, line)
    assert found.amount_minor == line.amount_minor == -126
    assert found.steps[-1].en == "11.34 as the line counts now − 12.60 settled before = -1.26"
    assert {fact.source for fact in found.facts if fact.name == "paid"} == {"bill"}
    rebuilt = rebuild_statements(world.log, world.agreements, data=world.data)
    assert rebuilt.runs == 2


def test_a_refund_told_by_the_prevailing_source_counts_over_a_larger_one(world: World) -> None:
    world.agreements = [prevailing()]
    world.tell(sale(world.agreement, "A", paid="100.00"), receipt(world.agreement, "A", "2026-03-02"))
    world.tell(refund(world.agreement, "A", "100.00", "2026-03-05"))
    world.tell(told_by("bill", refund(world.agreement, "A", "50.00", "2026-03-05")))
    world.settle("2026-03-31")
    assert paid(world) == {party: amount // 2 for party, amount in by_hand(10_000).items()}


def test_a_line_whose_prevailing_receipt_is_later_is_taken_back_until_it_clears(world: World) -> None:
    world.agreements = [prevailing()]
    world.tell(sale(world.agreement, "A", paid="100.00"), receipt(world.agreement, "A", "2026-03-02"))
    world.settle("2026-03-31")
    world.tell(told_by("bill", receipt(world.agreement, "A", "2026-03-25")))
    world.settle("2026-04-01")
    assert paid(world) == {party: -amount for party, amount in by_hand(10_000).items()}
    (answer,) = why(world.log, world.agreements, "A", "mcn", at=instant("2026-04-01"))
    assert answer.standing == "clearing"
    world.settle("2026-04-30")
    assert paid(world) == by_hand(10_000)


def test_months_with_corrections_add_up_to_one_run_over_all(engine_pair: tuple[World, World]) -> None:
    monthly, once = engine_pair
    for world in (monthly, once):
        world.agreements = [prevailing()]
    stories = (
        [sale(prevailing(), "A", paid="100.00"), receipt(prevailing(), "A", "2026-03-02")],
        [
            told_by("bill", sale(prevailing(), "A", paid="80.00")),
            refund(prevailing(), "A", "20.00", "2026-04-02"),
        ],
        [told_by("bill", refund(prevailing(), "A", "40.00", "2026-04-20"))],
    )
    for month, entries in enumerate(stories, 3):
        for world in (monthly, once):
            world.tell(*entries)
        monthly.settle(f"2026-{month + 1:02}-01")
    once.settle("2026-06-01")
    totals = {
        world.data: {
            account: amount
            for account, amount in _balances(world).items()
            if account not in {"consumers.payment", "escrow.balance"}
        }
        for world in (monthly, once)
    }
    assert totals[monthly.data] == totals[once.data]
    assert any(totals[once.data].values())


def _balances(world: World) -> dict[str, int]:
    return {f"{one.owner}.{one.purpose}": amount for one, amount in balances(world.log.engine).items()}


def test_a_page_of_a_statement_shows_the_correction_as_one_line_a_leg(world: World) -> None:
    world.agreements = [prevailing()]
    world.tell(sale(world.agreement, "A", paid="100.00"), receipt(world.agreement, "A", "2026-03-02"))
    world.settle("2026-03-31")
    world.tell(told_by("bill", sale(world.agreement, "A", paid="90.00")))
    world.settle("2026-04-30")
    page = read_lines_page(world.store, world.statement("brand"), order="A")
    assert [(one.kind, one.amount_minor) for one in page.lines] == [("earned", -750)]
