"""A piece of a benchmark in a process of its own, so that its peak memory is its own."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable
from typing import Any

Figures = dict[str, Any]


def apart(work: Callable[..., Figures], *given: Any) -> Figures:
    """Run `work` in a fresh process; return what it found with `seconds` and `peak_bytes`.

    Where `work` says how many seconds it took, because not all that it does is measured, that stays.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(sender, work, given))
    process.start()
    sender.close()
    found: Figures = receiver.recv()
    process.join()
    return found


def _run(sender: Any, work: Callable[..., Figures], given: tuple[Any, ...]) -> None:
    started = time.perf_counter()
    found = work(*given)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    sender.send({"seconds": seconds, **found, "peak_bytes": peak})
