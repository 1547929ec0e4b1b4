"""`tallystick simulate`: past orders under a proposed version, from a file and from the log."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest

from policies.money import from_minor, to_minor
from tests.command_line import AGREEMENT, EXAMPLES, tally, tally_process

WEEK = EXAMPLES / "orders" / "autumn-week-5.csv"
HEADER = "order,line,currency,paid,freight,platform_coupon,confirmed_at,refunded,refunded_at"
ROW = "O-1,1,CNY,299.00,10.00,20.00,2026-03-02,0.00,"
SMALLER = ("amount: 30% * (commission", "amount: 25% * (commission")


def proposed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """The example as version 2, with texts replaced."""
    text = AGREEMENT.read_text(encoding="utf-8")
    for was, now in (("version: 1\n", "version: 2\nsupersedes: {version: 1}\n"), *changes):
        assert was in text, was
        text = text.replace(was, now, 1)
    path = tmp_path / "v2.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def orders(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    """An order file."""
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def test_one_order_moves_from_the_agency_to_the_streamer_by_clause(tmp_path: Path) -> None:
    ran = tally(
        tmp_path,
        "simulate",
        proposed(tmp_path, SMALLER),
        orders(tmp_path, ROW),
        "--under",
        AGREEMENT,
        "--json",
    )
    assert (ran.code, ran.err) == (0, "")
    changed = [one for one in ran.json["shares"] if one["difference_minor"]]
    assert changed == [
        {"party": "mcn", "clause": "6.2", "share": "mcn_share", "lines": 1,
         "before_minor": 1669, "after_minor": 1391, "difference_minor": -278},
        {"party": "streamer", "clause": "6.2", "share": "streamer_share", "lines": 1,
         "before_minor": 3893, "after_minor": 4171, "difference_minor": 278},
    ]  # fmt: skip
    assert sum(one["before_minor"] for one in ran.json["parties"]) == 29900, "what the buyer paid"


def test_the_proposed_side_is_what_split_says_of_the_same_lines(tmp_path: Path) -> None:
    new = proposed(tmp_path, SMALLER)
    unrefunded = tmp_path / "unrefunded.csv"
    frame = pl.read_csv(WEEK, infer_schema=False).drop("refunded", "refunded_at")
    frame.write_csv(unrefunded)
    split = tally(tmp_path, "split", new, unrefunded, "--json")
    ran = tally(tmp_path, "simulate", new, unrefunded, "--under", AGREEMENT, "--json")
    legs: dict[str, int] = defaultdict(int)
    for line in split.json["lines"]:
        for name, leg in line["legs"].items():
            legs[name] += leg["amount_minor"]
    after = {one["share"]: one["after_minor"] for one in ran.json["shares"]}
    assert {name: after[name] for name in legs} == legs
    assert ran.json["lines"] == len(split.json["lines"])


def test_a_refund_counts_within_the_window_of_each_version(tmp_path: Path) -> None:
    longer = proposed(tmp_path, ("window_days: 15", "window_days: 30"))
    late = "O-1,1,CNY,299.00,10.00,20.00,2026-03-02 09:00:00,299.00,2026-03-27 09:00:00"
    ran = tally(tmp_path, "simulate", longer, orders(tmp_path, late), "--under", AGREEMENT, "--json")
    mcn = next(one for one in ran.json["parties"] if one["party"] == "mcn")
    assert (mcn["before_minor"], mcn["after_minor"]) == (1669, 0)
    early = late.replace("03-27", "03-17")
    ran = tally(tmp_path, "simulate", longer, orders(tmp_path, early), "--under", AGREEMENT, "--json")
    assert {one["after_minor"] for one in ran.json["parties"]} == {0}
    assert {one["before_minor"] for one in ran.json["parties"]} == {0}


def test_csv_and_parquet_and_files_of_any_length_give_the_same(tmp_path: Path) -> None:
    new = proposed(tmp_path, SMALLER)
    frame = pl.read_csv(WEEK, infer_schema=False)
    frame.write_parquet(tmp_path / "week.parquet")
    by_csv = tally(tmp_path, "simulate", new, WEEK, "--under", AGREEMENT, "--json")
    assert by_csv.code == 0
    assert (
        tally(tmp_path, "simulate", new, tmp_path / "week.parquet", "--under", AGREEMENT, "--json") == by_csv
    )


def test_people_scripts_and_spreadsheets_read_the_same_figures(tmp_path: Path) -> None:
    new, lines = proposed(tmp_path, SMALLER), tmp_path / "lines.csv"
    plain = tally(tmp_path, "simulate", new, WEEK, "--under", AGREEMENT, "--lines", lines)
    table = tally(tmp_path, "simulate", new, WEEK, "--under", AGREEMENT, "--csv")
    data = tally(tmp_path, "simulate", new, WEEK, "--under", AGREEMENT, "--json").json
    rows = list(csv.DictReader(io.StringIO(table.out)))
    mcn = next(one for one in rows if one["share"] == "mcn_share")
    assert mcn["difference"] in plain.out
    total = next(one for one in data["parties"] if one["party"] == "mcn")["difference_minor"]
    written = list(csv.DictReader(io.StringIO(lines.read_text(encoding="utf-8"))))
    assert sum(to_minor(one["difference"], "CNY") for one in written if one["party"] == "mcn") == total
    assert mcn["difference"] == from_minor(total, "CNY")


def test_a_case_is_decided_under_both(tmp_path: Path) -> None:
    new = proposed(tmp_path, ("amount: 2_000_000.00", "amount: 500_000.00"))
    case = EXAMPLES / "cases" / "D05.yaml"
    ran = tally(
        tmp_path, "simulate", new, orders(tmp_path, ROW), "--under", AGREEMENT, "--case", case, "--json"
    )
    (decided,) = ran.json["cases"]
    assert decided["before"]["amount_minor"] == 283_560_000
    assert decided["after"]["amount_minor"] == 255_560_000
    streamer = next(one for one in decided["parties"] if one["party"] == "streamer")
    assert streamer["difference_minor"] == -28_000_000
    said = tally(tmp_path, "simulate", new, orders(tmp_path, ROW), "--under", AGREEMENT, "--case", case).out
    assert "2,835,600.00 → granted_in_part 2,555,600.00" in said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("O-2,1,CNY,2_99,10.00,20.00,2026-03-02,0.00,", ("row 2", "column paid")),
        ("O-2,1,USD,299.00,10.00,20.00,2026-03-02,0.00,", ("row 2", "column currency", "USD")),
        ("O-2,1,CNY,299.00,10.00,20.00,soon,0.00,", ("row 2", "column confirmed_at", "soon")),
        ("O-1,1,CNY,299.00,10.00,20.00,2026-03-02,0.00,", ("O-1", "twice")),
        (",1,CNY,299.00,10.00,20.00,2026-03-02,0.00,", ("order and line",)),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_nothing_is_printed(
    tmp_path: Path, row: str, said: tuple[str, ...]
) -> None:
    new = proposed(tmp_path, SMALLER)
    ran = tally(tmp_path, "simulate", new, orders(tmp_path, ROW, row), "--under", AGREEMENT, "--json")
    assert (ran.code, ran.out) == (2, "")
    for word in said:
        assert word in ran.err


def test_lines_without_a_fact_are_counted_and_named_and_exit_with_1(tmp_path: Path) -> None:
    lacking = "O-2,1,CNY,,10.00,20.00,2026-03-02,0.00,"
    ran = tally(
        tmp_path,
        "simulate",
        proposed(tmp_path, SMALLER),
        orders(tmp_path, ROW, lacking),
        "--under",
        AGREEMENT,
    )
    assert ran.code == 1
    assert "not compared: 1 lines" in ran.out
    assert "O-2/1" in ran.out


def test_what_is_compared_must_be_said_once(tmp_path: Path) -> None:
    new = proposed(tmp_path, SMALLER)
    for arguments in ([], [WEEK], ["--under", AGREEMENT], [WEEK, "--agreement", "head-streamer"]):
        ran = tally_process(tmp_path, "simulate", new, *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "--under OLD, or --agreement ID" in ran.err


def test_the_orders_of_the_log_are_replayed_with_every_refund_it_knows(
    installation: Path, tmp_path: Path
) -> None:
    new = proposed(tmp_path, SMALLER)
    ran = tally(installation, "simulate", new, "--agreement", "head-streamer", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["under"] == ["head-streamer@1"]
    assert (ran.json["lines"], ran.json["left_out"]) == (1055, 0)
    files = (WEEK, EXAMPLES / "orders" / "d01-orders.csv")
    both = pl.concat(pl.read_csv(path, infer_schema=False) for path in files)
    both.write_csv(tmp_path / "both.csv")
    by_file = tally(tmp_path, "simulate", new, tmp_path / "both.csv", "--under", AGREEMENT, "--json").json
    assert by_file["lines"] == ran.json["lines"]
    for one, other in zip(ran.json["parties"], by_file["parties"], strict=True):
        # a file knows the last total alone, which may be late where an earlier part of it was in time
        assert one["party"] == other["party"]
        assert 0 < one["before_minor"] < other["before_minor"]
    assert sum(one["difference_minor"] for one in ran.json["parties"]) == 0
