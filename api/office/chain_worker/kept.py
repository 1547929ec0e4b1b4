"""What the chain worker remembers from one round to the next, in a file of the installation.

None of it is needed to go on: what is to be done follows from the log, what is done from the chain. Lost, it
costs a look. The file is written whole by the one worker that holds the lease, and read by anybody.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from api.office.opening import Office
from api.office.private_files import write_private

FILE = "chain.work.json"
_LEASE = ".chain.work.lock"


class Sent(msgspec.Struct, frozen=True):
    """A transaction that was handed in: for which task, with which nonce and fees (wei a unit of gas), when.

    `first_at` is when the first one of this nonce was handed in, `at` this one; both in ISO form, UTC.
    """

    task: str
    nonce: int
    transaction: str
    raw: str
    most: int
    tip: int
    at: str
    first_at: str


class Fault(msgspec.Struct, frozen=True):
    """What keeps the worker, or one task, from going on: the error's code, its words, and since when."""

    code: str
    message: str
    since: str


class Seen(msgspec.Struct, frozen=True):
    """The chain as it was last seen; the balance is in wei, as text, since it may be large."""

    kind: str
    chain_id: int
    head: int
    final: int
    address: str
    balance: str
    nonce: int
    at: str


class TaskSeen(msgspec.Struct, frozen=True):
    """Where a task stood when last looked at (tasks.TaskState); `fault` says why it cannot go on."""

    name: str
    state: str
    block: int | None = None
    transaction: str | None = None
    fault: Fault | None = None


class Kept(msgspec.Struct, frozen=True):
    """Everything remembered. `next_at` is before when no round is tried again after a fault."""

    sent: tuple[Sent, ...] = ()
    tasks: tuple[TaskSeen, ...] = ()
    seen: Seen | None = None
    fault: Fault | None = None
    failures: int = 0
    next_at: str | None = None
    worked_at: str | None = None


def kept(office: Office) -> Kept:
    """Return what is remembered; nothing where the file is missing, or is none that this release wrote."""
    path = _folder(office) / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (FileNotFoundError, msgspec.MsgspecError):
        return Kept()


def keep(office: Office, what: Kept) -> None:
    """Remember, on disk when this returns."""
    write_private(_folder(office) / FILE, msgspec.json.encode(what).decode() + "\n")


@contextmanager
def lease(office: Office) -> Iterator[bool]:
    """Hold the worker's lease, or be told that another holds it; it ends with its process."""
    handle = os.open(_folder(office) / _LEASE, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _folder(office: Office) -> Path:
    return office.settings.data_dir
