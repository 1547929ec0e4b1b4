"""Stored tiles of the tree: full tiles of 256 hashes, so that no proof re-reads the leaves.

A tile (level, index) holds the roots of the subtrees of height 8 * level numbered 256 * index to
256 * index + 255: C2SP tlog-tiles, with tile height 8. Only full tiles are stored, and never change; the
open end is read from the leaf hashes of entries and from the roots of the tiles a level below.
"""

from __future__ import annotations

from ledger.database import Session
from ledger.errors import ProofUnavailable
from ledger.tree import HASH_BYTES, MemoryTree, perfect_root

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
_TILES_KEPT = 1_024


def add_tiles(session: Session, first: int, size: int) -> None:
    """Store each tile that entries `first` to `size - 1`, already stored, have completed."""
    level = 0
    while True:
        begin, end = first >> TILE_HEIGHT, size >> TILE_HEIGHT
        if begin == end:
            return
        rows = []
        for index in range(begin, end):
            hashes = _hashes(session, level, index * TILE_WIDTH, TILE_WIDTH)
            rows.append((level, index, b"".join(hashes), perfect_root(hashes)))
        session.insert("tile", rows)
        level, first, size = level + 1, begin, end


def _hashes(session: Session, level: int, start: int, count: int) -> list[bytes]:
    if level == 0:
        sql = "SELECT leaf_hash FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
        rows = session.rows(sql, (start, start + count))
    else:
        sql = "SELECT root FROM tile WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx"
        rows = session.rows(sql, (level - 1, start, start + count))
    if len(rows) != count:
        raise ProofUnavailable(f"level {level} has no {count} hashes from {start}", where="tree")
    return [row[0] for row in rows]


def tile_bytes(session: Session, level: int, index: int, width: int = TILE_WIDTH) -> bytes:
    """Return the hashes of a tile, 32 bytes each; `width` below 256 asks for a partial one.

    Raises ProofUnavailable when the log has not grown that far.
    """
    if not 0 < width <= TILE_WIDTH or level < 0 or index < 0:
        raise ProofUnavailable(f"a tile is 1 to {TILE_WIDTH} hashes wide, counted from 0", where="tile")
    stored = session.rows("SELECT hashes FROM tile WHERE level = ? AND idx = ?", (level, index))
    if stored:
        return bytes(stored[0][0])[: width * HASH_BYTES]
    return b"".join(_hashes(session, level, index * TILE_WIDTH, width))


class StoredTree:
    """The perfect subtrees of the stored log, read through its tiles; for use within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._tiles: dict[tuple[int, int], MemoryTree | None] = {}

    def subtree(self, height: int, index: int) -> bytes:
        """See tree.Subtrees. Raises ProofUnavailable for a subtree that is not complete."""
        level, rest = divmod(height, TILE_HEIGHT)
        tile, within = divmod(index, TILE_WIDTH >> rest)
        stored = self._tile(level, tile)
        if stored is None:
            return perfect_root(_hashes(self._session, level, index << rest, 1 << rest))
        return stored.subtree(rest, within)

    def _tile(self, level: int, index: int) -> MemoryTree | None:
        key = (level, index)
        if key not in self._tiles:
            if len(self._tiles) >= _TILES_KEPT:
                self._tiles.clear()
            rows = self._session.rows("SELECT hashes FROM tile WHERE level = ? AND idx = ?", key)
            self._tiles[key] = MemoryTree(_split(bytes(rows[0][0]))) if rows else None
        return self._tiles[key]


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
