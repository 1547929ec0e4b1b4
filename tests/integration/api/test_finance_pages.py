"""The pages of those who keep the books: what they show to whom, and that a refusal keeps what was typed."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest

from api.access import Grant
from tests.integration.api.conftest import Door
from tests.integration.api.test_http import form_token, sign_in
from tests.month_end import let_stand
from tests.world import EXAMPLES, STATEMENTS

HTML = {"accept": "text/html"}
OF = "agreement=head-streamer"
WEEK_1 = (EXAMPLES / "orders" / "autumn-week-1.csv").read_bytes()
HOLD = {
    "id": "H1", "agreement": "head-streamer", "account": "mcn", "amount": "100.00", "clause": "7.1",
    "reason": "deposit for November", "until": "2030-01-01",
}  # fmt: skip


def enter(door: Door, who: str) -> str:
    """Sign in in the browser's way; return the token of its forms."""
    door.client.cookies.clear()
    sign_in(door.client, door.codes[who])
    return form_token(door.client, "/")


def send(door: Door, path: str, token: str, **data: str) -> Any:
    return door.client.post(path, data={"_csrf_token": token, **data}, headers=HTML, follow_redirects=False)


def shown(door: Door, path: str, lang: str = "en") -> str:
    answer = door.client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=HTML)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.text)


def handed_in(door: Door, token: str, file: bytes, name: str = "week.csv", **data: str) -> Any:
    fields = {"_csrf_token": token, "agreement": "head-streamer", "mapping": "tallystick-orders", **data}
    return door.client.post(
        "/imports",
        data=fields,
        files={"file": (name, file, "text/csv")},
        headers=HTML,
        follow_redirects=False,
    )


def settled(door: Door, address: str) -> str:
    """Look at an upload until no thread works on it."""
    for _ in range(600):
        page = shown(door, address)
        if "<progress" not in page:
            return page
        time.sleep(0.05)
    pytest.fail("the file was never read to its end")


def test_every_page_opens_for_everybody_in_both_languages(door: Door) -> None:
    for who in ("platform", "mcn", "operator", "arbiter", "auditor", "outsider"):
        door.client.cookies.clear()
        for path in ("/batches", "/holds", "/periods", "/fx", "/facts", "/suspense", "/contests"):
            for lang in ("zh", "en"):
                page = door.client.get(f"{path}?lang={lang}", headers=HTML | door.as_(who))
                assert (page.status_code, "style=" in page.text) == (200, False), (who, path)
        may = door.client.get("/imports", headers=HTML | door.as_(who)).status_code == 200
        assert may is (who in {"platform", "mcn"})


def test_an_agreement_of_others_is_denied_on_every_page(door: Door) -> None:
    enter(door, "outsider")
    for path in (
        "/batches",
        "/periods",
        "/fx",
        "/facts",
        "/batches/000000000000",
        "/periods/head-streamer/2026-03",
    ):
        assert door.client.get(f"{path}?{OF}", headers=HTML).status_code == 403, path


def test_a_hold_is_placed_refused_with_what_was_typed_and_released(door: Door) -> None:
    token = enter(door, "arbiter")
    refused = send(door, "/holds", token, **{**HOLD, "amount": "99999999.00"})
    assert refused.status_code == 409
    assert 'value="99999999.00"' in refused.text
    assert "deposit for November" in refused.text
    assert 'role="alert"' in refused.text
    assert send(door, "/holds", token, **HOLD).headers["location"] == "/holds?done=placed"
    page = shown(door, "/holds?hold=H1")
    assert "deposit for November" in page
    part = {"hold": "H1", "id": "1", "amount": "40.00", "reason": "agreed"}
    assert send(door, "/holds/releases", token, **part).status_code == 303
    again = send(door, "/holds/releases", token, **{**part, "id": "2", "amount": "70.00"})
    assert (again.status_code, 'value="70.00"' in again.text) == (409, True)
    rows = list(csv.DictReader(io.StringIO(door.client.get("/v1/holds.csv").text.lstrip("\ufeff"))))
    (row,) = [one for one in rows if one["id"] == "H1"]
    assert (row["held"], row["state"], row["reason"], row["placed_by"]) == (
        "60.00", "open", "deposit for November", "arbiter",
    )  # fmt: skip
    token = enter(door, "mcn")
    assert send(door, "/holds", token, **HOLD).status_code == 403
    assert 'action="/holds' not in shown(door, "/holds")


