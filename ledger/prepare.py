"""An entry made ready to append: opened groups, salts and commitments, before its seq is known.

This is the costly part of appending and runs outside the writing transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace

from ledger.database import Row
from ledger.derive import AccountKey, line_event_of
from ledger.entries import Group, NewEntry, Posting
from ledger.hold_events import hold_event_of
from ledger.leaves import (
    LEAF_FORMAT,
    SALT_BYTES,
    Leaf,
    commitment,
    concerns_group,
    leaf_bytes,
    microseconds,
    occurred_text,
    opened_bytes,
)


class Prepared(Struct, frozen=True, gc=False):
    """An entry with its opened groups in order, `concerns` last, and a salt and commitment for each."""

    entry: NewEntry
    key: tuple[str, str]
    occurred_at: str
    occurred_us: int
    groups: tuple[Group, ...]
    opened: tuple[bytes, ...]
    salts: tuple[bytes, ...]
    commitments: tuple[str, ...]
    line_event: Row | None
    hold_event: Row | None
    reversals: tuple[tuple[int, Posting], ...]
    """Number and posting of each that reverses another; nearly always none."""

    def renamed(self, entry_id: str) -> Prepared:
        """Return the same under another id, which no group holds."""
        entry = replace(self.entry, id=entry_id)
        return replace(self, entry=entry, key=(entry.source, entry_id))

    def leaf(self, seq: int, recorded_at: str) -> bytes:
        """Return the leaf bytes at a seq."""
        entry = self.entry
        return leaf_bytes(
            Leaf(
                entry.agreement,
                entry.asserter,
                LEAF_FORMAT,
                self.commitments,
                entry.id,
                entry.kind,
                self.occurred_at,
                recorded_at,
                seq,
                entry.source,
            )
        )

    def entry_row(self, seq: int, recorded_us: int, leaf: bytes, leaf_hash: bytes) -> Row:
        """Return the row of table entry."""
        entry = self.entry
        return (
            seq,
            entry.source,
            entry.id,
            entry.agreement,
            entry.kind,
            self.occurred_at,
            self.occurred_us,
            recorded_us,
            entry.asserter,
            leaf,
            leaf_hash,
        )

    def disclosure_rows(self, seq: int) -> list[Row]:
        """Return the rows of table disclosure."""
        return [
            (seq, position, group.name, readers_text(group.readers), self.salts[position], opened)
            for position, (group, opened) in enumerate(zip(self.groups, self.opened, strict=True))
        ]

    def postings(self) -> list[tuple[AccountKey, int, str, str]]:
        """Return account key, amount, clause and kind of each posting, in order over the groups."""
        return [
            ((p.owner, p.agreement, p.purpose, p.currency), p.amount_minor, p.clause, p.kind)
            for group in self.groups
            for p in group.postings
        ]


@lru_cache(maxsize=8192)
def readers_text(readers: tuple[str, ...]) -> str:
    """Return readers as the column of them stands."""
    return json.dumps(readers, separators=(",", ":"))


@lru_cache(maxsize=8192)
def _concerns(parties: tuple[str, ...]) -> tuple[Group, bytes]:
    group = concerns_group(parties)
    return group, opened_bytes(group, "concerns")


def prepare(entries: Sequence[NewEntry], entropy: Callable[[int], bytes]) -> list[Prepared]:
    """Return entries with opened groups, fresh salts and commitments. Raises EntryInvalid."""
    count = sum(len(entry.groups) + 1 for entry in entries)
    pool = entropy(count * SALT_BYTES) if count else b""
    assert len(pool) == count * SALT_BYTES, "entropy gives as many bytes as asked for"
    prepared, at = [], 0
    for entry in entries:
        until = at + (len(entry.groups) + 1) * SALT_BYTES
        salts = tuple([pool[i : i + SALT_BYTES] for i in range(at, until, SALT_BYTES)])
        prepared.append(_prepare(entry, salts))
        at = until
    return prepared


def _prepare(entry: NewEntry, salts: tuple[bytes, ...]) -> Prepared:
    concerns, concerns_opened = _concerns(entry.concerns)
    opened = (*[opened_bytes(group, entry.id) for group in entry.groups], concerns_opened)
    named = ((position, group.name, group.content) for position, group in enumerate(entry.groups))
    return Prepared(
        entry,
        (entry.source, entry.id),
        occurred_text(entry.occurred_at),
        microseconds(entry.occurred_at),
        (*entry.groups, concerns),
        opened,
        salts,
        tuple([commitment(salt, data).hex() for salt, data in zip(salts, opened, strict=True)]),
        line_event_of(entry.kind, entry.id, entry.agreement, named),
        hold_event_of(entry.kind, entry.id, ((group.name, group.content) for group in entry.groups)),
        _reversals(entry.groups),
    )


def with_postings(ready: Prepared, position: int, postings: tuple[Posting, ...]) -> Prepared:
    """Return an entry as it would be with other postings in the group at a position, with the same salts."""
    group = replace(ready.groups[position], postings=postings)
    groups = (*ready.groups[:position], group, *ready.groups[position + 1 :])
    opened = opened_bytes(group, ready.entry.id)
    commitments = list(ready.commitments)
    commitments[position] = commitment(ready.salts[position], opened).hex()
    return replace(
        ready,
        entry=replace(ready.entry, groups=groups[:-1]),
        groups=groups,
        opened=(*ready.opened[:position], opened, *ready.opened[position + 1 :]),
        commitments=tuple(commitments),
        reversals=_reversals(groups),
    )


def _reversals(groups: Sequence[Group]) -> tuple[tuple[int, Posting], ...]:
    postings = [posting for group in groups for posting in group.postings]
    return tuple([(n, posting) for n, posting in enumerate(postings) if posting.reverses is not None])
