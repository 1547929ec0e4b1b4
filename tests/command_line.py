"""The command line as tests use it: run inside this process or in one of its own, over an installation.

Not for what only the web needs; that is in tests/world.py.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from api.cli import main
from api.office.example import Example
from api.office.opening import Office, open_office
from api.settings import Settings

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
AGREEMENT = EXAMPLES / "agreements" / "head-streamer.yaml"
PARTIES = ("brand", "leader", "mcn", "platform", "streamer")


@dataclass(frozen=True)
class Ran:
    """What a command did: its exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)


def environment(data: Path) -> dict[str, str]:
    """Return the environment of a command over the installation in `data`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return {**kept, "TALLYSTICK_DATA": str(data)}


def tally(data: Path, *arguments: str | Path, typed: str = "", **settings: str) -> Ran:
    """Run `tallystick` inside this process, by its real entry point, under further `TALLYSTICK_` settings."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        patch.dict(os.environ, {**environment(data), **settings}, clear=True),
        patch.object(sys, "argv", ["tallystick", *map(str, arguments)]),
        patch.object(sys, "stdin", io.StringIO(typed)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Ran(code, out.getvalue(), err.getvalue())


def tally_process(data: Path, *arguments: str | Path, cwd: Path = ROOT) -> Ran:
    """Run `tallystick` in a process of its own, as a script does."""
    done = subprocess.run(
        [Path(sys.executable).with_name("tallystick"), *map(str, arguments)],
        env=environment(data),
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@contextmanager
def office_at(data: Path) -> Iterator[Office]:
    """Open the installation in `data`."""
    with open_office(Settings.from_environment({"TALLYSTICK_DATA": str(data)})) as office:
        yield office


def build_example(data: Path) -> Path:
    """Build the worked example and return the directory."""
    with office_at(data) as office:
        Example(office, EXAMPLES).build(lambda _step: None, lambda _done, _total: None)
    return data


def log_size(data: Path) -> int:
    """Return how many entries the log holds."""
    with office_at(data) as office:
        return office.log.size()
