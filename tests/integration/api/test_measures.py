"""Figures of quality and service over the API and on their page, for the parties of the agreement alone."""

from __future__ import annotations

from api.office.registers import tell_event
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import HTML, sign_in

AT = "/v1/measures/after_sale"
OF = "agreement=head-streamer"


def test_parties_read_reports_and_nobody_else(door: Door) -> None:
    fields = {"order": "1", "wish": "refund", "responsible": "merchant", "sku": "serum", "amount": "9.00"}
    tell_event(door.office, "after_sale", "A-1", "asked", fields, by="platform", agreement="head-streamer")
    tell_event(door.office, "after_sale", "A-1", "accepted", {}, by="brand", agreement="head-streamer")
    tell_event(
        door.office, "after_sale", "A-1", "refunded", {"refunded_amount": "9.00"}, by="brand",
        agreement="head-streamer",
    )  # fmt: skip
    made = door.client.get(f"{AT}?{OF}&by=sku", headers=door.as_("mcn")).json()
    (row,) = made["rows"]
    found = {one["id"]: one["shown"] for one in row["figures"]}
    assert (row["key"], row["items"]) == ("serum", ["A-1"])
    assert (found["cases"], found["answered_in_time"], found["refunded"]) == ("1", "100.00%", "9.00 CNY")
    assert door.client.get(f"{AT}?{OF}", headers=door.as_("outsider")).status_code == 403
    assert door.client.get(f"{AT}?{OF}&period=May", headers=door.as_("mcn")).json()["code"] == "score.refused"
    assert door.client.get(f"/v1/measures/nil?{OF}", headers=door.as_("mcn")).status_code == 404
    csv = door.client.get(f"{AT}/figures.csv?{OF}", headers=door.as_("mcn")).text
    assert "after_sale,head-streamer,,,refunded,退款金额,amount refunded,9,9.00 CNY,1" in csv
    names = door.client.get("/v1/measures", headers=door.as_("mcn")).json()
    assert "feedback" in {one["report"] for one in names}


def test_the_page_shows_a_report_in_both_languages_and_says_what_cannot_be(door: Door) -> None:
    sign_in(door.client, door.codes["brand"])
    for lang, word in (("en", "No item of the register was opened then."), ("zh", "该期间没有相应记录")):
        assert word in door.client.get(f"/measures?lang={lang}", headers=HTML).text
    tell_event(
        door.office, "feedback", "F-1", "filed", {"topic": "price", "sku": "serum"}, by="platform",
        agreement="head-streamer",
    )  # fmt: skip
    for lang, word in (("en", "hours to an answer (median)"), ("zh", "按时答复率")):
        text = door.client.get(f"/measures?report=feedback&by=sku&lang={lang}", headers=HTML).text
        assert (word in text, "serum" in text) == (True, True)
    wrong = door.client.get("/measures?report=feedback&period=May", headers=HTML)
    assert (wrong.status_code, "May" in wrong.text) == (422, True)
