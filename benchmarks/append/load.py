"""The client of single requests, in a process of its own: open connections, one request under way on each.

`python -m benchmarks.append.load PORT CONNECTIONS PATH` sends the bodies in a file, one a line, and prints
seconds, and the median and 99th percentile of what one request took, as JSON. Header lines are given on
standard input. Requests are written out before the clock starts, so that little is left to do but wait.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last is there; any answer but 201 stops the run."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None], took: list[float]) -> None:
        self._requests, self._done, self._took = requests, done, took
        self._buffer = b""
        self._sent = 0.0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Read on until an answer is whole."""
        self._buffer += data
        head = self._buffer.find(_END)
        if head < 0:
            return
        at = self._buffer.index(_LENGTH) + len(_LENGTH)
        length = int(self._buffer[at : self._buffer.index(b"\r", at)])
        if len(self._buffer) < head + len(_END) + length:
            return
        if not self._buffer.startswith(b"HTTP/1.1 201"):
            self._done.set_exception(RuntimeError(self._buffer.decode(errors="replace")))
            return
        self._took.append(time.perf_counter() - self._sent)
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so where more was to be sent."""
        if not self._done.done():
            self._done.set_exception(exc or RuntimeError("the server hung up"))

    def _next(self) -> None:
        assert self._transport is not None
        request = next(self._requests, None)
        if request is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


async def send(port: int, connections: int, requests: list[bytes]) -> dict[str, float]:
    """Send all requests and return what it took."""
    loop = asyncio.get_running_loop()
    took: list[float] = []
    waiting, source = [loop.create_future() for _ in range(connections)], iter(requests)
    started = time.perf_counter()
    for done in waiting:
        await loop.create_connection(partial(Connection, source, done, took), "127.0.0.1", port)
    await asyncio.gather(*waiting)
    seconds = time.perf_counter() - started
    took.sort()
    return {"seconds": seconds, "p50": took[len(took) // 2], "p99": took[len(took) * 99 // 100]}


def main(port: int, connections: int, path: Path) -> None:
    """Send what the file holds."""
    headers = sys.stdin.buffer.read().rstrip(b"\n").replace(b"\n", b"\r\n")
    start = b"POST /v1/entries HTTP/1.1\r\nhost: 127.0.0.1\r\n" + headers
    requests = [
        b"%s\r\ncontent-length: %d\r\n\r\n%s" % (start, len(body), body)
        for body in path.read_bytes().splitlines()
    ]
    print(json.dumps(asyncio.run(send(port, connections, requests))))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
