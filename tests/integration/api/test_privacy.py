"""Each party sees its own and no more, over the API and on every page; hidden and unknown are one answer."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from ledger.accounts import balances
from ledger.statements.lines import LineStore
from ledger.statements.reading import every_line, read_statement
from tests.integration.api.conftest import Door
from tests.world import PARTIES, STATEMENTS

HTML = {"accept": "text/html"}
FIGURES = {
    "brand": "23507000",
    "leader": "556000",
    "mcn": "1669000",
    "platform": "275000",
    "streamer": "3893000",
}
"""What the one run paid each party, in minor units."""


def get(door: Door, who: str, path: str, **headers: str) -> Any:
    return door.client.get(path, headers=door.as_(who) | headers)


def test_each_party_reads_its_own_statement_and_no_other(door: Door) -> None:
    for viewer in PARTIES:
        listed = get(door, viewer, "/v1/statements").json()
        assert [row["party"]["id"] for row in listed] == [viewer]
        for owner, statement in STATEMENTS.items():
            for path in ("", "/lines", "/lines/0", "/lines.csv", "/lines.ndjson", "/totals.csv", "/evidence"):
                answer = get(door, viewer, f"/v1/statements/{statement}{path}")
                assert answer.status_code == (200 if viewer == owner else 403), (viewer, statement, path)


def test_the_figures_of_others_are_nowhere_in_what_the_brand_may_open(door: Door) -> None:
    mine = STATEMENTS["brand"]
    paths = [
        "/v1/overview", "/v1/agreements", "/v1/agreements/head-streamer/1", "/v1/statements",
        f"/v1/statements/{mine}", f"/v1/statements/{mine}/lines?limit=5", f"/v1/statements/{mine}/lines/0",
        "/v1/disputes", f"/v1/disputes/{door.world.d05}", "/v1/log?limit=100",
        "/v1/log?kind=settlement.run", "/v1/log?kind=statement.issued", "/", "/statements",
        f"/statements/{mine}", "/log?kind=settlement.run", "/disputes", f"/disputes/{door.world.d05}",
    ]  # fmt: skip
    for path in paths:
        answer = get(door, "brand", path, **({} if path.startswith("/v1") else HTML))
        assert answer.status_code == 200, path
        for other, figure in FIGURES.items():
            plain = answer.text.replace(",", "").replace(".", "")
            assert other == "brand" or not re.search(rf"\b{figure}\b", plain), (path, other)


def test_a_group_opens_only_for_its_readers(door: Door) -> None:
    def opened(who: str, seq: int) -> dict[str, str]:
        groups = get(door, who, f"/v1/log/{seq}").json()["entry"]["groups"]
        return {group["name"]: group["content"] for group in groups if group["state"] == "opened"}

    runs = get(door, "brand", "/v1/log?kind=settlement.run").json()["entries"]
    assert set(opened("brand", runs[0]["seq"])) == {"run", "party.1"}
    sale = get(door, "mcn", "/v1/log?kind=sale.recorded&limit=1").json()["entries"][0]["seq"]
    assert set(opened("mcn", sale)) == {"order"}
    assert set(opened("platform", sale)) == {"order", "buyer"} or set(opened("platform", sale)) == {"order"}
    assert "buyer" not in opened("auditor", sale)
    assert "concerns" in opened("auditor", sale)


def test_statement_entries_of_others_are_not_in_the_log_of_the_brand(door: Door) -> None:
    own = get(door, "brand", "/v1/log?kind=statement.issued").json()["entries"]
    assert len(own) == 1
    every = get(door, "auditor", "/v1/log?kind=statement.issued").json()["entries"]
    assert len(every) == 5
    for entry in every:
        status = get(door, "brand", f"/v1/log/{entry['seq']}").status_code
        assert status == (200 if entry["seq"] == own[0]["seq"] else 403)


def test_disputes_are_seen_by_both_sides_the_platform_and_arbiters(door: Door) -> None:
    seen = {
        who: {row["id"] for row in get(door, who, "/v1/disputes").json()}
        for who in (*PARTIES, "arbiter", "outsider", "operator")
    }
    first, second = door.world.d01, door.world.d05
    assert seen == {
        "brand": {second}, "streamer": {second}, "mcn": {first}, "leader": set(), "platform": {first, second},
        "arbiter": {first, second}, "outsider": set(), "operator": set(),
    }  # fmt: skip
    assert get(door, "mcn", f"/v1/disputes/{second}").json() == get(door, "mcn", "/v1/disputes/D-x").json()


@pytest.mark.parametrize("who", ["outsider", "operator"])
def test_who_is_no_party_sees_nothing_at_all(door: Door, who: str) -> None:
    for path in ("agreements", "statements", "disputes"):
        assert get(door, who, f"/v1/{path}").json() == []
    assert get(door, who, "/v1/log").json()["entries"] == []
    assert get(door, who, "/v1/overview").json()["balances"] == []
    for path in (
        "/v1/agreements/head-streamer/1",
        "/v1/agreements/head-streamer/1/canonical.json",
        "/v1/agreements/head-streamer/1/contract/zh.pdf",
        "/v1/log/0",
    ):
        assert get(door, who, path).status_code == 403
    assert "party " not in get(door, who, "/v1/trust-keys").text.replace("owner", "")


def test_exports_equal_the_ledger(door: Door) -> None:
    statement = read_statement(door.office.log, STATEMENTS["platform"])
    stored = list(every_line(LineStore(door.office.files), statement))
    text = get(door, "platform", f"/v1/statements/{statement.id}/lines.csv").text.lstrip("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["order"], row["leg"], int(row["amount_minor"])) for row in rows] == [
        (line.order, line.leg, line.amount_minor) for line in stored
    ]
    exact = get(door, "platform", f"/v1/statements/{statement.id}/lines.ndjson").text.splitlines()
    assert sum(json.loads(line)["amount_minor"] for line in exact) == sum(
        line.amount_minor for line in stored
    )
    totals = get(door, "platform", f"/v1/statements/{statement.id}/totals.csv").text.lstrip("\ufeff")
    summed = sum(int(row["amount_minor"]) for row in csv.DictReader(io.StringIO(totals)))
    assert summed == statement.content["closing_minor"] == int(FIGURES["platform"])


def test_balances_as_csv_equal_the_accounts(door: Door) -> None:
    text = get(door, "platform", "/v1/balances.csv").text.lstrip("\ufeff")
    shown = {row["purpose"]: int(row["balance_minor"]) for row in csv.DictReader(io.StringIO(text))}
    assert shown == {
        account.purpose: minor for account, minor in balances(door.office.engine, owner="platform").items()
    }


@pytest.mark.parametrize("name", ["agreements", "statements", "disputes", "log"])
def test_every_list_is_also_csv_with_as_many_rows(door: Door, name: str) -> None:
    listed = get(door, "platform", f"/v1/{name}").json()
    wanted = listed["entries"] if name == "log" else listed
    text = get(door, "platform", f"/v1/{name}.csv?limit=40" if name == "log" else f"/v1/{name}.csv").text
    rows = list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))
    assert len(rows) == len(wanted)
    assert all(None not in row and None not in row.values() for row in rows)
    assert text.splitlines()[0].lstrip("\ufeff").split(",")[0] == ("seq" if name == "log" else "id")


def test_an_order_leads_to_its_own_lines_only(door: Door) -> None:
    path = f"/v1/statements/{STATEMENTS['platform']}/lines"
    order = get(door, "platform", path).json()["lines"][0]["order"]
    page = get(door, "platform", f"{path}?order={order}").json()
    assert page["total"] == len(page["lines"]) == 4
    assert {line["order"] for line in page["lines"]} == {order}


@pytest.mark.parametrize(
    ("name", "starts", "media_type"),
    [
        ("both.pdf", b"%PDF", "application/pdf"),
        ("zh.html", b"<!doctype html>", "text/html; charset=utf-8"),
        ("en.txt", b"Head streamer partnership", "text/plain; charset=utf-8"),
    ],
)
def test_a_party_takes_the_contract_away(door: Door, name: str, starts: bytes, media_type: str) -> None:
    answer = get(door, "mcn", f"/v1/agreements/head-streamer/1/contract/{name}")
    assert answer.status_code == 200
    assert answer.content.startswith(starts)
    assert answer.headers["content-type"] == media_type
    assert f'filename="head-streamer-1-{name}"' in answer.headers["content-disposition"]


@pytest.mark.parametrize("name", ["fr.pdf", "zh.docx", "..%2F..%2Fetc", "zh"])
def test_a_contract_by_another_name_is_not_found(door: Door, name: str) -> None:
    assert get(door, "mcn", f"/v1/agreements/head-streamer/1/contract/{name}").status_code == 404
