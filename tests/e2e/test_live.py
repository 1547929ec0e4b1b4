"""Two parties watch the same come in, each on its own page, without doing anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from api.office.registers import tell_event
from tests.e2e.conftest import Server, visiting

pytestmark = pytest.mark.browser


def test_both_parties_see_feedback_come_in_and_how_late_they_see_it(
    browser: Browser, own_server: Server
) -> None:
    with visiting(browser, own_server) as brand, visiting(browser, own_server) as streamer:
        for visit, who, language in ((brand, "brand", "en"), (streamer, "streamer", "zh")):
            visit.sign_in(who, language)
            visit.go("/live?agreement=head-streamer")
        fields = {"topic": "quality", "order": "D01-0001"}
        tell_event(
            own_server.office, "feedback", "F-17", "filed", fields, by="platform", agreement="head-streamer"
        )
        for visit, words in ((brand, "Feedback filed"), (streamer, "收到反馈")):
            row = visit.page.locator("#live tr", has_text="F-17")
            row.wait_for()
            assert words in row.inner_text()
            measured = visit.page.locator("#live .sums tr").nth(2)
            assert "—" not in measured.inner_text()
