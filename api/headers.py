"""Security headers on every response, errors included.

The content policy allows only our own files: no inline script or style, no frame around our pages, no other
origin.
"""

from __future__ import annotations

from litestar.types import Message, Scope

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

ALWAYS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

STATIC_PATH = "/static/"
MODULES_PATH = "/modules/"

_ALWAYS = [(name.encode(), value.encode()) for name, value in ALWAYS.items()]
_FOUND = 200
_ALWAYS_NAMES = frozenset(name for name, _ in _ALWAYS)
_FOR_GOOD = (b"cache-control", b"public, max-age=31536000, immutable")
_UNLESS_SET = (
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept, Accept-Language, Cookie, Authorization"),
)


async def set_headers(message: Message, scope: Scope) -> None:
    """Put the headers on a response about to be sent; what is no static file or module is never cached."""
    if message["type"] != "http.response.start":
        return
    own = scope["path"].startswith((STATIC_PATH, MODULES_PATH)) and message["status"] == _FOUND
    given = [
        (name, value)
        for name, value in message["headers"]
        if (lowered := name.lower()) not in _ALWAYS_NAMES and not (own and lowered == b"cache-control")
    ]
    names = {name.lower() for name, _ in given}
    more = [_FOR_GOOD] if own else [header for header in _UNLESS_SET if header[0] not in names]
    message["headers"] = [*given, *_ALWAYS, *more]
