"""The accounts over the log: balances at any pair of times, and statements of one account.

An account is (owner, agreement, purpose, currency). Postings belong to entries, which sum to zero per
currency; a positive posting credits. Everything here is read from derived rows and writes nothing; sums.py
keeps a balance from being a sum over every posting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from ledger.database import Row, Session, reading
from ledger.errors import AccountUnknown
from ledger.leaves import microseconds
from ledger.reading import tip
from ledger.sums import sums_of
from policies.errors import did_you_mean


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
    """One posting on an account's statement, with the balance of the account after it, in minor units.

    `reverses` is the seq and the number of the posting that it takes back; None for most.
    """

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
    reverses: tuple[int, int] | None = None


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


def chart(  # noqa: PLR0913 -- one limit each
    engine: Engine,
    *,
    owners: Collection[str] | None = None,
    agreement: str | None = None,
    after: Account | None = None,
    limit: int = 1_000,
    until: Until = NOW,
) -> tuple[dict[Account, int], Account | None]:
    """Return up to `limit` accounts beyond `after` with their balances, sorted, and where to continue.

    `owners` None stands for everybody. An account that nothing in range was posted to is left out, so there
    may be fewer than `limit` before the end, which None as the second value says.
    """
    with reading(engine) as session:
        conditions: list[str] = []
        parameters: list[Any] = []
        if owners is not None:
            conditions.append(session.members("owner"))
            parameters.append(session.listed(sorted(owners)))
        if agreement is not None:
            conditions.append("agreement = ?")
            parameters.append(agreement)
        if after is not None:
            conditions.append("(owner, agreement, purpose, currency) > (?, ?, ?, ?)")
            parameters += asdict(after).values()
        rows = _accounts(session, conditions, [*parameters, limit + 1], " LIMIT ?")
        found = _sums(session, rows[:limit], until)
    return found, Account(*rows[limit - 1][:4]) if len(rows) > limit else None


def find_account(
    engine: Engine, owner: str, purpose: str, agreement: str, currency: str | None = None
) -> Account:
    """Return an account by its parts; the currency may be left out where there is only one.

    Raises AccountUnknown, naming what there is of the owner's under the agreement.
    """
    with reading(engine) as session:
        rows = _accounts(session, ["owner = ?", "agreement = ?"], [owner, agreement])
    there = [Account(*row[:4]) for row in rows]
    found = [one for one in there if one.purpose == purpose and currency in {None, one.currency}]
    if len(found) == 1:
        return found[0]
    name = f"{owner}.{purpose}"
    if found:
        held = ", ".join(one.currency for one in found)
        raise AccountUnknown(f"{name} is kept in {held}; name one of them", where=agreement)
    hint = did_you_mean(name, [f"{one.owner}.{one.purpose}" for one in there])
    what = f"{name} in {currency}" if currency else name
    raise AccountUnknown(f"nothing was ever posted to {what}{hint}", where=agreement)


def account_statement(
    engine: Engine,
    account: Account,
    *,
    after: tuple[int, int] = (-1, 0),
    limit: int = 1_000,
    until: Until = NOW,
) -> list[Movement]:
    """Return up to `limit` postings of an account beyond one of them, (seq, n), in order of the log.

    The balance of the first one counts everything within `until` before it.
    """
    seq, n = after
    occurred = "" if until.occurred is None else " AND e.occurred_us <= ?"
    limits = [] if until.occurred is None else [microseconds(until.occurred)]
    with reading(engine) as session:
        end = end_of(session, until)
        before = replace(until, recorded=None, end=min(end, max(seq, 0)))
        running = balance_within(session, account, before)
        if end > seq:  # what the same entry posted before the place to continue from
            rows = session.rows(
                f"SELECT p.amount_minor {_OF_ACCOUNT} AND p.seq = ? AND p.n <= ?{occurred}",
                [*asdict(account).values(), seq, n, *limits],
            )
            running += sum(row[0] for row in rows)
        rows = session.rows(
            "SELECT p.seq, p.n, e.kind, e.occurred_at, e.occurred_us, e.recorded_us, p.clause, p.kind,"
            " p.amount_minor, r.of_seq, r.of_n"
            f" {_OF_ACCOUNT} AND p.seq >= ? AND (p.seq > ? OR p.n > ?) AND p.seq < ?{occurred}"
            " ORDER BY p.seq, p.n LIMIT ?",
            [*asdict(account).values(), seq, seq, n, end, *limits, limit],
        )
    movements = []
    for row in rows:
        running += row[8]
        reverses = None if row[9] is None else (row[9], row[10])
        movements.append(Movement(*(*row[:9], running, reverses)))
    return movements


_OF_ACCOUNT = (
    "FROM posting p JOIN entry e ON e.seq = p.seq LEFT JOIN reversal r ON r.seq = p.seq AND r.n = p.n"
    " WHERE p.account ="
    " (SELECT id FROM account WHERE owner = ? AND agreement = ? AND purpose = ? AND currency = ?)"
)


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
    rows = _accounts(session, [f"{column} = ?" for column in wanted], list(wanted.values()))
    return _sums(session, rows, until)


def _accounts(
    session: Session, conditions: Sequence[str], parameters: Sequence[Any], tail: str = ""
) -> list[Row]:
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return session.rows(
        f"SELECT owner, agreement, purpose, currency, id FROM account {where} ORDER BY 1, 2, 3, 4{tail}",  # noqa: S608
        parameters,
    )


def _sums(session: Session, rows: Sequence[Row], until: Until) -> dict[Account, int]:
    occurred_us = None if until.occurred is None else microseconds(until.occurred)
    sums = sums_of(session, [row[4] for row in rows], end_of(session, until), occurred_us)
    return {Account(*row[:4]): sums[row[4]] for row in rows if row[4] in sums}
