"""Checkpoints: the log's size and root, signed and kept for ever; and where their roots are anchored.

Format: C2SP tlog-checkpoint (origin, size, root in base64, further lines) in a signed note. Signing refuses
whatever an earlier checkpoint contradicts. Anchors are bytes here: what a chain says is checked elsewhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from ledger.cosignatures import countersigned
from ledger.database import Session, reading, writing
from ledger.errors import CheckpointConflict, NoteInvalid
from ledger.log import Log
from ledger.notes import Signer, VerifierKey, open_note, split_note, strict_base64
from ledger.parties import extension_line, map_root_of
from ledger.party_trees import grow_party_trees, stored_map_root
from ledger.reading import tip
from ledger.tiles import StoredTree
from ledger.tree import HASH_BYTES, consistency_proof, extends, root

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint: who says it (origin), of how many entries, with what root, and the note that says so.

    `parties` is the root of the map of parties (parties.py), None in one signed before there was such a map.
    """

    origin: str
    size: int
    root: bytes
    note: str
    parties: bytes | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a checkpoint's root stands on a chain: `transaction` as 0x… hex, in block `block`."""

    size: int
    chain_kind: str
    chain_id: int
    contract: str
    transaction: str
    block: int
    root: bytes
    recorded_us: int


def checkpoint_text(origin: str, size: int, tree_root: bytes, parties: bytes | None = None) -> str:
    """Return the text that a checkpoint's note signs; `parties` is the root of the map of parties."""
    text = f"{origin}\n{size}\n{base64.b64encode(tree_root).decode()}\n"
    return text if parties is None else f"{text}{extension_line(parties)}\n"


def parse_checkpoint(note: str, keys: Sequence[VerifierKey] | None = None) -> Checkpoint:
    """Read a checkpoint, verified by the keys unless they are None. Raises NoteInvalid."""
    text = split_note(note)[0] if keys is None else open_note(note, keys)
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not lines[0] or "" in lines or not _SIZE.fullmatch(lines[1]):
        raise NoteInvalid("wants the lines origin, size, root", where="checkpoint")
    carried = map_root_of(lines[3:])
    parties = None if carried is None else _root(carried)
    return Checkpoint(lines[0], int(lines[1]), _root(lines[2]), note, parties)


def _root(text: str) -> bytes:
    decoded = strict_base64(text, "checkpoint, root")
    if len(decoded) != HASH_BYTES:
        raise NoteInvalid("the root is not 32 bytes", where="checkpoint")
    return decoded


def make_checkpoint(log: Log, key: Signer) -> Checkpoint:
    """Sign and store the present state of a log, or return the checkpoint that it already has at that size.

    The parties' trees are brought up to it and signed with it. Raises CheckpointConflict when the log, or
    the parties' trees, no longer begin with what the last checkpoint signed.
    """
    with writing(log.engine) as session:
        size = tip(session)[0]
        tree = StoredTree(session)
        tree_root = root(tree, size)
        last = _latest(session)
        if last is not None:
            _require_extension(tree, last, size, tree_root)
            if last.size == size:
                return last
        start = _signed_parties(session, last)
        parties, grown = grow_party_trees(session, start, size, log.entropy)
        note = key.sign(checkpoint_text(key.name, size, tree_root, parties.root))
        session.insert("checkpoint", [(size, tree_root, note)])
        session.insert("party_tree", grown)
        return Checkpoint(key.name, size, tree_root, note, parties.root)


def _signed_parties(session: Session, last: Checkpoint | None) -> int:
    """Return up to which size the stored parties' trees go, having held them against what was signed."""
    if last is None or last.parties is None:
        return 0
    if stored_map_root(session, last.size) != last.parties:
        raise CheckpointConflict(
            f"the parties' trees are not those signed over {last.size} entries; run the doctor",
            where="party_tree",
        )
    return last.size


def _require_extension(tree: StoredTree, last: Checkpoint, size: int, tree_root: bytes) -> None:
    if size < last.size:
        raise CheckpointConflict(
            f"{last.size} entries were signed for and {size} are left; restore the missing ones", where="log"
        )
    proof = consistency_proof(tree, last.size, size)
    if not extends(last.size, last.root, size, tree_root, proof):
        raise CheckpointConflict(
            f"the first {last.size} entries are not those that were signed; run the doctor", where="log"
        )


def _latest(session: Session) -> Checkpoint | None:
    rows = session.rows("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")
    return _shown(session, *rows[0]) if rows else None


def _shown(session: Session, size: int, note: str) -> Checkpoint:
    return parse_checkpoint(countersigned(session, size, note))


def latest_checkpoint(log: Log) -> Checkpoint | None:
    """Return the newest checkpoint with its witnesses' signatures, or None."""
    with reading(log.engine) as session:
        return _latest(session)


def checkpoint_at(log: Log, at_least: int) -> Checkpoint | None:
    """Return the oldest checkpoint that covers the first `at_least` entries, or None."""
    with reading(log.engine) as session:
        sql = "SELECT size, note FROM checkpoint WHERE size >= ? ORDER BY size LIMIT 1"
        rows = session.rows(sql, (at_least,))
        return _shown(session, *rows[0]) if rows else None


def checkpoints(log: Log, limit: int = 100) -> list[Checkpoint]:
    """Return the newest checkpoints, newest first."""
    with reading(log.engine) as session:
        rows = session.rows("SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT ?", (limit,))
        return [_shown(session, *row) for row in rows]


def record_anchor(log: Log, anchor: Anchor) -> None:
    """Record that a checkpoint's root stands on a chain; the same place again changes nothing.

    Raises CheckpointConflict when no checkpoint of that size has that root.
    """
    with writing(log.engine) as session:
        signed = session.rows("SELECT root FROM checkpoint WHERE size = ?", (anchor.size,))
        if not signed or bytes(signed[0][0]) != anchor.root:
            raise CheckpointConflict("no checkpoint of that size has that root", where=f"size {anchor.size}")
        if not any(_same_place(anchor, other) for other in _anchors(session)):
            session.insert("anchor", [astuple(anchor)])


def _same_place(one: Anchor, other: Anchor) -> bool:
    return astuple(one)[:4] == astuple(other)[:4]


def anchors(log: Log) -> list[Anchor]:
    """Return every anchor, smallest size first."""
    with reading(log.engine) as session:
        return _anchors(session)


def _anchors(session: Session) -> list[Anchor]:
    sql = (
        "SELECT size, chain_kind, chain_id, contract, tx, block, root, recorded_us FROM anchor"
        " ORDER BY size, chain_kind, chain_id, contract"
    )
    return [Anchor(*row) for row in session.rows(sql)]
