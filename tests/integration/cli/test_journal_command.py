"""`export journal`: the worked example accepted by both programs, and refused where it must be."""

from __future__ import annotations

from pathlib import Path

from ledger.accounts import balances
from ledger.journals.names import account_name
from tests.accounting_programs import beancount_balances, hledger_balances
from tests.command_line import office_at, tally


def test_the_worked_example_balances_in_both_programs(example_data: Path, tmp_path: Path) -> None:
    with office_at(example_data) as office:
        found = balances(office.engine)
    expected = {(account_name(one), one.currency): -amount for one, amount in found.items() if amount}
    for program, read in (("hledger", hledger_balances), ("beancount", beancount_balances)):
        path = tmp_path / f"books.{program}"
        ran = tally(example_data, "export", "journal", program, "--agreement", "head-streamer", "-o", path)
        assert ran.code == 0
        assert ran.out == f"{path}: {path.stat().st_size:,} bytes\n"
        assert read(path) == expected


def test_days_narrow_it_and_what_stood_before_is_carried_over(example_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "march.journal"
    days = ("--from", "2026-03-01", "--to", "2026-03-31", "--party", "mcn")
    ran = tally(example_data, "export", "journal", "hledger", *days)
    path.write_text(ran.out, encoding="utf-8")
    assert "2026-02-28" not in ran.out
    assert "as mcn may read it" in ran.out
    assert ("Liabilities:Mcn:Head-streamer:Balance", "CNY") in hledger_balances(path)


def test_what_is_not_there_or_no_day_is_refused_and_leaves_no_file(
    example_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "books"
    unknown = tally(example_data, "export", "journal", "hledger", "--agreement", "spring", "-o", path)
    assert (unknown.code, "[agreement.unknown]" in unknown.err) == (2, True)
    assert tally(example_data, "export", "journal", "hledger", "--from", "March").code == 2
    assert tally(example_data, "export", "journal", "gnucash").code == 2
    assert list(tmp_path.iterdir()) == []
