"""Sets of entries as short text: "5-9,12" for 5, 6, 7, 8, 9 and 12."""

from __future__ import annotations

from collections.abc import Iterable


def packed(seqs: Iterable[int]) -> str:
    """Write seqs, in any order, as ranges in order; "" for none."""
    parts: list[str] = []
    first = last = -2
    for seq in sorted(set(seqs)):
        if seq == last + 1:
            last = seq
            continue
        if last >= 0:
            parts.append(_range(first, last))
        first = last = seq
    if last >= 0:
        parts.append(_range(first, last))
    return ",".join(parts)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def unpacked(text: str) -> frozenset[int]:
    """Read what `packed` wrote."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)
