"""A Dask scheduler and worker processes on loopback, as an operator would start them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_START = 60


@dataclass(frozen=True)
class Workers:
    """The scheduler's address, and its worker processes."""

    address: str
    processes: Sequence[subprocess.Popen[bytes]]


@contextmanager
def workers(folder: Path, count: int) -> Iterator[Workers]:
    """Start a scheduler and so many workers of one thread each; end them all afterwards."""
    file = folder / "scheduler.json"
    scheduler = _start(folder, "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                       "--scheduler-file", str(file))  # fmt: skip
    started = [scheduler]
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not (file.exists() and file.read_text(encoding="utf-8")):
            assert scheduler.poll() is None, (folder / "dask_scheduler.log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline, "the scheduler does not start"
            time.sleep(0.05)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        options = (
            "--host",
            "127.0.0.1",
            "--no-nanny",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
        )
        started += [_start(folder, "dask_worker", address, *options, str(folder)) for _ in range(count)]
        yield Workers(address, started[1:])
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _start(folder: Path, module: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.{module}", *options]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "PYTHONPATH": paths}
    with (folder / f"{module}.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment)
