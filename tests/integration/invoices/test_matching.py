"""A statement's invoices against what it pays and what was paid: every difference has its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledger.invoices.invoice import Allocation, RedLetter
from ledger.invoices.matching import Match, match_statement
from ledger.invoices.reading import invoices_of
from ledger.invoices.waiting import payment_waits
from ledger.statements.reading import Statement
from tests.invoice_world import NUMBER, OTHER, STREAMER_TAX, invoice, invoiced, record, settled
from tests.settlement_world import World, plain


def match(world: World, statement: Statement, paid: int | None = None) -> Match:
    return match_statement(world.agreement, statement, invoices_of(world.log), paid)


def kinds(found: Match) -> list[tuple[str, int]]:
    return [(one.kind, one.amount_minor) for one in found.differences]


def test_payment_waits_until_all_of_it_is_invoiced_where_the_document_says_so(world: World) -> None:
    statement = settled(world)
    waits = payment_waits(world.log, world.agreement, statement)
    assert waits is not None
    assert (waits.clauses, waits.lacking_minor) == (("30.1",), 25_200)
    assert waits.words["zh"].endswith("应付 252.00 CNY 中尚有 252.00 未收到合规发票")
    assert "252.00 are not invoiced" in waits.words["en"]
    assert kinds(match(world, statement)) == [("missing", -25_200)]
    record(world, statement, invoice(statement, 20_000))
    assert kinds(match(world, statement)) == [("under", -5_200)]
    waits = payment_waits(world.log, world.agreement, statement)
    assert waits is not None
    assert waits.lacking_minor == 5_200
    record(world, statement, replace(invoice(statement, 5_200), number=OTHER))
    found = match(world, statement)
    assert (found.standing, found.differences, found.counted) == ("matched", (), (NUMBER, OTHER))
    assert payment_waits(world.log, world.agreement, statement) is None


def test_a_red_letter_invoice_takes_back_what_counts_whatever_taxpayer_it_names(world: World) -> None:
    statement = settled(world)
    made = invoice(statement)
    record(world, statement, made)
    back = invoice(
        statement,
        number=OTHER,
        net_minor=-made.net_minor,
        tax_minor=-made.tax_minor,
        total_minor=-25_200,
        allocations=(Allocation(statement.id, -25_200),),
        buyer_tax_id=STREAMER_TAX,
        red_letter=RedLetter(NUMBER, "310000123456"),
    )
    record(world, statement, back)
    found = match(world, statement)
    assert (found.invoiced_minor, found.standing) == (0, "missing")
    assert payment_waits(world.log, world.agreement, statement) is not None


@pytest.mark.parametrize("waits", ["nothing", None])
def test_payment_does_not_wait_where_the_document_does_not_say_so(world: World, waits: str | None) -> None:
    statement = settled(world, waits or "nothing")
    agreement = world.agreement if waits else plain()
    assert payment_waits(world.log, agreement, statement) is None
    found = match_statement(agreement, statement, [], None)
    assert found.standing == ("missing" if waits else "not_asked")


def test_no_other_party_waits(world: World) -> None:
    settled(world)
    assert payment_waits(world.log, world.agreement, world.statement("mcn")) is None


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"buyer": "platform"}, "wrong_buyer"),
    ({"buyer_tax_id": STREAMER_TAX}, "wrong_tax_id"),
    ({"rate": "3%", "net_minor": 24_466, "tax_minor": 734}, "tax_rate"),
]


def test_an_invoice_that_the_document_does_not_ask_for_does_not_count(world: World) -> None:
    statement = settled(world)
    for place, (changes, _) in enumerate(WRONG):
        number = f"263120000000{place:08}"
        record(world, statement, replace(invoice(statement), number=number, **changes))
    found = match(world, statement)
    assert kinds(found) == [("missing", -25_200), *((wrong, 25_200) for _, wrong in WRONG)]
    assert (found.counted, found.invoiced_minor) == ((), 0)
    assert payment_waits(world.log, world.agreement, statement) is not None


def test_more_than_is_payable_is_named_and_payment_does_not_wait(world: World) -> None:
    statement = settled(world)
    record(world, statement, invoice(statement, 30_000))
    assert kinds(match(world, statement)) == [("over", 4_800)]
    assert payment_waits(world.log, world.agreement, statement) is None


def test_what_a_red_letter_invoice_takes_back_is_lacking_again(world: World) -> None:
    statement = settled(world)
    record(world, statement, invoice(statement))
    back = replace(
        invoice(statement, -25_200), number=OTHER, red_letter=RedLetter(NUMBER, "3100263120001234")
    )
    record(world, statement, back)
    found = match(world, statement)
    assert kinds(found) == [("missing", -25_200), ("red_lettered", -25_200)]
    assert found.differences[1].invoice == NUMBER
    assert payment_waits(world.log, world.agreement, statement) is not None


PAID: dict[int, list[tuple[str, int]]] = {
    0: [("unpaid", -25_200)],
    20_000: [("paid_under", -5_200)],
    25_200: [],
    30_000: [("paid_over", 4_800), ("paid_without_invoice", 4_800)],
}


def test_payments_are_held_against_the_statement_and_its_invoices(world: World) -> None:
    statement = settled(world)
    record(world, statement, invoice(statement))
    assert {paid: kinds(match(world, statement, paid)) for paid in PAID} == PAID


def test_the_clause_says_in_words_whether_payment_waits() -> None:
    assert "先票后款" in invoiced().clauses["30.1"].text.zh
    assert "does not wait for an invoice" in invoiced("nothing").clauses["30.1"].text.en
