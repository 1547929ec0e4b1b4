"""`accounts` and `account`: balances at a pair of times, movements with their balance, and slips named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.command_line import tally

OF = ("--agreement", "head-streamer")


def test_the_chart_sums_to_zero_and_is_empty_before_anything_happened(example_data: Path) -> None:
    rows = tally(example_data, "accounts", "--json").json["accounts"]
    assert len(rows) > 5
    assert sum(row["balance_minor"] for row in rows) == 0
    assert {"account": "escrow.balance", "side": "liabilities", "currency": "CNY"}.items() <= next(
        row.items() for row in rows if row["account"].startswith("escrow")
    )
    ran = tally(example_data, "accounts", *OF, "--occurred", "2020-01-01")
    assert (ran.code, ran.out) == (0, "nothing was posted to any such account\n")


def test_a_chart_reads_the_same_as_text_csv_and_json(example_data: Path) -> None:
    own = ("accounts", *OF, "--owner", "mcn")
    (row,) = tally(example_data, *own, "--json").json["accounts"]
    (written,) = csv.DictReader(io.StringIO(tally(example_data, *own, "--csv").out))
    assert written == {name: str(value) for name, value in row.items()}
    assert (
        f"{row['balance_minor'] // 100:,}.{row['balance_minor'] % 100:02} CNY"
        in tally(example_data, *own).out
    )


def test_movements_continue_where_they_stopped(example_data: Path) -> None:
    account = ("account", "mcn.balance", *OF)
    whole = tally(example_data, *account, "--json").json
    assert whole["movements"][-1]["balance_minor"] == whole["balance_minor"]
    first = tally(example_data, *account, "--limit", "1")
    place = f"{whole['movements'][0]['seq']}.{whole['movements'][0]['n']}"
    assert f"--after {place}" in first.out
    rest = tally(example_data, *account, "--after", place, "--json").json
    assert rest["movements"] == whole["movements"][1:]
    rows = list(csv.DictReader(io.StringIO(tally(example_data, *account, "--csv").out)))
    assert [int(row["amount_minor"]) for row in rows] == [one["amount_minor"] for one in whole["movements"]]


def test_a_slip_is_named_and_ends_with_2(example_data: Path) -> None:
    for arguments, said in (
        (("account", "mcn.balanc", *OF), "did you mean 'mcn.balance'"),
        (("account", "mcn", *OF), "OWNER.PURPOSE"),
        (("account", "mcn.balance", *OF, "--currency", "USD"), "in USD"),
        (("account", "mcn.balance", *OF, "--after", "x"), "no cursor"),
        (("accounts", "--occurred", "yesterday"), "2026-03-31"),
        (("accounts", "--agreement", "no-such", "--recorded", "2026-01-01"), "no such agreement"),
    ):
        ran = tally(example_data, *arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err
