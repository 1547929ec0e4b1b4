"""Reconciliation over the API and on its page: a party's own, and nobody else's."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.integration.api.conftest import Door

BOOK = {"agreement": "head-streamer", "party": "mcn", "book": "bill-lines"}
WHERE = {"agreement": "head-streamer", "party": "mcn", "layout": "tallystick-lines"}
HEAD = "order,line,leg,kind,currency,amount,date,note"


def bill(*changes: tuple[str, str]) -> str:
    """Return the bill of the 1,000 orders, with some lines changed: "" leaves one out."""
    changed = dict(changes)
    amounts = {f"D01-{number:04}": "16.69" for number in range(1, 1_001)} | changed
    rows = [
        f"{order},1,mcn_share,earned,CNY,{amount},2026-03-18,<b>"
        for order, amount in amounts.items()
        if amount
    ]
    return "\n".join([HEAD, *rows, ""])


def send(door: Door, who: str, body: str, **more: Any) -> Any:
    headers = {**door.as_(who), "content-type": "text/csv"}
    return door.client.post(
        "/v1/reconciliations", params={**WHERE, **more}, content=body.encode(), headers=headers
    )


@pytest.fixture
def recorded(door: Door) -> dict[str, Any]:
    """A bill with three breaks, recorded by the agency's member."""
    told = send(door, "mcn", bill(("D01-0001", "16.70"), ("D01-0002", ""), ("D01-9999", "5.00")), record=True)
    assert told.status_code == 200, told.text
    return dict(told.json())


def test_a_file_is_tried_recorded_and_what_is_open_dealt_with(door: Door) -> None:
    body = bill(("D01-0001", "16.70"), ("D01-0002", ""))
    tried = send(door, "reader", body).json()
    assert tried["reconciliation"]["id"] is None
    assert [(one["break_class"], one["difference"]["amount_minor"]) for one in tried["breaks"]] == [
        ("rounding", -1), ("timing", 1_669),
    ]  # fmt: skip
    assert send(door, "reader", body, record=True).json()["code"] == "access.denied"
    kept = send(door, "mcn", body, record=True).json()["reconciliation"]
    assert send(door, "mcn", body, record=True).json()["reconciliation"]["number"] == 2, (
        "the next of the book"
    )
    listed = door.client.get("/v1/reconciliations", params=BOOK, headers=door.as_("reader")).json()
    assert [one["number"] for one in listed] == [2, 1]
    one = door.client.get(f"/v1/reconciliations/{kept['id']}", headers=door.as_("reader")).json()
    assert one["reconciliation"] == kept
    assert len(one["breaks"]) == 2


def test_open_rows_are_matched_and_withdrawn_and_told_as_csv(door: Door, recorded: dict[str, Any]) -> None:
    (rounding,) = [one for one in recorded["breaks"] if one["break_class"] == "rounding"]
    asked = {**BOOK, "rows": [row["id"] for row in rounding["rows"]], "reason": "a cent"}
    lacking = door.client.post("/v1/matches", json=asked, headers=door.as_("mcn"))
    assert (lacking.status_code, lacking.json()["code"]) == (409, "match.refused")
    wrong = door.client.post("/v1/matches", json={**asked, "break_class": "round"}, headers=door.as_("mcn"))
    assert "did you mean" in wrong.json()["detail"]
    made = door.client.post(
        "/v1/matches", json={**asked, "break_class": "rounding"}, headers=door.as_("mcn")
    ).json()
    assert (made["difference"]["amount_minor"], made["member"]) == (-1, "mcn-member")
    table = door.client.get("/v1/reconciliations/open.csv", params=BOOK, headers=door.as_("mcn"))
    rows = list(csv.DictReader(io.StringIO(table.text.removeprefix("\ufeff"))))
    assert {one["about"] for one in rows} == {"D01-0002/1/mcn_share", "D01-9999/1/mcn_share"}
    aging = door.client.get(
        "/v1/reconciliations/aging.csv", params={**BOOK, "on": "2026-04-01"}, headers=door.as_("mcn")
    )
    assert "8-30" in aging.text
    path = f"/v1/matches/{made['id']}/withdrawal"
    door.client.post(path, json={**BOOK, "reason": "no"}, headers=door.as_("mcn"))
    shown = door.client.get("/v1/reconciliations/open", params=BOOK, headers=door.as_("mcn")).json()
    assert len(shown["open"]) == 3
    assert shown["matches"][0]["withdrawn_seq"] is not None


def test_nobody_else_reads_or_reconciles_for_the_party(door: Door, recorded: dict[str, Any]) -> None:
    one, entry = (recorded["reconciliation"][name] for name in ("id", "entry_seq"))
    paths = ("", f"/{one}", "/open", "/open.csv", "/aging.csv")
    asked = {**BOOK, "rows": ["x"], "reason": "y"}
    for who in ("platform", "brand", "streamer", "operator", "arbiter", "outsider"):
        for path in paths:
            refused = door.client.get(f"/v1/reconciliations{path}", params=BOOK, headers=door.as_(who))
            assert (refused.status_code, "16.69" in refused.text) == (403, False), (who, path)
        assert send(door, who, "x").status_code == 403
        assert door.client.post("/v1/matches", json=asked, headers=door.as_(who)).status_code == 403
        assert "bill-lines" not in door.client.get(f"/v1/log/{entry}", headers=door.as_(who)).text
        listed = door.client.get("/v1/log", headers=door.as_(who)).json()["entries"]
        assert entry not in {each["seq"] for each in listed}


