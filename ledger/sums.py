"""Sums of an account's postings by block of the log, so that a balance at any pair of times reads few rows.

When a block of the log is full, each account that is busy in it gets one row of `balance_block` (its total,
and between which occurred times it lies) and rows of `balance_part`, which hold the running sum at every
occurred time in the block. What an account has in a block where it is not busy, and in the open end of the
log, is read from the postings themselves. Rows are derived: they never change, a rebuild makes them again,
and an answer without them is the same, only slower. Not here: who owns an account (accounts.py).

The cost, for one account: a narrow row per full block, a part per block that the occurred limit cuts, fewer
than `BUSY` postings per block without a row, and fewer postings than an open block holds.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import msgspec

from ledger.database import Row, Session

BLOCK = 4_096
"""Entries in a block. Postings of an open block are read one by one, so it stays small."""

BUSY = 16
"""An account with as many postings in a block gets a row for it; one with fewer has them read."""

PART = 48
"""Occurred times in one part: 16 bytes each, so that a part fits within a page of either database."""

_LIMIT_MINOR = 2**63
_ALWAYS_US = 2**63 - 1
_RANGES_AT_ONCE = 100

_GATHERED = {"sqlite": "json_group_array({})", "postgresql": "array_agg({})"}
_numbers = msgspec.json.Decoder(list[int]).decode

Posted = tuple[int, Sequence[int], Sequence[int]]
"""Account number, and the seq and the amount in minor units of each of its postings."""


def add_sums(session: Session, first: int, size: int) -> None:
    """Store the sums of each block that entries `first` to `size - 1`, already stored, have filled."""
    for block, start, end in full_blocks(first, size):
        posted = _gathered(session, start, end)
        if posted:
            occurred = session.rows(
                "SELECT occurred_us FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq", (start, end)
            )
            blocks, parts = block_sums(block, posted, [row[0] for row in occurred])
            session.insert("balance_block", blocks)
            session.insert("balance_part", parts)


def _gathered(session: Session, start: int, end: int) -> list[Posted]:
    """Read the postings of each busy account as lists of numbers: a tuple per posting costs far more."""
    seqs, amounts = (_GATHERED[session.dialect].format(column) for column in ("seq", "amount_minor"))
    rows = session.rows(
        f"SELECT account, {seqs}, {amounts} FROM posting WHERE seq >= ? AND seq < ?"  # noqa: S608 -- own names
        " GROUP BY account HAVING count(*) >= ? ORDER BY account",
        (start, end, BUSY),
    )
    if session.dialect == "sqlite":
        return [(account, _numbers(seqs), _numbers(amounts)) for account, seqs, amounts in rows]
    return [(account, seqs, amounts) for account, seqs, amounts in rows]


def blocks_within(first: int, size: int) -> tuple[int, int]:
    """Return the first and the end of the blocks that entries `first` to `size - 1` fill."""
    return first // BLOCK, size // BLOCK


def full_blocks(first: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, first seq and end of each block that entries `first` to `size - 1` fill."""
    for block in range(*blocks_within(first, size)):
        yield block, block * BLOCK, (block + 1) * BLOCK


def block_sums(block: int, posted: Iterable[Posted], occurred: Sequence[int]) -> tuple[list[Row], list[Row]]:
    """Return the rows of balance_block and of balance_part that the postings of a full block give.

    `occurred` has the microseconds of each entry of the block. An account whose sums could leave 64 bits gets
    no rows: its postings are read, and summed without a bound.
    """
    start = block * BLOCK
    blocks: list[Row] = []
    parts: list[Row] = []
    for account, seqs, amounts in posted:
        if len(seqs) < BUSY or len(seqs) * max(map(abs, amounts)) >= _LIMIT_MINOR:
            continue
        times = [occurred[seq - start] for seq in seqs]
        order = sorted(range(len(times)), key=times.__getitem__)
        running = accumulate(map(amounts.__getitem__, order))
        sums = dict(zip(map(times.__getitem__, order), running, strict=True))  # the last of one time stands
        first_us, last_us = times[order[0]], times[order[-1]]
        blocks.append((account, block, first_us, last_us, sums[last_us]))
        parts += _parts(account, block, list(sums), list(sums.values()))
    return blocks, parts