def test_a_fact_is_said_refused_with_what_was_typed_and_contested(door: Door) -> None:
    loss = {"agreement": "head-streamer", "party": "brand", "fact": "proven_loss"}
    token = enter(door, "brand")
    refused = send(door, "/facts", token, **loss, value="much")
    assert (refused.status_code, 'value="much"' in refused.text) == (422, True)
    assert (
        send(door, "/facts", token, **loss, value="600000.00").headers["location"].endswith("done=recorded")
    )
    assert send(door, "/facts", token, **{**loss, "party": "mcn"}, value="1.00").status_code == 403
    token = enter(door, "mcn")
    assert "600000.00" in shown(door, f"/facts?{OF}")
    done = send(door, "/facts", token, **{**loss, "party": "mcn"}, value="")
    assert done.headers["location"].endswith("done=contested")
    assert "contests it" in shown(door, f"/facts?{OF}")
    assert "有异议" in shown(door, f"/facts?{OF}", "zh")
    rows = door.client.get("/v1/agreements/head-streamer/facts.csv").text
    assert "proven_loss" in rows
    enter(door, "auditor")
    assert 'action="/facts' not in shown(door, f"/facts?{OF}")


def test_a_contest_is_dismissed_and_answered_on_its_page_by_those_who_may(door: Door) -> None:
    mine, asked = STATEMENTS["mcn"], {"lines": [0], "reason": "charged at 25%"}
    door.client.post(f"/v1/statements/{mine}/contests", json=asked, headers=door.as_("mcn"))
    enter(door, "platform")
    assert "charged at 25%" in shown(door, "/contests")
    assert 'action="/contests' not in shown(door, "/contests")
    token = enter(door, "operator")
    wrong = send(door, f"/contests/{mine}/1/answer", token, correction="no.1.1", reason="see there")
    assert (wrong.status_code, 'value="no.1.1"' in wrong.text) == (422, True)
    assert send(door, f"/contests/{mine}/1/dismiss", token, reason="x").status_code == 403
    token = enter(door, "arbiter")
    done = send(door, f"/contests/{mine}/1/dismiss", token, reason="the contract says 30%")
    assert done.headers["location"] == "/contests?done=dismissed"
    assert "the contract says 30%" in shown(door, "/contests?done=dismissed", "zh")
    assert "dismissed" in door.client.get("/v1/contests.csv").text


