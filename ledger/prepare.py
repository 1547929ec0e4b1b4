"""An entry made ready to append: opened groups, salts and commitments, before its seq is known.

This is the costly part of appending and runs outside the writing transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ledger.database import Row
from ledger.derive import line_event_of
from ledger.entries import NewEntry
from ledger.leaves import (
    OPENED_LIMIT_BYTES,
    SALT_BYTES,
    commitment,
    concerns_group,
    leaf_bytes,
    microseconds,
    occurred_text,
    opened_bytes,
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An entry with its opened groups in order, `concerns` last, and a salt and commitment for each."""

    source: str
    id: str
    header: dict[str, Any]
    occurred_us: int
    groups: list[tuple[int, dict[str, Any]]]
    opened: list[bytes]
    salts: list[bytes]
    commitments: list[str]
    line_event: Row | None

    def leaf(self, seq: int, recorded_at: str) -> bytes:
        """Return the leaf bytes at a seq."""
        data = leaf_bytes(self.header, self.commitments, seq, recorded_at)
        assert len(data) <= OPENED_LIMIT_BYTES, "the limits of the parts bound the leaf"
        return data

    def entry_row(self, seq: int, recorded_us: int, leaf: bytes, leaf_hash: bytes) -> Row:
        """Return the row of table entry."""
        header = self.header
        return (
            seq,
            self.source,
            self.id,
            header["agreement"],
            header["kind"],
            header["occurred_at"],
            self.occurred_us,
            recorded_us,
            header["asserter"],
            leaf,
            leaf_hash,
        )

    def disclosure_rows(self, seq: int) -> list[Row]:
        """Return the rows of table disclosure."""
        return [
            (seq, position, group["name"], _readers_text(tuple(group["readers"])), salt, opened)
            for (position, group), salt, opened in zip(self.groups, self.salts, self.opened, strict=True)
        ]


@lru_cache(maxsize=8192)
def _readers_text(readers: tuple[str, ...]) -> str:
    return json.dumps(readers, separators=(",", ":"))


@lru_cache(maxsize=8192)
def _concerns(parties: tuple[str, ...]) -> tuple[dict[str, Any], bytes]:
    group = concerns_group(parties).as_json()
    return group, opened_bytes(group, "concerns")


def prepare(entries: Sequence[NewEntry], entropy: Callable[[int], bytes]) -> list[Prepared]:
    """Return entries with opened groups, fresh salts and commitments. Raises EntryInvalid."""
    count = sum(len(entry.groups) + 1 for entry in entries)
    pool = entropy(count * SALT_BYTES) if count else b""
    assert len(pool) == count * SALT_BYTES, "entropy gives as many bytes as asked for"
    prepared, at = [], 0
    for entry in entries:
        until = at + (len(entry.groups) + 1) * SALT_BYTES
        prepared.append(_prepare(entry, [pool[i : i + SALT_BYTES] for i in range(at, until, SALT_BYTES)]))
        at = until
    return prepared


def _prepare(entry: NewEntry, salts: list[bytes]) -> Prepared:
    forms = [group.as_json() for group in entry.groups]
    opened = [opened_bytes(form, entry.id) for form in forms]
    concerns, concerns_opened = _concerns(entry.concerns)
    forms.append(concerns)
    opened.append(concerns_opened)
    groups = list(enumerate(forms))
    return Prepared(
        source=entry.source,
        id=entry.id,
        header={
            "agreement": entry.agreement,
            "asserter": entry.asserter,
            "id": entry.id,
            "kind": entry.kind,
            "occurred_at": occurred_text(entry.occurred_at),
            "source": entry.source,
        },
        occurred_us=microseconds(entry.occurred_at),
        groups=groups,
        opened=opened,
        salts=salts,
        commitments=[commitment(salt, data).hex() for salt, data in zip(salts, opened, strict=True)],
        line_event=line_event_of(entry.kind, entry.id, entry.agreement, groups),
    )
