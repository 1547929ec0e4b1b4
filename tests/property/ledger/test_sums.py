"""Balances from sums of blocks equal a plain sum over postings, at any three limits, on both databases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from ledger import sums
from ledger.accounts import Account, Until, account_statement, balance, balances
from ledger.database import reading, session_of
from ledger.doctor import examine
from ledger.entries import Group, NewEntry, Posting
from ledger.log import Log
from ledger.rebuild import rebuild
from ledger.triggers import assert_triggers, drop_triggers
from tests.ledger_samples import START, FixedClock

LARGEST = 2**53 - 1


@dataclass(frozen=True)
class Told:
    """One entry of the model: from whom to whom, how much, and at which hour it occurred."""

    source: int
    target: int
    amount: int
    occurred: int


@pytest.fixture(scope="module", autouse=True)
def small_blocks() -> Iterator[None]:
    """Blocks of 8 entries, 3 postings to be busy, parts of 2 times: every edge within a short log."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("BLOCK", 8), ("BUSY", 3), ("PART", 2), ("_RANGES_AT_ONCE", 2)):
            patch.setattr(sums, name, value)
        yield


def drawn(source: random.Random) -> Told:
    """Draw an entry whose occurred time is in no order, now and then with the largest amount there is."""
    amount = LARGEST if source.random() < 0.1 else source.choice([-1, 1]) * source.randint(1, 500)
    return Told(source.randint(0, 2), source.randint(3, 5), amount, source.randint(-6, 6))


def drawn_limits(source: random.Random, hours: int, size: int) -> tuple[int | None, int | None, int | None]:
    """Draw three limits, each of them or none, up to a step beyond all there is."""
    return (
        source.choice([None, source.randint(-7, 7)]),
        source.choice([None, source.randint(-1, hours + 1)]),
        source.choice([None, source.randint(0, size + 9)]),
    )


def account(number: int) -> Account:
    return Account(f"party{number}", "autumn-beauty", "balance", "CNY")


def posting(number: int, amount: int) -> Posting:
    return Posting(
        owner=f"party{number}",
        purpose="balance",
        agreement="autumn-beauty",
        currency="CNY",
        amount_minor=amount,
        clause="6.1",
        kind="sale",
    )


def entry(place: int, one: Told) -> NewEntry:
    pair = (posting(one.source, -one.amount), posting(one.target, one.amount))
    return NewEntry(
        source="shop",
        id=f"E{place}",
        kind="sale.settled",
        occurred_at=START + timedelta(hours=one.occurred),
        asserter="platform",
        groups=(Group("money", ("platform",), {}, pair),),
    )


def filled(engine: Engine, source: random.Random, size: int) -> list[tuple[int, Told]]:
    """Append entries in batches of any size; return each with the hour at which it was recorded."""
    clock, hour = FixedClock(START), 0
    log = Log(engine, clock=clock)
    model: list[tuple[int, Told]] = []
    while len(model) < size:
        hour += source.randint(0, 1)
        clock.now = START + timedelta(hours=hour)
        batch = [drawn(source) for _ in range(source.randint(1, 20))]
        log.append([entry(place, one) for place, one in enumerate(batch, len(model))])
        model += [(hour, one) for one in batch]
    return model


def naive(
    model: list[tuple[int, Told]], occurred: int | None, recorded: int | None, end: int | None
) -> dict[Account, int]:
    found: dict[Account, int] = {}
    for seq, (hour, one) in enumerate(model):
        if (
            (occurred is None or one.occurred <= occurred)
            and (recorded is None or hour <= recorded)
            and (end is None or seq < end)
        ):
            for number, amount in ((one.source, -one.amount), (one.target, one.amount)):
                found[account(number)] = found.get(account(number), 0) + amount
    return found


def until(occurred: int | None, recorded: int | None, end: int | None) -> Until:
    def hour(value: int | None) -> datetime | None:
        return None if value is None else START.astimezone(UTC) + timedelta(hours=value)

    return Until(hour(occurred), hour(recorded), end)


@pytest.mark.parametrize("seed", range(3))
def test_a_balance_at_any_limits_is_the_plain_sum(engine: Engine, seed: int) -> None:
    source = random.Random(seed)
    model = filled(engine, source, 120)
    for _ in range(60):
        drawn_ones = drawn_limits(source, model[-1][0], len(model))
        limit, expected = until(*drawn_ones), naive(model, *drawn_ones)
        assert balances(engine, until=limit) == expected, drawn_ones
        assert balance(engine, account(3), limit) == expected.get(account(3), 0), drawn_ones
        after = source.choice([(-1, 0), (11, 0), (64, 1)])
        moves = account_statement(engine, account(0), after=after, limit=1_000, until=limit)
        assert all((move.seq, move.n) > after for move in moves)
        if moves:
            assert moves[-1].balance_minor == expected[account(0)], drawn_ones


def test_sums_come_back_from_a_rebuild_as_the_same_rows(engine: Engine) -> None:
    filled(engine, random.Random(7), 60)
    with reading(engine) as session:
        assert session.rows("SELECT count(*) FROM balance_block")[0][0] > 10
        assert session.rows("SELECT count(*) FROM balance_part")[0][0] > 30
    assert rebuild(engine).unchanged
    assert examine(engine) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE balance_block SET total_minor = total_minor + 1 WHERE account = 1 AND block = 1",
        "DELETE FROM balance_part WHERE account = 1 AND block = 1",
        "INSERT INTO balance_block VALUES (2, 900, 0, 0, 5)",
    ],
)
def test_sums_that_no_postings_give_are_found_and_mended(engine: Engine, statement: str) -> None:
    filled(engine, random.Random(7), 60)
    with engine.begin() as connection:
        drop_triggers(connection, ["balance_block", "balance_part"])
        assert session_of(connection).execute(statement)
        assert_triggers(connection)
    assert {finding.code for finding in examine(engine)} == {"derived.unfit"}
    assert not rebuild(engine).unchanged
    assert examine(engine) == []


def test_a_balance_without_its_sums_is_only_slower(engine: Engine) -> None:
    filled(engine, random.Random(7), 60)
    limit = until(1, 3, 50)
    before = balances(engine, until=limit)
    with engine.begin() as connection:
        drop_triggers(connection, ["balance_block", "balance_part"])
        for table in ("balance_part", "balance_block"):
            session_of(connection).execute(f"DELETE FROM {table}")
    assert balances(engine, until=limit) == before
