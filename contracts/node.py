"""One node over HTTP: requests bounded in time and size, asked again where the fault may pass.

It knows JSON-RPC's envelope, not what is asked (rpc.py). Its address may hold a password or a key of its
provider: errors name scheme, host and port alone, and carry no cause that would name more. Imports web3, and
is therefore imported on use.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from urllib3.exceptions import HTTPError
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from contracts.errors import NodeUnreachable, NodeUntrue

PASSING = frozenset({
    HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT,
})  # fmt: skip
"""Answers that may be others in a moment."""

LIMIT_EXCEEDED = -32005
"""The code of JSON-RPC by which providers say that one asks too often (EIP-1474)."""

ANSWER_BYTES = 16 << 20
"""The largest answer that is read: a few thousand logs are a megabyte."""

PIECE_BYTES = 1 << 16

# it writes the path of every request, which may be a key, to whoever listens at this level
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a node may take: seconds a request, how often it is asked, and how long to wait in between.

    The wait doubles each time; a node that says how long to wait is obeyed up to `pause_most` seconds.
    """

    request_seconds: float = 10.0
    attempts: int = 4
    pause: float = 0.25
    pause_most: float = 5.0
    sleep: Callable[[float], None] = time.sleep


class _PassingError(Exception):
    """A fault that may be gone when the node is asked again; `wait` is how long the node says, if it does."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Node(JSONBaseProvider):
    """A provider of web3 over one HTTP address. Threads may share it."""

    def __init__(self, url: str, patience: Patience) -> None:
        """Name the node; nothing is sent yet. Raises NodeUnreachable where the address is none."""
        super().__init__()
        self.shown = shown_url(url)
        # a view may answer with an address to be asked for more (EIP-3668); ours never do
        self.global_ccip_read_enabled = False
        self._url = url
        self._patience = patience
        self._own = threading.local()
        self._sessions: list[requests.Session] = []

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Send one request and return the node's answer; raises NodeUnreachable, NodeUntrue."""
        patience = self._patience
        body = self.encode_rpc_request(method, params)
        for attempt in range(1, patience.attempts + 1):
            try:
                return self._read(self._ask(body), json.loads(body)["id"])
            except _PassingError as fault:
                why = str(fault)
                wait = patience.pause * 2 ** (attempt - 1) if fault.wait is None else fault.wait
            if attempt < patience.attempts:
                patience.sleep(min(wait, patience.pause_most))
        raise NodeUnreachable(
            f"{why} ({method}, asked {patience.attempts} times); look at the node, and at TALLYSTICK_CHAIN",
            where=self.shown,
        )

    def close(self) -> None:
        """Close every connection; asking again opens them anew."""
        for session in self._sessions:
            session.close()

    def words(self, text: object) -> str:
        """Return what the node says, short, on one line and without its own address in it."""
        said = " ".join(str(text).split())
        for secret in sorted(_secrets(urlsplit(self._url)), key=len, reverse=True):
            said = said.replace(secret, "…")
        return "".join(each for each in said if each.isprintable())[:200]

    def _ask(self, body: bytes) -> bytes:
        try:
            session = self._session()
            with session.post(
                self._url, data=body, timeout=self._patience.request_seconds, stream=True,
                allow_redirects=False,
            ) as response:  # fmt: skip
                said = self._body(response)
                if response.status_code in PASSING:
                    raise _PassingError(
                        f"answers HTTP {response.status_code}", _seconds(response.headers.get("Retry-After"))
                    )
                if response.status_code != HTTPStatus.OK and not said.lstrip().startswith(b"{"):
                    raise NodeUnreachable(
                        f"answers HTTP {response.status_code}; see the address and key in TALLYSTICK_CHAIN",
                        where=self.shown,
                    )
                return said
        except requests.Timeout:
            raise self._late() from None
        except (requests.RequestException, HTTPError, OSError, ValueError) as fault:
            raise _PassingError(f"cannot be reached ({type(fault).__name__})") from None

    def _body(self, response: requests.Response) -> bytes:
        """Read an answer to its end, though the node sends it a byte at a time or without end."""
        until = time.monotonic() + self._patience.request_seconds
        said = bytearray()
        while piece := response.raw.read1(PIECE_BYTES, decode_content=True):
            said += piece
            if len(said) > ANSWER_BYTES:
                raise NodeUntrue(f"its answer is larger than {ANSWER_BYTES} bytes", where=self.shown)
            if time.monotonic() > until:
                raise self._late()
        return bytes(said)

    def _late(self) -> _PassingError:
        return _PassingError(f"gives no answer within {self._patience.request_seconds:g} s")

    def _read(self, said: bytes, number: int) -> RPCResponse:
        try:
            answer = self.decode_rpc_response(said)
        except (ValueError, RecursionError):
            raise NodeUntrue("its answer is no JSON", where=self.shown) from None
        if not isinstance(answer, dict):
            raise NodeUntrue("its answer is no JSON-RPC", where=self.shown)
        error = answer.get("error")
        if isinstance(error, dict) and error.get("code") == LIMIT_EXCEEDED:
            raise _PassingError("says that it is asked too often")
        if answer.get("id") not in {number, None}:
            raise NodeUntrue("it answers another question than was asked", where=self.shown)
        return answer

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            self._sessions.append(session)
            session.headers.update({"Content-Type": "application/json", "Accept-Encoding": "identity"})
        return session


def shown_url(url: str) -> str:
    """Return scheme, host and port of a node's address, which may be shown; raises NodeUnreachable."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = SplitResult("", "", "", "", ""), ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NodeUnreachable("it is no address of a node; give http://HOST:PORT or https://…", where="node")
    return f"{parts.scheme}://{parts.hostname}{port}"


def _secrets(parts: SplitResult) -> set[str]:
    pieces = {parts.geturl(), parts.username, parts.password, parts.query, parts.path, *parts.path.split("/")}
    return {each for each in pieces if each and len(each) > 3}


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdigit() else None
