"""How often one client may ask: fixed windows counted in memory, per process.

Not a defence against floods from many addresses: that belongs to the reverse proxy. The address is the
peer's; a forwarded-for header is not believed, since anybody can write one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from api.errors import TooManyRequests

WINDOW_S = 60
_CLIENTS_MAX = 10_000


class Limiter:
    """Counts calls by key in windows of a minute."""

    def __init__(self, per_window: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `per_window` calls a key and window; `clock` gives seconds."""
        self.per_window = per_window
        self._clock = clock
        self._window = -1
        self._counts: dict[str, int] = {}

    def demand(self, key: str) -> None:
        """Count one call. Raises TooManyRequests once the window's share is used up."""
        now = self._clock()
        window = int(now // WINDOW_S)
        if window != self._window or len(self._counts) >= _CLIENTS_MAX:
            self._window = window
            self._counts.clear()
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        if count > self.per_window:
            retry_after_s = int((window + 1) * WINDOW_S - now) + 1
            raise TooManyRequests(
                f"too many requests; try again in {retry_after_s} s", retry_after_s=retry_after_s
            )


def client_of(scope: Scope) -> str:
    """Return the address that a request came from, for counting only."""
    client = scope.get("client")
    return client[0] if client else "unknown"


class RateLimit(ASGIMiddleware):
    """Applies one limiter to every request."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, limiter: Limiter) -> None:
        """Take the limiter to ask."""
        self.limiter = limiter

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Count the request, then pass it on."""
        self.limiter.demand(client_of(scope))
        await next_app(scope, receive, send)
