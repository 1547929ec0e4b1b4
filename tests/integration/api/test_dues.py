"""What is due beside a statement's lines: shown, opened to its reasons, and nobody else's to read."""

from __future__ import annotations

import csv
import html
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from openpyxl import load_workbook
from pypdf import PdfReader

from api.office.orders import import_orders
from api.office.settling import settle_until
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.due_world import orders, records, said
from tests.integration.api.conftest import Door
from tests.signing import sign_by_all
from tests.world import EXAMPLES

HTML = {"accept": "text/html"}
MCN, BRAND = "month-ladder.2.2", "month-ladder.2.1"


def sign(door: Door, name: str) -> Agreement:
    """Sign an example agreement by all of its parties."""
    path = EXAMPLES / "agreements" / f"{name}.yaml"
    agreement = load_agreement(path.read_text(encoding="utf-8"), name=path.name)
    sign_by_all(door.office, agreement)
    return agreement


def test_a_version_says_before_it_is_settled_whether_a_second_opinion_is_possible(door: Door) -> None:
    sign(door, "month-ladder")
    beyond = door.client.get("/v1/agreements/month-ladder/1", headers=door.as_("mcn")).json()[
        "second_opinion"
    ]
    assert (beyond["lines"], beyond["plan"]) == (0, None)
    told = door.client.get("/v1/agreements/head-streamer/1", headers=door.as_("mcn")).json()["second_opinion"]
    assert (told["lines"], told["plan"][:10], told["beyond"]) == (16, "0xe83fb85a", None)
    for lang in ("en", "zh"):
        headers = door.as_("mcn") | HTML
        page = door.client.get(f"/agreements/month-ladder/1?lang={lang}", headers=headers).text
        assert beyond["beyond"][lang] in html.unescape(page)
        page = door.client.get(f"/agreements/head-streamer/1?lang={lang}", headers=headers).text
        assert told["plan"] in page


def settle_ladder(door: Door) -> None:
    """Sign the example of a monthly ladder and settle its two months."""
    sign(door, "month-ladder")
    for month, cutoff in (("may", "2026-06-16"), ("june", "2026-07-16")):
        import_orders(
            door.office,
            EXAMPLES / "orders" / f"month-ladder-{month}.csv",
            "tallystick-orders",
            "month-ladder",
        )
        settle_until(door.office, "month-ladder", datetime.fromisoformat(f"{cutoff}T00:00:00+08:00"))


def test_a_window_stands_on_its_statement_and_opens_to_its_reasons(door: Door) -> None:
    settle_ladder(door)

    def get(who: str, path: str, **headers: str) -> Any:
        return door.client.get(path, headers=door.as_(who) | headers)

    shown = get("mcn", f"/v1/statements/{MCN}").json()
    row = next(one for one in shown["totals"] if one["due"] == 0)
    assert (row["kind"], row["amount"]["amount_minor"]) == ("window", -675_000)
    assert row["about"] == {"zh": "2026 年 5 月 佣金", "en": "commission over May 2026"}
    told = get("mcn", f"/v1/statements/{MCN}/dues/0").json()
    assert told["causes"] == [{"zh": "有退款", "en": "refunds"}]
    assert told["arithmetic"][-1]["worded"]["en"] == (
        "24,840.00 in all − 31,590.00 before = -6,750.00 this time"
    )
    page = get("mcn", f"/statements/{MCN}", **HTML).text
    assert f'href="/statements/{MCN}/dues/0"' in page
    opened = get("mcn", f"/statements/{MCN}/dues/0", **HTML)
    assert opened.status_code == 200
    assert "1,000,000.00 × 15% + 2,000,000.00 × 18% + 640,000.00 × 20%" in opened.text
    for path in (f"/v1/statements/{MCN}/dues/0", f"/statements/{MCN}/dues/0"):
        assert get("brand", path).status_code == 403
    assert get("mcn", f"/v1/statements/{MCN}/dues/9").status_code == 403
    brand = get("brand", f"/v1/statements/{BRAND}/dues/0").text
    assert "24,840.00" not in brand, "who gives reads no part of what each other payee has"


def test_what_fell_due_and_is_held_stands_on_the_statement_with_the_reason(door: Door) -> None:
    agreement = sign(door, "season-dues")
    contested = said(agreement, "platform", "2026-04-05", "2026-Q1", contested=("advertising_spend",))
    door.office.log.append([*orders(agreement), *records(agreement), contested])
    settle_until(door.office, "season-dues", datetime.fromisoformat("2026-05-20T00:00:00+08:00"))

    def shown(who: str) -> tuple[str, Any]:
        listed = door.client.get("/v1/statements", headers=door.as_(who)).json()
        mine = next(one["id"] for one in listed if one["agreement"] == "season-dues")
        return mine, door.client.get(f"/v1/statements/{mine}", headers=door.as_(who)).json()["held_dues"]

    _, (lacking,) = shown("streamer")
    assert (lacking["clause"], lacking["about"], lacking["because"]) == ("22.1", "2026-04", "missing")
    assert lacking["reason"] == {
        "zh": "尚未记录：综合评分。",
        "en": "not recorded yet: score of the month.",
    }
    mine, (quarrel,) = shown("brand")
    assert (quarrel["clause"], quarrel["facts"]) == ("21.1", ["advertising_spend"])
    opened = door.client.get(f"/statements/{mine}?lang=en", headers=door.as_("brand") | HTML).text
    assert f'/statements/{mine}/dues/0">Why</a>' in opened, "a link is more than the clause's number again"
    told = {"zh": "有异议：", "en": "contested: "}
    for language, words in told.items():
        page = door.client.get(f"/statements/{mine}?lang={language}", headers=door.as_("brand") | HTML).text
        assert words in page
        pdf = door.client.get(f"/v1/statements/{mine}.pdf?lang={language}", headers=door.as_("brand")).content
        text = "".join(one.extract_text() for one in PdfReader(BytesIO(pdf)).pages)
        assert words.strip() in text
        book = door.client.get(
            f"/v1/statements/{mine}.xlsx?lang={language}", headers=door.as_("brand")
        ).content
        cells = [cell for row in load_workbook(BytesIO(book)).worksheets[0].values for cell in row if cell]
        assert any(str(cell).startswith(words.strip()) for cell in cells)
    table = door.client.get(f"/v1/statements/{mine}.csv", headers=door.as_("brand")).text.lstrip("\ufeff")
    (held,) = [one for one in csv.DictReader(StringIO(table)) if one["part"] == "held_due"]
    assert (held["clause"], held["kind"], held["amount"]) == ("21.1", "contested", "")
    assert held["label_en"].startswith("contested: ")
