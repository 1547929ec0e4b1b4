"""Invoices over the API and on their page: recorded by seller or buyer, seen by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import Door
from tests.invoice_world import MCN_TAX, NUMBER, OTHER, STREAMER_TAX
from tests.world import STATEMENTS

PAGE = {"accept": "text/html"}


def asked(door: Door, **changes: Any) -> dict[str, Any]:
    """Return an invoice of the agency to the platform for all that its statement pays."""
    payable = int(
        door.client.get(f"/v1/statements/{STATEMENTS['mcn']}", headers=door.as_("mcn")).json()["payable"][
            "amount_minor"
        ]
    )
    net = (payable * 200 + 106) // 212
    amounts = {"net": net, "tax": payable - net, "total": payable}
    return {
        "party": "mcn",
        "number": NUMBER,
        "type": "special",
        "statement": STATEMENTS["mcn"],
        "buyer": "platform",
        "seller_tax_id": MCN_TAX,
        "buyer_tax_id": STREAMER_TAX,
        "issued_on": "2026-01-05",
        "rate": "6%",
        "sha256": "ab" * 32,
        **{name: f"{amount // 100}.{amount % 100:02}" for name, amount in amounts.items()},
        **changes,
    }


def post(door: Door, who: str, path: str, body: Any) -> Any:
    return door.client.post(f"/v1/{path}", json=body, headers=door.as_(who))


def numbers(door: Door, who: str) -> list[str]:
    found = door.client.get("/v1/invoices", headers=door.as_(who)).json()
    return [one["number"] for one in found["invoices"]]


def test_seller_and_buyer_see_an_invoice_and_nobody_else(door: Door) -> None:
    taken = post(door, "mcn", "invoices", asked(door))
    assert taken.status_code == 201, taken.text
    assert taken.json()["state"] == "recorded"
    assert [numbers(door, who) for who in ("mcn", "platform", "auditor")] == [[NUMBER]] * 3
    assert numbers(door, "brand") == numbers(door, "outsider") == numbers(door, "operator") == []
    table = door.client.get("/v1/invoices.csv", headers=door.as_("mcn")).text
    assert NUMBER in table
    match = door.client.get(f"/v1/statements/{STATEMENTS['mcn']}/invoices", headers=door.as_("mcn")).json()
    assert (match["standing"], match["differences"], match["waits"]) == ("matched", [], None)
    hidden = door.client.get(f"/v1/statements/{STATEMENTS['mcn']}/invoices", headers=door.as_("platform"))
    assert hidden.status_code == 403, "the platform reads no figure of another party's statement"


def test_the_same_again_adds_nothing_and_a_taken_number_is_a_conflict(door: Door) -> None:
    post(door, "mcn", "invoices", asked(door))
    size = door.office.log.size()
    assert post(door, "mcn", "invoices", asked(door)).status_code == 201
    refused = post(door, "mcn", "invoices", asked(door, type="ordinary"))
    assert (refused.status_code, refused.json()["code"]) == (409, "invoice.taken")
    assert "by mcn in entry" in refused.json()["detail"]
    brands = asked(door, party="brand", statement=STATEMENTS["brand"], buyer="platform")
    hidden = post(door, "brand", "invoices", brands)
    assert (hidden.status_code, "mcn" in hidden.json()["detail"]) == (409, False)
    assert door.office.log.size() == size


@pytest.mark.parametrize("who", ["operator", "platform", "brand", "reader", "auditor", "arbiter", "outsider"])
def test_nobody_records_or_withdraws_for_a_party(door: Door, who: str) -> None:
    post(door, "mcn", "invoices", asked(door))
    size = door.office.log.size()
    assert post(door, who, "invoices", asked(door, number=OTHER)).status_code == 403
    gone = post(door, who, f"invoices/{NUMBER}/withdrawal", {"party": "mcn", "reason": "x"})
    assert gone.status_code == 403
    assert door.office.log.size() == size


def test_what_does_not_fit_says_what_to_change(door: Door) -> None:
    for changes, said in (
        ({"tax": "1.00"}, "are"),
        ({"buyer": "nobody"}, "is no party to"),
        ({"statement": "no.1.1"}, "is no statement of the seller"),
        ({"statement": STATEMENTS["brand"], "seller": "mcn"}, "is no statement of the seller"),
        ({"offsets": OTHER}, "names both"),
        ({"issued_on": "soon"}, "is no day"),
    ):
        refused = post(door, "mcn", "invoices", asked(door, **changes))
        assert (refused.status_code, refused.json()["code"]) == (422, "invoice.refused"), refused.text
        assert said in refused.json()["detail"]
    unknown = post(door, "mcn", f"invoices/{OTHER}/withdrawal", {"party": "mcn", "reason": "x"})
    assert unknown.status_code == 404


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_records_and_withdraws(door: Door, language: str) -> None:
    who = door.as_("mcn") | PAGE | {"accept-language": language}
    page = door.client.get(f"/invoices?statement={STATEMENTS['mcn']}", headers=who)
    assert page.status_code == 200
    assert ("登记发票" in page.text) is (language == "zh")
    sent = door.client.post("/invoices", data=_form(door, **asked(door)), headers=who, follow_redirects=False)
    assert sent.headers["location"] == "/invoices?done=recorded", sent.text
    assert NUMBER in door.client.get("/invoices", headers=who).text
    again = door.client.post("/invoices", data=_form(door, **asked(door, rate="3%")), headers=who)
    assert again.status_code in {409, 422}
    assert 'role="alert"' in again.text
    assert NUMBER in door.client.get(f"/statements/{STATEMENTS['mcn']}", headers=who).text or language
    gone = door.client.post(
        f"/invoices/{NUMBER}/withdrawal",
        data=_form(door, party="mcn", reason="typed wrong"),
        headers=who,
        follow_redirects=False,
    )
    assert gone.headers["location"] == "/invoices?done=withdrawn", gone.text


def _form(door: Door, **fields: str) -> dict[str, str]:
    return {**fields, "_csrf_token": door.client.cookies.get("tallystick_form") or ""}
