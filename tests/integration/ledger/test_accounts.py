"""Balances at pairs of times, statements of accounts, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account, Until, account_statement, balance, balances
from ledger.entries import Group
from ledger.log import Log
from tests.ledger_samples import PARTIES, START, FixedClock, pair, sale

ESCROW = Account("escrow", "autumn-beauty", "balance", "CNY")
BUYERS = Account("buyers", "autumn-beauty", "payment", "CNY")


@pytest.fixture
def log(engine: Engine) -> Log:
    """Three sales: the second recorded a day late, the third in another currency as well."""
    clock = FixedClock()
    log = Log(engine, clock=clock)
    log.append([sale("O1", paid_minor=100)])
    clock.forward(days=1)
    late = datetime.fromisoformat("2026-08-20T00:00:00+08:00")
    both = Group("order", PARTIES, {"order": "O3", "line": "1"}, (*pair(7), *pair(2**53 - 1, currency="USD")))
    log.append([sale("O2", paid_minor=30, occurred_at=late), sale("O3", groups=(both,))])
    return log


def test_balances_sum_to_zero_per_currency(log: Log) -> None:
    found = balances(log.engine)
    assert found[ESCROW] == 137
    assert found[BUYERS] == -137
    assert sum(amount for account, amount in found.items() if account.currency == "USD") == 0
    assert balance(log.engine, ESCROW) == 137
    assert balance(log.engine, Account("nobody", "autumn-beauty", "balance", "CNY")) == 0


def test_a_balance_is_known_at_any_pair_of_times(log: Log) -> None:
    august = datetime.fromisoformat("2026-08-31T23:59:59+08:00")
    first_day = START + timedelta(hours=1)
    assert balance(log.engine, ESCROW, Until(occurred=august)) == 30
    assert balance(log.engine, ESCROW, Until(occurred=august, recorded=first_day)) == 0
    assert balance(log.engine, ESCROW, Until(recorded=first_day)) == 100
    assert balance(log.engine, ESCROW, Until(end=2)) == 130
    assert balance(log.engine, ESCROW, Until(recorded=START)) == 100


def test_balances_narrow_by_owner_agreement_and_purpose(log: Log) -> None:
    dollars = Account("escrow", "autumn-beauty", "balance", "USD")
    assert set(balances(log.engine, owner="escrow")) == {ESCROW, dollars}
    assert balances(log.engine, agreement="another") == {}
    assert set(balances(log.engine, purpose="payment", owner="buyers", agreement="autumn-beauty")) == {
        BUYERS,
        Account("buyers", "autumn-beauty", "payment", "USD"),
    }


def test_a_statement_runs_in_the_order_of_the_log_with_its_balance(log: Log) -> None:
    moves = account_statement(log.engine, ESCROW)
    assert [(move.seq, move.amount_minor, move.balance_minor) for move in moves] == [
        (0, 100, 100),
        (1, 30, 130),
        (2, 7, 137),
    ]
    assert (moves[0].entry_kind, moves[0].clause, moves[0].kind) == ("sale.recorded", "6.1", "sale")
    paged = account_statement(log.engine, ESCROW, after=(0, 1), limit=1)
    assert [(move.seq, move.balance_minor) for move in paged] == [(1, 130)]


def test_an_entry_of_many_of_the_largest_amounts_balances_beyond_64_bits(log: Log) -> None:
    largest = 2**53 - 1
    postings = [posting for _ in range(1_100) for posting in pair(largest)]
    postings.sort(key=lambda posting: posting.owner)
    group = Group("order", PARTIES, {"order": "O9", "line": "1"}, tuple(postings))
    log.append([sale("O9", groups=(group,))])
    assert balance(log.engine, ESCROW) == 137 + 1_100 * largest
    moves = account_statement(log.engine, ESCROW, limit=2_000)
    assert moves[-1].balance_minor == 137 + 1_100 * largest
    assert account_statement(log.engine, ESCROW, after=(3, moves[-2].n)) == moves[-1:]
