"""The Merkle tree of RFC 6962 and RFC 9162: leaf hashes, a root from leaves, and what proofs lead to."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from verifier.report import Fault


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree put together from left to right, of leaves and of the roots of perfect subtrees between them."""

    def __init__(self) -> None:
        """Begin with no leaves."""
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        self._add(0, leaf)

    def skip_to(self, end: int, nodes: list[bytes]) -> None:
        """Add the roots of the largest perfect subtrees between here and `end`, from left to right.

        Raises Fault if they are not just so many.
        """
        for node in nodes:
            if self.size >= end:
                raise Fault(f"more hashes than lead to entry {end}", f"通往记录 {end} 的哈希过多")
            height = (end - self.size).bit_length() - 1
            if self.size:
                height = min(height, (self.size & -self.size).bit_length() - 1)
            self._add(height, node)
        if self.size != end:
            raise Fault(f"the hashes do not lead to entry {end}", f"哈希未能通往记录 {end}")

    def _add(self, height: int, node: bytes) -> None:
        self.size += 1 << height
        while self._peaks and self._peaks[-1][0] == height:
            node = node_hash(self._peaks.pop()[1], node)
            height += 1
        self._peaks.append((height, node))

    def root(self) -> bytes:
        """Return the root over what was added; of nothing, SHA-256 of nothing."""
        if not self._peaks:
            return sha256().digest()
        *others, (_, root) = self._peaks
        for _, peak in reversed(others):
            root = node_hash(peak, root)
        return root


def tree_root(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the leaves in their order; of no leaves, SHA-256 of nothing."""
    tree = Growing()
    for leaf in leaves:
        tree.append(leaf_hash(leaf))
    return tree.root()


def root_of_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to from a leaf hash (RFC 9162, 2.1.3.2).

    Raises Fault if the index lies outside the tree or the proof has not the length it must have.
    """
    if not 0 <= index < size:
        raise Fault(f"position {index} is not in a tree of {size}", f"序号 {index} 不在 {size} 条记录之内")
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Fault("the proof is too long", "包含证明过长")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise Fault("the proof is too short", "包含证明过短")
    return root


def require_extension(
    first: int, first_root: bytes, second: int, second_root: bytes, proof: list[bytes]
) -> None:
    """Raise Fault unless the proof shows that the second tree begins with the first (RFC 9162, 2.1.4.2).

    Of equal sizes the roots must be equal and the proof empty, as from the empty tree it must be.
    """
    if not 0 <= first <= second:
        raise Fault(f"a tree of {first} precedes none of {second}", f"{first} 条的日志不会先于 {second} 条的")
    if first in {0, second}:
        if proof:
            raise Fault("the proof should hold no hashes", "一致性证明应为空")
        known = {sha256().digest()} if first == 0 else {second_root}
        if {first_root} != known or (first == second and second_root != first_root):
            raise Fault("the roots are not those of one history", "两个根不属于同一历史")
        return
    whole = not first & (first - 1)  # then the first root is itself a node of the second tree
    steps = [first_root, *proof] if whole else list(proof)
    if not steps:
        raise Fault("the proof is too short", "一致性证明过短")
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Fault("the proof is too long", "一致性证明过长")
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    if last or (old, new) != (first_root, second_root):
        raise Fault("the log does not begin with what was signed", "日志的开头不是先前签署的内容")
