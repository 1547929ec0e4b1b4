"""Account names in journals: stable, reversible, and no two accounts under one name.

A name is TYPE:OWNER:AGREEMENT:PURPOSE, the currency being the commodity. Each part holds ASCII letters,
digits and `-` only and begins with a capital or a digit: beancount takes nothing else, hledger that too.

    a-z at the beginning      its capital                       mcn           Mcn
    A-Z at the beginning      as it is, with -x- after it       Mcn           M-x-cn
    other at the beginning    0-x- before it                    _mcn          0-x--x5f-mcn
    letters, digits, -        as they are                       cn:9133       Cn-x3a-9133
    -, before an x            -x2d-                             a-x           A-x2d-x
    anything else             -xHEX-, HEX its code point        商            0-x--x5546-

In a purpose `_` and `-` change places first, so that `tech_fee` reads Tech-fee.
"""

from __future__ import annotations

import re
from typing import Literal

from ledger.accounts import Account
from policies.chart import Side, side_of

Type = Literal["Assets", "Liabilities", "Equity", "Income", "Expenses"]
"""The five roots that both programs know."""

UNDISCLOSED = "Equity:Undisclosed"
"""Takes what the postings shown leave over, where others of their entry are not shown."""

OPENING = "Equity:Opening"
"""Where balances stand against when a journal begins in the middle."""

_ESCAPE = re.compile(r"-x([0-9a-f]+)-")
_KEPT = "-x-"
_FOREIGN = "0-x-"
_TYPES: dict[Side, Type] = {
    "assets": "Assets",
    "liabilities": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expenses": "Expenses",
}
_SWAPPED = str.maketrans("_-", "-_")


def account_type(purpose: str) -> Type:
    """Return the type of a purpose, by the chart of accounts: what an account is owed is a liability."""
    return _TYPES[side_of(purpose)]


def account_name(account: Account) -> str:
    """Return the name of an account in a journal."""
    parts = (account.owner, account.agreement, account.purpose.translate(_SWAPPED))
    return ":".join((account_type(account.purpose), *map(encoded, parts)))


def account_of(name: str, currency: str) -> Account:
    """Return the account under a name that `account_name` gave, in one commodity."""
    _, owner, agreement, purpose = name.split(":")
    return Account(decoded(owner), decoded(agreement), decoded(purpose).translate(_SWAPPED), currency)


def encoded(text: str) -> str:
    """Return a text of at least one character as a part of an account name."""
    first = text[0]
    if "a" <= first <= "z":
        return first.upper() + _rest(text, 1)
    if "A" <= first <= "Z":
        return first + _KEPT + _rest(text, 1)
    return _rest(text, 0) if "0" <= first <= "9" else _FOREIGN + _rest(text, 0)


def _rest(text: str, start: int) -> str:
    found = []
    for at in range(start, len(text)):
        one = text[at]
        plain = one.isascii() and one.isalnum()
        plain = plain or (one == "-" and text[at + 1 : at + 2] != "x")
        found.append(one if plain else f"-x{ord(one):x}-")
    return "".join(found)


def decoded(part: str) -> str:
    """Return the text that `encoded` gave this part for."""
    if part.startswith(_FOREIGN):
        return _read(part.removeprefix(_FOREIGN))
    if part[1:].startswith(_KEPT):
        return part[0] + _read(part[1 + len(_KEPT) :])
    return part[0].lower() + _read(part[1:])


def _read(part: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), part)
