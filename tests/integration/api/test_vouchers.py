"""Accruals and vouchers over the API and on their page: each sees its own, the keeper has the files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api.conftest import Door
from tests.integration.api.test_finance_pages import HTML, enter, shown
from tests.month_end import let_stand
from tests.world import EXAMPLES

ACCOUNTS = (EXAMPLES / "vouchers" / "head-streamer.yaml").read_text(encoding="utf-8")
MONTH = "/v1/periods/head-streamer/2026-02"


def close(door: Door) -> None:
    let_stand(door.office, "2026-02")
    body = {"agreement": "head-streamer", "period": "2026-02"}
    done = door.client.post("/v1/periods", json=body, headers=door.as_("platform"))
    assert done.status_code == 201, done.text


def asked(door: Door, who: str, layout: str, accounts: str = ACCOUNTS) -> Any:
    path = f"{MONTH}/vouchers/{layout}"
    return door.client.post(path, json={"accounts": accounts}, headers=door.as_(who))


def test_who_keeps_the_books_and_auditors_have_vouchers_and_nobody_else(door: Door) -> None:
    early = asked(door, "platform", "csv")
    assert (early.status_code, early.json()["code"]) == (409, "voucher.refused")
    close(door)
    for who in ("platform", "auditor"):
        for layout, start in (
            ("csv", b"\xef\xbb\xbf"),
            ("yonyou-u8", "填制".encode("gbk")),
            ("kingdee-k3", b"PK"),
        ):
            made = asked(door, who, layout)
            assert (made.status_code, made.content.startswith(start)) == (200, True), made.text
            assert layout in made.headers["content-disposition"]
    for who in ("mcn", "operator", "outsider"):
        assert asked(door, who, "csv").status_code == 403, who


@pytest.mark.parametrize(
    ("layout", "accounts", "code"),
    [
        ("csv", "vouchers: 1\n", "intake.mapping-rejected"),
        ("csv", ACCOUNTS.partition("accounts:")[0] + "accounts: [{owner: mcn, code: '1', name: a}]\n",
         "voucher.unmapped"),
        ("excel", ACCOUNTS, "voucher.refused"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_before_anything_is(
    door: Door, layout: str, accounts: str, code: str
) -> None:
    close(door)
    refused = asked(door, "platform", layout, accounts)
    assert refused.json()["code"] == code, refused.text
    assert refused.status_code in {409, 422, 400}


def test_each_sees_the_accruals_of_its_own_accounts(door: Door) -> None:
    march = "/v1/periods/head-streamer/2026-03/accruals"
    listed = door.client.get("/v1/voucher-layouts", headers=door.as_("mcn")).json()
    assert [one["name"] for one in listed] == ["csv", "kingdee-k3", "yonyou-u8"]
    whole = door.client.get(march, headers=door.as_("platform")).json()
    assert sum(one["amount"]["amount_minor"] for one in whole["rows"]) == 0
    assert (whole["returns"]["history"]["lines"], whole["returns"]["rate"]) == (1_000, "0")
    own = door.client.get(march, headers=door.as_("mcn")).json()
    assert (own["returns"], {one["owner"] for one in own["rows"]} <= {"mcn"}) == (None, True)
    assert door.client.get(f"{march}.csv", headers=door.as_("auditor")).status_code == 200
    for who in ("outsider", "operator"):
        assert door.client.get(march, headers=door.as_(who)).status_code == 403


def test_vouchers_are_made_from_the_page_and_a_refusal_keeps_the_layout(door: Door) -> None:
    token = enter(door, "platform")
    assert "Vouchers are made of closed months" in shown(door, "/periods/head-streamer/2026-02/accruals")
    close(door)
    page = shown(door, "/periods/head-streamer/2026-02/accruals", "zh")
    assert "用友 U8" in page
    path = "/periods/head-streamer/2026-02/vouchers"
    fields = {"_csrf_token": token, "layout": "yonyou-u8"}
    files = {"accounts": ("map.yaml", ACCOUNTS.encode(), "application/yaml")}
    made = door.client.post(path, data=fields, files=files, headers=HTML)
    assert made.content.startswith("填制凭证".encode("gbk"))
    wrong = {"accounts": ("map.yaml", b"vouchers: 1", "application/yaml")}
    refused = door.client.post(path, data=fields, files=wrong, headers=HTML)
    assert 'role="alert"' in refused.text
    assert '<option value="yonyou-u8" selected>' in refused.text
