"""Rows that name nothing match only where nothing else fits: what could be otherwise is a suggestion."""

from __future__ import annotations

from datetime import date, timedelta

from ledger.reconciliation.breaks import Reach
from ledger.reconciliation.matching import reconcile
from ledger.reconciliation.result import Result
from ledger.reconciliation.rows import Row, Which, frame_of
from ledger.reconciliation.rules import Rules

DAY = date(2026, 3, 10)
REACH = Reach(date(2026, 3, 31), date(2026, 3, 31))


def _row(side: Which, row_id: str, amount: int, days: int = 0, *, ref: str = "", origin: str = "s") -> Row:
    return Row(side, row_id, ref, "", "", "", "", amount, DAY + timedelta(days=days), origin, "")


def _run(a: list[Row], b: list[Row], rules: Rules) -> Result:
    return reconcile(frame_of(a), frame_of(b), rules, REACH)


def test_a_sum_does_not_match_where_single_rows_fit_too() -> None:
    a = [_row("a", "a1", 100_00, ref="S-1")]
    b = [_row("b", f"b{place}", amount) for place, amount in enumerate([100_00, 100_00, 61_00, 39_00])]
    found = _run(a, b, Rules(0, 0))
    assert found.matches == 0, "either transfer of 100 may be it, or the two that come to 100"
    assert {one.how for one in found.suggestions} >= {"amount"}


def test_rows_that_fit_others_singly_are_not_taken_for_a_sum() -> None:
    a = [_row("a", "a1", 100_00), _row("a", "a2", 100_00)]
    b = [_row("b", "b1", 100_00), _row("b", "b2", 200_00)]
    found = _run(a, b, Rules(0, 0))
    assert found.matches == 0, "one of the two is the 100, and then they do not come to the 200"


def test_groups_of_one_total_are_all_looked_at_before_one_matches() -> None:
    a = [
        _row("a", f"a{number}{part}", amount, days=0 if number > 3 else -60, ref=f"{number}{part}",
             origin=f"S-{number}")
        for number in range(1, 6)
        for part, amount in enumerate((70_01 + number, 29_99 - number))
    ]  # fmt: skip
    found = _run(a, [_row("b", "b1", 100_00)], Rules(0, 1))
    assert found.matches == 0, "two statements of that day come to it"
    assert {one.a[0].origin for one in found.suggestions} == {"S-4", "S-5"}


def test_a_row_in_a_crowd_is_not_matched_by_what_lies_beside_the_crowd() -> None:
    even = DAY + timedelta(days=(date(1970, 1, 1) - DAY).days % 2)
    start = (even - DAY).days
    a = [_row("a", f"a{place}", 100_00, start) for place in range(50)] + [
        _row("a", "last", 100_00, start + 1)
    ]
    b = [_row("b", f"b{place}", 100_00, start) for place in range(60)] + [
        _row("b", "next", 100_00, start + 2)
    ]
    found = _run(a, b, Rules(0, 1))
    assert found.matches == 0, "the row of the next day fits sixty others as well"
