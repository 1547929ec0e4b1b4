"""The Merkle tree of RFC 6962 and RFC 9162: roots, inclusion and consistency proofs, and their checks.

Pure: it works over anything that can give the root of a perfect subtree. Where those are stored is said in
tiles.py. A subtree is named by its height (0 is a leaf) and its index among those of that height.

Sources: RFC 6962 section 2.1; RFC 9162 sections 2.1.3 (inclusion) and 2.1.4 (consistency).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from ledger.errors import ProofUnavailable

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""Root of the tree with no leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over two children: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Subtrees(Protocol):
    """What a tree is read from: the roots of its perfect subtrees."""

    def subtree(self, height: int, index: int) -> bytes:
        """Return the root of the perfect subtree over leaves [index * 2^height, (index + 1) * 2^height)."""


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a power of two of subtree roots."""
    level = list(hashes)
    assert level, "a perfect subtree has leaves"
    assert len(level) & (len(level) - 1) == 0, "a perfect subtree has a power of two of leaves"
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def range_root(source: Subtrees, start: int, end: int) -> bytes:
    """Return MTH(D[start:end]), for a start at which RFC 6962's splitting can begin a subtree."""
    return _fold([source.subtree(height, index) for height, index in _perfect_parts(start, end)])


def _perfect_parts(start: int, end: int) -> list[tuple[int, int]]:
    parts = []
    while start < end:
        height = (end - start).bit_length() - 1
        parts.append((height, start >> height))
        start += 1 << height
    return parts


def aligned_parts(start: int, end: int) -> list[tuple[int, int]]:
    """Return, from left to right, the (height, index) of the largest perfect subtrees that tile [start, end).

    They are the subtrees of any larger tree that hold no leaf outside; a reader who has the leaves on both
    sides needs their roots, and no others, to make the root of the whole.
    """
    parts = []
    while start < end:
        height = (end - start).bit_length() - 1
        if start:
            height = min(height, (start & -start).bit_length() - 1)
        parts.append((height, start >> height))
        start += 1 << height
    return parts


def _fold(hashes: list[bytes]) -> bytes:
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


def root(source: Subtrees, size: int) -> bytes:
    """Return the root over the first `size` leaves."""
    return range_root(source, 0, size) if size else EMPTY_ROOT


def inclusion_proof(source: Subtrees, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[0:size]), nearest the leaf first. Raises ProofUnavailable."""
    if not 0 <= index < size:
        raise ProofUnavailable(f"entry {index} is not among the first {size}", where="inclusion proof")
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            path.append(range_root(source, split, end))
            end = split
        else:
            path.append(range_root(source, start, split))
            start = split
    return path[::-1]


def consistency_proof(source: Subtrees, first: int, second: int) -> list[bytes]:
    """Return PROOF(first, D[0:second]), empty when first is 0 or equals second. Raises ProofUnavailable."""
    if not 0 <= first <= second:
        raise ProofUnavailable(
            f"no tree of {first} entries precedes one of {second}", where="consistency proof"
        )
    if first in {0, second}:
        return []
    start, end = 0, second
    path: list[bytes] = []
    whole = True  # the subtree in hand is all of the first tree, whose root the reader already has
    while first != end:
        split = start + _largest_power_below(end - start)
        if first <= split:
            path.append(range_root(source, split, end))
            end = split
        else:
            path.append(range_root(source, start, split))
            start = split
            whole = False
    if not whole:
        path.append(range_root(source, start, end))
    return path[::-1]


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Tell whether a proof leads from a leaf hash at an index to a root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = node_hash(sibling, current)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            current = node_hash(current, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and current == expected


def extends(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether a proof shows the second tree to begin with the first (RFC 9162, 2.1.4.2)."""
    if first == 0 and first_root != EMPTY_ROOT:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof
    if not 0 < first < second:
        return False
    steps = list(proof) if first & (first - 1) else [first_root, *proof]
    if not steps:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        node >>= 1
        last >>= 1
    return last == 0 and old == first_root and new == second_root


class MemoryTree:
    """A tree held in memory: for statements' line trees, small logs and tests."""

    def __init__(self, leaf_hashes: Sequence[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for item in leaf_hashes:
            self.append(item)

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0])

    def append(self, item: bytes) -> None:
        """Add a leaf hash, and each perfect subtree that it completes."""
        height = 0
        self._levels[0].append(item)
        while len(self._levels[height]) % 2 == 0:
            left, right = self._levels[height][-2:]
            height += 1
            if height == len(self._levels):
                self._levels.append([])
            self._levels[height].append(node_hash(left, right))

    def subtree(self, height: int, index: int) -> bytes:
        """See Subtrees. Raises ProofUnavailable for a subtree that is not complete."""
        if height < len(self._levels) and 0 <= index < len(self._levels[height]):
            return self._levels[height][index]
        raise ProofUnavailable(f"no complete subtree of height {height} at {index}", where="tree")

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` leaves, or all."""
        return root(self, self.size if size is None else size)


class Frontier:
    """The open end of a growing tree: the roots of its largest perfect subtrees, and nothing below them.

    Enough to go on appending and to give the root, in at most 64 hashes.
    """

    def __init__(self, count: int = 0, peaks: bytes = b"") -> None:
        """Take up a tree of `count` leaves again from its peaks, as `peaks` gave them."""
        assert len(peaks) == count.bit_count() * HASH_BYTES, "one peak for each bit of the number of leaves"
        self.count = count
        self._peaks: list[bytes | None] = [None] * count.bit_length()
        heights = (height for height in reversed(range(count.bit_length())) if count >> height & 1)
        for at, height in enumerate(heights):
            self._peaks[height] = peaks[at * HASH_BYTES : (at + 1) * HASH_BYTES]

    @property
    def peaks(self) -> bytes:
        """The peaks, 32 bytes each, the largest subtree's first."""
        return b"".join(peak for peak in reversed(self._peaks) if peak is not None)

    def extend(self, leaf_hashes: Sequence[bytes]) -> None:
        """Append leaf hashes in order."""
        self.count += len(leaf_hashes)
        height, items = 0, list(leaf_hashes)
        while items:
            if height == len(self._peaks):
                self._peaks.append(None)
            held = self._peaks[height]
            if held is not None:
                items.insert(0, held)
            self._peaks[height] = items[-1] if len(items) % 2 else None
            items = [node_hash(items[i], items[i + 1]) for i in range(0, len(items) - 1, 2)]
            height += 1

    def root(self) -> bytes:
        """Return the root over all leaves."""
        peaks = [peak for peak in reversed(self._peaks) if peak is not None]
        return _fold(peaks) if peaks else EMPTY_ROOT
