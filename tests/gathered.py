"""Having threads stand in line before a group commit in a given order, so that they are done together."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from contracts.gathering import Gathering


def together(gathering: Gathering[Any, Any], *acts: Callable[[], Any]) -> list[Future[Any]]:
    """Have each act ask for something while nothing is done yet, in this order; return what came of them."""
    asked: list[Future[Any]] = []
    with ThreadPoolExecutor(len(acts)) as threads:
        gathering._busy = True
        for place, act in enumerate(acts, 1):
            asked.append(threads.submit(act))
            while len(gathering._line) < place:
                assert not asked[-1].done(), "it asks for something"
                time.sleep(0.001)
        with gathering._free:
            gathering._busy = False
            gathering._free.notify_all()
    return asked
