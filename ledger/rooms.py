"""Folders for what a run puts down while it is made, and the clearing of those that killed runs left.

A folder is held by a lock that ends with its process. The next run takes away what no process holds; what it
cannot tell it leaves, such as a folder on a disk that knows no locks. Not here: what lies in them.
"""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_RUN, _NEW, _HELD = ".run-", ".new-", "held"


@contextmanager
def room(within: Path) -> Iterator[Path]:
    """Provide a folder of a run's own, removed at the end; those that killed runs left are cleared first."""
    within.mkdir(parents=True, exist_ok=True)
    _clear(within)
    token = secrets.token_hex(8)
    fresh, folder = within / f"{_NEW}{token}", within / f"{_RUN}{token}"
    fresh.mkdir()
    with (fresh / _HELD).open("w") as held:
        with suppress(OSError):  # where there are no locks nothing is cleared either
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fresh.rename(folder)  # so that whoever sees it finds it held
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _clear(within: Path) -> None:
    for folder in within.glob(f"{_RUN}*"):
        with suppress(OSError), (folder / _HELD).open("r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # refused while its run goes on
            shutil.rmtree(folder, ignore_errors=True)
