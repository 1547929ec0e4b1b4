"""The worked example behind the HTTP application: one house to read from, and fresh copies to write to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from api.house import House
from api.office.chains import open_chain
from api.office.opening import Office
from contracts.chain import Chain
from tests.world import World, build_world, opened

Client = TestClient[Litestar]


@dataclass(frozen=True)
class Door:
    """An application over an opened world: its client, and everybody's access codes."""

    world: World
    office: Office
    house: House
    app: Litestar
    client: Client
    codes: dict[str, str]

    def as_(self, who: str) -> dict[str, str]:
        """Return the header by which somebody asks the API."""
        return {"authorization": f"Bearer {self.codes[who]}"}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return build_world(tmp_path_factory.mktemp("world") / "data")


def _unless_asked(office: Office) -> Chain:
    """Open the chain for a test that works it; a request, which another thread serves, waits for none."""
    assert threading.current_thread() is threading.main_thread(), "a request of the API opened the chain"
    return open_chain(office)


@pytest.fixture
def door(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """A copy of the world of its own, to ask and to write to. A request that opens the chain fails."""
    monkeypatch.setattr("api.office.chains.open_chain", _unless_asked)
    mine = world.copy(tmp_path / "data")
    office, house, codes = opened(mine)
    app = create_app(house)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Door(mine, office, house, app, client, codes)
    office.close()


@pytest.fixture
def codes(door: Door) -> dict[str, str]:
    return door.codes


@pytest.fixture
def house(door: Door) -> House:
    return door.house


@pytest.fixture
def app(door: Door) -> Litestar:
    return door.app


@pytest.fixture
def client(door: Door) -> Client:
    return door.client
