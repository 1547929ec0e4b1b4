"""Works out who is asking: a Bearer token on any route, or the session cookie.

Under `/v1` the cookie is believed for reading only; a write there needs a Bearer token, so that no other
site can make a browser write. Pages' forms carry a form token instead. A Bearer token that is not valid is
refused, never ignored.
"""

from __future__ import annotations

from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from api.access import Viewer
from api.errors import CodeRefused
from api.limits import Limiter, client_of
from api.members.service import MemberService

SESSION_COOKIE = "tallystick_session"
API_PREFIX = "/v1/"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = "bearer "


class Identify(ASGIMiddleware):
    """Puts the Viewer, or None, into the request's scope as `user`, and how they were known as `auth`."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, members: MemberService, failures: Limiter) -> None:
        """Ask `members`; count refused Bearer tokens with `failures`."""
        self.members = members
        self.failures = failures

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Identify, then pass the request on; deciding what is allowed is left to the guard."""
        request: Request[Viewer | None, str | None, Any] = Request(scope)
        scope["user"], scope["auth"] = await self._known(request)
        await next_app(scope, receive, send)

    async def _known(
        self, request: Request[Viewer | None, str | None, Any]
    ) -> tuple[Viewer | None, str | None]:
        authorization = request.headers.get("authorization", "")
        if authorization.lower().startswith(_BEARER):
            code = authorization[len(_BEARER) :].strip()
            try:
                return await sync_to_thread(self.members.viewer_of_code, code), "bearer"
            except CodeRefused:
                self.failures.demand(client_of(request.scope))
                raise
        token = request.cookies.get(SESSION_COOKIE)
        if not token or (
            request.scope["path"].startswith(API_PREFIX) and request.method not in _SAFE_METHODS
        ):
            return None, None
        viewer = await sync_to_thread(self.members.viewer_of_session, token)
        return viewer, "cookie" if viewer else None