def _parts(account: int, block: int, times: Sequence[int], sums: Sequence[int]) -> Iterator[Row]:
    for at in range(0, len(times), PART):
        part = times[at : at + PART]
        yield account, block, part[0], struct.pack(f"<{2 * len(part)}q", *part, *sums[at : at + PART])


def sums_of(
    session: Session, accounts: Sequence[int], end: int, occurred_us: int | None = None
) -> dict[int, int]:
    """Return, in minor units, the sum of what entries before `end` posted to each of some accounts.

    `end` lies within the log. With `occurred_us`, only what occurred by then counts. An account that nothing
    in range was posted to is left out.
    """
    totals: dict[int, int] = defaultdict(int)
    covered: dict[int, list[int]] = defaultdict(list)
    for account, block, minor in _full_blocks(session, accounts, end // BLOCK, occurred_us):
        covered[account].append(block)
        if minor is not None:
            totals[account] += minor
    ranges = [
        (account, start, stop) for account in accounts for start, stop in _gaps(covered.get(account, []), end)
    ]
    for at in range(0, len(ranges), _RANGES_AT_ONCE):
        for account, minor in _posted(session, ranges[at : at + _RANGES_AT_ONCE], occurred_us):
            totals[account] += minor
    return dict(totals)


def _full_blocks(
    session: Session, accounts: Sequence[int], blocks: int, occurred_us: int | None
) -> Iterator[tuple[int, int, int | None]]:
    """Yield account and block of each row before `blocks`, in order, with what it adds by the occurred limit.

    None stands for a block all of whose postings occurred later.
    """
    limit = _ALWAYS_US if occurred_us is None else occurred_us
    part = (
        "SELECT p.sums FROM balance_part p WHERE p.account = b.account AND p.block = b.block"
        " AND p.from_us <= ? ORDER BY p.from_us DESC LIMIT 1"
    )
    sql = (
        "SELECT b.account, b.block, b.total_minor, b.last_us <= ?,"  # noqa: S608 -- own columns
        f" CASE WHEN b.last_us > ? THEN ({part}) END FROM balance_block b"
        f" WHERE {session.members('b.account')} AND b.block < ? ORDER BY b.account, b.block"
    )
    rows = session.rows(sql, (limit, limit, limit, session.listed(accounts), blocks))
    for account, block, total, whole, sums in rows:
        if whole:
            yield account, block, total
        else:
            yield account, block, None if sums is None else _sum_by(bytes(sums), limit)


def _sum_by(sums: bytes, limit_us: int) -> int:
    """Return the running sum at the last of a part's times that is not beyond the limit."""
    count = len(sums) // 16
    numbers = struct.unpack(f"<{2 * count}q", sums)
    return int(numbers[count + bisect_right(numbers, limit_us, 0, count) - 1])


def _gaps(covered: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of seq below `end` that blocks of an account, sorted, do not cover."""
    start = 0
    for block in covered:
        if block * BLOCK > start:
            yield start, block * BLOCK
        start = (block + 1) * BLOCK
    if end > start:
        yield start, end


def _posted(
    session: Session, ranges: Sequence[tuple[int, int, int]], occurred_us: int | None
) -> Iterator[tuple[int, int]]:
    """Yield an account and what was posted to it in each range of (account, first seq, end), if anything.

    High and low halves are summed apart: SQLite's sum fails beyond 64 bits.
    """
    joined, parameters = "", []
    if occurred_us is not None:
        joined = " JOIN entry e ON e.seq = p.seq AND e.occurred_us <= ?"
    one = (
        "SELECT max(p.account), sum(p.amount_minor >> 32), sum(p.amount_minor & 4294967295) FROM posting p"  # noqa: S608
        f"{joined} WHERE p.account = ? AND p.seq >= ? AND p.seq < ?"
    )
    for within in ranges:
        parameters += [*([] if occurred_us is None else [occurred_us]), *within]
    for account, high, low in session.rows(" UNION ALL ".join([one] * len(ranges)), parameters):
        if account is not None:
            yield account, (int(high) << 32) + int(low)
