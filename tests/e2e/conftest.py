"""A real server on a free port and a real Chromium that may talk to nobody else.

Where there is no browser the tests are skipped and say so; under CI they fail instead.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from api.app import create_app
from api.house import House
from api.office.opening import Office
from tests.world import World, build_world, opened

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@dataclass(frozen=True)
class Server:
    """A running server: its address, the world, office and house behind it, and everybody's access codes."""

    address: str
    world: World
    office: Office
    house: House
    codes: dict[str, str]


@dataclass
class Visit:
    """A page in a fresh browser context, with what it complained of and whom else it tried to reach."""

    page: Page
    server: Server
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def sign_in(self, who: str, language: str = "zh") -> None:
        """Sign in through the form, as people do."""
        self.page.goto(f"{self.server.address}/sign-in?lang={language}")
        self.page.fill("input[name=code]", self.server.codes[who])
        self.page.click("form[action='/sign-in'] button")
        self.page.wait_for_url(f"{self.server.address}/")

    def go(self, path: str) -> None:
        """Go to a page of the server."""
        answer = self.page.goto(self.server.address + path)
        assert answer is not None
        assert answer.status == 200, path


def chromium() -> str:
    """Return where Chromium is, or skip; under CI its absence is a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        reason = "SKIPPED LOUDLY: no Chromium on this machine; `tests/e2e/bring-browser` installs it as root"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def built(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The worked example that nobody wrote to yet; asks for the browser first: a skip costs nothing."""
    return build_world(Path(tmp_path_factory.mktemp("e2e")) / "built")


@contextmanager
def served(world: World) -> Iterator[Server]:
    """Serve a world from a thread until the block ends."""
    office, house, codes = opened(world, sign_ins_per_minute=1000)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(create_app(house), host="127.0.0.1", port=port, log_level="error", ws="none")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.05)
    yield Server(f"http://127.0.0.1:{port}", world, office, house, codes)
    running.should_exit = True
    thread.join(timeout=30)
    office.close()


@pytest.fixture(scope="session")
def server(built: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One copy of the example that most of these tests share."""
    with served(built.copy(Path(tmp_path_factory.mktemp("shared")) / "data")) as running:
        yield running


@pytest.fixture
def own_server(built: World, tmp_path: Path) -> Iterator[Server]:
    """A copy of the example for one test that writes what others would see."""
    with served(built.copy(tmp_path / "data")) as running:
        yield running


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def width(request: pytest.FixtureRequest) -> int:
    wide: int = request.param
    return wide


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Visit]:
    """A fresh visit of the shared server."""
    with visiting(browser, server) as made:
        yield made


@pytest.fixture
def own_visit(browser: Browser, own_server: Server) -> Iterator[Visit]:
    """A fresh visit of a server of the test's own."""
    with visiting(browser, own_server) as made:
        yield made


@contextmanager
def visiting(browser: Browser, server: Server) -> Iterator[Visit]:
    """A fresh visit; afterwards nothing may have complained, and nobody else have been asked."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    made = Visit(page, server)

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            made.errors.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((server.address, "data:", "blob:")):
            made.strangers.append(request.url)

    page.on("console", heard)
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    page.on("request", asked)
    yield made
    context.close()
    assert made.errors == []
    assert made.strangers == []
