"""Accounts over the API and on their pages: one's own rows with right balances, and nobody else's."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import pytest

from ledger.accounts import Until, balances
from tests.integration.api.conftest import Door
from tests.world import PARTIES

HTML = {"accept": "text/html"}
MOVES = "accounts/mcn.balance/movements"


def get(door: Door, who: str, path: str, **headers: str) -> Any:
    return door.client.get(f"/v1/{path}", headers=door.as_(who) | headers)


def test_each_party_sees_its_own_accounts_and_an_auditor_every_one(door: Door) -> None:
    every = balances(door.office.engine)
    for who in PARTIES:
        rows = get(door, who, "accounts").json()["accounts"]
        assert {row["owner"]["id"] for row in rows} == {who}
        assert {row["account"]: row["balance"]["amount_minor"] for row in rows} == {
            f"{one.owner}.{one.purpose}": minor for one, minor in every.items() if one.owner == who
        }
    rows = get(door, "auditor", "accounts").json()["accounts"]
    assert len(rows) == len(every)
    for who in ("outsider", "operator", "arbiter"):
        assert get(door, who, "accounts").json()["accounts"] == []


def test_balances_are_those_of_the_pair_of_times(door: Door) -> None:
    limits = "2026-03-20T00:00:00+08:00", "2030-01-01T00:00:00+00:00"
    query = f"accounts?occurred={limits[0].replace('+', '%2B')}&recorded={limits[1].replace('+', '%2B')}"
    found = get(door, "mcn", query).json()
    until = Until(datetime.fromisoformat(limits[0]), datetime.fromisoformat(limits[1]))
    expected = balances(door.office.engine, owner="mcn", until=until)
    assert {row["account"]: row["balance"]["amount_minor"] for row in found["accounts"]} == {
        f"{one.owner}.{one.purpose}": minor for one, minor in expected.items()
    }
    assert get(door, "mcn", "accounts?recorded=2020-01-01").json()["accounts"] == []
    day = get(door, "mcn", "accounts?occurred=2026-03-19").json()["accounts"]
    assert [row["balance"] for row in day] == [row["balance"] for row in found["accounts"]]


def test_pages_of_movements_join_to_the_whole(door: Door) -> None:
    query = f"{MOVES}?agreement=head-streamer"
    whole = get(door, "mcn", query).json()
    assert whole["next_after"] is None
    after: str | None = ""
    rows, opening = [], 0
    while after is not None:
        page = get(door, "mcn", f"{query}&limit=1{f'&after={after}' if after else ''}").json()
        assert page["opening"]["amount_minor"] == opening
        rows += page["movements"]
        after, opening = page["next_after"], page["closing"]["amount_minor"]
    assert rows == whole["movements"]
    assert opening == whole["closing"]["amount_minor"] == whole["account"]["balance"]["amount_minor"]
    written = get(door, "mcn", f"{MOVES}.csv?agreement=head-streamer").text.lstrip("\ufeff")
    assert [int(row["amount_minor"]) for row in csv.DictReader(io.StringIO(written))] == [
        row["amount"]["amount_minor"] for row in rows
    ]


def test_accounts_come_by_cursor_and_as_csv(door: Door) -> None:
    whole = get(door, "auditor", "accounts").json()["accounts"]
    after: str | None = ""
    rows = []
    while after is not None:
        page = get(door, "auditor", f"accounts?limit=3{f'&after={after}' if after else ''}").json()
        rows += page["accounts"]
        after = page["next_after"]
    assert rows == whole
    written = get(door, "auditor", "accounts.csv").text.lstrip("\ufeff")
    assert [int(row["balance_minor"]) for row in csv.DictReader(io.StringIO(written))] == [
        row["balance"]["amount_minor"] for row in whole
    ]


@pytest.mark.parametrize("who", ["brand", "outsider", "operator", "arbiter"])
def test_the_account_of_another_answers_as_one_that_is_not_there(door: Door, who: str) -> None:
    for suffix in ("movements", "movements.csv"):
        hidden = get(door, who, f"accounts/mcn.balance/{suffix}?agreement=head-streamer")
        unknown = get(door, who, f"accounts/nobody.balance/{suffix}?agreement=no-such")
        assert hidden.status_code == unknown.status_code == 403
        assert hidden.json() == unknown.json()
    assert get(door, who, "accounts?owner=mcn").status_code == 403
    assert get(door, who, "accounts.csv?owner=mcn").status_code == 403
    page = door.client.get("/accounts/mcn.balance?agreement=head-streamer", headers=door.as_(who) | HTML)
    assert page.status_code == 403
    hidden, unknown = (
        get(door, "outsider", f"accounts?agreement={one}&occurred=2026-03-01")
        for one in ("head-streamer", "no")
    )
    assert hidden.json()["accounts"] == unknown.json()["accounts"] == []


def test_wrong_questions_are_refused_with_what_to_do(door: Door) -> None:
    assert door.client.get("/v1/accounts").status_code == 401
    for query in (
        "accounts?occurred=March",
        "accounts?recorded=2026-03-01T00:00:00",
        "accounts?after=x",
        f"{MOVES}?agreement=head-streamer&after=x",
        "accounts/mcn/movements?agreement=head-streamer",
    ):
        answer = get(door, "mcn", query)
        assert (answer.status_code, answer.json()["code"]) == (422, "request.unusable"), query
    slip = get(door, "mcn", "accounts/mcn.balanc/movements?agreement=head-streamer")
    assert (slip.status_code, slip.json()["code"]) == (404, "account.unknown")
    assert "mcn.balance" in slip.json()["detail"]


def test_the_pages_show_balances_and_movements_in_both_languages(door: Door) -> None:
    def page(path: str) -> str:
        answer = door.client.get(path, headers=door.as_("mcn") | HTML)
        assert answer.status_code == 200, path
        return str(answer.text)

    minor = get(door, "mcn", "accounts").json()["accounts"][0]["balance"]["amount_minor"]
    shown = f"{minor // 100:,}.{minor % 100:02}"
    assert shown in page("/accounts?lang=en")
    assert "账户" in page("/accounts?lang=zh")
    opened = page("/accounts/mcn.balance?agreement=head-streamer&occurred=2030-01-01&lang=zh")
    assert shown in opened
    assert "期初余额" in opened
    assert "Streamer" not in opened
