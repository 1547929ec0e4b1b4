"""What hangs under the hash of a block: its header, those before it, the trees of transactions and of state.

Everything is asked for by its Keccak-256 digest and named by what is above it, so that nothing has to be
trusted but the one hash at the top. Where the bytes come from is the caller's to say.

Source: Ethereum yellow paper, section 4 (blocks, accounts) and appendix D (the tree).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verifier import rlp
from verifier.keccak import keccak256
from verifier.report import Fault

Preimage = Callable[[bytes], bytes]
"""Gives the bytes that have a Keccak-256 digest. Raises Fault where it has none that do."""

EMPTY_TREE = keccak256(b"\x80")
"""Root of a tree of nothing."""

EMPTY_CODE = keccak256(b"")
_DIGEST_BYTES = 32
_BRANCH, _PAIR = 17, 2
_ACCOUNT_FIELDS = 4
_NO_PATH = ()
_HEADER_FIELDS = 15
"""Fields of a header that every fork has; later ones follow them."""


@dataclass(frozen=True, slots=True)
class Header:
    """A block's header: its number, hash and parent's, its time, and the roots of what hangs under it."""

    number: int
    block_hash: bytes
    parent_hash: bytes
    timestamp: int
    state_root: bytes
    transaction_root: bytes
    receipt_root: bytes


def read_header(preimage: Preimage, block_hash: bytes) -> Header:
    """Return the header that has a hash. Raises Fault."""
    fields = rlp.texts(rlp.decode(preimage(block_hash)), _HEADER_FIELDS)
    return Header(
        number=rlp.number(fields[8]),
        block_hash=block_hash,
        parent_hash=fields[0],
        timestamp=rlp.number(fields[11]),
        state_root=fields[3],
        transaction_root=fields[4],
        receipt_root=fields[5],
    )


def headers_down(preimage: Preimage, block_hash: bytes) -> Iterator[Header]:
    """Yield the header of a hash and every one before it, to block 0. Raises Fault where a link is wrong."""
    header = read_header(preimage, block_hash)
    yield header
    while header.number:
        parent = read_header(preimage, header.parent_hash)
        if parent.number != header.number - 1:
            raise Fault(
                f"block {header.number} stands on block {parent.number}",
                f"第 {header.number} 块接在第 {parent.number} 块之后",
            )
        header = parent
        yield header


def indexed(preimage: Preimage, root: bytes) -> dict[int, bytes]:
    """Return the values of a tree whose keys count from 0, such as a block's transactions or receipts."""
    return {rlp.number(rlp.decode(bytes(_joined(path)))): value for path, value in values(preimage, root)}


def values(preimage: Preimage, root: bytes) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Yield every path of a tree, in half bytes, with its value. Raises Fault where a node is not there."""
    if root != EMPTY_TREE:
        yield from _below(preimage, rlp.decode(preimage(root)), _NO_PATH)


def account_roots(preimage: Preimage, state_root: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the root of the storage and the digest of the code of every account. Raises Fault."""
    for _, value in values(preimage, state_root):
        fields = rlp.texts(rlp.decode(value), _ACCOUNT_FIELDS)
        yield fields[2], fields[3]


def _below(
    preimage: Preimage, node: rlp.Item, path: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], bytes]]:
    if not isinstance(node, list) or len(node) not in {_BRANCH, _PAIR}:
        raise Fault("a node of a tree does not read", "树的节点无法读取")
    if len(node) == _BRANCH:
        for half, child in enumerate(node[:-1]):
            if child != b"":
                yield from _below(preimage, _node(preimage, child), (*path, half))
        if node[-1] != b"":
            yield path, rlp.texts(node[-1:], 1)[0]
        return
    (packed,) = rlp.texts(node, 1)
    halves = [half for byte in packed for half in divmod(byte, 16)]
    if not halves or halves[0] > 3 or (halves[0] % 2 == 0 and halves[1] != 0):
        raise Fault("a node of a tree does not read", "树的节点无法读取")
    path = (*path, *halves[1 if halves[0] % 2 else 2 :])
    if halves[0] > 1:
        yield path, rlp.texts(node[1:], 1)[0]
    else:
        yield from _below(preimage, _node(preimage, node[1]), path)


def _node(preimage: Preimage, child: rlp.Item) -> rlp.Item:
    """Return a child: what is shorter than a digest stands in its parent, all else is named by its digest."""
    if isinstance(child, list):
        return child
    if len(child) != _DIGEST_BYTES:
        raise Fault("a node of a tree does not read", "树的节点无法读取")
    return rlp.decode(preimage(child))


def _joined(path: tuple[int, ...]) -> Iterator[int]:
    for high, low in zip(path[::2], path[1::2], strict=True):
        yield high * 16 + low
