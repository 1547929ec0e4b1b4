"""The servers that single requests are sent to: ours, bare ASGI with a group commit, and an ORM.

`python -m benchmarks.append.serving KIND URL FOLDER` serves until killed and prints its port. All three run
under the same uvicorn as `tallystick serve`. The peers are given finished rows, read from `rows.pickle` in
the folder: they decode the request, look up the rows of its order and write them, so that nothing is left of
their work but HTTP, JSON and the database.
"""

from __future__ import annotations

import asyncio
import pickle
import queue
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from ledger.database import Row, open_engine, writing
from ledger.tables import TABLES

Written = dict[str, list[Row]]
ROWS = "rows.pickle"
"""The file in which the peers are given what to write: rows by table, by order."""


_JSON = (b"content-type", b"application/json")


class _Asked(msgspec.Struct):
    order: str


class GroupWriter:
    """A queue and a thread that commits what has gathered, as short as it can be written."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Written, asyncio.Future[None]]] = queue.SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def write(self, rows: Written) -> asyncio.Future[None]:
        """Return what is done when the rows are durable."""
        self._loop = asyncio.get_running_loop()
        done = self._loop.create_future()
        self._waiting.put((rows, done))
        return done

    def _run(self) -> None:
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty() and len(group) < 1_000:
                group.append(self._waiting.get())
            with writing(self._engine) as session:
                for table in TABLES:
                    rows = [row for written, _ in group for row in written.get(table, ())]
                    if rows:
                        session.insert(table, rows)
            assert self._loop is not None
            self._loop.call_soon_threadsafe(_resolve, [done for _, done in group])


def _resolve(waiting: list[asyncio.Future[None]]) -> None:
    for done in waiting:
        done.set_result(None)


def add_all(engine: Engine, written: Written) -> None:
    """Write rows as an ORM does: objects, one session and one transaction a request."""
    models = {model.__tablename__: model for model in SQLModel.__subclasses__()}
    with Session(engine) as session:
        for table, rows in written.items():
            names = [column.name for column in TABLES[table].columns]
            session.add_all(models[table](**dict(zip(names, row, strict=True))) for row in rows)
            session.flush()  # with no relationships it would write the tables in any order
        session.commit()


def bare(kind: str, engine: Engine, folder: Path) -> Any:
    """Return an ASGI application that writes finished rows: through a group commit, or each by an ORM."""
    finished: dict[str, Written] = {}
    decoder = msgspec.json.Decoder(_Asked)
    writer, threads = GroupWriter(engine), ThreadPoolExecutor(16)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        if scope["method"] == "GET":
            finished.update(pickle.loads((folder / ROWS).read_bytes()))
            await _answer(send, b"")
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        rows = finished.pop(decoder.decode(body).order)
        if kind == "asgi":
            await writer.write(rows)
        else:
            await asyncio.get_running_loop().run_in_executor(threads, add_all, engine, rows)
        answer = b'{"seq":%d,"repeated":false}' % rows["entry"][0][0]
        await _answer(send, answer)

    return app


async def _answer(send: Any, body: bytes) -> None:
    headers = [_JSON, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def ours(url: str, folder: Path) -> Any:
    """Return the product's own application, with no limit on how often one address may ask."""
    from api.app import create_app  # noqa: PLC0415 (the peers are without it)
    from api.house import house_of  # noqa: PLC0415 (as above)
    from api.office.opening import open_office  # noqa: PLC0415 (as above)
    from api.settings import Settings  # noqa: PLC0415 (as above)

    settings = Settings(folder, url, "a secret of the benchmark", requests_per_minute=10**9)
    return create_app(house_of(open_office(settings)))


def main(kind: str, url: str, folder: Path) -> None:
    """Serve on a free port of the loopback."""
    app = ours(url, folder) if kind == "ours" else bare(kind, open_engine(url), folder)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
