"""One entry as JSON, answered straight from the connection.

What Litestar does for a request of one entry (a request object, a copy of the route for its guard, arguments,
a response object) takes longer than the entry itself. So the route has this before it, behind all that any
request passes: limits, identification, and what turns an exception into a problem. The route stays what the
documentation shows, and answers everything that is not one entry as JSON with no query.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from api.access import admit
from api.asking import header_of, whole_body
from api.entries.service import EntryService

JSON = "application/json"

_written = msgspec.json.Encoder().encode
_CONTENT_TYPE = (b"content-type", JSON.encode())


def direct(service: EntryService, body_bytes_max: int) -> Callable[[ASGIApp], ASGIApp]:
    """Return the middleware that takes one entry itself, by the guard of the route it stands before.

    Bodies longer than `body_bytes_max` are refused. A function, since Litestar copies what a router is given.
    """

    def before(app: ASGIApp) -> ASGIApp:
        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            if not _is_one(scope):
                await app(scope, receive, send)
                return
            admit(scope, scope["route_handler"].opt)
            body = await whole_body(receive, body_bytes_max)
            if body is None:
                return  # the sender is gone: a part of a body is no request
            answer = _written(await service.take(scope["user"], body))
            headers = [_CONTENT_TYPE, (b"content-length", b"%d" % len(answer))]
            await send({"type": "http.response.start", "status": 201, "headers": headers})
            await send({"type": "http.response.body", "body": answer, "more_body": False})

        return handle

    return before


def _is_one(scope: Scope) -> bool:
    return (
        scope["type"] == ScopeType.HTTP
        and scope["method"] == "POST"
        and not scope["query_string"]
        and media_type_of(scope) == JSON
    )


def media_type_of(scope: Scope) -> str:
    """Return the type of a request's body, without parameters."""
    return header_of(scope, b"content-type").partition(";")[0].strip().lower()
