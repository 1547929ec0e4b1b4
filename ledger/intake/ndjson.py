"""NDJSON as rows of text: a JSON object a line, its members the columns, `a.b` the member b within a.

Numbers are taken as the digits that stand in the file and never pass through a float. A line that is no JSON
object is a fault of that row alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from ledger.intake.errors import FileUnreadable
from ledger.intake.mended import MEMBER, number_told
from ledger.intake.readers import COLUMNS_LIMIT, BadCell, SourceRow

LINE_BYTES = 1 << 20
"""The longest line that is read as a row."""

SAMPLED_LINES = 1_000
"""How many lines are looked at to tell which members there are."""

_EXPONENT_LIMIT = 30
_NESTED = BadCell("cell.nested", "expected text or a number; the member holds an object or a list")


class _Faulty(ValueError):
    """A line that is JSON to some readers and not to others."""


class NdjsonSource:
    """A file of JSON objects, one a line, in UTF-8."""

    sparse = True
    hidden = 0

    def __init__(self, path: Path) -> None:
        """Look at the first lines for the names of their members. Raises FileUnreadable if none reads."""
        self._path = path
        self._done = 0
        self.total = path.stat().st_size
        self.inexact: dict[str, str] = {}
        names: dict[str, None] = {}
        fault = ""
        for _, (_, line) in zip(range(SAMPLED_LINES), self._lines(), strict=False):
            read = _object(line)
            if isinstance(read, str):
                fault = fault or read
            elif len(names) <= COLUMNS_LIMIT:
                read.pop(MEMBER, None)
                names |= dict.fromkeys(_paths(read))
        if not names:
            raise FileUnreadable(f"no line reads as NDJSON: {fault}", where=str(path))
        self.columns = tuple(names)

    @property
    def done(self) -> int:
        """Bytes read so far."""
        return self._done

    def rows(self, columns: Sequence[str]) -> Iterator[SourceRow]:
        """Stream the rows. A member that a row does not have is an empty cell."""
        for number, (line_number, line) in enumerate(self._lines(), 1):
            text = line.decode("utf-8", "replace")
            read = _object(line)
            if isinstance(read, str):
                yield SourceRow(number, line_number, (), read, text=text)
                continue
            told = read.pop(MEMBER, None)
            cells: list[str] = []
            bad: dict[int, BadCell] = {}
            for place, name in enumerate(columns):
                value = read.get(name) if name in read else _within(read, name)
                if isinstance(value, dict | list):
                    bad[place] = _NESTED
                    value = ""
                cells.append(_text(value))
            row = SourceRow(number, line_number, cells, None, bad or None, text)
            yield row if told is None else _as_first_told(row, told)
        self._done = self.total

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield the lines that are not blank, numbered; an overlong one is cut and will not read."""
        with self._path.open("rb") as file:
            number = 0
            while line := file.readline(LINE_BYTES):
                number += 1
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                rest = line
                while len(rest) == LINE_BYTES and not rest.endswith(b"\n"):
                    rest = file.readline(LINE_BYTES)
                self._done = file.tell()
                if stripped := line.strip():
                    yield number, stripped


def _as_first_told(row: SourceRow, told: Any) -> SourceRow:
    """Return a mended row under the numbers that it had in the first file, and without the reasons."""
    assert row.text is not None
    named = told if isinstance(told, dict) else {}
    text = row.text
    lead = re.match(rf'\{{\s*"{MEMBER}"\s*:\s*', text)
    if lead:
        _, end = _DECODER.raw_decode(text, lead.end())
        text = "{" + text[end:].lstrip().removeprefix(",").lstrip()
    return row._replace(
        row=number_told(named.get("row"), row.row), line=number_told(named.get("line"), row.line), text=text
    )


def _object(line: bytes) -> dict[str, Any] | str:
    """Read a line as an object whose numbers are text, or say why it is none."""
    if len(line) >= LINE_BYTES - 2:
        return f"expected a line of less than {LINE_BYTES:,} bytes"
    try:
        read = _DECODER.decode(line.decode("utf-8"))
    except UnicodeDecodeError as fault:
        return f"expected UTF-8; byte {fault.start + 1} of the line is none"
    except json.JSONDecodeError as fault:
        return f"expected a JSON object: {fault.msg} at character {fault.pos + 1}"
    except _Faulty as fault:
        return f"expected a JSON object: {fault}"
    except RecursionError:
        return "expected a JSON object: it is nested too deeply"
    return read if isinstance(read, dict) else 'expected a JSON object, as in {"order": "A-1"}'


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _Faulty(f"member '{twice[:40]}' stands in it more than once")
    return members


def _no_number(name: str) -> NoReturn:
    raise _Faulty(f"{name} is no number")


def _decimal(token: str) -> str:
    """Write a number with its point in place: 2.99e2 is 299. The token itself where it has no exponent."""
    if "e" not in token and "E" not in token:
        return token
    exact = Decimal(token)
    exponent = exact.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > _EXPONENT_LIMIT:
        return token
    return format(exact, "f")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_decimal, parse_int=str, parse_constant=_no_number
)


def _within(read: dict[str, Any], name: str) -> Any:
    """Return what stands at a path such as `payment.amount`, None where there is nothing."""
    value: Any = read
    for part in name.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _paths(read: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the paths of an object's members, objects within it opened."""
    for name, value in read.items():
        if isinstance(value, dict) and value:
            yield from _paths(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"
