"""Order files as they come in: which content types are files, and the body laid down as it arrives.

A file goes to disk block by block, so that a request holds a block in memory and not its body.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat

from api.errors import RequestUnusable
from api.given import Asked

FILE_TYPES = (
    "text/csv",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.arrow.stream",
    "application/octet-stream",
)
"""What a body may be declared as. What it is, its first bytes say."""


@dataclass
class FileOperation(Operation):
    """An operation whose body is an order file."""

    def __post_init__(self) -> None:
        """Describe the body, which no parameter of the handler stands for."""
        schema = OpenAPIMediaType(
            schema=Schema(description="The file as it is.", format=OpenAPIFormat.BINARY)
        )
        self.request_body = RequestBody(content=dict.fromkeys(FILE_TYPES, schema), required=True)


@asynccontextmanager
async def received(request: Asked) -> AsyncIterator[Path]:
    """Give the path of the body, laid down for the time of the request. Refuses other types with 415.

    The limit of the application on bodies holds: what is longer is refused with 413.
    """
    declared = request.headers.get("content-type", FILE_TYPES[-1]).partition(";")[0].strip().lower()
    if declared not in FILE_TYPES:
        raise HTTPException(status_code=415, detail=f"an order file is one of {', '.join(FILE_TYPES)}")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        async with await anyio.open_file(path, "wb") as file:
            async for block in request.stream():
                await file.write(block)
        yield path


@contextmanager
def handed_in(file: object) -> Iterator[tuple[Path, str]]:
    """Give path and name of a file handed in with a form. Raises RequestUnusable where there is none."""
    if not isinstance(file, UploadFile) or not file.filename:
        raise RequestUnusable("choose a file first", where="file")
    with TemporaryDirectory() as folder, file.file as handed:
        path = Path(folder) / "file"
        handed.seek(0)
        with path.open("wb") as kept:
            shutil.copyfileobj(handed, kept)
        yield path, file.filename
