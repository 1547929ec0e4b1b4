"""The request as routes see it: a body that is no JSON is the sender's fault, however it fails to be read.

Not for what a body must hold: that is each route's schema.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException

from api.access import Viewer


class Asking(Request[Viewer, str, Any]):
    """A request whose JSON is read or refused."""

    async def json(self) -> Any:
        """Return the body as JSON. Raises ClientException for what is no text, or nests without end."""
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError):
            raise ClientException("the body is not JSON") from None
