"""A process that restores a backup and kills itself on the way, at a place that is named. Run by the tests.

Usage: python -m tests.restore_killed URL FILE VKEY loading|settling.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from ledger.backup_file import BackupReader
from ledger.database import open_engine
from ledger.notes import VerifierKey
from ledger.restore import restore
from migrations.apply import migrate


def main(url: str, file: str, vkey: str, place: str) -> None:
    """Restore, and die at the place."""
    engine = open_engine(url)
    migrate(engine)

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def progress(done: int, total: int) -> None:
        if place == "loading" and 4 * done > total:  # the entries are in, and some of their groups
            die()

    with Path(file).open("rb") as opened:
        reader = BackupReader(opened, "backup")
        settle = die if place == "settling" else lambda: None
        restore(engine, reader, [VerifierKey.parse(vkey)], settle=settle, progress=progress)


if __name__ == "__main__":
    main(*sys.argv[1:])
