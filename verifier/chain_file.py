"""An embedded chain's file held against what the log says of it: sealed heads, and transactions it names.

The operator makes all blocks of that chain and keeps its file, so nothing in the file is believed. Its blocks
are read from the newest back to the first by their hashes, and what the log names must be among them. What
the contracts hold is not worked out again: that the blocks are those that were sealed is all that is said.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from verifier import rlp
from verifier.chain_tree import (
    EMPTY_CODE,
    EMPTY_TREE,
    Header,
    account_roots,
    headers_down,
    indexed,
    read_header,
    values,
)
from verifier.keccak import keccak256
from verifier.report import Fault

CHAIN_ID = 0x54414C59
"""Chain id of every embedded chain, and what marks its file in SQLite's application_id: "TALY"."""

GENESIS = bytes.fromhex("0536fc8df36a11d7c15f13e20901ab29c89e27b13f9d1386abb9ba86c649f56e")
"""Hash of block 0 of every embedded chain."""

_HEAD = b"v1:canonical_head_hash"


@dataclass(frozen=True, slots=True)
class Block:
    """A block's number and hash."""

    number: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """What an entry of the log says of the chain: that its head was this block, of this hash."""

    seq: int
    number: int
    block_hash: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """A transaction by hash that the log says is in a block; `where` says who names it."""

    where: str
    number: int
    transaction: bytes


@dataclass(frozen=True, slots=True)
class ChainFault:
    """What is wrong with a chain's file: a stable code, what it is about, and why, in both languages."""

    code: str
    where: str
    en: str
    zh: str


