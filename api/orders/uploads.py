"""Order files handed in on the page: kept while somebody looks at them, tried first, then imported.

Each member has one file at a time, in a folder of its own that only this process's user may enter. It is
read by threads of its own, so that no request waits for a file. A run that is stopped with the server has
lost nothing that was taken; importing the file again completes it. Not for what an import does: that is
intake's.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from api.access import Viewer, demand_read
from api.errors import ImportUnderWay, RequestUnusable
from api.orders.schemas import ImportAnswer
from api.orders.service import OrderService
from api.problems import Problem, problem_of

Stage = Literal["trying", "tried", "importing", "imported", "failed"]
KEPT_SECONDS = 3600
"""How long a file is kept after it was last looked at or worked on."""

_AT_ONCE = 2
_NAME_LENGTH_MAX = 100
_RUNNING: frozenset[Stage] = frozenset({"trying", "importing"})


class _Stopped(Exception):
    """The server stops; raised between two transactions of an import."""


@dataclass
class Upload:
    """A file that was handed in: whose, for what, how far it is, and what became of it.

    `done` of `total` are in the unit of the file, bytes or rows. `rejects` is where the rows not taken stand.
    """

    id: str
    member: str
    agreement: str
    mapping: str
    name: str
    folder: Path
    touched_us: int
    stage: Stage = "trying"
    done: int = 0
    total: int = 0
    answer: ImportAnswer | None = None
    problem: Problem | None = None
    rejects: Path = field(init=False)

    def __post_init__(self) -> None:
        """Name the file of rejected rows after the file's own form."""
        ending = ".xlsx" if self.name.lower().endswith(".xlsx") else ".csv"
        self.rejects = self.folder / f"rejected{ending}"

    @property
    def is_running(self) -> bool:
        """Whether a thread works on it."""
        return self.stage in _RUNNING

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return self.folder / "file"


class Uploads:
    """The files handed in, by id. Raises AccessDenied for whoever did not hand a file in."""

    def __init__(self, orders: OrderService, clock_us: Callable[[], int], new_id: Callable[[], str]) -> None:
        """Import through `orders`; `clock_us` gives microseconds, `new_id` names that nobody can guess."""
        self.orders = orders
        self._clock_us = clock_us
        self._new_id = new_id
        self._held: dict[str, Upload] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="import")

    def take(self, viewer: Viewer, file: IO[bytes], *, name: str, agreement: str, mapping: str) -> Upload:
        """Keep a file and begin to try it; the member's file before it is dropped.

        Raises RequestUnusable for an empty file, ImportUnderWay while that file is being imported, and what
        OrderService.demand raises.
        """
        self.orders.demand(viewer, agreement)
        folder = Path(tempfile.mkdtemp(prefix="tallystick-import-"))
        made = Upload(
            self._new_id(),
            viewer.member,
            agreement,
            mapping,
            name[-_NAME_LENGTH_MAX:] or "orders",
            folder,
            self._clock_us(),
        )
        try:
            _keep(file, made.path)
            with self._lock:
                self._drop_over(viewer.member)
                self._held[made.id] = made
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._begin(made, viewer, dry_run=True)
        return made

    def find(self, viewer: Viewer, upload: str) -> Upload:
        """Return a file that the viewer handed in, as it is at this moment. Raises AccessDenied.

        A thread goes on working on the file meanwhile, so what is looked at twice must not change.
        """
        held = self._held_by(viewer, upload)
        with self._lock:
            return copy(held)

    def _held_by(self, viewer: Viewer, upload: str) -> Upload:
        with self._lock:
            found = self._held.get(upload)
            if found is None or found.member != viewer.member:
                demand_read(viewer, (), "file to import; it is kept for an hour, so hand it in again")
            assert found is not None, "refused above"
            found.touched_us = self._clock_us()
            return found

    def report(self, viewer: Viewer, upload: str) -> dict[str, Any]:
        """Return the whole report of a file that was tried or imported. Raises RequestUnusable."""
        answer = self.find(viewer, upload).answer
        if answer is None:
            raise RequestUnusable("there is no report yet", where="upload")
        return answer.report

    def rejects(self, viewer: Viewer, upload: str) -> bytes:
        """Return the rows that were not taken, as a file. Raises RequestUnusable while a thread writes it."""
        found = self.find(viewer, upload)
        if found.answer is None or not found.rejects.exists():
            raise RequestUnusable("there are no rejected rows yet", where="upload")
        return found.rejects.read_bytes()

    def confirm(self, viewer: Viewer, upload: str) -> None:
        """Import a file that was tried. One that is being imported, or was, is left as it stands."""
        found = self._held_by(viewer, upload)
        self.orders.demand(viewer, found.agreement)
        with self._lock:
            if found.stage != "tried":
                return
            found.stage, found.done, found.answer = "importing", 0, None
        self._begin(found, viewer, dry_run=False)

    def drop(self, viewer: Viewer, upload: str) -> None:
        """Forget a file that the viewer handed in. Raises ImportUnderWay while a thread reads it."""
        found = self._held_by(viewer, upload)
        with self._lock:
            self._forget(found)

    def close(self) -> None:
        """Stop what runs between two transactions, and remove every file."""
        self._stopping.set()
        self._threads.shutdown(cancel_futures=True)
        for one in self._held.values():
            shutil.rmtree(one.folder, ignore_errors=True)
        self._held.clear()

    def _begin(self, one: Upload, viewer: Viewer, *, dry_run: bool) -> None:
        running = self._threads.submit(self._run, one, viewer, dry_run=dry_run)
        running.add_done_callback(partial(self._ended, one))

    def _run(self, one: Upload, viewer: Viewer, *, dry_run: bool) -> ImportAnswer:
        def progress(done: int, total: int) -> None:
            if self._stopping.is_set():
                raise _Stopped
            one.done, one.total = done, total

        return self.orders.take(
            viewer, one.path, name=one.name, mapping=one.mapping, agreement=one.agreement, dry_run=dry_run,
            progress=progress, rejects=one.rejects,
        )  # fmt: skip

    def _ended(self, one: Upload, running: Future[ImportAnswer]) -> None:
        """Write down what became of a run; of one that was stopped nobody asks any more."""
        if running.cancelled() or self._stopping.is_set():
            return
        fault = running.exception()
        with self._lock:
            one.touched_us = self._clock_us()
            if isinstance(fault, Exception):
                one.stage, one.problem = "failed", problem_of(fault)
            else:
                one.answer = running.result()
                one.stage = "tried" if one.stage == "trying" else "imported"

    def _drop_over(self, member: str) -> None:
        """Forget the member's file before, and everybody's that nobody has looked at for an hour."""
        over_us = self._clock_us() - KEPT_SECONDS * 1_000_000
        for one in list(self._held.values()):
            if one.member == member:
                self._forget(one)
            elif one.touched_us < over_us:
                with suppress(ImportUnderWay):
                    self._forget(one)

    def _forget(self, one: Upload) -> None:
        if one.is_running:
            raise ImportUnderWay("the file handed in before is still being read; wait for it", where=one.name)
        self._held.pop(one.id, None)
        shutil.rmtree(one.folder, ignore_errors=True)


def _keep(file: IO[bytes], path: Path) -> None:
    with path.open("wb") as kept:
        shutil.copyfileobj(file, kept)
    if not path.stat().st_size:
        raise RequestUnusable("choose a file that is not empty", where="file")
