"""The first quarter of an hour: the example built, served and tried, each as its own process."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.command_line import ROOT, environment, log_size, tally_process

TALLYSTICK = str(Path(sys.executable).with_name("tallystick"))


@contextmanager
def served(data: Path) -> Iterator[str]:
    """Serve an installation on a port of its own and give its address; stop it as Ctrl-C does."""
    unbuffered = {name: value for name, value in environment(data).items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [TALLYSTICK, "serve", "--port", "0"], env=unbuffered, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
            assert found, "the first line says what to open, also through a pipe"
            yield found[0]
        finally:
            server.send_signal(signal.SIGINT)
            errors = server.stderr.read()
    assert "Traceback" not in errors
    assert server.returncode in {0, 130}


def answer(address: str, path: str) -> httpx.Response:
    """Ask until the server listens: it says its address before it is ready."""
    until = time.monotonic() + 60
    while True:
        try:
            return httpx.get(address + path, timeout=30)
        except httpx.TransportError:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The example as `make run` builds it, and what it told."""
    data = tmp_path_factory.mktemp("first") / "var"
    ran = tally_process(data, "example")
    assert (ran.code, ran.err) == (0, "")
    return data, ran.out


def test_the_example_tells_its_steps_and_what_to_try(built: tuple[Path, str]) -> None:
    _, told = built
    steps = re.findall(r"^\[(\d)/(\d)\]", told, re.MULTILINE)
    assert steps == [(str(n), str(len(steps))) for n in range(1, len(steps) + 1)]
    assert "access-codes.txt" in told


def test_everything_it_says_to_try_works(built: tuple[Path, str]) -> None:
    data, told = built
    tries = re.findall(r"^  \S*tallystick (.+)$", told, re.MULTILINE)
    assert len(tries) >= 5
    for line in tries:
        ran = tally_process(data, *line.split())
        assert ran.code == 0, (line, ran.err)
        assert ran.out, line


def test_building_it_again_takes_no_step_twice(built: tuple[Path, str]) -> None:
    data, _ = built
    size = log_size(data)
    ran = tally_process(data, "example")
    assert ran.code == 0
    assert "[1/" not in ran.out
    assert log_size(data) == size


def test_it_serves_pages_and_an_api_to_who_has_a_code_and_to_nobody_else(built: tuple[Path, str]) -> None:
    data, _ = built
    codes = (data / "example" / "access-codes.txt").read_text("utf-8")
    code = dict(line.split("\t") for line in codes.splitlines())["mcn-finance"]
    size = log_size(data)
    with served(data) as address:
        assert answer(address, "/v1/schema").status_code == 200
        page = httpx.get(f"{address}/", headers={"accept": "text/html"}, follow_redirects=True, timeout=30)
        assert page.status_code == 200
        assert page.url.path == "/sign-in"
        assert "<form" in page.text
        denied = httpx.get(f"{address}/v1/statements", timeout=30)
        assert denied.status_code == 401
        assert denied.headers["content-type"].startswith("application/problem+json")
        mine = httpx.get(f"{address}/v1/statements", headers={"authorization": f"Bearer {code}"}, timeout=30)
        assert mine.status_code == 200
        assert "head-streamer" in mine.text
        assert code not in mine.text
    assert log_size(data) == size


def test_a_taken_port_is_said_and_what_to_do(built: tuple[Path, str]) -> None:
    data, _ = built
    with served(data) as address:
        ran = tally_process(data, "serve", "--port", address.rpartition(":")[2])
    assert (ran.code, ran.out) == (2, "")
    assert "--port" in ran.err
