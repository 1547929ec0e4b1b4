"""A change of the log's key: stated by the old key and the new, recorded as an entry, followed by verifiers.

The log keeps its name, its entries and its checkpoints. Whoever pinned the old key follows the statement to
the new one, or pins both. The text that both sign is

    tallystick/key-rotation/v1
    ORIGIN
    VKEY of the old key
    VKEY of the new key

Which files hold private keys, and when the old one is destroyed, is said in api/office/log_keys.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from ledger.database import Session, reading
from ledger.entries import AUDITOR, Group, NewEntry
from ledger.errors import NoteInvalid
from ledger.notes import LogKey, VerifierKey, open_note, signed_by, split_note
from ledger.reading import content_of, read_told

if TYPE_CHECKING:
    from ledger.log import Log

FORMAT = "tallystick/key-rotation/v1"
SOURCE = "tallystick.log_key"
KIND = "log.key_rotated"
GROUP = "rotation"


@dataclass(frozen=True, slots=True)
class Rotation:
    """A change of the log's key: the old key, the new, and the note that both signed."""

    old: VerifierKey
    new: VerifierKey
    note: str


class SigningKeys:
    """The keys that a log signs with: the present one and, while they overlap, those that it replaced."""

    def __init__(self, current: LogKey, earlier: Sequence[LogKey] = ()) -> None:
        """Take the present key and the earlier ones that still sign, all of one name."""
        assert all(key.name == current.name for key in earlier), "a log keeps its name"
        self.current = current
        self.earlier = tuple(earlier)

    @property
    def name(self) -> str:
        """The log's name, the origin of its checkpoints."""
        return self.current.name

    @property
    def verifier(self) -> VerifierKey:
        """The present public key."""
        return self.current.verifier

    @property
    def vkey(self) -> str:
        """The present public key as a vkey line."""
        return self.current.vkey

    @property
    def verifiers(self) -> list[VerifierKey]:
        """Every public key that signs now, the present one first."""
        return [key.verifier for key in (self.current, *self.earlier)]

    def sign(self, text: str) -> str:
        """Return a note signed by the present key and by those that still overlap."""
        return signed_by(text, (self.current, *self.earlier))


def rotation_between(old: LogKey, new: LogKey) -> Rotation:
    """Return the statement that one key replaces another, signed by both."""
    note = signed_by(f"{FORMAT}\n{old.name}\n{old.vkey}\n{new.vkey}\n", (old, new))
    return parse_rotation(note)


def parse_rotation(note: str) -> Rotation:
    """Read a rotation that both of its keys signed. Raises NoteInvalid."""
    lines = split_note(note)[0].split("\n")
    if len(lines) != 5 or lines[0] != FORMAT:
        raise NoteInvalid(f"does not read {FORMAT}, origin, old key, new key", where="rotation")
    old, new = VerifierKey.parse(lines[2]), VerifierKey.parse(lines[3])
    if {old.name, new.name} != {lines[1]} or old.public == new.public:
        raise NoteInvalid("its keys are not two of one log", where="rotation")
    for key in (old, new):
        open_note(note, [key])
    return Rotation(old, new, note)


def record_rotation(log: Log, rotation: Rotation, *, by: str, now: datetime) -> int:
    """Append the entry of a rotation and return its seq; the same again returns the first."""
    earlier = log.find(SOURCE, rotation.new.label)
    if earlier is not None:
        return earlier.seq
    entry = NewEntry(
        source=SOURCE,
        id=rotation.new.label,
        kind=KIND,
        occurred_at=now,
        asserter=by,
        groups=(Group(GROUP, (AUDITOR,), {"statement": rotation.note}),),
    )
    report = log.append([entry])
    return (*report.accepted, *report.repeated)[0]


def rotations(log: Log) -> list[Rotation]:
    """Return the rotations of a log in order; one that was erased or cannot be read is left out."""
    with reading(log.engine) as session:
        return _rotations(session)


def _rotations(session: Session) -> list[Rotation]:
    told = (_read(opened) for _, opened in read_told(session, (KIND,), GROUP))
    return [one for one in told if one is not None]


def _read(opened: bytes) -> Rotation | None:
    try:
        return parse_rotation(content_of(opened)["statement"])
    except (msgspec.DecodeError, NoteInvalid, KeyError, TypeError, AttributeError):
        return None  # what the doctor finds anyway, as a group that is not the one committed to


def keys_back_from(session: Session, present: Sequence[VerifierKey]) -> list[VerifierKey]:
    """Return some keys of the log and, newest first, those that rotations lead back to from them.

    With these its notes of every time are verified.
    """
    keys = list(present)
    for rotation in reversed(_rotations(session)):
        if rotation.new in keys and rotation.old not in keys:
            keys.append(rotation.old)
    return keys
