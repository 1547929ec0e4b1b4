"""The package of an .xlsx workbook: its sheets, its shared texts, and which of its formats are dates.

ECMA-376 (Office Open XML) is a zip of XML parts. They are read with expat, a block at a time, under limits
on sizes and ratios, and no document type is let in. What stands in the rows of a sheet is xlsx.py's matter.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn
from xml.parsers import expat

from ledger.intake.errors import FileUnreadable

BLOCK_BYTES = 1 << 18
UNPACKED_BYTES = 4 << 30
"""The most that the parts of one workbook may hold when unpacked."""

TEXTS_BYTES = 512 << 20
"""The most that a workbook's table of shared texts may hold; it is the one part that is kept in memory."""

RATIO = 400
"""The most that a part of more than RATIO_FROM_BYTES may shrink by; equal rows come to about 100."""

RATIO_FROM_BYTES = 16 << 20
PARTS = 10_000
CELL_CHARACTERS = 32_767
"""The longest text of a cell, as spreadsheets have it."""

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]

_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_A_DATE_PART = re.compile(r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Sheet(NamedTuple):
    """A sheet of cells: its name, its part, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """An open workbook. Raises FileUnreadable for one that is damaged, protected, too large, or no .xlsx."""

    def __init__(self, path: Path) -> None:
        """Read everything but the sheets themselves and the shared texts."""
        self.path = path
        with self._whole():
            self._zip = zipfile.ZipFile(path)
            self._parts = {part.filename.lstrip("/"): part for part in self._zip.infolist()}
            self._require_bounds()
            root = self._related("", "officeDocument")
            if not root or root[0] not in self._parts:
                self._refuse("is a zip archive and no .xlsx workbook; unpack it, or save the sheet as .xlsx")
            self._root = root[0]
            self.since_1904 = False
            self.sheets = self._sheets()
            self.date_styles = self._date_styles()

    def texts(self) -> list[str]:
        """Return the shared texts by number."""
        found: list[str] = []
        parts: list[str] = []
        depth = 0

        def start(name: str, _: Attributes) -> None:
            nonlocal depth
            if name == "si":
                parts.clear()
            elif name == "rPh":
                depth += 1

        def end(name: str, text: str) -> None:
            nonlocal depth
            if name == "t" and not depth:
                parts.append(text)
            elif name == "rPh":
                depth -= 1
            elif name == "si":
                found.append(unescaped("".join(parts)))

        for part in self._related(self._root, "sharedStrings"):
            if self._parts[part].file_size > TEXTS_BYTES:
                self._refuse(f"holds more than {TEXTS_BYTES >> 20:,} MiB of text; save it as CSV or Parquet")
            self.parse(part, start, end)
        return found

    def parse(self, part: str, start: Start, end: Callable[[str, str], None]) -> None:
        """Parse a part whole: `start(name, attributes)`, `end(name, text before it)`, prefixes taken off."""
        for _ in self.parsing(part, start, end):
            pass

    def parsing(self, part: str, start: Start, end: Callable[[str, str], None]) -> Iterator[None]:
        """Parse a part, stopping after each block so that the caller can take what was found."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        text: list[str] = []
        size = 0

        def started(name: str, attributes: Attributes) -> None:
            nonlocal size
            text.clear()
            size = 0
            start(name.rpartition(":")[2], attributes)

        def ended(name: str) -> None:
            end(name.rpartition(":")[2], "".join(text))
            text.clear()

        def told(data: str) -> None:
            nonlocal size
            size += len(data)
            if size > 8 * CELL_CHARACTERS:
                self._refuse(f"holds a text of more than {CELL_CHARACTERS:,} characters")
            text.append(data)

        parser.StartElementHandler = started
        parser.EndElementHandler = ended
        parser.CharacterDataHandler = told
        parser.StartDoctypeDeclHandler = self._doctype
        with self._whole():
            for block in self.blocks(part):
                parser.Parse(block, False)
                yield
            parser.Parse(b"", True)
        yield

    def blocks(self, part: str) -> Iterator[bytes]:
        """Yield the bytes of a part, a block at a time."""
        with self._whole(), self._zip.open(self._parts[part]) as file:
            while block := file.read(BLOCK_BYTES):
                yield block

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Turn every way in which a zip or its XML can be damaged into one refusal."""
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, expat.ExpatError, ValueError) as fault:
            self._refuse(f"not readable as .xlsx: {fault}")
        except (NotImplementedError, RuntimeError) as fault:
            self._refuse(f"not readable as .xlsx, packed in an unknown way or with a password: {fault}")

    def _refuse(self, message: str) -> NoReturn:
        raise FileUnreadable(message, where=str(self.path)) from None

    def _doctype(self, *_: object) -> None:
        self._refuse("declares a document type, which no workbook needs")

    def _require_bounds(self) -> None:
        if len(self._parts) > PARTS or sum(part.file_size for part in self._parts.values()) > UNPACKED_BYTES:
            self._refuse(
                f"unpacks to more than {PARTS:,} parts or {UNPACKED_BYTES >> 30} GiB; save it as CSV"
            )
        for part in self._parts.values():
            if part.file_size > RATIO_FROM_BYTES and part.file_size > RATIO * part.compress_size:
                self._refuse(f"unpacks to more than {RATIO} times its size, as no sheet of orders does")

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return by id the kind and the target of what a part (or, for "", the package) refers to."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(element: str, attributes: Attributes) -> None:
            if element == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/")
                found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], target)

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if relations in self._parts:
            self.parse(relations, start, _nothing)
        return found

    def _related(self, part: str, kind: str) -> list[str]:
        return [
            target
            for of, target in self._relations(part).values()
            if of == kind and (target in self._parts or not part)
        ]

    def _sheets(self) -> tuple[Sheet, ...]:
        relations = self._relations(self._root)
        found: list[Sheet] = []

        def start(element: str, attributes: Attributes) -> None:
            if element == "workbookPr":
                self.since_1904 = attributes.get("date1904") in {"1", "true"}
            if element == "sheet":
                identity = next(value for name, value in attributes.items() if name.endswith(":id"))
                kind, part = relations[identity]
                if kind == "worksheet" and part in self._parts:
                    hidden = attributes.get("state", "visible") != "visible"
                    found.append(Sheet(attributes["name"], part, hidden))

        self.parse(self._root, start, _nothing)
        return tuple(found)

    def _date_styles(self) -> frozenset[str]:
        """Return the numbers of the cell styles that show a number as a date or a time."""
        formats = {str(number) for number in _DATE_FORMATS}
        styles: list[str] = []
        within = ""

        def start(element: str, attributes: Attributes) -> None:
            nonlocal within
            if element == "numFmt" and shows_a_date(attributes.get("formatCode", "")):
                formats.add(attributes["numFmtId"])
            elif element in {"cellXfs", "cellStyleXfs"}:
                within = element
            elif element == "xf" and within == "cellXfs":
                styles.append(attributes.get("numFmtId", "0"))

        for part in self._related(self._root, "styles"):
            self.parse(part, start, _nothing)
        return frozenset(str(number) for number, form in enumerate(styles) if form in formats)


def shows_a_date(code: str) -> bool:
    """Tell whether a number format shows a date or a time: `yyyy-mm-dd`, `[h]:mm`, and not `0.00" days"`."""
    return any(letter in "dmyhs" for letter in _NOT_A_DATE_PART.sub("", code.partition(";")[0]).lower())


def unescaped(text: str) -> str:
    """Read the characters that XML cannot hold and workbooks write as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _nothing(name: str, text: str) -> None:
    """Let an element end."""
