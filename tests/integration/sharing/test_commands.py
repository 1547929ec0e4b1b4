"""`tallystick data` answers, lists and notes what is gone; the API answers the same to those who may ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from api.house import house_of
from api.office.opening import Office
from tests.command_line import Ran, log_size, tally
from tests.world import enrol

PHONES = {
    "agreement": "head-streamer", "purpose": "After-sales service", "fields": ["buyer_phone"],
    "orders": ["A1"],
}  # fmt: skip


def access(data: Path, *more: str) -> Ran:
    asked = ("data", "access", "head-streamer", "--for", "brand", "--field", "buyer_phone", "--order", "C1")
    return tally(data, *asked, *more)


def test_the_command_gives_lists_and_notes_what_is_gone(data: Path, tmp_path: Path) -> None:
    given = access(data, "--purpose", "售后")
    assert (given.code, given.err) == (0, "")
    assert given.out.startswith("C1 1  buyer_phone 13800000001\n1 given under clause 11.2")
    denied = access(data, "--purpose", "marketing", "--json")
    assert (denied.code, denied.json["decision"], denied.json["clause"]) == (1, "deny", "11.2")
    listed = tally(data, "data", "list", "--json").json
    assert [(one["permitted"], one["recipient"]) for one in listed] == [(True, "brand"), (False, "brand")]
    name, certificate = listed[0]["id"], tmp_path / "certificate.txt"
    certificate.write_text("deleted", encoding="utf-8")
    gone = ("data", "gone", name, "--how", "deleted", "--by")
    assert "only brand, who received it" in tally(data, *gone, "mcn").err
    assert tally(data, *gone, "brand", "--certificate", certificate).out.startswith(f"{name} is deleted, on")
    size = log_size(data)
    assert tally(data, *gone, "brand", "--json").json["settled"] == "deleted"
    assert log_size(data) == size
    refused = tally(data, "data", "gone", name, "--how", "returned", "--by", "brand")
    assert (refused.code, "it was said to be deleted by entry" in refused.err) == (2, True)
    assert "deleted  (entry" in tally(data, "data", "list").out
    of_order = ("data", "list", "--agreement", "head-streamer", "--order")
    assert [tally(data, *of_order, one, "--json").json != [] for one in ("C1", "A1")] == [True, False]
    assert tally(data, "data", "list", "--order", "C1").code == 2
    shown = tally(data, "rebuild")
    assert (shown.code, shown.err) == (0, "")


def test_what_the_command_cannot_understand_is_refused_with_what_to_do(data: Path) -> None:
    size = log_size(data)
    for arguments, said in (
        (("--for", "nobody", "--purpose", "x", "--field", "paid", "--order", "A1"), "is no party of"),
        (("--for", "brand", "--purpose", "x", "--field", "payd", "--order", "A1"), "did you mean 'paid'"),
        (("--for", "brand", "--purpose", "x", "--field", "paid"), "name orders, or a first and a last day"),
    ):
        ran = tally(data, "data", "access", "head-streamer", *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err
    assert (
        "nothing was given under that name"
        in tally(data, "data", "gone", "S-1", "--how", "deleted", "--by", "brand").err
    )
    assert log_size(data) == size


def test_the_command_shows_what_comes_in_and_how_late(data: Path) -> None:
    shown = tally(data, "data", "live", "head-streamer", "--limit", "2")
    assert shown.out.splitlines()[1].startswith(
        "2026-03-03T10:00:00+08:00  sale.recorded  C1 1  100.00 CNY  ("
    )
    assert "of 43 events half came in within 1,044,000 s" in shown.out
    found = tally(data, "data", "live", "head-streamer", "--json").json
    assert (len(found["events"]), found["arrival"]["events"], found["events"][0]["paid_minor"]) == (
        20,
        43,
        10_000,
    )
    none = tally(data, "data", "live", "head-streamer", "--after", str(found["events"][0]["seq"]))
    assert (none.code, none.out) == (0, "nothing has come in\n")
    assert tally(data, "data", "live", "nobody").code == 2


@dataclass(frozen=True)
class Asker:
    """The API over the installation, asked by its members."""

    client: TestClient[Litestar]
    codes: dict[str, str]

    def post(self, who: str, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(f"/v1/data/{path}", json=body, headers=self._as(who))

    def get(self, who: str, path: str) -> Any:
        return self.client.get(f"/v1/data/{path}", headers=self._as(who))

    def _as(self, who: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.codes[who]}"}


@pytest.fixture(scope="module")
def api(shared: Office) -> Iterator[Asker]:
    house = house_of(shared)
    codes = enrol(house)
    with TestClient(create_app(house), raise_server_exceptions=False) as client:
        yield Asker(client, codes)


def test_the_api_permits_and_denies_with_the_clause(api: Asker) -> None:
    given = api.post("brand", "access", PHONES)
    assert given.status_code == 200, given.text
    answer = given.json()
    assert (answer["decision"], answer["clause"], answer["kept_days"]) == ("permit", "11.2", 90)
    assert answer["rows"][0]["values"] == {"buyer_phone": "13800000001"}
    denied = api.post("mcn", "access", PHONES).json()
    assert (denied["decision"], denied["rows"], denied["message"]["en"]) == (
        "deny", [], "Clause 11.1 gives data for another purpose.",
    )  # fmt: skip
    assert [one["clause"] for one in api.get("brand", "grants?agreement=head-streamer").json()] == [
        "11.1", "11.2", "11.3",
    ]  # fmt: skip


def seen_by(api: Asker) -> dict[str, int]:
    return {who: len(api.get(who, "sharings").json()["sharings"]) for who in api.codes}


def test_nobody_asks_for_another_party_and_each_sees_its_own_answers(api: Asker) -> None:
    before = seen_by(api)
    first = api.post("brand", "access", PHONES).json()
    api.post("mcn", "access", PHONES)
    for who, body in (
        ("mcn", {**PHONES, "party": "brand"}),
        ("outsider", PHONES),
        ("outsider", {**PHONES, "agreement": "nobody"}),
        ("operator", {**PHONES, "party": "brand"}),
        ("auditor", {**PHONES, "party": "brand"}),
    ):
        assert api.post(who, "access", body).status_code == 403, who
    after = seen_by(api)
    assert {who: after[who] - count for who, count in before.items() if after[who] > count} == {
        "platform": 2, "brand": 1, "mcn": 1, "reader": 1, "auditor": 2,
    }  # fmt: skip
    assert [who for who, count in after.items() if not count] == [
        who for who in api.codes if who not in {"platform", "brand", "mcn", "reader", "auditor"}
    ]
    gone = f"sharings/{first['id']}/gone"
    assert api.post("mcn", gone, {"how": "deleted"}).status_code == 403
    assert api.post("platform", gone, {"how": "deleted"}).status_code == 403
    assert api.post("brand", gone, {"how": "deleted"}).json()["state"] == "deleted"
    assert api.post("brand", gone, {"how": "returned"}).json()["code"] == "data.state"
    assert api.post("brand", "access", {**PHONES, "fields": ["x"]}).json()["code"] == "data.unusable"
    assert api.post("brand", "access", {**PHONES, "party": "nobody"}).json()["code"] == "request.unusable"
    assert api.post("brand", "access", {**PHONES, "orders": ["A\0"]}).json()["code"] == "entry.invalid"
    of_order = api.get("platform", "sharings?agreement=head-streamer&order=A1").json()["sharings"]
    assert of_order[0]["id"] == first["id"]
    assert api.get("platform", "sharings?order=A1").json()["code"] == "request.unusable"
    rows = api.get("platform", "sharings.csv").text.splitlines()
    assert (len(rows), "13800000001" in "".join(rows)) == (after["platform"] + 1, False)
