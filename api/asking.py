"""The request as routes see it: a body that is no JSON is the sender's fault, however it fails to be read.

Not for what a body must hold: that is each route's schema.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import Receive, Scope

from api.access import Viewer


class Asking(Request[Viewer, str, Any]):
    """A request whose JSON is read or refused."""

    async def json(self) -> Any:
        """Return the body as JSON. Raises ClientException for what is no text, or nests without end."""
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError):
            raise ClientException("the body is not JSON") from None


def header_of(scope: Scope, name: bytes) -> str:
    """Return the first header of a name, given in lower case as servers give them; "" where there is none."""
    return next((value.decode("latin-1") for found, value in scope["headers"] if found == name), "")


async def whole_body(receive: Receive, bytes_max: int) -> bytes | None:
    """Return the whole body, None where the sender broke off. Raises RequestEntityTooLarge."""
    parts: list[bytes] = []
    length = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message["body"])
        length += len(message["body"])
        if length > bytes_max:
            raise RequestEntityTooLarge
        if not message["more_body"]:
            return b"".join(parts)
