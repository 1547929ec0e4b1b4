"""Work of one kind done some pieces beside each other, its results in order, and none waiting long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Done = TypeVar("Done")

AT_ONCE = 2
"""Pieces at work at a time. Polars uses several cores by itself, and leaves one idle between its steps."""


def beside_each_other(pieces: Iterable[Piece], work: Callable[[Piece], Done]) -> Iterator[Done]:
    """Yield what each piece comes to, in order; the next is taken while those before are at work.

    What a piece raises is raised in its turn.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting: deque[Future[Done]] = deque()
        for piece in pieces:
            waiting.append(pool.submit(work, piece))
            if len(waiting) > AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
