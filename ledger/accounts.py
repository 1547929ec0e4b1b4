"""The accounts over the log: balances at any pair of times, and statements of one account.

An account is (owner, agreement, purpose, currency). Postings belong to entries, which sum to zero per
currency; a positive posting credits. Everything here is read from derived rows and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from ledger.database import reading
from ledger.leaves import microseconds


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """An account: whose, under which agreement (id with no version), what for, in which currency."""

    owner: str
    agreement: str
    purpose: str
    currency: str


@dataclass(frozen=True, slots=True)
class Until:
    """Up to when balances count, each limit included: happened by, recorded by, and before a seq.

    The first two answer "what did we know then about then"; `end` cuts the log exactly.
    """

    occurred: datetime | None = None
    recorded: datetime | None = None
    end: int | None = None

    def _conditions(self) -> tuple[list[str], list[Any]]:
        conditions: list[str] = []
        parameters: list[Any] = []
        if self.occurred is not None:
            conditions.append("e.occurred_us <= ?")
            parameters.append(microseconds(self.occurred))
        if self.recorded is not None:
            conditions.append("e.recorded_us <= ?")
            parameters.append(microseconds(self.recorded))
        if self.end is not None:
            conditions.append("p.seq < ?")
            parameters.append(self.end)
        return conditions, parameters


NOW = Until()
"""No limit: every posting recorded."""


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting on an account's statement, with the balance of the account after it, in minor units."""

    seq: int
    n: int
    entry_kind: str
    occurred_at: str
    occurred_us: int
    recorded_us: int
    clause: str
    kind: str
    amount_minor: int
    balance_minor: int


def balances(
    engine: Engine,
    *,
    owner: str | None = None,
    agreement: str | None = None,
    purpose: str | None = None,
    until: Until = NOW,
) -> dict[Account, int]:
    """Return the balance of each account that has postings in range, in minor units, sorted by account."""
    conditions, parameters = until._conditions()  # noqa: SLF001 -- the same module's class
    joins = "JOIN entry e ON e.seq = p.seq" if conditions else ""
    for column, value in (("owner", owner), ("agreement", agreement), ("purpose", purpose)):
        if value is not None:
            conditions.append(f"a.{column} = ?")
            parameters.append(value)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = (
        "SELECT a.owner, a.agreement, a.purpose, a.currency, sum(p.amount_minor)"  # noqa: S608 -- own columns
        f" FROM account a JOIN posting p ON p.account = a.id {joins} {where}"
        " GROUP BY a.owner, a.agreement, a.purpose, a.currency ORDER BY 1, 2, 3, 4"
    )
    with reading(engine) as session:
        return {Account(*row[:4]): int(row[4]) for row in session.rows(sql, parameters)}


def balance(engine: Engine, account: Account, until: Until = NOW) -> int:
    """Return the balance of one account in minor units; 0 for an account that nothing was posted to."""
    found = balances(
        engine, owner=account.owner, agreement=account.agreement, purpose=account.purpose, until=until
    )
    return found.get(account, 0)


def account_statement(
    engine: Engine, account: Account, *, after: int = -1, limit: int = 1_000, until: Until = NOW
) -> list[Movement]:
    """Return up to `limit` postings of an account in entries beyond seq `after`, in order of the log."""
    conditions, parameters = until._conditions()  # noqa: SLF001 -- the same module's class
    key = [account.owner, account.agreement, account.purpose, account.currency]
    within = "".join(f" AND {condition}" for condition in conditions)
    base = (
        "FROM posting p JOIN account a ON a.id = p.account JOIN entry e ON e.seq = p.seq"
        f" WHERE a.owner = ? AND a.agreement = ? AND a.purpose = ? AND a.currency = ?{within}"
    )
    with reading(engine) as session:
        opening = session.rows(
            f"SELECT coalesce(sum(p.amount_minor), 0) {base} AND p.seq <= ?",
            [*key, *parameters, after],
        )
        running = int(opening[0][0])
        rows = session.rows(
            "SELECT p.seq, p.n, e.kind, e.occurred_at, e.occurred_us, e.recorded_us, p.clause, p.kind,"
            f" p.amount_minor {base} AND p.seq > ? ORDER BY p.seq, p.n LIMIT ?",
            [*key, *parameters, after, limit],
        )
    movements = []
    for row in rows:
        running += row[8]
        movements.append(Movement(*(*row, running)))
    return movements
