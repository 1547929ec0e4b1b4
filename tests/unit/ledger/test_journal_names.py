"""Account names in journals: both programs take them, they read back, and no two accounts share one."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.accounts import Account
from ledger.journals.hledger import tag_value
from ledger.journals.names import account_name, account_of, decoded, encoded

TEXTS = st.text(st.sampled_from("axX0_-:.f2d商é "), min_size=1) | st.text(min_size=1)


@given(TEXTS)
@example("0-x-a")
@example("m-x-cn")
@example("X-x2d-x")
def test_any_text_makes_a_part_that_reads_back(text: str) -> None:
    part = encoded(text)
    assert re.fullmatch(r"[A-Z0-9][A-Za-z0-9-]*", part)
    assert decoded(part) == text


def test_names_read_as_an_accountant_would_write_them() -> None:
    fee = Account("platform", "head-streamer", "tech_fee", "CNY")
    assert account_name(fee) == "Income:Platform:Head-streamer:Tech-fee"
    assert account_of(account_name(fee), "CNY") == fee


@pytest.mark.parametrize(
    ("one", "other"), [("mcn", "Mcn"), ("a-b", "a_b"), ("平台", "平-台"), ("a-x", "a-x2d-x")]
)
def test_owners_that_look_alike_have_accounts_of_their_own(one: str, other: str) -> None:
    assert encoded(one).lower() != encoded(other).lower()


def test_purposes_with_dash_and_underscore_are_two_accounts() -> None:
    one, other = (Account("mcn", "a", purpose, "CNY") for purpose in ("tech_fee", "tech-fee"))
    assert account_name(one) != account_name(other)
    assert account_of(account_name(other), "CNY") == other


def test_a_tag_ends_nowhere_but_at_its_end() -> None:
    assert tag_value("订单 A,date:2026-01-01 [2026-01-02] 5%") == (
        "订单 A%2Cdate:2026-01-01 %5B2026-01-02%5D 5%25"
    )
    assert tag_value(" 1\u2028") == "%201%E2%80%A8"
