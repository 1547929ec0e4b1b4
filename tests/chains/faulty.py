"""A node that misbehaves: it stands before a real one, and changes, delays or replaces what that answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.chains.node import PATIENCE_SECONDS, Node

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer instead of the real one; one that hangs never comes, one that drips a byte at a time."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    drips: bool = False


@dataclass
class FaultyNode:
    """What is asked of it, what it answers next instead, and how it changes what it passes on."""

    url: str
    asked: list[str] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    change: Callable[[str, Any, Json], object] | None = None
    """Is given the method, its parameters and the answer, which it may change."""

    def lie(self, method: str, lie: Callable[[Any], Any], *, times: int = 1_000) -> None:
        """Have the result of a method be what `lie` makes of the true one, so many times."""
        left = [times]

        def change(asked: str, _parameters: Any, answer: Json) -> None:
            if asked == method and left[0]:
                left[0] -= 1
                answer["result"] = lie(answer.get("result"))

        self.change = change


@contextmanager
def faulty_node(real: Node) -> Iterator[FaultyNode]:
    """Run such a node before a real one."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # an answer goes out in one piece, or whoever asked would wait for an acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = json.loads(body)
            node.asked.append(request["method"])
            if node.replies:
                self._reply(node.replies.pop(0))
                return
            answer = passed_on(body)
            if node.change is not None:
                node.change(request["method"], request["params"], answer)
            self._reply(Reply(json.dumps(answer).encode()))

        def _reply(self, reply: Reply) -> None:
            if reply.hangs:
                over.wait(PATIENCE_SECONDS)
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if not reply.drips:
                self.wfile.write(reply.body)
                self.wfile.flush()
                return
            for byte in reply.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if over.wait(0.01):
                    break
            self.close_connection = True

        def handle(self) -> None:
            # whoever asked may have gone by now
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002  (the name is http.server's)
            pass

    def passed_on(body: bytes) -> Json:
        connection = HTTPConnection(real.url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
        try:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer: Json = json.load(connection.getresponse())
        finally:
            connection.close()
        return answer

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        node = FaultyNode(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield node
        finally:
            over.set()
            server.shutdown()
            thread.join(PATIENCE_SECONDS)
