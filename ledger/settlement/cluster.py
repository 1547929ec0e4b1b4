"""Stretches of lines settled by the workers of a Dask scheduler, a lost worker included.

Workers read stretches and write what they move through files that all of them reach (partitions.py); between
processes go only the document, file names and what a stretch comes to. A stretch whose worker is lost is
settled again by another and gives the same file. Agreements take turns, so one that is much larger than all
others holds nobody up. Dask comes with the extra `dask` and is imported when it is first needed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from types import TracebackType
from typing import Any, Self

import polars as pl

from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import KEY
from ledger.settlement.moved import Moved, moved_by
from ledger.settlement.partitions import (
    Stretch,
    StretchDone,
    exchange,
    read_frame,
    settle_stretch,
    write_stretches,
)
from ledger.settlement.terms import VersionTerms

_CONNECT_SECONDS = 20
_LOOK_SECONDS = 5
_ALONE_LOOKS = 12
"""How often it is looked for workers, with none there, before a run is given up: a minute."""

_RETRIES = 3


class Cluster:
    """A scheduler and a place for files; an engine of a run, to be used in a `with` statement.

    `scheduler` is an address such as `tcp://10.0.0.5:8786`; `root` a folder or URL that every worker reaches.
    Raises SettlementRefused where Dask is not installed, nobody answers, or there is no worker.
    """

    def __init__(self, scheduler: str, root: str) -> None:
        self._scheduler = scheduler
        self._root = root.rstrip("/")
        self._client = _connected(scheduler)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def moved(self, version: VersionTerms, lines: pl.DataFrame) -> Moved:
        """Settle the lines of one version, sorted by order and line; see `moved.moved_by`."""
        if lines.is_empty():
            return moved_by("columns", version, lines)
        with exchange(self._root) as folder:
            stretches = write_stretches(folder, version, lines)
            done = sorted(self.settled([stretches]), key=lambda one: one.stretch.place)
            frames = [read_frame(one.stretch.target) for one in done]
        keys = [key for one in done for key in one.held]
        return Moved(
            pl.concat(frames),
            pl.DataFrame(keys, schema=dict.fromkeys(KEY, pl.String), orient="row"),
            sum(one.late_lines for one in done),
            sum(one.late_minor for one in done),
        )

    def settled(self, works: Iterable[Sequence[Stretch]]) -> Iterator[StretchDone]:
        """Settle the stretches of several agreements, each given in order; yield each as it is done."""
        pending = {
            self._client.submit(
                settle_stretch, stretch, key=_key(stretch), priority=-turn, retries=_RETRIES, pure=False
            )
            for turn, stretch in enumerate(in_turn(works))
        }
        try:
            while pending:
                finished = self._finished(pending)
                pending -= finished
                for future in finished:
                    yield self._result(future)
        finally:
            self._client.cancel(list(pending))

    def _finished(self, pending: set[Any]) -> set[Any]:
        from distributed import wait  # noqa: PLC0415 -- only where the extra is there

        for _ in range(_ALONE_LOOKS):
            try:
                with self._client.as_current():
                    return set(wait(pending, timeout=_LOOK_SECONDS, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                if self._client.scheduler_info()["workers"]:
                    return set()
        raise SettlementRefused(
            "its last worker is gone; start workers and settle again", where=self._scheduler
        )

    def _result(self, future: Any) -> StretchDone:
        from distributed import KilledWorker  # noqa: PLC0415 -- only where the extra is there

        try:
            found: StretchDone = future.result()
        except KilledWorker as fault:
            raise SettlementRefused(
                f"{fault.task} has ended several workers; give each of them more memory and settle again",
                where=self._scheduler,
            ) from fault
        future.release()
        return found


def in_turn(works: Iterable[Sequence[Stretch]]) -> Iterator[Stretch]:
    """Yield one stretch of each agreement, then the next of each, so that a short one is soon through."""
    turns = zip_longest(*works)
    return (stretch for stretch in chain.from_iterable(turns) if stretch is not None)


def _key(stretch: Stretch) -> str:
    return f"stretch-{stretch.place}-{secrets.token_hex(8)}"


def _connected(scheduler: str) -> Any:
    try:
        from distributed import Client  # noqa: PLC0415 -- only where the extra is there
    except ModuleNotFoundError:
        raise SettlementRefused(
            "this engine needs Dask, which is not installed; install tallystick[dask]", where="--engine dask"
        ) from None
    try:
        client: Any = Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as fault:  # a timeout is an OSError
        raise SettlementRefused(f"no Dask scheduler answers there: {fault}", where=scheduler) from fault
    try:
        client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    except TimeoutError:
        client.close()
        raise SettlementRefused(
            "the scheduler has no worker; start one: dask worker ADDRESS", where=scheduler
        ) from None
    return client
