"""Reading the whole log again in order, and what should be derived from it. For rebuild.py and doctor.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from ledger.database import Row, Session
from ledger.derive import (
    LINE_EVENTS,
    ORDER_GROUP,
    Accounts,
    Derived,
    derive_postings,
    line_event_of,
    posting_of,
    reversal_rows,
)
from ledger.leaves import Opened, read_opened
from ledger.reading import Entry, tip
from ledger.sums import block_sums, full_blocks

CHUNK = 8_192
"""Entries read at a time; a multiple of a tile's width and of a block of sums."""

_ENTRIES = (
    "SELECT seq, source, source_id, agreement, kind, occurred_at, occurred_us, recorded_us, asserter, leaf,"
    " leaf_hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
)
_GROUPS = (
    "SELECT seq, position, name, readers, salt, opened FROM disclosure"
    " WHERE seq >= ? AND seq < ? ORDER BY seq, position"
)


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A group whose content still stands, as stored: column values and opened bytes."""

    position: int
    name: str
    readers: str
    salt: bytes
    opened: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries with start <= seq < end, and their open groups by seq."""

    start: int
    end: int
    entries: list[Entry]
    groups: dict[int, list[OpenGroup]]


def chunks(session: Session) -> Iterator[Chunk]:
    """Yield the log in order of seq, a chunk at a time."""
    size = tip(session)[0]
    for start in range(0, size, CHUNK):
        end = min(start + CHUNK, size)
        entries = [Entry(*row) for row in session.rows(_ENTRIES, (start, end))]
        groups: dict[int, list[OpenGroup]] = defaultdict(list)
        for seq, position, name, readers, salt, opened in session.rows(_GROUPS, (start, end)):
            groups[seq].append(OpenGroup(position, name, readers, bytes(salt), bytes(opened)))
        yield Chunk(start, end, entries, groups)


def derive_chunk(chunk: Chunk, accounts: Accounts) -> Derived:
    """Return the rows that a chunk's entries and open groups give; an erased group gives none."""
    derived = Derived()
    for entry in chunk.entries:
        groups = [(group.position, read_opened(group.opened)) for group in chunk.groups.get(entry.seq, [])]
        postings = (posting_of(posting) for _, opened in groups for posting in opened.postings)
        derive_postings(entry.seq, postings, accounts, derived)
        derived.reversals += reversal_rows(
            entry.seq, (one for _, opened in groups for one in opened.postings)
        )
        if entry.kind in LINE_EVENTS:
            _derive_line_event(entry, groups, derived)
    return derived


def derive_sums(chunk: Chunk, derived: Derived) -> tuple[list[Row], list[Row]]:
    """Return the rows of balance_block and balance_part that the blocks which end in a chunk give."""
    blocks: list[Row] = []
    parts: list[Row] = []
    for block, start, end in full_blocks(chunk.start, chunk.end):
        posted: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for seq, _, account, amount, *_ in derived.postings:
            if start <= seq < end:
                posted[account][0].append(seq)
                posted[account][1].append(amount)
        entries = chunk.entries[start - chunk.start : end - chunk.start]
        gathered = ((account, *posted[account]) for account in sorted(posted))
        found = block_sums(block, gathered, [entry.occurred_us for entry in entries])
        blocks += found[0]
        parts += found[1]
    return blocks, parts


def _derive_line_event(entry: Entry, groups: list[tuple[int, Opened]], derived: Derived) -> None:
    told = [
        (position, opened.name, msgspec.json.decode(opened.content))
        for position, opened in groups
        if opened.name == ORDER_GROUP
    ]
    if told:
        row = line_event_of(entry.kind, entry.id, entry.agreement, told)
        assert row is not None, "the kind is one of LINE_EVENTS"
        derived.line_events.append((entry.seq, *row, entry.occurred_us, entry.recorded_us))
