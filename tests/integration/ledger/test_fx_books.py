"""Exchange in the books, on both databases: each currency sums to zero, gains are realised, revalued."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from ledger.accounts import Account, Until, balance, balances
from ledger.entries import Group, NewEntry, Posting
from ledger.errors import FxRefused, RateUnknown
from ledger.fx.arithmetic import Position
from ledger.fx.books import (
    EXCHANGE_GROUP,
    Conversion,
    Converted,
    Terms,
    convert_sum,
    position_of,
    revalue,
    terms_in_use,
    unrated_positions,
)
from ledger.fx.rates import rate_at, record_rate
from ledger.log import Log
from ledger.periods import Period, calendar_of
from ledger.rebuild import rebuild
from tests.ledger_samples import AGREEMENT, PARTIES, START

ZONE = ZoneInfo("Asia/Shanghai")
AUTUMN = "autumn-beauty"
DOLLARS = Account("mcn", AUTUMN, "balance", "USD")
YUAN = Account("mcn", AUTUMN, "balance", "CNY")
TERMS = Terms(agreement=AGREEMENT, home="CNY", bearer="platform", source="pboc", clause="31.1")
DAY = timedelta(days=1)


def rate(log: Log, text: str, at: datetime, base: str = "USD", quote: str = "CNY") -> int:
    return record_rate(
        log, base, quote, text, source="pboc", at=at, agreement=AGREEMENT, readers=PARTIES, by="platform"
    )


def convert(
    log: Log, name: str, amount_minor: int, at: datetime = START, into: str = "CNY", of_sum: str | None = None
) -> Converted:
    account = DOLLARS if into == "CNY" else YUAN
    wanted = Conversion(id=name, account=account, amount_minor=amount_minor, into=into, sum=of_sum)
    return convert_sum(log, TERMS, wanted, at=at, by="platform")


def gain(log: Log, purpose: str = "fx_gain", until: Until | None = None) -> int:
    return balance(log.engine, Account("platform", AUTUMN, purpose, "CNY"), until or Until())


@pytest.fixture
def log(engine: Engine) -> Log:
    """The agency is owed 100.00 dollars, and a dollar is 7.1234 yuan."""
    log = Log(engine)
    postings = tuple(
        Posting(owner=owner, purpose=purpose, agreement=AUTUMN, currency="USD", amount_minor=amount,
                clause="6.1", kind="leg")
        for owner, purpose, amount in (("mcn", "balance", 10_000), ("buyers", "payment", -10_000))
    )  # fmt: skip
    group = Group("order", PARTIES, {}, postings)
    log.append([
        NewEntry(source="test", id="1", kind="sale.stated", occurred_at=START - DAY, asserter="platform",
                 agreement=AGREEMENT, groups=(group,))
    ])  # fmt: skip
    rate(log, "7.1234", START - DAY)
    return log


def test_a_conversion_moves_both_currencies_and_each_sums_to_zero(log: Log) -> None:
    done = convert(log, "C1", 10_000)
    assert (done.given_minor, done.rate, done.gain_minor) == (71_234, "7.1234", 0)
    assert (balance(log.engine, DOLLARS), balance(log.engine, YUAN)) == (0, 71_234)
    assert position_of(log, TERMS, "USD") == Position(10_000, 71_234)
    found = balances(log.engine)
    for currency in ("USD", "CNY"):
        assert sum(amount for account, amount in found.items() if account.currency == currency) == 0


def test_the_same_again_adds_nothing_and_another_under_its_id_is_refused(log: Log) -> None:
    done = convert(log, "C1", 4_000)
    rate(log, "9", START - DAY)
    assert convert(log, "C1", 4_000, START + DAY) == done
    with pytest.raises(FxRefused, match="another conversion stands"):
        convert(log, "C1", 4_001)


def test_parts_of_a_sum_share_its_rate_and_come_to_the_whole(log: Log) -> None:
    parts = [convert(log, f"C{n}", 1, START + n * DAY, of_sum="S").given_minor for n in range(6)]
    rate(log, "8", START)
    parts.append(convert(log, "C6", 1, START + 9 * DAY, of_sum="S").given_minor)
    assert parts == [7, 7, 7, 7, 8, 7, 7]


def test_what_is_given_up_realises_its_gain_in_the_home_currency(log: Log) -> None:
    convert(log, "C1", 10_000)
    rate(log, "7.20", START + DAY)
    back = convert(log, "C2", 28_800, START + 2 * DAY, into="USD")
    assert (back.given_minor, back.gain_minor) == (4_000, 306)
    assert gain(log) == 306
    assert position_of(log, TERMS, "USD") == Position(6_000, 42_740)
    groups = {one.name: one.readers for one in log.groups(back.seq)}
    assert groups[EXCHANGE_GROUP] == ("platform",), "what the bearer gains is the bearer's"
    assert rebuild(log.engine).unchanged


def test_open_positions_are_revalued_at_a_months_end_and_taken_back_at_the_next(log: Log) -> None:
    convert(log, "C1", 10_000)
    rate(log, "7.20", START + DAY)
    september, calendar = Period(2026, 9), calendar_of(log, AUTUMN, ZONE)
    assert len(revalue(log, TERMS, calendar, september, by="platform")) == 2
    assert revalue(log, TERMS, calendar, september, by="platform") == []
    last = september.end(ZONE) - timedelta(microseconds=1)
    assert gain(log, "fx_unrealised", Until(occurred=last)) == 766
    assert gain(log, "fx_unrealised") == 0
    assert position_of(log, TERMS, "USD") == Position(10_000, 71_234), "its cost stays"
    assert terms_in_use(log, AUTUMN, "CNY") == [TERMS]


def test_a_position_without_a_rate_at_a_months_end_is_named_before_closing(log: Log) -> None:
    september, calendar = Period(2026, 9), calendar_of(log, AUTUMN, ZONE)
    convert(log, "C1", 10_000)
    assert unrated_positions(log, TERMS, calendar, september) == []
    other = replace(TERMS, source="bank")
    assert unrated_positions(log, other, calendar, september) == ["USD"]
    assert unrated_positions(log, other, calendar, Period(2026, 8)) == [], "nothing was held yet"


def test_the_last_rate_as_of_a_time_counts_either_way_round(log: Log) -> None:
    first = rate(log, "7.10", START)
    mended = rate(log, "7.11", START)
    inverse = rate(log, "50/357", START + DAY, base="CNY", quote="USD")
    found = [rate_at(log, AUTUMN, "USD", "CNY", "pboc", START + hours * DAY) for hours in (0, 1)]
    assert first < mended
    assert [one.seq for one in found] == [mended, inverse]
    assert str(found[1].rate.value) == "357/50"


def test_what_does_not_fit_is_refused_and_nothing_is_written(log: Log) -> None:
    size = log.size()
    with pytest.raises(FxRefused, match="10000 minor units of USD are available"):
        convert(log, "C1", 10_001)
    with pytest.raises(FxRefused, match="one side of a conversion is CNY"):
        convert_sum(
            log,
            TERMS,
            Conversion(id="C1", account=DOLLARS, amount_minor=1, into="EUR"),
            at=START,
            by="platform",
        )
    with pytest.raises(RateUnknown, match="pboc"):
        convert(log, "C1", 1, START - 2 * DAY)
    with pytest.raises(FxRefused, match="come to"):
        convert(log, "C1", 1, into="USD")
    assert log.size() == size
