"""Security headers on every response, errors included.

The content policy allows only our own files: no inline script or style, no frame around our pages, no other
origin.
"""

from __future__ import annotations

from litestar.datastructures import MutableScopeHeaders
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


async def set_headers(message: Message, scope: Scope) -> None:
    """Put the headers on a response about to be sent; what is not a static file is never cached."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in ALWAYS.items():
        headers[name] = value
    if scope["path"].startswith(STATIC_PATH):
        headers["cache-control"] = "public, max-age=31536000, immutable"
    else:
        headers.setdefault("cache-control", "no-store")
        headers.setdefault("vary", "Accept, Accept-Language, Cookie, Authorization")
