"""Journals of the log: hledger and beancount accept them strictly and come to our balances, to the unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import Engine

from ledger.accounts import Account, Until, balances
from ledger.disclosed import Sight
from ledger.entries import Group, NewEntry, Posting
from ledger.journals.names import UNDISCLOSED, account_name
from ledger.journals.transactions import Scope
from ledger.journals.writing import Program, journal
from ledger.log import Log
from policies.errors import MoneyError
from policies.money import MINOR_DIGITS
from tests.accounting_programs import (
    Balances,
    beancount_balances,
    beancount_entries,
    hledger_balances,
    hledger_tags,
)
from tests.ledger_samples import PARTIES, pair, sale

SHANGHAI = ZoneInfo("Asia/Shanghai")
ODD = '订单 "7", date:2026-01-01; [2026-01-02] \\ 5% |'
Read = Callable[[Path], Balances]
PROGRAMS: list[tuple[Program, Read]] = [("hledger", hledger_balances), ("beancount", beancount_balances)]


def moved(owner: str, amount_minor: int, currency: str = "CNY", **changed: str) -> Posting:
    plain = Posting(
        owner=owner, currency=currency, amount_minor=amount_minor, purpose="balance",
        agreement="autumn-beauty", clause="6.1", kind="leg",
    )  # fmt: skip
    return msgspec.structs.replace(plain, **changed)


def decided(day: int, entry_id: str, *groups: Group) -> NewEntry:
    return NewEntry(
        source="court", id=entry_id, kind="dispute.decided", asserter="platform",
        occurred_at=datetime(2026, 9, day, 16, tzinfo=UTC),
        agreement="autumn-beauty@1", groups=groups,
    )  # fmt: skip


@pytest.fixture
def log(engine: Engine) -> Log:
    """Sales in three currencies, ids of every sort, owners that look alike, groups of one party alone."""
    log = Log(engine)
    yen = Group("order", PARTIES, {"order": ODD, "line": "1"}, pair(2**53 - 1, currency="JPY"))
    split = (
        Group("party.1", ("mcn",), {}, (moved("mcn", 30, clause=ODD), moved("Mcn", 5))),
        Group("party.2", ("streamer",), {}, (moved("streamer", 65), moved("streamer", 1, "USD"))),
        Group("escrow", ("platform",), {}, (moved("escrow", -100), moved("cn:91-x", -1, "USD"))),
    )
    other = [moved("mcn", 9, agreement="winter"), moved("brand", -9, agreement="winter")]
    log.append([
        sale("O1", paid_minor=100),
        sale(ODD, groups=(yen,)),
        decided(10, "first", *split),
        decided(20, "back", Group("escrow", PARTIES, {}, (moved("mcn", -30), moved("escrow", 30)))),
        decided(25, "winter", Group("winter", PARTIES, {}, tuple(other))),
    ])  # fmt: skip
    return log


def write(log: Log, to: Path, program: Program, scope: Scope) -> Path:
    path = to / f"books.{program}"
    path.write_text("".join(journal(log.engine, scope, program)), encoding="utf-8")
    return path


def ours(log: Log, until: Until | None = None) -> Balances:
    found = balances(log.engine, until=until or Until())
    return {(account_name(one), one.currency): -amount for one, amount in found.items() if amount}


@pytest.mark.parametrize(("program", "read"), PROGRAMS)
def test_balances_read_back_are_ours_to_the_unit(
    log: Log, tmp_path: Path, program: Program, read: Read
) -> None:
    path = write(log, tmp_path, program, Scope(zone=SHANGHAI))
    assert read(path) == ours(log)


@pytest.mark.parametrize(("program", "read"), PROGRAMS)
def test_a_journal_that_begins_later_carries_over_and_ends_alike(
    log: Log, tmp_path: Path, program: Program, read: Read
) -> None:
    day = datetime(2026, 9, 21, tzinfo=SHANGHAI)
    later = write(log, tmp_path, program, Scope(start=day, zone=SHANGHAI))
    text = later.read_text(encoding="utf-8")
    assert "opening balances" in text
    assert "O1" not in text
    assert read(later) == ours(log)
    until = write(log, tmp_path, program, Scope(stop=day, zone=SHANGHAI))
    assert read(until) == ours(log, Until(occurred=day - timedelta(microseconds=1)))


@pytest.mark.parametrize(("program", "read"), PROGRAMS)
def test_a_partys_journal_holds_what_it_may_open_and_balances(
    log: Log, tmp_path: Path, program: Program, read: Read
) -> None:
    path = write(log, tmp_path, program, Scope(Sight(frozenset({"mcn"})), "autumn-beauty"))
    found = read(path)
    mcn = Account("mcn", "autumn-beauty", "balance", "CNY")
    assert ("Liabilities:M-x-cn:Autumn-beauty:Balance", "CNY") in found
    assert found.get((account_name(mcn), "CNY"), 0) == 0, "30 came and went"
    assert found[UNDISCLOSED, "CNY"] == 35, "what the others of the split got"
    text = path.read_text(encoding="utf-8")
    assert "Streamer" not in text
    assert "Winter" not in text


@pytest.mark.parametrize(("program", "read"), PROGRAMS)
def test_who_may_read_nothing_holds_an_empty_journal_that_is_valid(
    log: Log, tmp_path: Path, program: Program, read: Read
) -> None:
    assert read(write(log, tmp_path, program, Scope(Sight(frozenset({"stranger"}))))) == {}


def test_every_transaction_names_its_entry_and_odd_text_reads_back(log: Log, tmp_path: Path) -> None:
    path = write(log, tmp_path, "hledger", Scope())
    assert sorted(hledger_tags(path, "seq"), key=int) == ["0", "1", "2", "3", "4"]
    assert ODD in map(unquote, hledger_tags(path, "order"))
    assert ODD in map(unquote, hledger_tags(path, "clause"))
    entries = beancount_entries(write(log, tmp_path, "beancount", Scope()))
    told = {one.meta["seq"]: one for one in entries if type(one).__name__ == "Transaction"}
    assert told[1].meta["order"] == ODD
    assert told[2].postings[0].meta["clause"] == ODD
    assert (told[2].narration, told[2].meta["id"], told[2].meta["source"]) == (
        "dispute.decided",
        "first",
        "court",
    )


def test_days_are_those_of_the_time_zone_asked_for(log: Log) -> None:
    def dated(scope: Scope) -> bool:
        return "2026-09-11 (2)" in "".join(journal(log.engine, scope, "hledger"))

    assert dated(Scope(zone=SHANGHAI))
    assert not dated(Scope())


def test_a_currency_with_no_known_minor_unit_is_refused(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    gold = (moved("mcn", 1, "XAU"), moved("escrow", -1, "XAU"))
    with monkeypatch.context() as then:  # a log into which an earlier release took it
        then.setitem(MINOR_DIGITS, "XAU", 2)
        log.append([decided(26, "gold", Group("order", PARTIES, {}, gold))])
    with pytest.raises(MoneyError, match="XAU"):
        "".join(journal(log.engine, Scope(), "beancount"))
