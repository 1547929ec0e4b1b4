"""The pages show who received what, and what comes in, to each party its own; lateness is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from api.house import House, house_of
from api.office.opening import Office
from api.office.registers import tell_event
from ledger.live import percentile
from tests.integration.sharing.conftest import row, tell
from tests.integration.sharing.test_access import PHONES, REGIONS, ask
from tests.ledger_samples import FixedClock
from tests.world import enrol


@dataclass(frozen=True)
class Browser:
    """The pages over the installation, opened by its members."""

    client: TestClient[Litestar]
    house: House
    codes: dict[str, str]

    def sign_in(self, who: str) -> None:
        self.client.cookies.clear()
        form = self.client.get("/sign-in").text
        sent = {"code": self.codes[who], "_csrf_token": self._token(form), "next": "/"}
        assert self.client.post("/sign-in", data=sent, follow_redirects=False).status_code == 303

    def post(self, path: str, **fields: str) -> Any:
        token = self._token(self.client.get("/data").text)
        return self.client.post(path, data={**fields, "_csrf_token": token})

    def api(self, who: str, path: str) -> Any:
        return self.client.get(path, headers={"authorization": f"Bearer {self.codes[who]}"}).json()

    @staticmethod
    def _token(page: str) -> str:
        found = re.search(r'name="_csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]


@pytest.fixture(scope="module")
def browser(shared: Office) -> Iterator[Browser]:
    house = house_of(shared)
    codes = enrol(house)
    with TestClient(create_app(house), raise_server_exceptions=False) as client:
        yield Browser(client, house, codes)


def test_the_page_answers_shows_who_received_what_and_takes_that_it_is_gone(
    browser: Browser,
) -> None:
    browser.sign_in("brand")
    asked = {"agreement": "head-streamer", "purpose": "After-sales service", "orders": "A1, A2"}
    given = browser.post("/data?lang=en", **asked, fields="buyer_phone")
    assert given.status_code == 200, given.text
    for words in ("13800000001", "13800000002", "Given under clause 11.2: 2.", "buyer&#39;s phone"):
        assert words in given.text, words
    denied = browser.post("/data?lang=en", **asked, fields="buyer_phone, buyer")
    assert ("Not given" in denied.text, "Clause 11.2 does not name: buyer." in denied.text) == (True, True)
    refused = browser.post("/data?lang=en", **asked, fields="fone")
    assert (refused.status_code, "cannot be looked up" in refused.text) == (422, True)
    assert 'value="A1, A2"' in refused.text, "what was typed is kept"
    listed = browser.client.get("/data?agreement=head-streamer&lang=zh").text
    assert ("谁收到了什么" in listed, "13800000001" in listed) == (True, False)
    name = re.search(r'name="sharing" value="(S-[0-9a-f]+)"', listed)
    assert name is not None
    gone = browser.post("/data/gone?lang=zh", sharing=name[1], how="deleted", agreement="head-streamer")
    assert (gone.status_code, "已记录：所收数据已不再保存" in gone.text) == (200, True)
    assert browser.post("/data/gone", sharing=name[1], how="lost").status_code == 422
    days = {"from_day": "2026-03-01", "to_day": "2026-03-02"}
    groups = {"agreement": "head-streamer", "purpose": "choosing goods", "level": "aggregate", **days}
    told = browser.post("/data?lang=en", **groups, fields="paid", by="buyer_region")
    for words in ("Beijing", "1000.00", "the others, together"):
        assert words in told.text, words
    refused = browser.post("/data?lang=en", **{**groups, "to_day": "2026-03-20"}, fields="paid")
    assert "days that are over" in refused.text
    browser.sign_in("mcn")
    assert name[1] not in browser.client.get("/data?agreement=head-streamer").text
    browser.sign_in("outsider")
    assert browser.client.get("/data?agreement=head-streamer").status_code == 403


def test_every_party_sees_the_same_come_in_and_how_late_it_is_seen(
    browser: Browser, shared: Office, clock: FixedClock, tmp_path: Path
) -> None:
    path = "/v1/live?agreement=head-streamer"
    first = browser.api("brand", path)
    assert first["day"]["sales"] == 0, "what is on record today"
    assert [one["count"] for one in first["lags"]] == [43, 0, 0]
    tell(shared, tmp_path, [row("N1", 1, "2026-03-20", received="")])
    fields = {"topic": "quality", "order": "N1", "words": "the box was torn"}
    tell_event(shared, "feedback", "F-1", "filed", fields, by="brand", agreement="head-streamer")
    clock.forward(seconds=2)
    then = [browser.api(who, f"{path}&after={first['next_after']}") for who in ("brand", "mcn", "platform")]
    assert [one["events"] for one in then] == [then[0]["events"]] * 3
    assert [(one["kind"], one["what"]["en"], one["about"]) for one in then[0]["events"]] == [
        ("feedback.filed", "Feedback filed", "F-1"), ("sale.recorded", "Sale", "N1 1"),
    ]  # fmt: skip
    assert then[0]["events"][1]["amount"] == {"amount_minor": 10_000, "currency": "CNY"}
    assert [(one["name"], one["count"]) for one in then[2]["lags"]] == [
        ("arrival", 45),
        ("shown", 6),
        ("whole", 6),
    ]
    assert "torn" not in str(then), "a buyer's words are not shown"
    after = browser.api("brand", f"{path}&after={then[0]['next_after']}")
    assert (after["events"], after["next_after"]) == ([], then[0]["next_after"])
    assert browser.client.get(path, headers={"authorization": f"Bearer {browser.codes['outsider']}"}).is_error


def test_the_live_page_renews_the_part_that_changes(browser: Browser) -> None:
    browser.sign_in("streamer")
    page = browser.client.get("/live?lang=en").text
    again = re.search(r'hx-get="(/live\?agreement=head-streamer&amp;after=\d+)"', page)
    assert again is not None
    part = browser.client.get(again[1].replace("&amp;", "&"), headers={"hx-request": "true"}).text
    assert ("<html" in part, 'id="live"' in part) == (False, True)
    assert "95 of 100 within" in part
    assert "实时销售与反馈" in browser.client.get("/live?lang=zh").text


def test_a_percentile_is_one_of_the_numbers() -> None:
    assert percentile([], 95) is None
    assert [percentile(range(1, 101), at) for at in (1, 50, 95, 100)] == [1, 50, 95, 100]
    assert percentile([7], 95) == 7


def test_a_holder_reads_what_was_given_under_its_grants(browser: Browser, shared: Office) -> None:
    ask(shared, **PHONES)
    fields = {"what": "leak", "discovered_at": "2026-03-20T11:00:00+08:00"}
    tell_event(
        shared, "disclosure_incident", "I-1", "reported", fields, by="brand", agreement="head-streamer"
    )
    browser.sign_in("platform")
    shown = browser.client.get("/data?agreement=head-streamer&lang=en").text
    for path, words in (
        ("/registers/opt_out?lang=en", "Opt-outs"),
        ("/registers/disclosure_incident?lang=zh", "数据安全事件"),
        ("/registers/disclosure_incident/I-1?lang=en", "Authority to be told by"),
    ):
        page = browser.client.get(path)
        assert (page.status_code, words in page.text) == (200, True), path
        assert f'href="{path.partition("?")[0]}"' in shown or "I-1" in path
    assert ("After-sales service" in shown, "We deleted it" in shown) == (True, False)


def test_who_received_groups_cannot_ask_whether_an_order_is_in_them(browser: Browser, shared: Office) -> None:
    ask(shared, "streamer", **{**REGIONS, "from_day": "2026-03-02"})
    path = "/v1/data/sharings?agreement=head-streamer&order=B1"
    found = {who: browser.api(who, path)["sharings"] for who in ("platform", "streamer")}
    assert ([one["level"] for one in found["platform"]][:1], found["streamer"]) == (["aggregate"], [])
