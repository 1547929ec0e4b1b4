"""`fx`: a rate and a conversion under an agreement with an fx clause, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.accounting_programs import beancount_balances, hledger_balances
from tests.command_line import office_at, tally
from tests.fx_world import with_dollars


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example agreement with an fx clause, signed, and 100.00 dollars that the agency is owed."""
    folder = tmp_path_factory.mktemp("fx") / "data"
    with office_at(folder) as office:
        office.clock = lambda: datetime(2026, 1, 31, tzinfo=UTC)
        with_dollars(office)
    return folder


CONVERT = ("fx", "convert", "march", "--agreement", "head-streamer", "--account", "mcn", "--from", "USD",
           "--to", "CNY")  # fmt: skip


def test_a_rate_is_recorded_a_sum_converted_and_the_position_shown(data: Path, tmp_path: Path) -> None:
    missing = tally(data, *CONVERT, "--amount", "100.00")
    assert (missing.code, "[rate.unknown]" in missing.err) == (2, True)
    at = ("--at", "2026-01-31T00:00:00+00:00")
    recorded = tally(data, "fx", "rate", "head-streamer", "USD", "CNY", "7.1234", *at)
    assert recorded.out.startswith("1 USD = 7.1234 CNY, entry "), recorded.err
    beyond = tally(data, *CONVERT, "--amount", "100.01")
    assert (beyond.code, "[fx.refused]" in beyond.err) == (2, True)
    done = tally(data, *CONVERT, "--amount", "100.00")
    assert "100.00 USD = 712.34 CNY at 7.1234 of 2026-01-31T00:00:00Z" in done.out, done.err
    assert tally(data, *CONVERT, "--amount", "100.00").out == done.out, "the same again adds nothing"
    shown = tally(data, "fx", "show", "head-streamer")
    assert "100.00 USD  cost         712.34 CNY" in shown.out
    assert (
        "1 USD = 7.1234 CNY of central parity as of 2026-01-31"
        in tally(data, "fx", "rates", "head-streamer").out
    )
    (told,) = tally(data, "fx", "conversions", "head-streamer", "--json").json
    assert (told["id"], told["taken_minor"], told["gain_minor"]) == ("march", 71_234, 0)
    assert (
        "march: mcn.balance  100.00 USD = 712.34 CNY" in tally(data, "fx", "conversions", "head-streamer").out
    )
    assert tally(data, "fx", "gains", "head-streamer", "--json").json == []
    assert tally(data, "fx", "rates", "spring").code == 2
    closed = tally(data, "period", "close", "head-streamer", "2026-01", "--json")
    assert closed.code == 0, closed.err
    for program, read in (("hledger", hledger_balances), ("beancount", beancount_balances)):
        path = tmp_path / program
        assert tally(data, "export", "journal", program, "-o", path).code == 0
        found = read(path)
        assert found["Equity:Platform:Head-streamer:Fx-usd", "USD"] == -10_000
        assert found["Equity:Platform:Head-streamer:Fx-usd", "CNY"] == 71_234


def test_an_agreement_with_no_fx_clause_says_so(example_data: Path) -> None:
    refused = tally(example_data, *CONVERT, "--amount", "1.00")
    assert (refused.code, "no clause of the kind fx" in refused.err) == (2, True)
    assert tally(example_data, "fx", "show", "head-streamer", "--json").json == []


def test_what_is_no_rate_exits_with_2(data: Path) -> None:
    refused = tally(data, "fx", "rate", "head-streamer", "USD", "CNY", "7,1")
    assert (refused.code, "[fx.refused]" in refused.err) == (2, True)
