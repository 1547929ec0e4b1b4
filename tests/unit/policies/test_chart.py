"""The chart of accounts: each purpose once, in both languages, and slips told from names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.chart import CHART, meant, side_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "accounts.md"


def test_every_standard_purpose_is_worded_and_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for one in CHART.values():
        row = (one.name, one.zh, one.en, one.side, one.meaning["zh"], one.meaning["en"])
        assert all(row)
        assert "| `{}` | {} | {} | {} | {} | {} |".format(*row) in page
    assert len({one.zh for one in CHART.values()}) == len(CHART)


@pytest.mark.parametrize(
    ("given", "standard"),
    [
        ("deposits", "deposit"),
        ("recievable", "receivable"),
        ("ballance", "balance"),
        ("deposit", None),
        ("late_fee", None),
        ("budget", None),
        ("marketing", None),
    ],
)
def test_a_slip_of_a_standard_purpose_is_told_from_a_name_of_its_own(
    given: str, standard: str | None
) -> None:
    assert meant(given) == standard


def test_a_purpose_of_a_documents_own_is_owed_to_somebody() -> None:
    assert side_of("budget") == "liabilities"
    assert side_of("subsidy") == "expenses"
