"""A statement served, a line contested with its hold shown, the rest accepted and kept as a file."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.e2e.conftest import Visit
from tests.world import STATEMENTS

pytestmark = pytest.mark.browser

PATH = f"/statements/{STATEMENTS['brand']}"


def served(visit: Visit) -> None:
    answer = httpx.post(
        f"{visit.server.address}/v1{PATH}/services",
        json={"means": "inbox"},
        headers={"authorization": f"Bearer {visit.server.codes['operator']}"},
        timeout=30,
    )
    assert answer.status_code == 201, answer.text


def test_a_line_is_contested_and_held_the_rest_accepted_and_the_contest_withdrawn(visit: Visit) -> None:
    served(visit)
    visit.sign_in("brand", "en")
    visit.go(PATH)
    page = visit.page
    assert "Served on" in page.inner_text(".standing")
    page.locator(".sums td a", has_text="lines").first.click()
    page.wait_for_url(re.compile(r"leg=merchant_net"))
    page.locator("tr.line .why-link").first.click()
    page.locator(".explained details.contest summary").click()
    page.fill(".explained textarea", "The order was returned before.")
    page.locator(".explained form button").click()
    page.locator(".contest-card").wait_for()
    assert "235.07 held" in page.inner_text(".contest-card")
    assert "235.07 is held of it" in page.inner_text(".standing")
    assert page.locator("tr.line .chip.contested").count() == 1
    page.locator("form.accept button").click()
    page.locator(".head .chip.accepted_in_part").wait_for()
    assert page.locator("form.accept").count() == 0
    with page.expect_download() as taken:
        page.click("a[href*='.pdf']")
    assert taken.value.suggested_filename == f"{STATEMENTS['brand']}.pdf"
    assert taken.value.path().read_bytes().startswith(b"%PDF")
    page.locator(".contest-card summary").click()
    page.fill("form.withdraw input[name=reason]", "It was not.")
    page.locator("form.withdraw button").click()
    page.locator(".head .chip.accepted").wait_for()
    assert "nothing held" in page.inner_text(".contest-card")
