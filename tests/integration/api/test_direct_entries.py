"""One entry is answered straight from the connection, and just as the route itself would answer it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from litestar.testing import TestClient

from api.access import SourceGrant
from api.app import create_app
from tests.integration.api.conftest import Door
from tests.integration.api.test_entries import sale

JSON = {"content-type": "application/json"}
THE_LONG_WAY = "?by=route"
"""A query that means nothing: with it a request goes through the route."""


@pytest.fixture
def till(door: Door) -> dict[str, str]:
    code = door.house.members.enrol("till", "Till", [], [SourceGrant("platform", "till")])
    return {"authorization": f"Bearer {code}"}


def body(**changed: Any) -> bytes:
    return json.dumps(sale(**changed)).encode()


@pytest.mark.parametrize(
    ("status", "content", "more"),
    [
        (201, body(), JSON),
        (201, body(), {"content-type": "Application/JSON; charset=utf-8"}),
        (401, body(), JSON | {"authorization": "Bearer tly_0123456789_none"}),
        (401, body(), JSON | {"authorization": ""}),
        (403, body(source="other"), JSON),
        (400, b"{", JSON),
        (422, body(facts={"paid": 1}), JSON),
        (415, body(), {"content-type": "text/plain"}),
        (415, body(), {}),
    ],
)
def test_the_short_way_and_the_route_answer_alike(
    door: Door, till: dict[str, str], status: int, content: bytes, more: dict[str, str]
) -> None:
    answers = [
        door.client.post(f"/v1/entries{query}", content=content, headers=till | more)
        for query in (THE_LONG_WAY, "", "")
    ]
    assert [one.status_code for one in answers] == [status] * 3
    long, short, again = (dict(one.headers) for one in answers)
    if status == 201:
        assert short == again
        assert long.keys() == short.keys()
        assert [one.json()["repeated"] for one in answers] == [False, True, True]
        assert len({one.json()["seq"] for one in answers}) == 1
    else:
        assert long == short == again
        assert answers[0].content == answers[1].content == answers[2].content


def test_a_body_that_is_too_long_is_refused_either_way(door: Door, till: dict[str, str]) -> None:
    settings = replace(door.house.settings, body_bytes_max=100)
    with TestClient(create_app(replace(door.house, settings=settings))) as client:
        long, short = (
            client.post(f"/v1/entries{query}", content=body(), headers=JSON | till)
            for query in (THE_LONG_WAY, "")
        )
    assert short.status_code == long.status_code == 413
    assert short.json() == long.json()


@pytest.mark.parametrize("role", ["reader", "auditor", "arbiter", "operator"])
def test_who_may_write_nothing_is_refused_before_anything_is_read(door: Door, role: str) -> None:
    long, short = (
        door.client.post(f"/v1/entries{query}", content=b"{", headers=JSON | door.as_(role))
        for query in (THE_LONG_WAY, "")
    )
    assert short.status_code == long.status_code == 403
    assert short.json() == long.json()


def test_a_sender_that_breaks_off_has_told_nothing(door: Door, till: dict[str, str]) -> None:
    size = door.office.log.size()
    told = body()
    parts: list[dict[str, Any]] = [
        {"type": "http.request", "body": told, "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(name.encode(), value.encode()) for name, value in (JSON | till).items()]
    scope: Any = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "scheme": "http", "path": "/v1/entries", "raw_path": b"/v1/entries", "query_string": b"",
        "root_path": "", "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "state": {},
    }  # fmt: skip
    asyncio.run(door.app(scope, receive, send))
    assert sent == []
    assert not parts
    assert door.office.log.size() == size


def test_the_route_is_documented_as_it_is_answered(door: Door) -> None:
    paths = door.client.get("/v1/schema/openapi.json").json()["paths"]
    answered = paths["/v1/entries"]["post"]["responses"].keys()
    assert {"201", "400", "401", "403", "409", "413", "415", "422", "429", "503"} <= answered
