"""Countersignatures of checkpoints by witnesses: taken once they verify, kept for ever, shown in the note.

Format: C2SP tlog-cosignature (Ed25519, type 0x04). What a witness checks before it signs is the witness's own
business, done with its own memory (verifier/witness.py): the log cannot vouch for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ledger.database import Session, writing
from ledger.errors import CosignatureRefused, NoteInvalid
from ledger.log import Log
from ledger.notes import VerifierKey, cosigned_at, split_note, split_signature
from ledger.witnesses import read_witnesses

_AHEAD_SECONDS = 300
"""How far a witness's clock may run ahead of ours."""


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A countersignature of the checkpoint of `size` entries: by which key, at which UTC second, its line."""

    size: int
    name: str
    key_hash: str
    signed_s: int
    line: str
    recorded_us: int

    @property
    def label(self) -> str:
        """`NAME+HASH` of the witness's key."""
        return f"{self.name}+{self.key_hash}"


def add_cosignature(log: Log, size: int, line: str, *, party: str, now_us: int) -> Cosignature:
    """Keep a signature line of a party's witness under a checkpoint, by its size; repeated, nothing changes.

    Raises CosignatureRefused when no checkpoint has that size, the key is not registered for the party or
    was withdrawn, the time lies ahead, or the signature is wrong; NoteInvalid for what is no signature line.
    """
    name, data = split_signature(line)
    label = f"{name}+{data[:4].hex()}"
    given = Cosignature(size, name, data[:4].hex(), cosigned_at(data[4:]), line, now_us)
    with writing(log.engine) as session:
        note = _base_note(session, size)
        if note is None:
            raise CosignatureRefused("no checkpoint of that size is signed", where=f"size {size}")
        registered = read_witnesses(session).get(label)
        if registered is None or registered.party != party or not registered.stands:
            raise CosignatureRefused(
                f"the key is not registered for '{party}', or was withdrawn; register it first", where=label
            )
        if given.signed_s > now_us // 1_000_000 + _AHEAD_SECONDS:
            raise CosignatureRefused("its time lies ahead; set the witness's clock", where=label)
        if not registered.key.verifies(split_note(note)[0], data[4:]):
            raise CosignatureRefused(
                f"the signature does not fit the checkpoint of {size} entries shown here; if you signed"
                " another one of that size, keep both: the log has two histories",
                where=label,
            )
        standing = [one for one in _of(session, size) if (one.label, one.signed_s) == (label, given.signed_s)]
        if standing:
            return standing[0]
        session.insert("cosignature", [(size, name, given.key_hash, given.signed_s, line, now_us)])
    return given


def cosignatures(session: Session, size: int) -> list[Cosignature]:
    """Return the newest countersignature of each witness under a checkpoint, by witness."""
    newest = {one.label: one for one in _of(session, size)}
    return [newest[label] for label in sorted(newest)]


def countersigned(session: Session, size: int, note: str) -> str:
    """Return a checkpoint's note with the newest line of each witness under it."""
    return note + "".join(f"{one.line}\n" for one in cosignatures(session, size))


def _of(session: Session, size: int) -> list[Cosignature]:
    sql = (
        "SELECT size, name, key_hash, signed_s, line, recorded_us FROM cosignature WHERE size = ?"
        " ORDER BY name, key_hash, signed_s"
    )
    return [Cosignature(*row) for row in session.rows(sql, (size,))]


def _base_note(session: Session, size: int) -> str | None:
    rows = session.rows("SELECT note FROM checkpoint WHERE size = ?", (size,))
    return str(rows[0][0]) if rows else None


def cosignature_faults(session: Session) -> Iterator[tuple[str, str, str]]:
    """Yield code, path and text of whatever is wrong with the stored countersignatures: for the doctor."""
    keys = {label: one.key for label, one in read_witnesses(session).items()}
    sizes = session.rows("SELECT DISTINCT size FROM cosignature ORDER BY size")
    for (size,) in sizes:
        note = _base_note(session, size)
        for one in _of(session, size):
            path = f"cosignature[{size},{one.label}]"
            if note is None:
                yield "checkpoint.missing", path, f"the checkpoint of {size} entries that it signs is gone"
            elif one.label not in keys:
                yield "cosignature.unknown", path, "no entry registers this witness"
            elif not _holds(one, note, keys[one.label]):
                yield "cosignature.note", path, "it is not this witness's signature of the checkpoint"


def _holds(one: Cosignature, note: str, key: VerifierKey) -> bool:
    try:
        name, data = split_signature(one.line)
        told = (name, data[:4].hex(), cosigned_at(data[4:]))
        return told == (one.name, one.key_hash, one.signed_s) and key.verifies(split_note(note)[0], data[4:])
    except NoteInvalid:
        return False
