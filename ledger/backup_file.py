"""The file of a backup: a gzipped tar of numbered parts, read and written as a stream, with flat memory.

    header.json              format, log, number of entries, columns of each table: what to expect
    TABLE/00000001.jsonl     rows of a table in the order of its key, a JSON list a line, bytes in base64
    NAME/00000001            the bytes of any other file, cut into parts
    manifest.json            root, rows of each table, and size and SHA-256 of every part before it
    manifest.note            a signed note over the manifest's SHA-256, by the log's key

It knows parts and digests, not what they mean: that is said in backup.py and restore.py. Tools that read tar
can open it. It is the same for every kind of database.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Self

import msgspec

from ledger.errors import BackupRefused, BackupUnreadable

FORMAT = "tallystick/backup/v1"
PART_BYTES = 4 * 1024 * 1024
"""About as much as a part holds before it is compressed."""

PART_BYTES_MAX = 64 * 1024 * 1024
HEADER, MANIFEST, NOTE = "header.json", "manifest.json", "manifest.note"

_PART = re.compile(r"(?P<of>[a-z_]+(?:\.[a-z]+)?)/(?P<number>[0-9]{8})(?:\.jsonl)?")
_FAST = 1
"""zlib's level: rows are mostly salts and digests, which no effort makes smaller."""

_ENCODER = msgspec.json.Encoder(order="deterministic")


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it is read: of which table or file, the whole name, and its bytes."""

    of: str
    name: str
    data: bytes


class BackupWriter:
    """Writes parts one after another into a file; nothing is kept of them but size and digest."""

    def __init__(self, file: IO[bytes]) -> None:
        """Begin a backup in an open binary file, which the caller closes."""
        self._packed = gzip.GzipFile("", "wb", _FAST, file, mtime=0)
        self._tar = tarfile.open(  # noqa: SIM115 -- closed by close or __exit__
            fileobj=self._packed, mode="w|", format=tarfile.USTAR_FORMAT
        )
        self._parts: list[dict[str, Any]] = []
        self._numbers: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the file, whole or not."""
        self._tar.close()
        self._packed.close()

    def header(self, values: dict[str, Any]) -> None:
        """Write the header, which comes first."""
        assert not self._parts, "the header comes first"
        self._add(HEADER, _ENCODER.encode({"format": FORMAT, **values}))

    def part(self, of: str, data: bytes, suffix: str = "") -> None:
        """Write the next part of a table or file."""
        self._numbers[of] = self._numbers.get(of, 0) + 1
        self._add(f"{of}/{self._numbers[of]:08}{suffix}", data)

    def finish(self, values: dict[str, Any]) -> bytes:
        """Write the manifest and return its bytes, of which a note is to be signed for `close`."""
        data = _ENCODER.encode({"format": FORMAT, **values, "parts": self._parts})
        self._add(MANIFEST, data)
        return data

    def close(self, note: str) -> None:
        """Write the signed note and the end of the file."""
        self._add(NOTE, note.encode())
        self._tar.close()
        self._packed.close()

    def _add(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o600
        self._tar.addfile(info, BytesIO(data))
        self._parts.append({"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})


def signed_text(manifest: bytes) -> str:
    """Return the text of the note that is signed over a manifest."""
    return f"{FORMAT}\nsha256 {hashlib.sha256(manifest).hexdigest()}\n"


class BackupReader:
    """Reads a backup from its beginning: `header`, then `parts`, after which `manifest` and `note` stand.

    Everything raises BackupUnreadable for a file that is cut short, damaged or none of ours, and
    BackupRefused for one whose parts are not those of its manifest.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        """Open a backup in an open binary file, which the caller closes; `name` is for messages."""
        self.name = name
        self.manifest: dict[str, Any] = {}
        self.manifest_bytes = b""
        self.note = ""
        self._seen: list[dict[str, Any]] = []
        self._members = self._read(file)
        first = next(self._members, None)
        if first is None or first.name != HEADER:
            raise BackupUnreadable("is no backup of Tallystick", where=name)
        self.header = self._json(first.data)
        if self.header.get("format") != FORMAT:
            found = f"{self.header.get('format')!r:.60}"
            raise BackupUnreadable(f"is of the format {found}; this release reads {FORMAT}", where=name)

    def parts(self) -> Iterator[Part]:
        """Yield every part in order; at the end, hold them against the manifest."""
        for part in self._members:
            if part.name == MANIFEST:
                self.manifest, self.manifest_bytes = self._json(part.data), part.data
                self._close()
                return
            yield part
        raise self._short()

    def _close(self) -> None:
        last = next(self._members, None)
        if last is None or last.name != NOTE:
            raise self._short()
        if next(self._members, None) is not None:
            raise BackupRefused("holds more than its manifest says", where=self.name)
        self.note = last.data.decode(errors="replace")
        told, seen = self.manifest.get("parts"), self._seen[:-2]
        if told != seen:
            wrong = next(
                (
                    one["name"]
                    for one, other in zip(seen, [*(told or []), *seen], strict=False)
                    if one != other
                ),
                "the list of parts",
            )
            raise BackupRefused(f"{wrong} is not what the manifest says it is", where=self.name)

    def _read(self, file: IO[bytes]) -> Iterator[Part]:
        try:
            with gzip.GzipFile("", "rb", fileobj=file) as packed:
                with tarfile.open(fileobj=packed, mode="r|") as tar:
                    for member in tar:
                        yield self._part(tar, member)
                while packed.read(PART_BYTES):  # to the very end, where gzip keeps its checksum
                    pass
        except (tarfile.TarError, zlib.error, EOFError, OSError) as fault:
            if self._seen:
                raise self._short(str(fault)) from fault
            raise BackupUnreadable("is no backup of Tallystick, or damaged", where=self.name) from fault

    def _part(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> Part:
        match = _PART.fullmatch(member.name)
        file = tar.extractfile(member) if member.isreg() else None
        if file is None or (match is None and member.name not in {HEADER, MANIFEST, NOTE}):
            raise BackupUnreadable(f"holds '{member.name[:60]}', which no backup does", where=self.name)
        if member.size > PART_BYTES_MAX:
            raise BackupUnreadable(f"{member.name} is larger than a part can be", where=self.name)
        data = file.read()
        if len(data) != member.size:
            raise self._short(f"{member.name} is cut")
        digest = hashlib.sha256(data).hexdigest()
        self._seen.append({"name": member.name, "bytes": len(data), "sha256": digest})
        return Part(match["of"] if match else "", member.name, data)

    def _json(self, data: bytes) -> dict[str, Any]:
        try:
            value = msgspec.json.decode(data)
        except msgspec.DecodeError as fault:
            raise BackupUnreadable(f"cannot be read: {fault}", where=self.name) from fault
        if not isinstance(value, dict):
            raise BackupUnreadable("cannot be read: an object is wanted", where=self.name)
        return value

    def _short(self, why: str = "its end is missing") -> BackupUnreadable:
        last = self._seen[-1]["name"] if self._seen else "its beginning"
        return BackupUnreadable(f"is cut short or damaged after {last}: {why}", where=self.name)
