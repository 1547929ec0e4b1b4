"""C2SP entry bundles: the leaves of a tile, one after the other, for those who may read every leaf."""

from __future__ import annotations

from ledger.database import reading
from ledger.errors import ProofUnavailable
from ledger.log import Log
from ledger.tiles import TILE_WIDTH

_LEAF_BYTES_MAX = 0xFFFF


def entry_bundle(log: Log, index: int, width: int = TILE_WIDTH) -> bytes:
    """Return the leaves below tile `index` of level 0, `width` of them, each after its length (uint16).

    Raises ProofUnavailable when the log has not grown that far, or a leaf is longer than the format holds.
    """
    start = index * TILE_WIDTH
    with reading(log.engine) as session:
        sql = "SELECT leaf FROM entry WHERE seq >= ? AND seq < ? ORDER BY seq"
        leaves = [bytes(row[0]) for row in session.rows(sql, (start, start + width))]
    if len(leaves) != width or any(len(leaf) > _LEAF_BYTES_MAX for leaf in leaves):
        raise ProofUnavailable(f"there is no bundle of {width} entries from {start}", where="entries")
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
