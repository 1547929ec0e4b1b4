"""Journals over the API: each holds what its viewer may open, and balances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ledger.accounts import balances
from ledger.journals.names import account_name
from tests.accounting_programs import beancount_balances, hledger_balances
from tests.integration.api.conftest import Door

READ = {"hledger": hledger_balances, "beancount": beancount_balances}


def get(door: Door, who: str, query: str) -> Any:
    return door.client.get(f"/v1/journals/{query}", headers=door.as_(who))


@pytest.mark.parametrize("program", READ)
def test_a_party_holds_its_own_accounts_whole_and_no_others(door: Door, tmp_path: Path, program: str) -> None:
    path = tmp_path / "books"
    path.write_text(get(door, "mcn", f"{program}?agreement=head-streamer").text, encoding="utf-8")
    found = READ[program](path)
    mine = balances(door.office.engine, owner="mcn", agreement="head-streamer")
    assert {
        (account_name(one), one.currency): -amount for one, amount in mine.items()
    }.items() <= found.items()
    assert not [name for name, _ in found if ":Streamer:" in name or ":Brand:" in name]


def test_who_is_no_party_gets_no_posting_and_no_agreement(door: Door) -> None:
    assert "seq" not in get(door, "outsider", "hledger").text
    hidden, unknown = (get(door, "outsider", f"hledger?agreement={one}") for one in ("head-streamer", "no"))
    assert (hidden.status_code, hidden.json()) == (403, unknown.json())


def test_a_wrong_day_or_program_is_refused(door: Door) -> None:
    wrong = get(door, "mcn", "hledger?from=March")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request.unusable")
    assert get(door, "mcn", "gnucash").status_code == 400
    assert door.client.get("/v1/journals/hledger").status_code == 401
