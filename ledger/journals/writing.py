"""A whole journal as text, a piece at a time: what is declared, moved and asserted, whatever the program.

Accounts and currencies are declared as they first appear; what is kept meanwhile is a balance an account, so
memory grows with accounts and not with entries. At the end every balance is asserted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Literal, Protocol

from sqlalchemy import Engine

from ledger.accounts import Account
from ledger.database import Session, reading
from ledger.journals import beancount, hledger
from ledger.journals.names import OPENING, UNDISCLOSED, account_name
from ledger.journals.transactions import Scope, Transaction, balances_before, transactions
from ledger.leaves import instant_of
from ledger.reading import tip

Program = Literal["hledger", "beancount"]

Amounts = Iterable[tuple[str, int, str]]
"""Account name, amount in minor units as the journal signs it (a debit above zero), currency."""


class Style(Protocol):
    """How one program writes the parts of a journal; each returns whole lines."""

    def begin(self, about: list[str]) -> str:
        """Say in comments what the journal is."""

    def currency(self, code: str, day: date) -> str:
        """Declare a currency."""

    def account(self, name: str, day: date) -> str:
        """Declare an account, open from a day on."""

    def opening(self, day: date, amounts: Amounts) -> str:
        """Carry balances over from before the journal begins."""

    def transaction(self, one: Transaction, amounts: Amounts) -> str:
        """Write a transaction; the amounts beyond its postings are of accounts that are not the log's."""

    def closing(self, day: date, amounts: Amounts) -> str:
        """Assert balances as they stand at the end of a day."""


STYLES: Mapping[Program, Style] = {"hledger": hledger.Hledger(), "beancount": beancount.Beancount()}


def journal(engine: Engine, scope: Scope, program: Program) -> Iterator[str]:
    """Yield the journal of a scope as text, a transaction at a time, from one state of the log.

    Raises MoneyError for a currency whose minor unit is not known.
    """
    with reading(engine) as session:
        yield from _Writing(session, scope, STYLES[program]).pieces()


class _Writing:
    def __init__(self, session: Session, scope: Scope, style: Style) -> None:
        self._session, self._scope, self._style = session, scope, style
        self._balances: dict[tuple[str, str], int] = defaultdict(int)
        self._declared: set[str] = set()
        self._first = _local(scope.start, scope) if scope.start else _first_day(session, scope)
        self._last = self._first

    def pieces(self) -> Iterator[str]:
        yield self._style.begin(_about(self._session, self._scope))
        before = balances_before(self._session, self._scope)
        if before:
            amounts = [(account_name(one), -amount, one.currency) for one, amount in before.items()]
            yield from self._declare(amounts := [*amounts, *_against(before)])
            yield self._style.opening(self._first, amounts)
        for one in transactions(self._session, self._scope):
            amounts = [(account_name(p.account), -p.amount_minor, p.account.currency) for p in one.postings]
            amounts += [(UNDISCLOSED, -amount, currency) for currency, amount in one.undisclosed.items()]
            yield from self._declare(amounts)
            yield self._style.transaction(one, amounts)
            self._last = max(self._last, one.day)
        closing = [(name, amount, code) for (name, code), amount in sorted(self._balances.items())]
        if closing:
            yield self._style.closing(self._last, closing)

    def _declare(self, amounts: Amounts) -> Iterator[str]:
        for name, amount, code in amounts:
            if code not in self._declared:
                self._declared.add(code)
                yield self._style.currency(code, self._first)
            if name not in self._declared:
                self._declared.add(name)
                yield self._style.account(name, self._first)
            self._balances[name, code] += amount


def _against(before: Mapping[Account, int]) -> list[tuple[str, int, str]]:
    sums: dict[str, int] = defaultdict(int)
    for account, amount in before.items():
        sums[account.currency] += amount
    return [(OPENING, amount, code) for code, amount in sorted(sums.items()) if amount]


def _about(session: Session, scope: Scope) -> list[str]:
    size = tip(session)[0]
    of = "all agreements" if scope.agreement is None else f"agreement {scope.agreement}"
    about = [f"Tallystick: {of}, from the first {size} entries of the log"]
    if scope.sight is not None:
        about.append(
            f"as {', '.join(sorted(scope.sight.readers))} may read it; {UNDISCLOSED} stands for the rest"
        )
    about.append(f"days of {scope.zone}; credits are negative; names: docs/reference/journals.md")
    return about


def _local(instant: datetime, scope: Scope) -> date:
    return instant.astimezone(scope.zone).date()


def _first_day(session: Session, scope: Scope) -> date:
    """Return a day no later than that of any transaction: an account is open from here on."""
    rows = session.rows(
        "SELECT min(occurred_us) FROM entry WHERE EXISTS (SELECT 1 FROM posting p WHERE p.seq = entry.seq)"
    )
    return _local(
        instant_of(rows[0][0]) if rows[0][0] is not None else datetime(1970, 1, 1, tzinfo=UTC), scope
    )
