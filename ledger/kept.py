"""Checkpoints that parties kept, held against the database: what its owner can hide from the doctor alone.

Who owns the database can drop its triggers and delete a checkpoint, a countersignature and the tail they
spoke of, and leave a log that is sound in itself. Whoever kept a checkpoint shows what was there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from ledger.checkpoints import Checkpoint, parse_checkpoint
from ledger.cosignatures import countersigned
from ledger.database import Session, reading
from ledger.errors import NoteInvalid
from ledger.notes import VerifierKey, split_note
from ledger.reading import tip
from ledger.rotation import keys_back_from
from ledger.tiles import StoredTree
from ledger.tree import root
from ledger.witnesses import read_witnesses
from policies.errors import Finding


def examine_kept(
    engine: Engine, kept: Sequence[tuple[str, str]], keys: Sequence[VerifierKey]
) -> list[Finding]:
    """Return what the log no longer holds of what its keys signed. `kept` are notes, each with its name.

    A note that none of the keys signed, nor one that rotations lead back to, proves nothing, and is a finding
    of its own.
    """
    with reading(engine) as session:
        known = keys_back_from(session, keys)
        return [finding for name, note in kept for finding in _examine(session, name, note, known)]


def _examine(session: Session, name: str, note: str, keys: Sequence[VerifierKey]) -> Iterator[Finding]:
    try:
        checkpoint = parse_checkpoint(note, keys)
    except NoteInvalid as fault:
        yield _fault("kept.note", name, f"no checkpoint of this log: {fault}")
        return
    size = tip(session)[0]
    if checkpoint.size > size:
        yield _fault(
            "kept.beyond", name, f"signed for {checkpoint.size} entries, {size} are left: a cut tail"
        )
        return
    if root(StoredTree(session), checkpoint.size) != checkpoint.root:
        yield _fault(
            "kept.conflict",
            name,
            f"signed another history of {checkpoint.size} entries: a fork, or a rewritten past",
        )
        return
    yield from _missing(session, name, checkpoint)


def _missing(session: Session, name: str, checkpoint: Checkpoint) -> Iterator[Finding]:
    rows = session.rows("SELECT note FROM checkpoint WHERE size = ?", (checkpoint.size,))
    if not rows:
        yield _fault("checkpoint.missing", name, f"the checkpoint of {checkpoint.size} entries is gone")
        return
    shown = {_label(*one) for one in split_note(countersigned(session, checkpoint.size, rows[0][0]))[1]}
    text, signatures = split_note(checkpoint.note)
    registered = read_witnesses(session)
    for one in signatures:
        witness = registered.get(_label(*one))
        if witness is not None and _label(*one) not in shown and witness.key.verifies(text, one[1][4:]):
            yield _fault(
                "cosignature.missing",
                name,
                f"the signature of {witness.key.label} is not here: deleted, or never handed in",
            )


def _label(name: str, data: bytes) -> str:
    return f"{name}+{data[:4].hex()}"


def _fault(code: str, path: str, message: str) -> Finding:
    return Finding(code=code, severity="error", message=message, path=path)
