"""How quickly a balance at a pair of times is answered as a log grows a hundredfold, and next to a plain sum.

`python -m benchmarks.balances [--postings N] [--database KIND] [--json]` fills a log's tables straight with
sales of four postings, one account having a quarter of them all, and every fourth block of entries an import
of some month in no order; it then makes the sums as appending does. Balances are asked for at random pairs
of times, of the busy account, of one of 2,000 payees and of all accounts of one owner, at N postings and at a
hundredth of them; each answer is held against a plain SQL sum in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine

from benchmarks.append.batches import databases
from ledger.accounts import Account, Until, balance, balances
from ledger.database import Row, Session, reading, writing
from ledger.leaves import instant_of, microseconds
from ledger.sums import BLOCK, add_sums

POSTINGS_PER_SALE = 4
PAYEES = 2_000
QUESTIONS = 15
AGREEMENT = "autumn-beauty"
START_US = microseconds(datetime(2026, 1, 1, tzinfo=UTC))
MONTH_US = 30 * 86_400_000_000
SALE_US = 5_000_000
ACCOUNTS = [("escrow", "balance"), ("platform", "fee"), ("brand", "payable")]

Figures = dict[str, Any]


def sales(first: int, end: int) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Yield seq, occurred microseconds, and account and amount of each posting, the same in every run."""
    for seq in range(first, end):
        source = random.Random(seq)
        occurred_us = START_US + seq * SALE_US
        if seq // BLOCK % 4 == 3:
            occurred_us -= source.randrange(MONTH_US)
        fee, share = source.randint(1, 999), source.randint(1, 9_999)
        goods = source.randint(1, 99_999)
        payee = len(ACCOUNTS) + 1 + source.randrange(PAYEES)
        parts = [(1, -fee - share - goods), (2, fee), (3, goods), (payee, share)]
        yield seq, occurred_us, parts


def fill(engine: Engine, first: int, end: int) -> float:
    """Add entries with their postings, and then their sums; return the seconds that the sums took."""
    seconds = 0.0
    for start in range(first, end, 16 * BLOCK):
        stop = min(start + 16 * BLOCK, end)
        with writing(engine) as session:
            _unguarded(session)
            if start == 0:
                session.insert("account", _accounts())
            told = list(sales(start, stop))
            session.insert("entry", (_entry(seq, occurred_us) for seq, occurred_us, _ in told))
            session.insert(
                "posting",
                (
                    (seq, n, account, amount, "6.1", "sale")
                    for seq, _, parts in told
                    for n, (account, amount) in enumerate(parts)
                ),
            )
            started = time.perf_counter()
            add_sums(session, start, stop)
            seconds += time.perf_counter() - started
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{stop:,} entries")
    return seconds


def _unguarded(session: Session) -> None:
    """Leave out what only guards, to fill ten million rows in minutes; reading is the same."""
    if session.dialect == "postgresql":
        session.execute("SET LOCAL session_replication_role = replica")
        return
    for (name,) in session.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        session.execute(f"DROP TRIGGER {name}")


def _accounts() -> list[Row]:
    payees = ((f"payee{place}", "payable") for place in range(PAYEES))
    return [
        (place, owner, AGREEMENT, purpose, "CNY")
        for place, (owner, purpose) in enumerate([*ACCOUNTS, *payees], 1)
    ]


def _entry(seq: int, occurred_us: int) -> Row:
    key = seq.to_bytes(32, "big")
    occurred = instant_of(occurred_us).isoformat()
    recorded_us = START_US + seq * SALE_US
    ref = f"{AGREEMENT}@1"
    return (
        seq,
        "shop",
        str(seq),
        ref,
        "sale.settled",
        occurred,
        occurred_us,
        recorded_us,
        "platform",
        key,
        key,
    )


def plain(engine: Engine, owner: str, until: Until) -> int:
    """Return an owner's balance by the sum over postings that a ledger without sums would ask for."""
    assert until.occurred is not None
    assert until.recorded is not None
    with reading(engine) as session:
        rows = session.rows(
            "SELECT sum(p.amount_minor) FROM account a JOIN posting p ON p.account = a.id"
            " JOIN entry e ON e.seq = p.seq WHERE a.owner = ? AND e.occurred_us <= ? AND e.recorded_us <= ?",
            (owner, microseconds(until.occurred), microseconds(until.recorded)),
        )
    return int(rows[0][0] or 0)


def ask(engine: Engine, entries: int) -> Figures:
    """Ask at random pairs of times; return the milliseconds of a middling and of the slowest answer."""
    source = random.Random(entries)
    drawn = [instant_of(START_US + source.randrange(entries * SALE_US)) for _ in range(2 * QUESTIONS)]
    untils = [Until(*pair) for pair in zip(drawn[::2], drawn[1::2], strict=True)]
    busy = Account("escrow", AGREEMENT, "balance", "CNY")
    quiet = Account("payee7", AGREEMENT, "payable", "CNY")
    answers: dict[str, Callable[[Until], int]] = {
        "busy": lambda until: balance(engine, busy, until),
        "quiet": lambda until: balance(engine, quiet, until),
        "owner": lambda until: sum(balances(engine, owner="brand", until=until).values()),
    }
    figures: Figures = {}
    for name, answer in answers.items():
        taken = [_milliseconds(lambda until=until, answer=answer: answer(until)) for until in untils]  # type: ignore[misc]
        figures[f"{name}_ms"] = round(median(taken), 2)
        figures[f"{name}_worst_ms"] = round(max(taken), 2)
    figures["busy_now_ms"] = round(median(_milliseconds(lambda: balance(engine, busy)) for _ in untils), 2)
    summed = [_milliseconds(lambda until=until: plain(engine, "escrow", until)) for until in untils[:3]]  # type: ignore[misc]
    figures["plain_sum_ms"] = round(median(summed), 1)
    assert all(plain(engine, "escrow", until) == balance(engine, busy, until) for until in untils[:3])
    return figures


def _milliseconds(work: Callable[[], int]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1_000


def measure(folder: Path, kind: str, postings: int) -> Figures:
    """Fill, ask at a hundredth and at the full size, and return both and their ratios."""
    entries = postings // POSTINGS_PER_SALE
    with databases(folder, kind) as fresh:
        engine = fresh()
        started = time.perf_counter()
        seconds = fill(engine, 0, entries // 100)
        small = ask(engine, entries // 100)
        seconds += fill(engine, entries // 100, entries)
        if kind == "postgresql":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("ANALYZE")
        filled = time.perf_counter() - started
        large = ask(engine, entries)
    return {
        "database": kind,
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "postings": postings,
        "fill_seconds": round(filled),
        "sums_us_per_posting": round(seconds / postings * 1e6, 2),
        **large,
        **{f"{name}_at_a_hundredth": value for name, value in small.items()},
        "plain_vs_sums": round(large["plain_sum_ms"] / large["busy_ms"], 1),
        "busy_end_vs_hundredth": round(large["busy_ms"] / small["busy_ms"], 1),
    }


def main() -> None:
    """Measure, and print one figure a line or one JSON object."""
    parser = argparse.ArgumentParser(description="Measure how quickly balances are answered.")
    parser.add_argument("--postings", type=int, default=1_000_000, help="postings in the log (1,000,000)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where the database goes; by default the system's own")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        figures = measure(Path(folder), given.database, given.postings)
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>36} {value}")


if __name__ == "__main__":
    main()
