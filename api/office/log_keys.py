"""The files of the log's signing keys, and how one replaces another so that no crash leaves the log keyless.

    keys/log.key             signs
    keys/log.next.key        made, and signs nothing until the log holds the entry of its rotation
    keys/log.earlier-*.key   replaced, and still signs beside the new one until it is destroyed

The entry decides: where it stands, the files are brought into line at the next opening; where it does not,
the next key waits to be used by the next rotation. Files appear whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from api.settings import private_folder
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rotation import SOURCE, Rotation, SigningKeys, record_rotation, rotation_between

CURRENT = "log.key"
NEXT = "log.next.key"
EARLIER = "log.earlier-{hash}.key"
_DOOMED = ".doomed-"
_HALF_MADE = ".log.*key.*"


def signing_keys(folder: Path) -> SigningKeys:
    """Return the keys that sign, making the first one in a new installation. Raises NoteInvalid."""
    current = folder / CURRENT
    if not current.exists():
        private_folder(folder)
        with suppress(FileExistsError):  # another process has just made it
            LogKey(f"tallystick.local/{secrets.token_hex(4)}", secrets.token_bytes(32)).save(current)
    present = LogKey.load(current)
    earlier = [LogKey.load(path) for path in _earlier(folder)]
    # in the middle of a rotation the present key already has its second name
    return SigningKeys(present, [key for key in earlier if key.vkey != present.vkey])


def rotate_key(folder: Path, log: Log, *, by: str, now: datetime) -> Rotation:
    """Replace the log's key; the old one goes on signing beside the new until it is destroyed.

    Killed at any point, it has happened or it has not: the next opening puts the files right.
    """
    with _alone(folder):
        _finish(folder, log)
        following = folder / NEXT
        old = LogKey.load(folder / CURRENT)
        if not following.exists():
            LogKey(old.name, secrets.token_bytes(32)).save(following)
        rotation = rotation_between(old, LogKey.load(following))
        record_rotation(log, rotation, by=by, now=now)
        _finish(folder, log)
    return rotation


def finish_rotation(folder: Path, log: Log) -> None:
    """Bring the files into line with the log, where a rotation was interrupted."""
    if (folder / NEXT).exists():
        with _alone(folder):
            _finish(folder, log)


def destroy_earlier(folder: Path, log: Log) -> list[str]:
    """Destroy the replaced keys and return their `NAME+HASH`: from now on the new key signs alone."""
    gone = []
    with _alone(folder):
        _finish(folder, log)
        for path in _earlier(folder):
            gone.append(LogKey.load(path).verifier.label)
            path.replace(folder / f"{_DOOMED}{path.name}")
        _sync(folder)
        for path in folder.glob(f"{_DOOMED}*"):
            with path.open("r+b") as file:
                file.write(bytes(path.stat().st_size))
                file.flush()
                os.fsync(file.fileno())
            path.unlink()
    return gone


def _finish(folder: Path, log: Log) -> None:
    following, current = folder / NEXT, folder / CURRENT
    if not following.exists() or log.find(SOURCE, LogKey.load(following).verifier.label) is None:
        return
    old = LogKey.load(current)
    earlier = folder / EARLIER.format(hash=old.verifier.key_hash.hex())
    if not earlier.exists():
        os.link(current, earlier)
        _sync(folder)
    following.replace(current)
    _sync(folder)


def _earlier(folder: Path) -> list[Path]:
    return sorted(folder.glob(EARLIER.format(hash="*")))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time change the files."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in folder.glob(_HALF_MADE):  # left by a crash, and each may be a second name of a key
            path.unlink()
        yield


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
