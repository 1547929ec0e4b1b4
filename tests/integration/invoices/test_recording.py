"""Invoices recorded once, withdrawn by who recorded them, and taken back by red-letter ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledger.errors import ErasureRefused
from ledger.invoices.errors import InvoiceRefused, InvoiceTaken, InvoiceUnknown
from ledger.invoices.invoice import Allocation, RedLetter
from ledger.invoices.reading import invoices_of
from ledger.invoices.recording import withdraw_invoice
from ledger.statements.acts import Act
from tests.invoice_world import NUMBER, OTHER, invoice, record, settled
from tests.settlement_world import World, instant


def red(statement: Any, total: int, number: str = OTHER, **changes: Any) -> Any:
    made = invoice(statement, -total)
    return replace(made, number=number, red_letter=RedLetter(NUMBER, "3100263120001234"), **changes)


def test_an_invoice_is_recorded_once_and_read_by_seller_and_buyer_alone(world: World) -> None:
    statement = settled(world)
    stored = record(world, statement, invoice(statement))
    assert (stored.invoice.number, stored.by, stored.readers) == (NUMBER, "streamer", ("mcn", "streamer"))
    size = world.log.size()
    assert record(world, statement, invoice(statement), by="mcn") == stored
    assert world.log.size() == size, "the same again adds nothing"
    assert all(set(group.readers) == {"mcn", "streamer"} for group in world.log.groups(stored.seq, "mcn")[:2])
    names = {group.name for group in world.log.groups(stored.seq, "platform") if group.opened is not None}
    assert names == set()
    assert NUMBER not in world.log.entry(stored.seq).id


def test_another_invoice_under_the_number_is_refused_and_names_who_only_to_those_who_may_see_it(
    world: World,
) -> None:
    statement = settled(world)
    record(world, statement, invoice(statement))
    with pytest.raises(InvoiceTaken, match="by streamer in entry"):
        record(world, statement, invoice(statement, 25_100), by="mcn")
    world.settle("2026-03-19")
    brands = world.statement("brand")
    with pytest.raises(InvoiceTaken) as refused:
        record(world, brands, replace(invoice(brands), seller="brand", buyer="platform"), by="brand")
    assert "streamer" not in str(refused.value)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"tax_minor": 1}, "not 25200"),
    ({"net_minor": 20_000, "tax_minor": 5_200}, "is not the tax of 6%"),
    ({"rate": "six"}, "is not a rate"),
    ({"rate": "106%"}, "no rate of tax"),
    ({"number": "12"}, "no invoice number"),
    ({"issued_on": date(2026, 5, 1)}, "has not come"),
    ({"sha256": "ab"}, "64 hexadecimal"),
    ({"buyer": "streamer"}, "one party"),
    ({"buyer": "nobody"}, "no party to"),
    ({"seller_tax_id": "91310115MA1H70PM3X"}, "taxpayer's number"),
    ({"seller_tax_id": None}, "names the taxpayer's number"),
    ({"currency": "USD"}, "is in CNY"),
    ({"seller": "platform"}, "recorded by its seller or its buyer"),
    ({"allocations": ()}, "come to 0"),
    ({"allocations": (Allocation("plain-split.1.9", 25_200),)}, "no statement of the seller"),
    ({"red_letter": RedLetter(OTHER, "3100263120001234")}, "amounts below zero"),
]


def test_what_is_no_invoice_or_goes_with_no_statement_is_refused(world: World) -> None:
    statement = settled(world)
    size = world.log.size()
    for changes, match in REFUSED:
        with pytest.raises(InvoiceRefused, match=match):
            record(world, statement, replace(invoice(statement), **changes))
    assert world.log.size() == size


def test_red_letter_invoices_take_back_no_more_than_there_is(world: World) -> None:
    statement = settled(world)
    with pytest.raises(InvoiceUnknown, match="offsets is not recorded"):
        record(world, statement, red(statement, 10_000))
    record(world, statement, invoice(statement))
    record(world, statement, red(statement, 10_000))
    with pytest.raises(InvoiceRefused, match="is left of"):
        record(world, statement, red(statement, 15_201, "26312000000012345694"))
    record(world, statement, red(statement, 15_200, "26312000000012345694"))
    assert sum(one.invoice.total_minor for one in invoices_of(world.log)) == 0
    with pytest.raises(InvoiceRefused, match="confirmation form"):
        record(world, statement, replace(red(statement, 1), red_letter=RedLetter(NUMBER, "")))
    with pytest.raises(InvoiceRefused, match="seller, buyer, type and rate"):
        record(world, statement, red(statement, 1, "26312000000012345700", type="ordinary"))


def test_what_was_recorded_wrong_is_withdrawn_with_a_reason_and_recorded_again(world: World) -> None:
    statement = settled(world)
    stored = record(world, statement, invoice(statement, 25_000))
    act = Act(instant("2026-04-11"), "streamer")
    with pytest.raises(InvoiceRefused, match="recorded it, and alone"):
        withdraw_invoice(world.log, world.agreement, NUMBER, "typing", Act(act.at, "mcn"))
    with pytest.raises(InvoiceUnknown):
        withdraw_invoice(world.log, world.agreement, NUMBER, "typing", Act(act.at, "brand"))
    with pytest.raises(InvoiceRefused, match="reason"):
        withdraw_invoice(world.log, world.agreement, NUMBER, "  ", act)
    record(world, statement, red(statement, 100))
    with pytest.raises(InvoiceRefused, match="withdraw that one first"):
        withdraw_invoice(world.log, world.agreement, NUMBER, "typing", act)
    withdraw_invoice(world.log, world.agreement, OTHER, "typing", act)
    gone = withdraw_invoice(world.log, world.agreement, NUMBER, "typing", act)
    assert (gone.seq, gone.withdrawn is not None) == (stored.seq, True)
    again = record(world, statement, invoice(statement))
    assert [one.withdrawn is None for one in invoices_of(world.log)] == [False, False, True]
    assert again.invoice.total_minor == 25_200


def test_the_taxpayers_numbers_can_be_erased_and_what_the_invoice_says_cannot(world: World) -> None:
    statement = settled(world)
    stored = record(world, statement, invoice(statement))
    erase = {"reason": "asked", "asserter": "operator", "source": "tests"}
    with pytest.raises(ErasureRefused, match="matched with it"):
        world.log.erase(stored.seq, "invoice", id="1", **erase)
    world.log.erase(stored.seq, "taxpayers", id="2", **erase)
    (left,) = invoices_of(world.log)
    assert (left.invoice.seller_tax_id, left.invoice.total_minor) == (None, 25_200)
