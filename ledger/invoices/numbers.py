"""Numbers that the tax offices give out: of invoices, and of taxpayers. Their form alone; nobody is asked.

A fully digitalised e-invoice (数电票) has one number of 20 digits, the first two of which are the year. Older
ones have a code (发票代码) of 10 or 12 digits and a number (发票号码) of 8, written CODE-NUMBER here. A
unified social credit code has 18 characters, the last one a check by GB 32100-2015; a citizen's number has
18 with a check by GB 11643-1999; older taxpayer numbers have 15, 17 or 20.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date

from ledger.invoices.errors import InvoiceRefused

_DIGITAL = re.compile(r"[0-9]{20}")
_OLDER = re.compile(r"([0-9]{10}|[0-9]{12})-[0-9]{8}")
_OTHER_TAX_ID = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17}|[0-9A-Z]{20}")
_CREDIT_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CITIZEN = re.compile(r"[0-9]{17}[0-9X]")
_CITIZEN_CHECKS = "10X98765432"


def invoice_number(text: str, issued_on: date) -> str:
    """Return the number of an invoice as it is kept: 20 digits, or CODE-NUMBER. Raises InvoiceRefused."""
    number = "".join(text.split())
    if _DIGITAL.fullmatch(number):
        if number[:2] != f"{issued_on.year % 100:02}":
            raise InvoiceRefused(
                f"its first two digits are the year, and the invoice is of {issued_on.year}", where=number
            )
        return number
    if _OLDER.fullmatch(number):
        return number
    raise InvoiceRefused(
        "is no invoice number: 20 digits, or for older ones a code of 10 or 12, a hyphen and 8 digits",
        where=text[:40],
    )


def number_digest(number: str) -> str:
    """Return what stands for a number in ids, which everybody who sees the log's leaves can read."""
    return hashlib.sha256(f"tallystick.invoice\n{number}".encode()).hexdigest()[:32]


def tax_id(text: str, where: str) -> str:
    """Return a taxpayer's number in capitals, its check digit checked where it has one.

    Raises InvoiceRefused.
    """
    number = "".join(text.split()).upper()
    sound = _is_credit_code(number) or _is_citizen(number) if len(number) == 18 else False
    if sound or _OTHER_TAX_ID.fullmatch(number):
        return number
    raise InvoiceRefused(
        f"'{number[:24]}' is no taxpayer's number: its length or its check digit is wrong", where=where
    )


def _is_credit_code(number: str) -> bool:
    if any(one not in _CREDIT_CODE for one in number):
        return False
    total = sum(_CREDIT_CODE.index(one) * pow(3, place, 31) for place, one in enumerate(number[:17]))
    return _CREDIT_CODE[-total % 31] == number[17]


def _is_citizen(number: str) -> bool:
    if not _CITIZEN.fullmatch(number):
        return False
    total = sum(int(one) * pow(2, 17 - place, 11) for place, one in enumerate(number[:17]))
    return _CITIZEN_CHECKS[total % 11] == number[17]
