"""Sessions in figures over the API and on their pages, for who reads their items; draws redone by anyone."""

from __future__ import annotations

from typing import Any

from ledger.sessions.draw import sealed
from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import HTML, enter, send, shown

NAMES = [f"fan-{n}" for n in range(30)]


def tell(door: Door, register: str, item: str, event: str, who: str = "mcn", **fields: str) -> None:
    body: dict[str, Any] = {"event": event, "fields": fields, "agreement": "head-streamer"}
    body["occurred_at"] = "2026-02-24T20:00:00+08:00"
    if register == "training":
        body = {"event": event, "fields": fields, "party": "streamer"}
    where = f"/v1/registers/{register}/items/{item}/events"
    answer = door.client.post(where, json=body, headers=door.as_(who))
    assert answer.status_code == 201, answer.text


def aired(door: Door) -> None:
    """Tell of a promotion and a session in which all orders of the world were sold."""
    tell(door, "training", "T1", "planned", course="speech")
    tell(door, "training", "T1", "passed", score="80", valid_until="2027-01-01")
    shares = {"platform_share": "50%", "merchant_share": "50%", "mcn_share": "0%", "streamer_share": "0%"}
    tell(door, "promotion", "P1", "planned", name="spring", starts_on="2026-02-20", **shares)
    tell(door, "promotion", "P1", "started")
    tell(door, "promotion", "P1", "cost_spent", channel="feed_ads", amount="1000.00", paid_by="merchant")
    tell(door, "session", "S1", "planned", host_type="creator", promotion="P1")
    for check in ("product_review", "licences", "price_snapshot", "script_check"):
        tell(door, "session", "S1", "checked", check=check)
    tell(door, "session", "S1", "checked", check="training", shown_by="T1")
    tell(door, "session", "S1", "started")
    tell(door, "session", "S1", "spoken", at_ms="61500", said="only tonight")
    tell(door, "session", "S1", "counted", views="4000", interactions="100")


def test_reports_say_what_was_sold_said_and_borne_to_those_who_read_the_items(door: Door) -> None:
    aired(door)
    report = door.client.get("/v1/sessions/S1/report", headers=door.as_("brand")).json()
    assert (report["sold"]["gross"]["amount_minor"], report["sold"]["orders"]) == (29_900_000, 1000)
    assert (report["conversion"], report["conversion_text"]) == ("1/4", "25.00%")
    transcript = door.client.get("/v1/sessions/S1/transcript.csv", headers=door.as_("brand")).text
    assert "61500,0:01:01.500,spoken" in transcript
    promotion = door.client.get("/v1/promotions/P1/report", headers=door.as_("streamer")).json()
    assert promotion["roi"] == "299"
    due = {one["role"]: one["due"]["amount_minor"] for one in promotion["shares"]}
    assert due == {"platform": -50_000, "mcn": 0, "streamer": 0, "merchant": 50_000}
    shares = {"platform_share": "50%", "merchant_share": "0%", "mcn_share": "25%", "streamer_share": "25%"}
    tell(door, "promotion", "P2", "planned", name="small", starts_on="2026-02-20", **shares)
    tell(door, "promotion", "P2", "started")
    tell(door, "promotion", "P2", "cost_spent", channel="feed_ads", amount="0.02", paid_by="platform")
    small = door.client.get("/v1/promotions/P2/report", headers=door.as_("brand")).json()["shares"]
    due = {one["role"]: one["due"]["amount_minor"] for one in small}
    assert due == {"platform": 1, "mcn": -1, "streamer": 0, "merchant": 0}, "nobody bears less than nothing"
    for path in ("/v1/sessions/S1/report", "/v1/promotions/P1/report", "/v1/sessions/S9/report"):
        assert door.client.get(path, headers=door.as_("outsider")).status_code == 403
    enter(door, "brand")
    assert "299,000.00" in shown(door, "/sessions/S1")
    assert "只计算，不记账" in shown(door, "/promotions/P1", "zh")
    assert 'href="/sessions/S1"' in shown(door, "/registers/session/S1")


def test_a_lottery_is_closed_drawn_and_redrawn_from_its_page(door: Door) -> None:
    prize = {"prize": "serum", "prize_value": "299.00", "winners": "2", "commitment": sealed("seed")}
    tell(door, "lottery", "L1", "announced", "brand", closes_at="2026-02-24T21:00:00+08:00", **prize)
    token = enter(door, "brand")
    listed = "\n".join(NAMES)
    assert "Close entries" in shown(door, "/lotteries/L1")
    assert send(door, "/lotteries/L1", token, entrants="two words").status_code == 422
    assert send(door, "/lotteries/L1", token, entrants=listed).status_code == 303
    refused = send(door, "/lotteries/L1", token, entrants=listed, seed="another")
    assert (refused.status_code, "another" in refused.text) == (422, True)
    assert send(door, "/lotteries/L1", token, entrants=listed, seed="seed").status_code == 303
    again = send(door, "/lotteries/L1/redraws?lang=en", token, entrants=listed)
    assert "Drawn again, the same win" in again.text
    other = door.client.post(
        "/v1/lotteries/L1/redraws", json={"entrants": [*NAMES, "friend"]}, headers=door.as_("mcn")
    ).json()
    assert "the list is not the one that was fixed at closing" in other["differences"]
    record = door.client.get("/v1/lotteries/L1/fairness", headers=door.as_("mcn")).json()
    assert (record["seed"], record["odds"], record["participants"]) == ("seed", "2/30", 30)
    enter(door, "outsider")
    assert door.client.get("/lotteries/L1", headers=HTML).status_code == 403
