"""What monitors remember between batches: how far they have read, and what was told last of each item.

It is bounded by how many items there are, not by how many entries. It is derived: dropped, it comes back the
same by reading the log from its first entry on, and what is found again is not said again.
"""

from __future__ import annotations

import msgspec

from ledger.monitors.plan import Remembered

MONTHS_KEPT = 4
"""Months of which lines sold and returned are counted; what comes back later counts for none."""


class Told(msgspec.Struct):
    """What was told last: the entry, its fields as text, and who may read them."""

    seq: int
    at_us: int
    by: str
    fields: dict[str, str]
    readers: list[str]


class Count(msgspec.Struct):
    """Lines of an item sold in a month, and how many of them were returned."""

    sold: int = 0
    returned: int = 0


class Memory(msgspec.Struct):
    """Everything that is remembered. `position` is the next seq to read, `last_hash` that of the one before.

    `plan` is the digest of what was read for; `told` is by what it is remembered for, then by its values;
    `counts` by monitor, month and item; `looked_on` says on which day what is payable was last looked at.
    """

    plan: str
    position: int = 0
    last_hash: str = ""
    told: dict[str, dict[str, Told]] = {}
    counts: dict[str, dict[str, dict[str, Count]]] = {}
    looked_on: dict[str, str] = {}

    def last(self, what: Remembered, values: tuple[str, ...]) -> Told | None:
        """Return what was told last of something with these values."""
        return self.told.get(_key(what), {}).get(_joined(values))

    def remember(self, what: Remembered, values: tuple[str, ...], told: Told) -> None:
        """Remember what was told last of something with these values."""
        self.told.setdefault(_key(what), {})[_joined(values)] = told

    def count(self, monitor: str, month: str, item: str) -> Count:
        """Return what is counted of an item in a month; months long over are forgotten."""
        months = self.counts.setdefault(monitor, {})
        if month not in months:
            months[month] = {}
            for old in sorted(months)[:-MONTHS_KEPT]:
                del months[old]
        return months.get(month, {}).setdefault(item, Count())

    def as_bytes(self) -> bytes:
        """Return it as the bytes of a file."""
        return msgspec.json.encode(self)


def read_memory(data: bytes, plan: str) -> Memory:
    """Return what a file remembers; nothing at all where it cannot be read, or was made for another plan."""
    try:
        found = msgspec.json.decode(data, type=Memory)
    except msgspec.DecodeError:
        return Memory(plan)
    return found if found.plan == plan else Memory(plan)


def _key(what: Remembered) -> str:
    return _joined((what.agreement, ",".join(what.kinds), ",".join(what.by)))


def _joined(values: tuple[str, ...]) -> str:
    return "\x1f".join(values)