def test_a_month_is_closed_on_its_page_after_its_checks(door: Door) -> None:
    token = enter(door, "platform")
    page = shown(door, f"/periods?{OF}")
    assert "Close 2026-10" in page
    assert ('class="checks"' in page, 'class="checks"' in shown(door, f"/periods?{OF}&look=true")) == (
        False,
        True,
    )
    early = send(door, "/periods", token, agreement="head-streamer", period="2999-01")
    assert (early.status_code, 'role="alert"' in early.text) == (409, True)
    stopped = send(door, "/periods", token, agreement="head-streamer", period="2026-10")
    assert (stopped.status_code, "items of the checklist are open" in stopped.text.lower()) == (409, True)
    item = {"agreement": "head-streamer", "period": "2026-10", "item": "run"}
    made = send(door, "/periods/overrides", token, **item, reason="nothing was sold since March")
    assert made.headers["location"] == "/periods?agreement=head-streamer&done=overridden"
    refused = send(door, "/periods/overrides", token, **{**item, "item": "balanced"}, reason="none")
    assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)
    let_stand(door.office, "2026-10")
    assert "second lets it stand" in shown(door, f"/periods?{OF}&look=true")
    done = send(door, "/periods", token, agreement="head-streamer", period="2026-10")
    assert done.headers["location"] == "/periods?agreement=head-streamer&done=closed"
    listed = door.client.get(f"/v1/periods?{OF}").json()["periods"]
    assert [(one["period"], one["state"]) for one in listed] == [
        ("2026-11", "running"),
        ("2026-10", "closed"),
    ]
    newest = door.client.get(f"/v1/periods?{OF}&limit=1").json()
    assert newest == {"periods": listed[:1], "next_before": "2026-11"}
    older = door.client.get(f"/v1/periods?{OF}&before=2026-11").json()
    assert older == {"periods": listed[1:], "next_before": None}
    assert door.client.get(f"/v1/periods?{OF}&before=soon").json()["code"] == "period.refused"
    checks = door.client.get("/v1/periods/head-streamer/2026-12/checks").json()
    assert {one["check"]: one["result"] for one in checks} == {
        "over": "open", "order": "open", "imports": "not_applicable", "differences": "ok", "run": "open",
        "held": "ok", "statements": "not_applicable", "contests": "ok", "suspense": "ok",
        "payouts": "not_applicable", "invoices": "not_applicable", "reconciliation": "not_applicable",
        "balanced": "ok",
        "journal": "ok", "voids": "ok", "expired": "ok", "rates": "not_applicable",
    }  # fmt: skip
    enter(door, "mcn")
    assert "Close 20" not in shown(door, f"/periods?{OF}")
    assert door.client.get("/v1/periods/head-streamer/2026-12/checks").status_code == 403


def test_what_comes_after_a_close_is_shown_where_it_went_and_on_its_account(door: Door) -> None:
    token = enter(door, "platform")
    let_stand(door.office, "2026-10")
    send(door, "/periods", token, agreement="head-streamer", period="2026-10")
    address = handed_in(door, token, WEEK_1).headers["location"]
    settled(door, address)
    send(door, f"{address}/confirmation", token)
    settled(door, address)
    out = door.client.get("/v1/periods/head-streamer/2026-10/late?way=out&limit=1000").json()["postings"]
    into = door.client.get("/v1/periods/head-streamer/2026-11/late?limit=1000").json()["postings"]
    months = {one["occurred_at"][:7] for one in into}
    assert months
    assert {one["period"] for one in out} <= months
    assert {one["into"] for one in into} == {"2026-11"}
    rows = door.client.get(f"/v1/late-months?{OF}").json()
    assert sum(one["postings"] for one in rows) == len(into)
    assert "/v1/late-months.csv" in shown(door, f"/periods?{OF}")
    page = shown(door, "/periods/head-streamer/2026-11")
    assert f"late from {into[0]['period']}" in page
    account = f"{into[0]['owner']}.{into[0]['purpose']}"
    token = enter(door, "auditor")
    moves = door.client.get(f"/v1/accounts/{account}/movements.csv?{OF}").text.lstrip("\ufeff")
    rows = csv.DictReader(io.StringIO(moves))
    late = {(int(one["seq"]), int(one["n"])): one["late_from"] for one in rows if one["late_from"]}
    same = [one for one in into if f"{one['owner']}.{one['purpose']}" == account]
    assert late == {(one["entry_seq"], one["n"]): one["period"] for one in same}


