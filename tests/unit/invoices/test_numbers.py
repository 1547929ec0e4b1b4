"""Numbers of invoices and taxpayers: what has their form, and what a slip of the pen makes of them."""

from __future__ import annotations

from datetime import date

import pytest

from ledger.invoices.errors import InvoiceRefused
from ledger.invoices.numbers import invoice_number, number_digest, tax_id

DAY = date(2026, 4, 2)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("26312000000012345678", "26312000000012345678"),
        ("2631 2000 0000 1234 5678", "26312000000012345678"),
        ("3100231130-01234567", "3100231130-01234567"),
        ("031002300111-01234567", "031002300111-01234567"),
    ],
)
def test_a_number_is_kept_in_one_form(text: str, kept: str) -> None:
    assert invoice_number(text, DAY) == kept


@pytest.mark.parametrize(
    "text", ["", "2631200000001234567", "310023113-01234567", "3100231130 01234567", "x"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InvoiceRefused):
        invoice_number(text, DAY)


def test_a_number_of_another_year_is_refused() -> None:
    with pytest.raises(InvoiceRefused, match="first two digits are the year"):
        invoice_number("25312000000012345678", DAY)


@pytest.mark.parametrize(
    "text", ["91350100M000100Y43", "91350100m000100y43", "11010519491231002X", "310115123456789"]
)
def test_a_taxpayers_number_with_its_check_digit_is_taken(text: str) -> None:
    assert tax_id(text, "seller") == text.upper()


@pytest.mark.parametrize(
    "text", ["91350100M000100Y44", "110105194912310021", "9135010", "O1350100M000100Y43", ""]
)
def test_a_slip_in_a_taxpayers_number_is_found(text: str) -> None:
    with pytest.raises(InvoiceRefused, match="taxpayer's number"):
        tax_id(text, "seller")


def test_ids_do_not_show_the_number() -> None:
    digest = number_digest("26312000000012345678")
    assert len(digest) == 32
    assert "1234" not in digest
