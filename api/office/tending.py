"""Tending: what an installation does by itself as time passes, each duty once a round.

A duty asks the log what has come due and says it there under a stable id, so that it may run in several
processes at once, or again after a crash, and says nothing twice. What has come due never waits for a round:
whoever asks (a hold's balance, a deadline's effect) works it out from the clock; a round only puts it on
record and tells people.

To add one: write `def NAME(office) -> int`, which returns how much it did, and name it in `DUTIES`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from api.office.credit import follow_log
from api.office.data_ends import end_what_was_given, erase_what_is_over
from api.office.data_recalls import recall
from api.office.dispute_process import tend_disputes
from api.office.exhibits import drop_left_over
from api.office.holds import expire
from api.office.identities import watch_rechecks
from api.office.monitoring import watch
from api.office.opening import OPERATOR, Office
from api.office.register_clocks import tell_clocks
from api.office.register_duties import keep_holds, tell_overdue, watch_expiry
from api.office.signing_notices import watch_signing
from policies.errors import TallystickError

_LOG = logging.getLogger("tallystick.tending")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something done by itself: `run` does what has come due and returns how much that was.

    The server leaves at least `apart_seconds` between two runs of one that reads much and is due by the day.
    """

    name: str
    run: Callable[[Office], int]
    apart_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What a round did of one duty: how much, or why it could not."""

    duty: str
    count: int
    refused: TallystickError | None = None


def _expired_holds(office: Office) -> int:
    return len(expire(office, OPERATOR))


def _work_the_chain(office: Office) -> int:
    from api.office.chain_worker.work import work  # noqa: PLC0415 (loads the curve library)

    return len(work(office).recorded)


DUTIES: tuple[Duty, ...] = (
    Duty("expired-holds", _expired_holds),
    Duty("disputes", tend_disputes),
    Duty("signing", watch_signing),
    Duty("overdue", tell_overdue),
    Duty("register-holds", keep_holds),
    Duty("expiry", watch_expiry),
    Duty("rechecks", watch_rechecks),
    Duty("monitors", watch),
    Duty("credit", follow_log),
    Duty("data-given", end_what_was_given),
    Duty("data-recalled", recall, apart_seconds=600),
    Duty("data-kept", erase_what_is_over, apart_seconds=3_600),
    Duty("clocks", tell_clocks),
    Duty("exhibit-files", drop_left_over, apart_seconds=3_600),
)
"""Every duty, in the order of a round: what later ones read comes first."""

CHAIN_DUTIES: tuple[Duty, ...] = (Duty("chain", _work_the_chain),)
"""Duties that wait for a chain, and so keep to a thread of their own: no other ever waits for them."""


def tend(office: Office, duties: Sequence[Duty] | None = None) -> Iterator[Done]:
    """Run each duty once, and say what it did; what one is refused keeps no other from running."""
    for duty in (*DUTIES, *CHAIN_DUTIES) if duties is None else duties:
        try:
            yield Done(duty.name, duty.run(office))
        except TallystickError as fault:
            yield Done(duty.name, 0, fault)


@contextmanager
def tended(office: Office, seconds: int, duties: Sequence[Duty] | None = None) -> Iterator[None]:
    """Tend an office beside what is done with it, a round every so many seconds; with 0 not at all.

    A round under way is waited for at the end. A fault goes to the server's log; the next round comes.
    """
    over = threading.Event()
    if not seconds:
        yield
        return
    apart = (DUTIES, CHAIN_DUTIES) if duties is None else (duties,)
    with ThreadPoolExecutor(len(apart), thread_name_prefix="tending") as workers:
        for each in apart:
            workers.submit(_rounds, office, seconds, over, each)
        try:
            yield
        finally:
            over.set()


def _rounds(office: Office, seconds: int, over: threading.Event, duties: Sequence[Duty]) -> None:
    next_at: dict[str, float] = {}
    with ThreadPoolExecutor(1, thread_name_prefix="duty") as worker:  # which hands every fault back
        while not over.wait(seconds):
            for duty in duties:
                if time.monotonic() < next_at.get(duty.name, 0):
                    continue
                next_at[duty.name] = time.monotonic() + duty.apart_seconds
                fault = worker.submit(duty.run, office).exception()
                if fault is not None:
                    _LOG.error("the duty '%s' failed; it is tried again", duty.name, exc_info=fault)
