"""The worked example's March closed from the command line: accruals, vouchers, and journals that agree."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api.settlements.service import cutoff_of
from tests.accounting_programs import beancount_balances, hledger_balances
from tests.command_line import EXAMPLES, tally
from tests.month_end import let_stand_by_command

ACCOUNTS = EXAMPLES / "vouchers" / "head-streamer.yaml"
OF = ("--agreement", "head-streamer", "--period", "2026-03")


@pytest.fixture
def closed(installation: Path) -> Path:
    """The worked example with March closed, in which a thousand orders were sold and settled."""
    let_stand_by_command(installation, "2026-03")
    done = tally(installation, "period", "close", "head-streamer", "2026-03")
    assert done.code == 0, done.err
    return installation


def test_vouchers_of_a_closed_month_are_written_in_each_layout_and_refused_by_name(
    closed: Path, tmp_path: Path
) -> None:
    for layout, suffix in (("csv", "csv"), ("yonyou-u8", "txt"), ("kingdee-k3", "xlsx")):
        out = tmp_path / f"march.{suffix}"
        done = tally(closed, "export", "vouchers", layout, *OF, "--accounts", ACCOUNTS, "--out", out)
        assert done.code == 0, done.err
        assert "vouchers, " in done.out
        again = tmp_path / "again"
        tally(closed, "export", "vouchers", layout, *OF, "--accounts", ACCOUNTS, "--out", again)
        assert again.read_bytes() == out.read_bytes()
    rows = list(csv.DictReader((tmp_path / "march.csv").read_text(encoding="utf-8-sig").splitlines()))
    debit, credit = (
        sum(int(row[side].replace(".", "")) for row in rows) for side in ("借方金额", "贷方金额")
    )
    assert debit == credit > 0
    assert {row["凭证字"] for row in rows} == {"记"}
    assert any("mcn_share" in row["款项"] for row in rows)
    lacking = tmp_path / "lacking.yaml"
    text = ACCOUNTS.read_text(encoding="utf-8").splitlines()
    lacking.write_text("\n".join(line for line in text if 'owner: escrow, code: "2241' not in line), "utf-8")
    refused = tally(
        closed, "export", "vouchers", "csv", *OF, "--accounts", lacking, "--out", tmp_path / "no.csv"
    )
    assert (refused.code, "[voucher.unmapped]" in refused.err, "escrow.balance" in refused.err) == (
        2,
        True,
        True,
    )
    assert not (tmp_path / "no.csv").exists()
    early = ("--agreement", "head-streamer", "--period", "2026-04")
    refused = tally(
        closed, "export", "vouchers", "csv", *early, "--accounts", ACCOUNTS, "--out", tmp_path / "no.csv"
    )
    assert (refused.code, "[voucher.refused]" in refused.err) == (2, True)


def test_accruals_sum_to_zero_and_say_on_what_returns_rest(closed: Path) -> None:
    march = tally(closed, "period", "accruals", "head-streamer", "2026-03", "--json")
    assert march.code == 0, march.err
    assert (march.json["closed"], march.json["rows"]) == (True, []), "all of it was settled in the month"
    october = tally(closed, "period", "accruals", "head-streamer", "2026-10", "--json").json
    assert sum(one["amount"]["amount_minor"] for one in october["rows"]) == 0
    assert {one["owner"] for one in october["rows"]} >= {"brand", "escrow", "mcn", "streamer"}
    assert october["returns"]["history"]["lines"] >= 1_000
    shown = tally(closed, "period", "accruals", "head-streamer", "2026-10").out
    assert "earned and not settled" in shown
    assert f"could be refunded was ({october['returns']['rate']}), of 1," in shown
    running = october["returns"]["running"]
    more = int(running["refundable"]["amount_minor"]) * Fraction(october["returns"]["rate"])
    assert running["refunded"]["amount_minor"] >= more or not running["lines"], "as much came back already"
    assert ("no more is expected" if running["lines"] else "no line can still be returned") in shown
    assert tally(closed, "period", "accruals", "spring", "2026-03").code == 2


def test_both_accounting_programs_agree_with_the_closed_month_on_every_balance(
    closed: Path, tmp_path: Path
) -> None:
    shown = tally(closed, "period", "show", "head-streamer", "2026-03", "--json").json
    ours = sorted(-one["closing_minor"] for one in shown["accounts"] if one["closing_minor"])
    for program, read in (("hledger", hledger_balances), ("beancount", beancount_balances)):
        out = tmp_path / f"march.{program}"
        assert tally(closed, "export", "journal", program, *OF, "-o", out).code == 0
        assert sorted(read(out).values()) == ours


def test_a_month_as_cut_off_is_its_last_second(installation: Path) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert cutoff_of("2026-03", zone).isoformat() == "2026-03-31T23:59:59+08:00"
    wrong = tally(installation, "settle", "head-streamer", "--until", "2026-13")
    assert (wrong.code, "is no month such as 2026-03" in wrong.err) == (2, True)
    past = tally(installation, "settle", "head-streamer", "--until", "2026-03")
    assert (past.code, "is settled; choose a later cut-off" in past.err) == (2, True)
