"""Recursive length prefix, in which Ethereum writes blocks, transactions and the nodes of its trees.

Source: Ethereum yellow paper, appendix B. Read strictly: what was written in a longer form than need be, or
has bytes left over, is refused, so that no two texts mean one thing. Nothing here knows what an item means.
"""

from __future__ import annotations

from typing import TypeAlias

from verifier.report import Fault

Item: TypeAlias = bytes | list["Item"]
"""Bytes, or a list of items."""

_SHORT = 55
_DEEPEST = 32
_BYTES, _LIST = 0x80, 0xC0


def decode(data: bytes) -> Item:
    """Return the one item that the data is. Raises Fault for anything else."""
    item, end = _item(data, 0, _DEEPEST)
    if end != len(data):
        raise _fault()
    return item


def number(item: Item) -> int:
    """Return the number that an item is. Raises Fault where it is a list, or begins with a zero byte."""
    if not isinstance(item, bytes) or item[:1] == b"\x00":
        raise _fault()
    return int.from_bytes(item)


def texts(item: Item, count: int) -> list[bytes]:
    """Return the items of a list of at least `count`, of which the first `count` are bytes. Raises Fault."""
    if not isinstance(item, list) or len(item) < count:
        raise _fault()
    found = [one for one in item[:count] if isinstance(one, bytes)]
    if len(found) != count:
        raise _fault()
    return found


def _item(data: bytes, at: int, deep: int) -> tuple[Item, int]:
    if at >= len(data) or not deep:
        raise _fault()
    first = data[at]
    if first < _BYTES:
        return data[at : at + 1], at + 1
    base = _BYTES if first < _LIST else _LIST
    start, end = _span(data, at, first - base)
    if base == _BYTES:
        if end - start == 1 and data[start] < _BYTES:
            raise _fault()
        return data[start:end], end
    items: list[Item] = []
    while start < end:
        one, start = _item(data, start, deep - 1)
        items.append(one)
    if start != end:
        raise _fault()
    return items, end


def _span(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Return where an item's content begins and ends, `size` being what its first byte says of it."""
    start = at + 1
    if size > _SHORT:
        digits = data[start : start + size - _SHORT]
        start += size - _SHORT
        size = int.from_bytes(digits)
        if len(digits) != start - at - 1 or digits[:1] in {b"", b"\x00"} or size <= _SHORT:
            raise _fault()
    if start + size > len(data):
        raise _fault()
    return start, start + size


def _fault() -> Fault:
    return Fault("is not written as a chain writes it (RLP)", "不是链上的编码(RLP)")
