"""Works out who is asking: a Bearer token on any route, or the session cookie.

Under `/v1` the cookie is believed for reading only; a write there needs a Bearer token, so that no other
site can make a browser write. Pages' forms carry a form token instead. A Bearer token that is not valid is
refused, never ignored.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from api.access import KEYED, Viewer
from api.asking import header_of
from api.errors import CodeRefused
from api.limits import Limiter, client_of
from api.members.service import MemberService

SESSION_COOKIE = "tallystick_session"
API_PREFIX = "/v1/"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = "bearer "

KNOWN_SECONDS = 3
"""How long a keyed route believes a Bearer token without looking it up again."""

_KNOWN_MAX = 1_000


class KnownCodes:
    """Viewers of access codes seen in the last seconds, by the code's digest. Refusals are not kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Count by a clock in seconds."""
        self._clock = clock
        self._known: dict[bytes, tuple[Viewer, float]] = {}

    def find(self, digest: bytes) -> Viewer | None:
        """Return who a code belongs to, None where it has to be looked up."""
        viewer, until = self._known.get(digest, (None, 0))
        return viewer if self._clock() < until else None

    def keep(self, digest: bytes, viewer: Viewer) -> None:
        """Remember a viewer for KNOWN_SECONDS."""
        if len(self._known) >= _KNOWN_MAX:
            self._known.clear()
        self._known[digest] = (viewer, self._clock() + KNOWN_SECONDS)


class Identify(ASGIMiddleware):
    """Puts the Viewer, or None, into the request's scope as `user`, and how they were known as `auth`."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, members: MemberService, failures: Limiter) -> None:
        """Ask `members`; count refused Bearer tokens with `failures`."""
        self.members = members
        self.failures = failures
        self.known = KnownCodes()
        self._asking: dict[bytes, asyncio.Future[Viewer]] = {}

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Identify, then pass the request on; deciding what is allowed is left to the guard."""
        scope["user"], scope["auth"] = await self._known(scope)
        await next_app(scope, receive, send)

    async def _known(self, scope: Scope) -> tuple[Viewer | None, str | None]:
        authorization = header_of(scope, b"authorization")
        if authorization[: len(_BEARER)].lower() == _BEARER:
            return await self._bearer(scope, authorization[len(_BEARER) :].strip()), "bearer"
        request: Request[Viewer | None, str | None, Any] = Request(scope)
        token = request.cookies.get(SESSION_COOKIE)
        if not token or (scope["path"].startswith(API_PREFIX) and request.method not in _SAFE_METHODS):
            return None, None
        viewer = await sync_to_thread(self.members.viewer_of_session, token)
        return viewer, "cookie" if viewer else None

    async def _bearer(self, scope: Scope, code: str) -> Viewer:
        if not is_keyed(scope):
            return await self._looked_up(scope, code)
        digest = hashlib.sha256(code.encode()).digest()
        viewer = self.known.find(digest)
        if viewer is None:
            viewer = await asyncio.shield(self._asked_once(scope, code, digest))
            self.known.keep(digest, viewer)
        return viewer

    def _asked_once(self, scope: Scope, code: str, digest: bytes) -> asyncio.Future[Viewer]:
        """Look a code up, once for all requests that come with it meanwhile."""
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.ensure_future(self._looked_up(scope, code))
            asking.add_done_callback(lambda _: self._asking.pop(digest))
        return asking

    async def _looked_up(self, scope: Scope, code: str) -> Viewer:
        try:
            return await sync_to_thread(self.members.viewer_of_code, code)
        except CodeRefused:
            self.failures.demand(client_of(scope))
            raise


def is_keyed(scope: Scope) -> bool:
    """Say whether a request goes to a route that is marked as keyed."""
    return any(name in scope["route_handler"].opt for name in KEYED)
