"""How files and tables are sent: downloads, things that never change, and read models as CSV.

CSV is UTF-8 with a byte order mark, so that spreadsheets read Chinese; amounts stand as exact decimal text
and in minor units; text that a spreadsheet would run as a formula gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from litestar import Litestar, Request
from litestar.response import Response, Stream
from litestar.response.base import ASGIResponse

from api.reading import Money, PartyName, Text

BYTE_ORDER_MARK = "\ufeff"
CSV = "text/csv"
_ROWS_AT_ONCE = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def download(data: bytes, name: str, media_type: str) -> Response[bytes]:
    """Answer with a file to keep."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=media_type, headers=headers)


def unchanging(request: Request[Any, Any, Any], tag: str, response: Response[Any]) -> Response[Any]:
    """Send something that never changes under its address: asked for again with its tag, it is a 304.

    It stays private to the one who may read it, and is asked for again before it is shown again.
    """
    headers = {"etag": f'"{tag}"', "cache-control": "private, no-cache"}
    if is_known(request, tag):
        return Response(b"", status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def is_known(request: Request[Any, Any, Any], tag: str) -> bool:
    """Tell whether the one who asks has what bears a tag already."""
    known = request.headers.get("if-none-match", "")
    return f'"{tag}"' in {one.strip().removeprefix("W/") for one in known.split(",")}


class TypedStream(Stream):
    """A stream that is sent as what it is: its own media type goes before that of its route."""

    def to_asgi_response(
        self, app: Litestar | None, request: Request[Any, Any, Any], **more: Any
    ) -> ASGIResponse:
        """Return what is sent; Litestar would take the route's media type first, as for no other response."""
        more["media_type"] = self.media_type or more.get("media_type")
        return super().to_asgi_response(app, request, **more)


def streamed(pieces: Iterable[str] | Iterable[bytes], name: str, media_type: str) -> TypedStream:
    """Answer with a file to keep, in pieces as they are made; what is text is sent as UTF-8."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return TypedStream(pieces, media_type=media_type, headers=headers)


def table(rows: Iterable[Any], name: str, columns: tuple[str, ...]) -> Stream:
    """Answer with read models as CSV, one row each; `columns` are those of an empty table."""
    return streamed(csv_rows(rows, columns), f"{name}.csv", CSV)


def csv_rows(rows: Iterable[Any], columns: tuple[str, ...]) -> Iterator[str]:
    """Yield a CSV file in pieces, header first. Every row has these columns."""
    pending = [columns]
    yield BYTE_ORDER_MARK
    for row in rows:
        cells = flat(row)
        pending.append(tuple(cells.get(column, "") for column in columns))
        if len(pending) >= _ROWS_AT_ONCE:
            yield _written(pending)
            pending = []
    yield _written(pending)


def flat(row: Any) -> dict[str, str]:
    """Return a read model as named cells: words by language, money as text, minor units and currency.

    `currency` is for tables in one currency; amounts in several have theirs as NAME_currency.
    """
    assert is_dataclass(row), "only read models are tables"
    cells: dict[str, str] = {}
    for one in fields(row):
        cells |= _cells(one.name, getattr(row, one.name))
    return cells


def _cells(name: str, value: Any) -> dict[str, str]:
    match value:
        case Text():
            return {f"{name}_zh": inert(value.spoken("zh")), f"{name}_en": inert(value.spoken("en"))}
        case Money():
            return {
                name: value.decimal(),
                f"{name}_minor": str(value.amount_minor),
                f"{name}_currency": value.currency,
                "currency": value.currency,
            }
        case PartyName():
            return {name: inert(value.id)}
        case tuple():
            parts = [one.id if isinstance(one, PartyName) else str(one) for one in value]
            return {name: inert(" ".join(parts))}
        case None:
            return {name: ""}
        case int():
            return {name: str(value)}
        case _:
            return {name: inert(str(value))}


def inert(text: str) -> str:
    """Return text from outside as data: what a spreadsheet would run gets an apostrophe in front."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _written(rows: Iterable[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
