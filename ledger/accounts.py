"""The accounts over the log: balances at any pair of times, and statements of one account.

An account is (owner, agreement, purpose, currency). Postings belong to entries, which sum to zero per
currency; a positive posting credits. Everything here is read from derived rows and writes nothing; sums.py
keeps a balance from being a sum over every posting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from ledger.database import Session, reading
from ledger.leaves import microseconds
from ledger.reading import tip
from ledger.sums import sums_of


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
    wanted = {"owner": owner, "agreement": agreement, "purpose": purpose}
    with reading(engine) as session:
        return _balances(session, {name: value for name, value in wanted.items() if value is not None}, until)


def balance(engine: Engine, account: Account, until: Until = NOW) -> int:
    """Return the balance of one account in minor units; 0 for an account that nothing was posted to."""
    with reading(engine) as session:
        return balance_within(session, account, until)


def balance_within(session: Session, account: Account, until: Until = NOW) -> int:
    """Return the balance of one account as a transaction sees it; see balance."""
    return _balances(session, asdict(account), until).get(account, 0)


def account_statement(
    engine: Engine, account: Account, *, after: int = -1, limit: int = 1_000, until: Until = NOW
) -> list[Movement]:
    """Return up to `limit` postings of an account in entries beyond seq `after`, in order of the log.

    The balance of the first one counts everything within `until` up to `after`.
    """
    with reading(engine) as session:
        end = end_of(session, until)
        opening = replace(until, recorded=None, end=min(end, after + 1))
        running = _balances(session, asdict(account), opening).get(account, 0)
        occurred = "" if until.occurred is None else " AND e.occurred_us <= ?"
        rows = session.rows(
            "SELECT p.seq, p.n, e.kind, e.occurred_at, e.occurred_us, e.recorded_us, p.clause, p.kind,"  # noqa: S608
            " p.amount_minor FROM posting p JOIN entry e ON e.seq = p.seq WHERE p.account ="
            " (SELECT id FROM account WHERE owner = ? AND agreement = ? AND purpose = ? AND currency = ?)"
            f" AND p.seq > ? AND p.seq < ?{occurred} ORDER BY p.seq, p.n LIMIT ?",
            [
                *asdict(account).values(),
                after,
                end,
                *([] if until.occurred is None else [microseconds(until.occurred)]),
                limit,
            ],
        )
    movements = []
    for row in rows:
        running += row[8]
        movements.append(Movement(*(*row, running)))
    return movements


def end_of(session: Session, until: Until) -> int:
    """Return the seq below which entries count, by the log's size, `end` and the recorded limit.

    Recorded times never run backwards, so the last entry recorded by a time is found by halving.
    """
    size = tip(session)[0]
    end = size if until.end is None else max(0, min(until.end, size))
    if until.recorded is None:
        return end
    found = session.rows(
        "WITH RECURSIVE span(low, high) AS ("
        " SELECT CAST(0 AS BIGINT), CAST(? AS BIGINT) UNION ALL"
        " SELECT CASE WHEN e.recorded_us <= ? THEN e.seq + 1 ELSE s.low END,"
        " CASE WHEN e.recorded_us <= ? THEN s.high ELSE e.seq END"
        " FROM span s JOIN entry e ON e.seq = (s.low + s.high) / 2 WHERE s.low < s.high)"
        " SELECT low FROM span WHERE low = high",
        (end, *([microseconds(until.recorded)] * 2)),
    )
    assert found, "the log has a gap; run the doctor"
    return int(found[0][0])


def _balances(session: Session, wanted: Mapping[str, str], until: Until) -> dict[Account, int]:
    where = " AND ".join(f"{column} = ?" for column in wanted)
    rows = session.rows(
        "SELECT owner, agreement, purpose, currency, id FROM account"  # noqa: S608 -- own columns
        f"{f' WHERE {where}' if where else ''} ORDER BY 1, 2, 3, 4",
        list(wanted.values()),
    )
    occurred_us = None if until.occurred is None else microseconds(until.occurred)
    sums = sums_of(session, [row[4] for row in rows], end_of(session, until), occurred_us)
    return {Account(*row[:4]): sums[row[4]] for row in rows if row[4] in sums}
