"""`Idempotency-Key` on every POST under `/v1`: the same request again gets the first answer.

A key belongs to one member. Under it stands what was asked (a digest of method, address and body) and what
was answered; the same key with another request is refused. Answers that say nothing about the work (nobody
signed in, denied, too many, a fault of ours) are not kept. The work itself is idempotent too, by the keys
of the log's entries: what is kept here only saves a client from having to compare. So a route whose requests
are entries with keys (`KEYED`) keeps nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPRequestEvent, HTTPScope, Message, Receive, Scope, Send
from sqlalchemy import BigInteger, Engine, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col

from api.access import Viewer
from api.asking import header_of, whole_body
from api.errors import KeyInUse, KeyReused, KeyUnusable
from api.members.identify import is_keyed

HEADER = b"idempotency-key"
REPLAYED = b"idempotency-replayed"
_KEY_LENGTH_MAX = 128
KEPT_SECONDS = 24 * 3600
"""How long an answer is kept; afterwards the log's own keys still make a repeat add nothing."""

_NOT_KEPT = frozenset({401, 403, 429})


class KeptAnswer(SQLModel, table=True):
    """An answer under a member's key. Never returned from here."""

    __tablename__ = "kept_answer"

    member_id: str = Field(primary_key=True, foreign_key="member.id", max_length=64)
    key: str = Field(primary_key=True, max_length=128)
    request_sha256: str = Field(max_length=64)
    status: int
    media_type: str = Field(max_length=100)
    body: bytes
    created_us: int = Field(sa_type=BigInteger)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given."""

    status: int
    media_type: str
    body: bytes


class KeptAnswers:
    """The answers kept in the database."""

    def __init__(self, engine: Engine, clock_us: Callable[[], int]) -> None:
        """Keep answers behind `engine`; `clock_us` gives microseconds since 1970."""
        self.engine = engine
        self.clock_us = clock_us

    def find(self, member: str, key: str, request_sha256: str) -> Answer | None:
        """Return what was answered under a key, None where nothing was. Raises KeyReused."""
        with Session(self.engine) as session:
            row = session.get(KeptAnswer, (member, key))
            if row is None:
                return None
            if row.request_sha256 != request_sha256:
                raise KeyReused("another request was sent under this Idempotency-Key; use a new key for it")
            return Answer(row.status, row.media_type, row.body)

    def keep(self, member: str, key: str, request_sha256: str, answer: Answer) -> None:
        """Keep an answer, and sweep those that are over; the first one under a key stays."""
        now_us = self.clock_us()
        over = col(KeptAnswer.created_us) <= now_us - KEPT_SECONDS * 1_000_000
        row = KeptAnswer(
            member_id=member,
            key=key,
            request_sha256=request_sha256,
            status=answer.status,
            media_type=answer.media_type,
            body=answer.body,
            created_us=now_us,
        )
        try:
            with Session(self.engine) as session, session.begin():
                session.execute(delete(KeptAnswer).where(over))
                session.add(row)
        except IntegrityError:
            return


class Idempotent(ASGIMiddleware):
    """Answers a repeated POST from what is kept. Must come after identification."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, kept: KeptAnswers, body_bytes_max: int) -> None:
        """Ask `kept`; bodies longer than `body_bytes_max` are refused."""
        self.kept = kept
        self.body_bytes_max = body_bytes_max
        self._running: set[tuple[str, str]] = set()

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass requests without a key on; otherwise answer once."""
        viewer, key = scope.get("user"), header_of(scope, HEADER)
        asks_once = (
            key and scope["type"] == ScopeType.HTTP and scope["method"] == "POST" and not is_keyed(scope)
        )
        if not asks_once or not isinstance(viewer, Viewer) or not scope["path"].startswith("/v1/"):
            await next_app(scope, receive, send)
            return
        if len(key) > _KEY_LENGTH_MAX or not key.isprintable():
            raise KeyUnusable(f"an Idempotency-Key is printable and at most {_KEY_LENGTH_MAX} letters long")
        running = (viewer.member, key)
        if running in self._running:
            raise KeyInUse("a request under this Idempotency-Key is still being worked on; ask again later")
        self._running.add(running)
        try:
            await self._once(scope, receive, send, next_app, running)
        finally:
            self._running.discard(running)

    async def _once(
        self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp, running: tuple[str, str]
    ) -> None:
        member, key = running
        body = await whole_body(receive, self.body_bytes_max)
        if body is None:
            return  # the sender is gone: a part of a body is no request
        asked = _digest(scope, body)
        answer = await sync_to_thread(self.kept.find, member, key, asked)
        if answer is not None:
            await _send(answer, send)
            return
        recorder = _Recorder(send)
        await next_app(scope, _replay(body), recorder)
        if recorder.status < 500 and recorder.status not in _NOT_KEPT:
            await sync_to_thread(self.kept.keep, member, key, asked, recorder.answer())


class _Recorder:
    """Sends on, and remembers what it sent."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._parts: list[bytes] = []
        self.status = 500
        self._media_type = ""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = {name.lower(): value for name, value in message["headers"]}
            self._media_type = headers.get(b"content-type", b"").decode("latin-1")
        elif message["type"] == "http.response.body":
            self._parts.append(message["body"])
        await self._send(message)

    def answer(self) -> Answer:
        """Return what was sent."""
        return Answer(self.status, self._media_type, b"".join(self._parts))


def _digest(scope: HTTPScope | Scope, body: bytes) -> str:
    request: Request[Viewer, str, Any] = Request(scope)
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(asked + body).hexdigest()


def _replay(body: bytes) -> Receive:
    async def receive() -> HTTPRequestEvent:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _send(answer: Answer, send: Send) -> None:
    headers = [
        (b"content-type", answer.media_type.encode("latin-1")),
        (b"content-length", str(len(answer.body)).encode()),
        (REPLAYED, b"true"),
    ]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
