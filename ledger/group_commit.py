"""A bounded queue before the log: what several writers hand over at about the same time shares one commit.

A disk makes a few hundred commits durable in a second, whatever is in them, so requests that come together
are written together. One thread of this process writes; other processes have their own, and all stand in
line at the database. Not here: what becomes of a request (sorting.py), and how it is stored (log.py).
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ledger.entries import NewEntry
from ledger.errors import LogBusy, LogClosed
from ledger.log import Log
from ledger.reports import Attest
from ledger.sorting import AppendReport, Request, Revise

WAIT_SECONDS = 2
"""How long a request waits for room before it is refused."""

LARGE_ENTRIES = 256
"""A request of more entries than this is a batch, of which a commit holds one at most."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that may be together: requests, their entries, and bytes of opened groups."""

    requests: int
    entries: int
    bytes: int


WAITING_MAX = Bounds(requests=4_096, entries=40_000, bytes=64 << 20)
"""What may wait. A request is let in while less than this waits, so it is exceeded by one request at most."""

COMMIT_MAX = Bounds(requests=1_024, entries=10_000, bytes=16 << 20)
"""What goes into one commit, exceeded by one request at most: a batch too large for it goes alone."""


@dataclass(slots=True)
class _Load:
    """How much there is of something that has bounds."""

    requests: int = 0
    entries: int = 0
    bytes: int = 0

    def add(self, entries: int, size: int, *, requests: int = 1) -> None:
        self.requests += requests
        self.entries += entries
        self.bytes += size

    def reaches(self, bounds: Bounds) -> bool:
        return (
            self.requests >= bounds.requests or self.entries >= bounds.entries or self.bytes >= bounds.bytes
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A request in the queue, its size, and the promise of its report, to a thread or to an event loop."""

    request: Request
    bytes: int
    report: Future[AppendReport] | asyncio.Future[AppendReport]

    @property
    def entries(self) -> int:
        return len(self.request.prepared)

    def begins(self) -> bool:
        """Say whether the report is still wanted, now that a commit is about to begin."""
        if isinstance(self.report, Future):
            return self.report.set_running_or_notify_cancel()
        return not self.report.cancelled()

    def tell(self, outcome: AppendReport | BaseException) -> None:
        """Keep the promise; one of an event loop is kept there."""
        if isinstance(self.report, asyncio.Future) and self.report.done():
            return
        if isinstance(outcome, BaseException):
            self.report.set_exception(outcome)
        else:
            self.report.set_result(outcome)


class GroupCommit:
    """The queue and its writer. Close it, or use it as a context manager; threads may share it."""

    def __init__(
        self,
        log: Log,
        *,
        revise: Revise | None = None,
        waiting_max: Bounds = WAITING_MAX,
        commit_max: Bounds = COMMIT_MAX,
    ) -> None:
        """Write to a log, with `revise` as in `Log.append_requests`; the thread starts when first needed."""
        self._log = log
        self._revise = revise
        self._waiting_max = waiting_max
        self._commit_max = commit_max
        lock = threading.Lock()
        self._room = threading.Condition(lock)
        self._work = threading.Condition(lock)
        self._small: deque[_Waiting] = deque()
        self._large: deque[_Waiting] = deque()
        self._load = _Load()
        self._batch_before = False
        self._closed = False
        self._writer: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Return the queue itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def submit(
        self,
        entries: Sequence[NewEntry],
        *,
        partial: bool = False,
        attest: Attest | None = None,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Future[AppendReport]:
        """Hand a request over; its report comes when the request is durable, and not before.

        The report, or that for which all of the request is refused, is that of `Log.append`; so
        is `partial`; `attest` is that of `Request`. Where the commit fails the future raises what it failed
        with: the request was then not taken, except that of a connection lost while committing nobody knows;
        sent again, it is taken once.

        A future cancelled before its commit has begun leaves nothing. What is submitted while something else
        waits may be written before it.

        Waits at most `wait_seconds` for room. Raises EntryInvalid, LogBusy and LogClosed.
        """
        report: Future[AppendReport] = Future()
        self._hand_over(entries, report, partial=partial, attest=attest, wait_seconds=wait_seconds)
        return report

    def submit_soon(
        self, entries: Sequence[NewEntry], *, attest: Attest | None = None
    ) -> asyncio.Future[AppendReport]:
        """Hand a request over from an event loop, as `submit` does with no waiting; return its loop's future.

        All reports of one commit wake a loop once, where futures of threads would wake it for each.
        """
        report: asyncio.Future[AppendReport] = asyncio.get_running_loop().create_future()
        self._hand_over(entries, report, partial=False, attest=attest, wait_seconds=0)
        return report

    def _hand_over(
        self,
        entries: Sequence[NewEntry],
        report: Future[AppendReport] | asyncio.Future[AppendReport],
        *,
        partial: bool,
        attest: Attest | None,
        wait_seconds: float,
    ) -> None:
        self._let_in(len(entries), wait_seconds)
        try:
            prepared = self._log.prepare(entries)
        except BaseException:
            with self._room:
                self._let_go(len(entries), 0)
            raise
        size = sum(len(data) for one in prepared for data in one.opened)
        self._enqueue(_Waiting(Request(prepared, partial, attest), size, report))

    def close(self) -> None:
        """Write everything that waits, then stop; from now on requests are refused. Again changes nothing."""
        with self._work:
            self._closed = True
            self._work.notify_all()
            self._room.notify_all()
            writer = self._writer
        if writer is not None:
            writer.join()

    def _let_in(self, entries: int, wait_seconds: float) -> None:
        until = time.monotonic() + wait_seconds
        with self._room:
            while not self._closed and self._load.reaches(self._waiting_max):
                left = until - time.monotonic()
                if left <= 0:
                    raise LogBusy(
                        f"{self._load.requests} requests with {self._load.entries} entries wait; nothing of "
                        "this one was taken, send it again in a second"
                    )
                self._room.wait(left)
            self._refuse_if_closed()
            self._load.add(entries, 0)

    def _enqueue(self, waiting: _Waiting) -> None:
        with self._work:
            if self._closed:
                self._let_go(waiting.entries, 0)
            self._refuse_if_closed()
            self._load.add(0, waiting.bytes, requests=0)
            (self._large if waiting.entries > LARGE_ENTRIES else self._small).append(waiting)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="log-writer", daemon=True)
                self._writer.start()
            self._work.notify()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise LogClosed("the server is stopping; nothing of this request was taken, send it again later")

    def _let_go(self, entries: int, size: int) -> None:
        self._load.add(-entries, -size, requests=-1)
        self._room.notify()

    def _write(self) -> None:
        while (group := self._next()) is not None:
            self._commit([one for one in group if one.begins()])

    def _next(self) -> list[_Waiting] | None:
        """Return what goes into the next commit, None once the queue is closed and empty.

        Batches wait in a line of their own and go one a commit, and none goes into the commit after that of
        another while small requests wait: so nobody with a few entries waits for more than one batch.
        """
        with self._work:
            while not self._small and not self._large:
                if self._closed:
                    return None
                self._work.wait()
            group: list[_Waiting] = []
            load = _Load()
            while self._small and not load.reaches(self._commit_max):
                self._take(self._small, group, load)
            batch = bool(self._large) and not (group and self._batch_before)
            if batch:
                self._take(self._large, group, load)
            self._batch_before = batch
            return group

    def _take(self, line: deque[_Waiting], group: list[_Waiting], load: _Load) -> None:
        one = line.popleft()
        group.append(one)
        load.add(one.entries, one.bytes)
        self._let_go(one.entries, one.bytes)

    def _commit(self, group: Sequence[_Waiting]) -> None:
        if not group:
            return
        try:
            outcomes: Sequence[AppendReport | BaseException] = self._log.append_requests(
                [one.request for one in group], self._revise
            )
        except BaseException as fault:  # noqa: BLE001 -- whatever it was, those who wait hear of it
            outcomes = [fault] * len(group)
        loops: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, AppendReport | BaseException]]] = {}
        for one, outcome in zip(group, outcomes, strict=True):
            if isinstance(one.report, Future):
                one.tell(outcome)
            else:
                loops.setdefault(one.report.get_loop(), []).append((one, outcome))
        for loop, told in loops.items():
            with suppress(RuntimeError):  # a loop that has been closed waits for nothing
                loop.call_soon_threadsafe(_tell, told)


def _tell(told: Sequence[tuple[_Waiting, AppendReport | BaseException]]) -> None:
    for one, outcome in told:
        one.tell(outcome)
