"""What somebody who can write the embedded chain's file may do to it. Each takes the file's path."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from contracts.embedded import EmbeddedChain
from contracts.signing import SigningKey

EARLY = "chain.early"
"""A copy of the chain's file from before its last blocks, which lies beside it."""

_STRANGER = SigningKey(b"\x2a" * 32)
_HEAD = (b"v1:canonical_head_hash",)
_VALUE = "SELECT value FROM pair WHERE key = ?"


def cut(path: Path) -> None:
    """Go back to an earlier file."""
    path.with_name(EARLY).replace(path)


def rewritten(path: Path) -> None:
    """Cut the tail, and make as many blocks anew with other transactions."""
    cut(path)
    _extended(path, 2)


def other_chain(path: Path) -> None:
    """Put a chain there that somebody else made, from the same first block."""
    swapped(path)
    _extended(path, 12)


def swapped(path: Path) -> None:
    """Put a chain there that has only just begun."""
    path.unlink()
    with EmbeddedChain.open(path):
        pass


def altered(path: Path) -> None:
    """Change a byte of the newest block's header."""
    with closing(sqlite3.connect(path)) as file, file:
        (head,) = file.execute(_VALUE, _HEAD).fetchone()
        (header,) = file.execute(_VALUE, (head,)).fetchone()
        flipped = header[:-1] + bytes([header[-1] ^ 1])
        file.execute("UPDATE pair SET value = ? WHERE key = ?", (flipped, head))


def misfiled(path: Path) -> None:
    """File the first block under the number of the second, for those who ask by number."""
    with closing(sqlite3.connect(path)) as file, file:
        (first,) = file.execute(_VALUE, (b"block-number-to-hash:0",)).fetchone()
        file.execute("UPDATE pair SET value = ? WHERE key = ?", (first, b"block-number-to-hash:1"))


def stateless(path: Path) -> None:
    """Leave the headers as they are, and take away all that hangs under them."""
    with EmbeddedChain.open(path) as chain:
        headers = [chain.block(number).block_hash for number in range(chain.head().number + 1)]
    kept = {bytes.fromhex(name[2:]) for name in headers}
    with closing(sqlite3.connect(path)) as file, file:
        keys = {key for (key,) in file.execute("SELECT key FROM pair WHERE length(key) = 32")} - kept
        file.executemany("DELETE FROM pair WHERE key = ?", [(key,) for key in keys])


def emptied(path: Path) -> None:
    """Leave a file of nothing."""
    path.write_bytes(b"")


def other_file(path: Path) -> None:
    """Put another program's database there."""
    path.unlink()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE pair (key BLOB, value BLOB)")


def _extended(path: Path, blocks: int) -> None:
    with EmbeddedChain.open(path) as chain:
        for _ in range(blocks):
            chain.transact("0x" + "ac" * 20, b"", key=_STRANGER)