def test_auditors_read_and_record_nothing(door: Door, recorded: dict[str, Any]) -> None:
    found = door.client.get("/v1/reconciliations", params=BOOK, headers=door.as_("auditor"))
    assert [one["id"] for one in found.json()] == [recorded["reconciliation"]["id"]]
    assert send(door, "auditor", bill(), record=True).status_code == 403


def test_what_cannot_be_reconciled_is_refused_by_name_and_leaves_nothing(door: Door) -> None:
    size = door.office.log.size()
    for body, more, code in (
        (bill(), {"layout": "tallystick-line"}, "intake.mapping-unknown"),
        (bill(), {"layout": "/etc/passwd.yaml"}, "intake.mapping-unknown"),
        (bill().replace("amount,", "sum,"), {}, "intake.header"),
        (bill(("D01-0003", "a lot")), {}, "reconciliation.rows-rejected"),
        (bill(), {"tolerance": "x"}, "reconciliation.refused"),
        (bill(), {"leg": "nothing"}, "reconciliation.refused"),
    ):
        refused = send(door, "mcn", body, record=True, **more)
        assert refused.json()["code"] == code, refused.text
        assert "/tmp" not in refused.text
    assert door.client.get("/v1/reconciliations/none", headers=door.as_("mcn")).status_code == 403
    unknown = door.client.get("/v1/reconciliations/open", params=BOOK, headers=door.as_("mcn"))
    assert unknown.json()["code"] == "reconciliation.refused"
    assert door.office.log.size() == size


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_tries_records_and_shows_what_is_open(door: Door, lang: str) -> None:
    headers = {**door.as_("mcn"), "accept": "text/html"}

    def page(**more: str) -> str:
        return door.client.get("/reconciliations", params={"lang": lang, **more}, headers=headers).text

    first = page()
    assert "tallystick-lines" in first
    token = first.split('name="_csrf_token" value="')[1].split('"')[0]
    form = {"_csrf_token": token, "agreement": "head-streamer", "party": "mcn", "layout": "tallystick-lines"}
    body = bill(("D01-0001", "16.70"), ("D01-0002", "")).encode()
    sent = door.client.post("/reconciliations", params={"lang": lang}, headers=headers,
                            data={**form, "record": "yes"}, files={"file": ("b.csv", body)})  # fmt: skip
    assert sent.status_code == 200, sent.text
    shown = page()
    for text in (sent.text, shown):
        assert ("取整" if lang == "zh" else "rounding") in text
        assert "D01-0002/1/mcn_share" in text
        assert "<b>" not in text, "a note of the file is text"
    nothing = door.client.post("/reconciliations", params={"lang": lang}, headers=headers, data=form)
    assert nothing.status_code == 422
    wrong = door.client.post("/reconciliations", params={"lang": lang}, headers=headers,
                             data={**form, "tolerance": "x"}, files={"file": ("b.csv", body)})  # fmt: skip
    assert (wrong.status_code, 'value="x"' in wrong.text) == (422, True)
    opened = door.house.reconciliation.book(_viewer(door), **_named())
    row = next(one for one in opened.open if one.break_class == "timing").rows[0].id
    matched = door.client.post(
        "/reconciliations/matches",
        headers=headers,
        data={
            "_csrf_token": token,
            **BOOK,
            f"row.{row}": "yes",
            "break_class": "timing",
            "reason": "next week",
        },
        follow_redirects=False,
    )
    assert matched.status_code == 303, matched.text
    assert "next week" in page(done="matched")
    books = ("2026/3/20,16690.00,-,ok",)
    bank = "\n".join(["交易日期,收入金额,支出金额,摘要", *books]).encode("gb18030")
    sent = door.client.post("/reconciliations", headers=headers, files={"file": ("bank.csv", bank)},
                            data={**form, "layout": "bank-account", "record": "yes"})  # fmt: skip
    assert sent.status_code == 200, sent.text
    assert ("从账单到银行" if lang == "zh" else "From the bill to the bank") in page()
    asked = {**BOOK, "bill": "bill-lines", "bank": "bank-account"}
    steps = door.client.get("/v1/reconciliations/three-ways", params=asked, headers=door.as_("mcn")).json()
    assert [one["amount"]["amount_minor"] for one in steps if one["kind"] == "total"] == [
        1_667_332, 1_669_000, 1_669_000, 1_669_000,
    ]  # fmt: skip
    other = door.client.get("/reconciliations", headers={**door.as_("outsider"), "accept": "text/html"})
    assert "16.69" not in other.text


def _viewer(door: Door) -> Any:
    return door.house.members.viewer_of_code(door.codes["mcn"])


def _named() -> dict[str, str]:
    return {"agreement": BOOK["agreement"], "party": BOOK["party"], "name": BOOK["book"]}
