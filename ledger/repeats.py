"""Telling a repeat from a conflict: an entry says the same as what is held under its key, or it does not.

No unsalted digest of content is kept, so the new groups are committed to with the stored salts and compared
with the commitments in the stored leaf. An erased group has no salt any more and is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ledger.database import Session
from ledger.known import Key, Known
from ledger.leaves import commitment, read_leaf
from ledger.prepare import Prepared

_HEADER = ("agreement", "asserter", "kind", "occurred_at")


@dataclass(frozen=True, slots=True)
class Held:
    """What the log holds under a key: the entry's seq and leaf, and its groups' salts by position."""

    seq: int
    leaf: bytes
    salts: dict[int, bytes]


def find_held(known: Known, prepared: Iterable[Prepared]) -> dict[Key, Held]:
    """Return what the log already holds under the keys of some entries."""
    seqs = known.seqs([entry.key for entry in prepared])
    if not seqs:
        return {}
    listed = known.session.listed(sorted(seqs.values()))
    sql = f"SELECT seq, leaf FROM entry WHERE {known.session.members('seq')}"  # noqa: S608 -- own column
    leaves = {seq: bytes(leaf) for seq, leaf in known.session.rows(sql, (listed,))}
    salts = _salts(known.session, list(leaves))
    return {key: Held(seq, leaves[seq], salts[seq]) for key, seq in seqs.items()}


def _salts(session: Session, seqs: Sequence[int]) -> dict[int, dict[int, bytes]]:
    salts: dict[int, dict[int, bytes]] = {seq: {} for seq in seqs}
    if salts:
        sql = f"SELECT seq, position, salt FROM disclosure WHERE {session.members('seq')}"  # noqa: S608
        for seq, position, salt in session.rows(sql, (session.listed(seqs),)):
            salts[seq][position] = bytes(salt)
    return salts


def differing_fields(session: Session, held: Held, entry: Prepared) -> tuple[str, ...]:
    """Return the paths in which an entry differs from the one held under its key; none for a repeat."""
    leaf = read_leaf(held.leaf)
    fields = _header_differences((leaf.agreement, leaf.asserter, leaf.kind, leaf.occurred_at), entry)
    if len(leaf.groups) != len(entry.opened):
        return (*fields, "groups")
    for position, opened in enumerate(entry.opened):
        salt = held.salts.get(position)
        if salt is not None and commitment(salt, opened).hex() != leaf.groups[position]:
            sql = "SELECT opened FROM disclosure WHERE seq = ? AND position = ?"
            stored = bytes(session.rows(sql, (held.seq, position))[0][0])
            fields.extend(group_differences(stored, opened))
    return tuple(fields)


def _header_differences(held: tuple[str | None, ...], given: Prepared) -> list[str]:
    entry = given.entry
    new = (entry.agreement, entry.asserter, entry.kind, given.occurred_at)
    return [name for name, before, after in zip(_HEADER, held, new, strict=True) if before != after]


def batch_differences(first: Prepared, second: Prepared) -> tuple[str, ...]:
    """Return the paths in which two entries of one batch under one key differ; none for a repeat."""
    one = first.entry
    fields = _header_differences((one.agreement, one.asserter, one.kind, first.occurred_at), second)
    if len(first.opened) != len(second.opened):
        return (*fields, "groups")
    for before, after in zip(first.opened, second.opened, strict=True):
        fields.extend(group_differences(before, after))
    return tuple(fields)


def group_differences(stored: bytes, given: bytes) -> list[str]:
    """Return the paths in which two opened groups differ, down to the fields of their content."""
    if stored == given:
        return []
    old: dict[str, Any] = msgspec.json.decode(stored)
    new: dict[str, Any] = msgspec.json.decode(given)
    if old["name"] != new["name"]:
        return ["groups"]
    prefix = f"groups.{old['name']}"
    fields = [f"{prefix}.{name}" for name in ("postings", "readers") if old[name] != new[name]]
    before, after = old["content"], new["content"]
    fields.extend(
        f"{prefix}.content.{name}"
        for name in sorted(before.keys() | after.keys())
        if name not in before or name not in after or before[name] != after[name]
    )
    return fields
