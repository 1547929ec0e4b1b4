"""A case that names no orders is about the settled ones on record, refunds known by then included."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from api.office.disputes import file_dispute
from api.office.opening import open_office
from api.settings import Settings
from policies.decisions.case import read_case
from policies.errors import CaseRejected
from tests.world import decided

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_buyers_who_got_their_money_back_are_not_paid_the_difference(installation: Path) -> None:
    with (EXAMPLES / "orders" / "autumn-week-5.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = sum(1 for row in rows if row["confirmed_at"] and Decimal(row["refunded"]) < Decimal(row["paid"]))
    assert 0 < kept < len(rows)
    text = (EXAMPLES / "cases" / "D05.yaml").read_text(encoding="utf-8").split("orders:")[0]
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(installation)})
    with open_office(settings) as office:
        one = decided(office, file_dispute(office, read_case(text, name="D05")).id)
    assert one.proposed is not None
    (buyers,) = [
        posting for posting in one.proposed.content["postings"] if posting["kind"] == "price_difference"
    ]
    assert buyers["to"] == f"consumers({1000 + kept})"
    assert buyers["amount_minor"] == (1000 + kept) * 17_130


def test_a_case_about_a_day_before_the_agreement_was_in_force_is_not_filed(installation: Path) -> None:
    text = (EXAMPLES / "cases" / "D01.yaml").read_text(encoding="utf-8")
    early = text.replace("decided_at: 2026-04-01", "decided_at: 2026-01-31")
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(installation)})
    with open_office(settings) as office:
        size = office.log.size()
        with pytest.raises(CaseRejected, match="was in force on 2026-01-31; the first is from 2026-02-01"):
            file_dispute(office, read_case(early, name="D01"))
        assert office.log.size() == size