class ChainFile:
    """An embedded chain's file, open for reading one state of it."""

    def __init__(self, connection: sqlite3.Connection, keccak: Callable[[bytes], bytes]) -> None:
        """Read from a connection within a transaction; `open_chain` is the way in."""
        self._connection = connection
        self._keccak = keccak

    def head(self) -> Block:
        """Return the newest block. Raises Fault."""
        head = self.head_hash()
        return Block(read_header(self.preimage, head).number, head)

    def head_hash(self) -> bytes:
        """Return the hash of the newest block. Raises Fault."""
        head = self._value(_HEAD)
        if head is None:
            raise Fault("it names no newest block", "未记载最新区块")
        return head

    def preimage(self, digest: bytes) -> bytes:
        """Return the bytes that have a Keccak-256 digest. Raises Fault where the file has none that do."""
        value = self._value(digest)
        if value is None:
            raise Fault(f"0x{digest.hex()} is missing", f"缺少 0x{digest.hex()}")
        if self._keccak(value) != digest:
            raise Fault(f"0x{digest.hex()} was altered", f"0x{digest.hex()} 被改动")
        return value

    def hash_of(self, data: bytes) -> bytes:
        """Return the Keccak-256 digest of bytes."""
        return self._keccak(data)

    def filed_hash(self, number: int) -> bytes | None:
        """Return the hash under which a block's number is filed, for those who ask by number."""
        value = self._value(b"block-number-to-hash:%d" % number)
        return None if value is None else rlp.texts([rlp.decode(value)], 1)[0]

    def filed_place(self, transaction: bytes) -> tuple[int, int] | None:
        """Return block and place in it under which a transaction's hash is filed."""
        value = self._value(f"transaction-hash-to-block:{transaction!r}".encode())
        if value is None:
            return None
        number, index = rlp.texts(rlp.decode(value), 2)
        return rlp.number(number), rlp.number(index)

    def _value(self, key: bytes) -> bytes | None:
        row = self._connection.execute("SELECT value FROM pair WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])


def is_begun(path: Path) -> bool:
    """Tell whether there is a chain's file that holds anything: an installation makes it empty."""
    return path.exists() and path.stat().st_size > 0


@contextmanager
def open_chain(path: Path, keccak: Callable[[bytes], bytes] = keccak256) -> Iterator[ChainFile]:
    """Open a chain's file, changing nothing in it; writers go on. Raises Fault (unusable) for another."""
    connection = _connected(path)
    try:
        connection.execute("BEGIN")
        (marked,) = connection.execute("PRAGMA application_id").fetchone()
        if marked != CHAIN_ID:
            raise _unreadable("not marked as a chain of this program")
        yield ChainFile(connection, keccak)
    except sqlite3.Error as fault:
        raise _unreadable(str(fault)) from fault
    finally:
        connection.close()


def _connected(path: Path) -> sqlite3.Connection:
    """Connect to a file to read it; one that lies where nothing can be written is taken for unchanging."""
    refused = ""
    for mode in ("mode=rw", "immutable=1"):
        connection = None
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
            connection.execute("PRAGMA query_only=ON")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.DatabaseError as fault:
            if connection is not None:
                connection.close()
            refused = str(fault)
        else:
            return connection
    raise _unreadable(refused)


def chain_faults(
    file: ChainFile, sealed: Iterable[Sealed], named: Iterable[Named] = ()
) -> Iterator[ChainFault]:
    """Yield what the file has not of what was sealed and named, and whether its blocks lead to the first one.

    A chain that is damaged is read down to the damage.
    """
    blocks: dict[int, Header] = {}
    broken = None
    try:
        for header in headers_down(file.preimage, file.head_hash()):
            blocks[header.number] = header
    except Fault as fault:
        broken = fault
    head = max(blocks, default=-1)
    if broken is not None:
        lowest = f"block[{min(blocks, default=0)}]"
        yield _damaged(
            lowest, f"the blocks before it cannot be read: {broken.en}", f"之前的区块无法读取:{broken.zh}"
        )
    elif blocks[0].block_hash != GENESIS:
        en = "is the first block of some other chain"
        yield ChainFault("chain.genesis", "block[0]", en, "不是本链的首个区块")
    yield from _filed_faults(file, blocks)
    for one in sealed:
        yield from _sealed_faults(one, blocks, head)
    for each in named:
        yield from _named_faults(file, each, blocks, head)


def content_faults(file: ChainFile) -> Iterator[ChainFault]:
    """Yield what is missing or altered under the blocks: transactions, receipts, and the newest state."""
    try:
        head = file.head_hash()
        for header in headers_down(file.preimage, head):
            where = f"block[{header.number}]"
            try:
                _read_block(file, header)
                if header.block_hash == head:
                    _read_state(file, header)
            except Fault as fault:
                yield _damaged(where, f"cannot be read whole: {fault.en}", f"无法完整读取:{fault.zh}")
    except Fault:
        return  # said by chain_faults, with the block it happened at


def _read_block(file: ChainFile, header: Header) -> None:
    sent = indexed(file.preimage, header.transaction_root)
    answered = indexed(file.preimage, header.receipt_root)
    if sent.keys() != answered.keys():
        raise Fault("as many receipts as transactions are wanted", "交易与回执数目不符")
    for index, raw in sent.items():
        if file.filed_place(file.hash_of(raw)) != (header.number, index):
            raise Fault(f"transaction {index} is filed elsewhere", f"第 {index} 笔交易的索引有误")


def _read_state(file: ChainFile, header: Header) -> None:
    for storage, code in account_roots(file.preimage, header.state_root):
        for _ in values(file.preimage, storage) if storage != EMPTY_TREE else ():
            pass
        if code != EMPTY_CODE:
            file.preimage(code)


def _filed_faults(file: ChainFile, blocks: dict[int, Header]) -> Iterator[ChainFault]:
    for number, header in sorted(blocks.items()):
        if file.filed_hash(number) != header.block_hash:
            yield _damaged(
                f"block[{number}]", "another block is filed under its number", "其编号下登记了另一区块"
            )
            return


def _sealed_faults(one: Sealed, blocks: dict[int, Header], head: int) -> Iterator[ChainFault]:
    where, wanted = f"block[{one.number}]", f"0x{one.block_hash.hex()}"
    if one.number > head:
        en = (
            f"the chain ends at block {head}, and entry {one.seq} sealed this one, {wanted}: its tail was cut"
        )
        zh = f"链止于第 {head} 块,而记录 {one.seq} 已封存本块 {wanted}:尾部被截断"
        yield ChainFault("chain.cut", where, en, zh)
    elif one.number in blocks and blocks[one.number].block_hash != one.block_hash:
        found = f"0x{blocks[one.number].block_hash.hex()}"
        en = f"is {found}, and entry {one.seq} sealed {wanted}: it was rewritten"
        zh = f"为 {found},而记录 {one.seq} 封存的是 {wanted}:链被改写"
        yield ChainFault("chain.rewritten", where, en, zh)


def _named_faults(file: ChainFile, one: Named, blocks: dict[int, Header], head: int) -> Iterator[ChainFault]:
    if one.number > head:
        en, zh = f"is past the chain's end, block {head}", f"超出链尾第 {head} 块"
    elif one.number not in blocks:
        return
    else:
        try:
            sent = indexed(file.preimage, blocks[one.number].transaction_root)
        except Fault:
            return  # said by content_faults
        if one.transaction in {file.hash_of(raw) for raw in sent.values()}:
            return
        en, zh = "does not hold it", "其中没有该交易"
    en = f"{one.where} names transaction 0x{one.transaction.hex()} of this block, which {en}"
    zh = f"{one.where} 所述交易 0x{one.transaction.hex()}:本块{zh}"
    yield ChainFault("chain.transaction", f"block[{one.number}]", en, zh)


def _damaged(where: str, en: str, zh: str) -> ChainFault:
    return ChainFault("chain.damaged", where, en, zh)


def _unreadable(reason: str) -> Fault:
    return Fault(f"not an embedded chain's file: {reason}", f"不是内置链的文件:{reason}", unusable=True)
