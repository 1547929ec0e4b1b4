"""Exchange over the API, on both databases: who records and converts, who sees what, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.house import house_of
from api.office.opening import open_office
from api.settings import Settings
from tests.fx_world import with_dollars
from tests.integration.api.conftest import Client
from tests.world import Clock, enrol

AT = "2026-01-31T00:00:00+00:00"
RATE = {"agreement": "head-streamer", "base": "USD", "quote": "CNY", "rate": "7.1234", "at": AT}
CONVERSION = {
    "id": "march", "agreement": "head-streamer", "account": "mcn", "amount": "100.00", "currency": "USD",
    "into": "CNY",
}  # fmt: skip


class Desk:
    """A server with an fx clause on its books, asked by name."""

    def __init__(self, client: Client, codes: dict[str, str]) -> None:
        self.client, self.codes = client, codes

    def get(self, who: str, path: str) -> Any:
        headers = {"authorization": f"Bearer {self.codes[who]}"}
        sep = "&" if "?" in path else "?"
        return self.client.get(f"/v1/fx/{path}{sep}agreement=head-streamer", headers=headers)

    def post(self, who: str, path: str, body: dict[str, Any], key: str | None = None, **changed: Any) -> Any:
        headers = {"authorization": f"Bearer {self.codes[who]}"}
        headers |= {"idempotency-key": key} if key else {}
        return self.client.post(f"/v1/{path}", json={**body, **changed}, headers=headers)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(tmp_path / "data", database_url, "a secret of the tests", requests_per_minute=10_000)
    with open_office(settings, clock=Clock("2026-02-05T09:00:00+08:00")) as office:
        with_dollars(office)
        house = house_of(office)
        codes = enrol(house)
        with TestClient(create_app(house), raise_server_exceptions=False) as client:
            yield Desk(client, codes)


def test_a_rate_is_a_fact_and_a_conversion_goes_by_it(desk: Desk) -> None:
    early = desk.post("platform", "fx/conversions", CONVERSION)
    assert (early.status_code, early.json()["code"]) == (404, "rate.unknown")
    told = desk.post("platform", "fx/rates", RATE, key="r1")
    assert told.status_code == 201, told.text
    assert told.json() | {"entry_seq": 0} == {
        "entry_seq": 0, "base": "USD", "quote": "CNY", "rate": "7.1234", "source": "central parity",
        "as_of": "2026-01-31T00:00:00Z", "asserter": "platform",
        "asserter_name": {"zh": "直播平台", "en": "Platform"},
    }  # fmt: skip
    assert desk.post("platform", "fx/rates", RATE, key="r1").headers["idempotency-replayed"] == "true"
    assert desk.post("operator", "fx/rates", RATE).json()["code"] == "entry.conflict", "on another's word"
    part = desk.post("platform", "fx/conversions", CONVERSION, amount="40.00")
    assert part.json()["taken"] == {"amount_minor": 28_494, "currency": "CNY"}
    assert desk.post("platform", "fx/conversions", CONVERSION, amount="40.00").json() == part.json()
    other = desk.post("platform", "fx/conversions", CONVERSION, amount="40.01")
    assert (other.status_code, other.json()["code"]) == (422, "fx.refused")
    rates = [desk.post("platform", "fx/rates", RATE, rate=text).json() for text in ("7.2", "50/7")]
    back = desk.post("platform", "fx/conversions", CONVERSION, id="back", amount="142.86", currency="CNY",
                     into="USD")  # fmt: skip
    assert back.json()["gain"] == {"amount_minor": 39, "currency": "CNY"}, back.text
    walked: list[Any] = []
    before: str | None = ""
    while before is not None:
        page = desk.get("mcn", f"rates?limit=1{before}").json()
        walked += page["rates"]
        before = None if page["next_before"] is None else f"&before={page['next_before']}"
    assert walked == [*reversed(rates), told.json()]
    assert walked == desk.get("brand", "rates").json()["rates"]
    assert desk.get("platform", "gains").json()["gains"][0]["amount"]["amount_minor"] == 39
    closed = desk.post("platform", "periods", {"agreement": "head-streamer", "period": "2026-01"})
    assert closed.status_code == 201, closed.text


def test_each_sees_what_is_theirs_of_exchange(desk: Desk) -> None:
    desk.post("platform", "fx/rates", RATE)
    desk.post("platform", "fx/conversions", CONVERSION)
    shown = {who: desk.get(who, "conversions").json() for who in ("platform", "mcn", "brand", "auditor")}
    assert {who: len(one["conversions"]) for who, one in shown.items()} == {
        "platform": 1, "mcn": 1, "brand": 0, "auditor": 1,
    }  # fmt: skip
    assert shown["mcn"]["conversions"][0]["gain"] is None
    assert shown["platform"]["conversions"][0]["gain"]["amount_minor"] == 0
    held = {"amount_minor": 10_000, "currency": "USD"}
    for who, seen in (("platform", [held]), ("auditor", [held]), ("mcn", []), ("brand", [])):
        assert [one["held"] for one in desk.get(who, "positions").json()] == seen, who
    for name in ("rates", "conversions", "gains", "positions"):
        rows = list(csv.DictReader(io.StringIO(desk.get("platform", f"{name}.csv").text.lstrip("\ufeff"))))
        assert len(rows) == (0 if name == "gains" else 1), name
        for who in ("outsider", "operator", "arbiter"):
            assert desk.get(who, name).status_code == desk.get(who, f"{name}.csv").status_code == 403
    (row,) = csv.DictReader(io.StringIO(desk.get("platform", "conversions.csv").text.lstrip("\ufeff")))
    assert (row["given"], row["given_currency"], row["taken"], row["taken_currency"]) == (
        "100.00", "USD", "712.34", "CNY",
    )  # fmt: skip


def test_nobody_else_records_and_what_does_not_fit_is_refused(desk: Desk) -> None:
    for who in ("mcn", "brand", "auditor", "arbiter", "outsider", "reader"):
        assert desk.post(who, "fx/rates", RATE).status_code == 403, who
        assert desk.post(who, "fx/conversions", CONVERSION).status_code == 403, who
    elsewhere = desk.post("platform", "fx/rates", RATE, agreement="spring")
    assert elsewhere.status_code == desk.post("operator", "fx/rates", RATE, agreement="spring").status_code
    assert elsewhere.status_code == 403
    for wrong in ({"rate": "7,1"}, {"rate": "0"}, {"quote": "USD"}, {"at": "yesterday"}):
        refused = desk.post("platform", "fx/rates", RATE, **wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "fx.refused"), wrong
    assert desk.post("platform", "fx/rates", RATE, base="DOLLAR").status_code == 422
    desk.post("operator", "fx/rates", RATE)
    for wrong in ({"amount": "100.01"}, {"into": "EUR"}, {"id": "a/b"}):
        refused = desk.post("operator", "fx/conversions", CONVERSION, **wrong)
        assert (refused.status_code, refused.json()["code"]) == (422, "fx.refused"), wrong
    done = desk.post("operator", "fx/conversions", CONVERSION)
    assert (done.status_code, done.json()["gain"]) == (201, None)