def test_a_file_is_tried_imported_mended_and_voided_by_two(door: Door) -> None:
    token = enter(door, "platform")
    size = door.office.log.size()
    spoilt = WEEK_1.replace(b"279.00", b"2-7-9", 1)
    address = handed_in(door, token, spoilt).headers["location"]
    page = settled(door, address)
    assert door.office.log.size() == size, "trying writes nothing"
    assert "Nothing is written yet" in page
    assert "cell.money" in page
    send(door, f"{address}/confirmation", token)
    assert "Imported" in settled(door, address)
    rejects = door.client.get(f"{address}/rejects")
    assert rejects.headers["content-disposition"] == 'attachment; filename="rejected.csv"'
    report = door.client.get(f"{address}/report").json()
    assert report["rejected_rows"] == 1
    batch = report["file_sha256"][:12]
    looked = shown(door, f"/batches/{batch}?{OF}")
    assert "1 rows were not taken" in looked
    mended = rejects.content.replace(b"2-7-9", b"279.00")
    second = settled(door, handed_in(door, token, mended, name="mended.csv").headers["location"])
    assert "Every row can be taken" in second
    assert send(door, f"/batches/{batch}/void?{OF}", token, reason="").status_code == 422
    assert send(door, f"/batches/{batch}/void?{OF}", token, reason="another shop").status_code == 303
    alone = send(door, f"/batches/{batch}/void/confirm?{OF}", token)
    assert (alone.status_code, 'role="alert"' in alone.text) == (409, True)
    assert "another member who may approve confirms" in shown(door, f"/batches/{batch}?{OF}")
    door.codes["second"] = door.house.members.enrol("second", "Second", [Grant("approve", "platform")])
    token = enter(door, "second")
    assert send(door, f"/batches/{batch}/void/confirm?{OF}", token).status_code == 303
    assert door.client.get(f"/v1/batches/{batch}?{OF}").json()["batch"]["state"] == "voided"
    shown(door, f"/batches/{batch}?{OF}&done=voided")


def test_a_file_is_its_members_own_and_what_cannot_be_read_is_said(door: Door) -> None:
    token = enter(door, "platform")
    nothing = handed_in(door, token, b"", mapping="douyin-orders")
    assert (nothing.status_code, 'role="alert"' in nothing.text) == (422, True)
    assert '<option value="douyin-orders" selected>' in nothing.text
    address = handed_in(door, token, b"PK not a workbook", name="x.xlsx").headers["location"]
    assert 'role="alert"' in settled(door, address)
    door.codes["other"] = door.house.members.enrol("other", "Other", [Grant("draft", "platform")])
    enter(door, "other")
    for path in ("", "/rejects", "/report"):
        assert door.client.get(f"{address}{path}", headers=HTML).status_code == 403
    token = enter(door, "mcn")
    assert handed_in(door, token, WEEK_1).status_code == 403
    forged = door.client.post("/imports", data={"agreement": "head-streamer"})
    assert forged.status_code == 403


def test_a_file_that_is_dropped_is_gone(door: Door) -> None:
    token = enter(door, "platform")
    address = handed_in(door, token, WEEK_1).headers["location"]
    settled(door, address)
    assert send(door, f"{address}/removal", token).headers["location"] == "/imports"
    assert door.client.get(address, headers=HTML).status_code == 403


def test_a_rate_that_is_refused_stays_typed(door: Door) -> None:
    token = enter(door, "platform")
    typed = {"agreement": "head-streamer", "base": "usd", "quote": "cny", "rate": "7,1", "source": "pboc"}
    refused = send(door, "/fx/rates", token, **typed)
    assert (refused.status_code, 'value="7,1"' in refused.text) == (422, True)
    done = send(door, "/fx/rates", token, **{**typed, "rate": "7.1"})
    assert done.headers["location"] == "/fx?agreement=head-streamer&done=rate"
    assert "USD → CNY" in shown(door, f"/fx?{OF}")
    convert = {"agreement": "head-streamer", "id": "C1", "account": "mcn", "amount": "1.00"}
    convert |= {"currency": "USD", "into": "CNY"}
    without = send(door, "/fx/conversions", token, **convert)
    assert (without.status_code, 'value="C1"' in without.text) == (422, True), "it has no fx clause"
