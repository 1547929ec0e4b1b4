"""A killed run's folder is cleared by the next run, and one that a run still holds is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.rooms import room
from ledger.settlement.partitions import exchange

KILLED = """
import os, signal, sys
from pathlib import Path
from ledger.rooms import room
with room(Path(sys.argv[1])) as folder:
    (folder / "half.arrow").write_bytes(b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """A folder in which a run was killed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "lines")], env=environment, check=False
    )
    assert ran.returncode < 0
    return tmp_path / "lines"


def test_what_a_killed_run_left_is_cleared_by_the_next(stale: Path) -> None:
    (left,) = _names(stale)
    with room(stale) as folder:
        assert _names(stale) == {folder.name} != {left}
    assert not _names(stale)


def test_the_exchange_folder_of_a_killed_run_is_cleared_too(stale: Path) -> None:
    with exchange(str(stale)) as folder:
        assert _names(stale) == {Path(folder).name}
    assert not _names(stale)


def test_what_another_run_holds_stays_and_so_does_what_nobody_can_tell_of(tmp_path: Path) -> None:
    (tmp_path / ".run-older").mkdir()
    with room(tmp_path) as first:
        (first / "half.arrow").write_bytes(b"x")
        with room(tmp_path) as second:
            assert _names(tmp_path) == {".run-older", first.name, second.name}
        assert (first / "half.arrow").read_bytes() == b"x"
    assert _names(tmp_path) == {".run-older"}
