"""Group commit: what many threads ask for at once is done together by whichever of them comes first.

Nobody waits for company: what is asked for while something is being done is done next, as one. So one caller
alone is served as fast as without this, and a crowd shares the price of a commit. Nothing here knows what is
done, and no thread of its own is kept.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Done = TypeVar("Done")


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Asked, Done]):
    """What a thread asked for, and what came of it once that is known."""

    asked: Asked
    outcome: tuple[Done | Exception] | None = None


class Gathering(Generic[Asked, Done]):
    """Does what is asked for, in the order asked, `most` at a time; threads may share it."""

    def __init__(self, do: Callable[[Sequence[Asked]], Sequence[Done | Exception]], *, most: int) -> None:
        """Take what does it: it returns an outcome for each, or raises, which then is the outcome of all."""
        self._do = do
        self._most = most
        self._line: deque[_Waiting[Asked, Done]] = deque()
        self._busy = False
        self._free = threading.Condition()
        """Held to look at the line or to change it; told whenever nobody is busy any more."""

    def ask(self, asked: Asked) -> Done:
        """Have something done and return what came of it; raises what it was refused for."""
        own = _Waiting[Asked, Done](asked)
        with self._free:
            self._line.append(own)
        while (group := self._next(own)) is not None:
            self._do_together(group, own)
        assert own.outcome is not None, "one that leaves the line was done"
        (outcome,) = own.outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _next(self, own: _Waiting[Asked, Done]) -> list[_Waiting[Asked, Done]] | None:
        """Wait until it is this thread's turn to do what stands in line; None once its own is done."""
        with self._free:
            while own.outcome is None and self._busy:
                self._free.wait()
            if own.outcome is not None:
                return None
            self._busy = True
            return [self._line.popleft() for _ in range(min(self._most, len(self._line)))]

    def _do_together(self, group: Sequence[_Waiting[Asked, Done]], own: _Waiting[Asked, Done]) -> None:
        outcomes: Sequence[Done | Exception] | None = None
        try:
            outcomes = self._do([one.asked for one in group])
        except Exception as fault:  # noqa: BLE001 -- whatever it was, those who wait hear of it
            outcomes = [fault] * len(group)
        finally:
            with self._free:
                if outcomes is None:  # this thread is told to stop, and the others are not: they do their own
                    self._line.extendleft(one for one in reversed(group) if one is not own)
                else:
                    for one, outcome in zip(group, outcomes, strict=True):
                        one.outcome = (outcome,)
                self._busy = False
                self._free.notify_all()
