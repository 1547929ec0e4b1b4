"""The files of exhibits, kept by their SHA-256 in a folder beside the database, readable by its owner only.

A file is written before the entry that names it, and goes once no entry names it. What is read is hashed
again, so that a file changed on disk is never shown as what was filed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ledger.exhibits.errors import ExhibitRefused, ExhibitUnavailable

FILE_BYTES_MAX = 32 * 1024 * 1024
"""The largest file of an exhibit; a longer recording is filed in parts."""

PIECE_BYTES = 1024 * 1024
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept: its SHA-256 in hex, and its length in bytes."""

    sha256: str
    size: int


def measured(data: bytes) -> Kept:
    """Return digest and length of a file. Raises ExhibitRefused for one that is empty or too long."""
    if not data:
        raise ExhibitRefused("the file is empty", where="file")
    if len(data) > FILE_BYTES_MAX:
        raise ExhibitRefused(
            f"a file has at most {FILE_BYTES_MAX} bytes; file a longer one in parts", where="file"
        )
    return Kept(hashlib.sha256(data).hexdigest(), len(data))


class ExhibitFiles:
    """The files of exhibits in one folder, which is made when the first is kept."""

    def __init__(self, folder: Path) -> None:
        """Keep files in a folder."""
        self.folder = folder

    def keep(self, data: bytes) -> Kept:
        """Keep a file, durable when this returns; one that is here already is left. Raises ExhibitRefused."""
        kept = measured(data)
        path = self._path(kept.sha256)
        if path.exists() and path.stat().st_size == kept.size:
            return kept
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{secrets.token_hex(6)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return kept

    def read(self, sha256: str) -> bytes:
        """Return a file. Raises ExhibitUnavailable where it is gone, or is not what its name says."""
        path = self._path(sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise ExhibitUnavailable(
                "the file is not kept here: restore it from a backup, or ask who filed it for it",
                where=sha256,
            ) from None
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ExhibitUnavailable(
                "the file on disk is not what was filed; restore it from a backup", where=sha256
            )
        return data

    def has(self, sha256: str) -> bool:
        """Tell whether a file is kept here, whatever its bytes are now."""
        return self._path(sha256).exists()

    def drop(self, sha256: str) -> bool:
        """Let go of a file for good; tell whether it was there."""
        path = self._path(sha256)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there

    def digests(self) -> Iterator[str]:
        """Yield the digest of every file that is kept, sorted."""
        for path in sorted(self.folder.glob("??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def kept_since(self, sha256: str) -> datetime:
        """Return when a file that is kept here was written."""
        return datetime.fromtimestamp(self._path(sha256).stat().st_mtime, UTC)

    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """Yield every file in pieces, each with the digest of the whole, as a backup takes them."""
        for sha256 in self.digests():
            with self._path(sha256).open("rb") as file:
                while piece := file.read(PIECE_BYTES):
                    yield sha256, piece

    def _path(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise ExhibitUnavailable("is no SHA-256 in hex", where=sha256[:64])
        return self.folder / sha256[:2] / sha256


class ArrivingFiles:
    """Files of exhibits as a backup brings them, in pieces: kept once they are whole and what they claim."""

    def __init__(self, files: ExhibitFiles) -> None:
        """Bring files to where exhibits are kept."""
        self._files = files
        self._sha256 = ""
        self._held = bytearray()
        self._whole: list[str] = []

    def take(self, sha256: str, piece: bytes) -> None:
        """Take the next piece of a file. Raises ExhibitUnavailable where the file before is not whole."""
        if sha256 != self._sha256:
            self._finish()
            self._sha256 = sha256
        self._held += piece

    def settle(self) -> None:
        """Keep what arrived for good. Raises ExhibitUnavailable where the last file is not whole."""
        self._finish()
        self._whole.clear()

    def close(self) -> None:
        """Let go of what was not settled."""
        for sha256 in self._whole:
            self._files.drop(sha256)

    def _finish(self) -> None:
        data, self._held = bytes(self._held), bytearray()
        if not self._sha256:
            return
        if hashlib.sha256(data).hexdigest() != self._sha256:
            raise ExhibitUnavailable("the backup does not hold this file whole", where=self._sha256[:64])
        if not self._files.has(self._sha256):
            self._files.keep(data)
            self._whole.append(self._sha256)
        self._sha256 = ""
