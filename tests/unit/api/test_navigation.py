"""Every page is in a room, every door leads to a page, and both languages have the words."""

from __future__ import annotations

import pytest
from litestar import Router
from litestar.routes import HTTPRoute

from api.app import ROUTES
from api.language import LANGUAGES, catalogue
from api.navigation import ROOMS, addresses, room_of

ALONE = {"/problems", "/health", "/"}
"""Pages that no room leads to: those of refusals, and the overview, which is the way in."""


def pages() -> set[str]:
    """Return every path that answers with a page and names nothing in it."""
    found = set()
    for router in ROUTES:
        assert isinstance(router, Router)
        for route in router.routes:
            gets = isinstance(route, HTTPRoute) and "GET" in route.methods
            if gets and not route.path.startswith("/v1") and "{" not in route.path:
                found.add(route.path)
    return found


def test_every_door_leads_to_a_page_and_every_page_has_one() -> None:
    assert set(addresses()) <= pages()
    assert pages() - set(addresses()) - ALONE == set()


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.key)
def test_a_room_and_its_doors_have_words_in_both_languages(room: object) -> None:
    keys = [key for one in ROOMS if one is room for key in (one.key, *(door.key for door in one.doors))]
    assert [key for language in LANGUAGES for key in keys if not catalogue(language).has(key)] == []


def test_what_lies_below_a_page_is_in_its_room() -> None:
    assert (room := room_of("/sessions/S-1")) is not None
    assert room.key == "nav.oversight"
    assert (room := room_of("/registers/session/S-1")) is not None
    assert room.key == "nav.oversight"
    assert room_of("/problems/access.denied") is None
    assert room_of("/registersx") is None
