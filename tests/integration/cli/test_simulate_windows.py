"""`tallystick simulate` where lines count together: ladders over windows, and rounding once per statement."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.money import to_minor
from tests.command_line import EXAMPLES, tally

LADDER = EXAMPLES / "agreements" / "month-ladder.yaml"
ORDERS = EXAMPLES / "orders" / "month-ladder-may.csv"
PER_STATEMENT = EXAMPLES / "disputes" / "D08" / "settled.yaml"


def _proposed(tmp_path: Path, document: Path, *changes: tuple[str, str]) -> Path:
    text = document.read_text(encoding="utf-8")
    for was, now in (("version: 1\n", "version: 2\nsupersedes: {version: 1}\n"), *changes):
        assert was in text, was
        text = text.replace(was, now)
    path = tmp_path / "v2.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def _shares(tmp_path: Path, *arguments: str | Path) -> dict[str, tuple[int, int]]:
    ran = tally(tmp_path, "simulate", *arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert sum(one["difference_minor"] for one in ran.json["parties"]) == 0
    return {one["share"]: (one["before_minor"], one["after_minor"]) for one in ran.json["shares"]}


def test_a_ladder_is_replayed_as_its_months_settle_refunds_and_top_up_included(tmp_path: Path) -> None:
    higher = _proposed(tmp_path, LADDER, ("value: 18%", "value: 19%"), ("18%", "19%"))
    found = _shares(tmp_path, higher, ORDERS, "--under", LADDER)
    assert found == {
        "alliance_fee": (7_380_000, 7_580_000),
        "mcn_share": (19_926_000, 20_466_000),
        "streamer_share": (46_494_000, 47_754_000),
        "merchant_net": (340_200_000, 338_200_000),
    }, "738,000.00 of commission on 4,140,000.00, and 758,000.00"


def test_orders_that_nobody_confirmed_count_in_the_month_they_were_sold_in(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    rows = ["order,line,currency,paid,paid_at,confirmed_at", "A,1,CNY,900000.00,2026-05-02,2026-05-09",
            "B,1,CNY,200000.00,2026-05-30,"]  # fmt: skip
    file.write_text("\n".join(rows), encoding="utf-8")
    higher = _proposed(tmp_path, LADDER, ("value: 18%", "value: 28%"), ("18%", "28%"))
    found = _shares(tmp_path, higher, file, "--under", LADDER)
    assert found["alliance_fee"] == (1_680_000, 1_780_000), "10% of 150,000.00 and of 100,000.00 at 18%, 28%"


@pytest.mark.parametrize("refunded", ["0.00", "139.00"])
def test_rounding_once_per_statement_is_replayed_over_all_lines(tmp_path: Path, refunded: str) -> None:
    file = tmp_path / "orders.csv"
    rows = [f"A-{place},1,CNY,139.00,2026-02-20,2026-02-25,{refunded}" for place in range(1_200)]
    header = "order,line,currency,paid,paid_at,confirmed_at,refunded"
    file.write_text("\n".join([header, *rows]), encoding="utf-8")
    proposed = _proposed(tmp_path, PER_STATEMENT, ("30% * (", "33% * ("), ("30%", "33%"))
    found = _shares(tmp_path, proposed, file, "--under", PER_STATEMENT)
    whole = (to_minor("9007.20", "CNY"), to_minor("9907.92", "CNY"))
    assert found["mcn_share"] == ((0, 0) if refunded == "139.00" else whole)
    assert found["tech_fee"] == (834_000, 834_000), "it stays when goods come back"
