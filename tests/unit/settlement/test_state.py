"""Which lines are earned at a cut-off, which version governs them, and which refunds take them back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledger.entries import NewEntry
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.moved import Engine, exact_sum
from ledger.settlement.run import HeldLine, RunResult, result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import read_terms
from policies.agreement import Agreement
from tests.settlement_world import book, instant, plain, receipt, refund, sale

AGREEMENT = plain()
ENGINES: tuple[Engine, ...] = ("columns", "exact")


def _run(
    entries: Sequence[NewEntry],
    cutoff: str,
    agreements: Sequence[Agreement] = (AGREEMENT,),
    engine: Engine = "columns",
) -> RunResult:
    terms = read_terms(agreements)
    return result_of(book(terms, entries), terms, Point(instant(cutoff), len(entries)), None, engine)


def _amount(result: RunResult, leg: str, kind: str) -> int:
    return sum(
        result.total(part, move)
        for part in result.parts
        for move in part.moves
        if (move.leg, move.kind) == (leg, kind) and move.stated
    )


def test_a_line_is_earned_at_the_first_instant_after_its_clearing_days_and_not_a_second_before() -> None:
    lines = [sale(AGREEMENT, "A", paid="100.00"), receipt(AGREEMENT, "A", "2026-03-02T23:59:59")]
    assert _run(lines, "2026-03-16T23:59:59").lines == 0
    assert _amount(_run(lines, "2026-03-17T00:00:00"), "streamer_share", "earned") == 1260


def test_the_day_of_receipt_is_a_day_of_the_agreements_time_zone() -> None:
    late_evening_in_utc = [
        sale(AGREEMENT, "A", paid="100.00"),
        receipt(AGREEMENT, "A", "2026-03-03T00:30:00"),
    ]
    assert _run(late_evening_in_utc, "2026-03-17").lines == 0
    assert _run(late_evening_in_utc, "2026-03-18").lines == 1


def test_a_line_without_receipt_is_not_earned() -> None:
    assert _run([sale(AGREEMENT, "A", paid="100.00")], "2027-01-01").lines == 0


def test_the_last_day_of_the_return_window_counts_and_the_day_after_does_not() -> None:
    sold = [sale(AGREEMENT, "A", paid="100.00"), receipt(AGREEMENT, "A", "2026-03-01")]
    on_the_last_day = _run([*sold, refund(AGREEMENT, "A", "40.00", "2026-03-31T23:00:00")], "2026-05-01")
    assert _amount(on_the_last_day, "streamer_share", "reversed") == -504
    assert on_the_last_day.late_lines == 0
    a_day_late = _run([*sold, refund(AGREEMENT, "A", "40.00", "2026-04-01T00:00:00")], "2026-05-01")
    assert _amount(a_day_late, "streamer_share", "reversed") == 0
    assert (a_day_late.late_lines, a_day_late.late_minor) == (1, 4000)


def test_what_was_refunded_in_time_stays_reversed_when_more_is_refunded_late() -> None:
    lines = [
        sale(AGREEMENT, "A", paid="100.00"),
        receipt(AGREEMENT, "A", "2026-03-01"),
        refund(AGREEMENT, "A", "40.00", "2026-03-10"),
        refund(AGREEMENT, "A", "70.00", "2026-04-10"),
    ]
    result = _run(lines, "2026-05-01")
    assert _amount(result, "streamer_share", "reversed") == -504
    assert (result.late_lines, result.late_minor) == (1, 3000)


def test_a_refund_after_the_cutoff_waits_for_the_next_run() -> None:
    lines = [
        sale(AGREEMENT, "A", paid="100.00"),
        receipt(AGREEMENT, "A", "2026-03-01"),
        refund(AGREEMENT, "A", "40.00", "2026-03-20"),
    ]
    assert _amount(_run(lines, "2026-03-19"), "streamer_share", "reversed") == 0


def test_a_refund_beyond_what_is_refundable_reverses_the_whole_line_and_no_more() -> None:
    lines = [
        sale(AGREEMENT, "A", paid="100.00"),
        receipt(AGREEMENT, "A", "2026-03-01"),
        refund(AGREEMENT, "A", "130.00", "2026-03-10"),
    ]
    result = _run(lines, "2026-05-01")
    assert _amount(result, "streamer_share", "earned") + _amount(result, "streamer_share", "reversed") == 0
    assert result.late_minor == 3000


def test_refund_totals_that_fall_or_lie_below_zero_take_back_the_largest_in_time() -> None:
    lines = [
        sale(AGREEMENT, "A", paid="100.00"),
        receipt(AGREEMENT, "A", "2026-03-01"),
        *(refund(AGREEMENT, "A", total, "2026-03-10") for total in ("-5.00", "70.00", "40.00")),
    ]
    for engine in ENGINES:
        assert _amount(_run(lines, "2026-05-01", engine=engine), "streamer_share", "reversed") == -882
        below = _run(lines[:3], "2026-05-01", engine=engine)
        assert _amount(below, "streamer_share", "reversed") == 0


def test_a_figure_beyond_64_bits_is_refused_by_both_engines() -> None:
    steep = plain(was_1="5% * paid", now_1="500000% * paid")
    lines = [sale(steep, "A", paid="90071992547409.91"), receipt(steep, "A", "2026-03-01")]
    for engine in ENGINES:
        with pytest.raises(SettlementRefused, match="beyond 64 bits"):
            _run(lines, "2026-05-01", (steep,), engine)


def test_money_of_an_order_returned_before_receipt_goes_back_from_escrow_though_nothing_was_earned() -> None:
    lines = [sale(AGREEMENT, "A", paid="100.00"), refund(AGREEMENT, "A", "100.00", "2026-02-25")]
    result = _run(lines, "2026-03-01")
    (part,) = result.parts
    assert exact_sum(part.frame["freed:0"]) == 10000
    assert all(result.total(part, move) == 0 for move in part.moves if move.stated)


def test_a_line_goes_by_the_version_in_force_when_it_was_sold() -> None:
    newer = plain(
        was_1="version: 1",
        now_1="version: 2",
        was_2="2026-02-01",
        now_2="2026-03-01",
        was_3="20% * paid",
        now_3="30% * paid",
    )
    lines = []
    for order, day in (("old", "2026-02-28T23:59:59"), ("new", "2026-03-01T00:00:00")):
        lines += [sale(AGREEMENT, order, paid="100.00", at=day), receipt(AGREEMENT, order, "2026-03-05")]
    result = _run(lines, "2026-04-01", (newer, AGREEMENT))
    amounts = {part.terms.version: part.frame["earned:streamer_share"].to_list() for part in result.parts}
    assert amounts == {1: [1260], 2: [1890]}


def test_lines_that_cannot_be_settled_are_held_and_named_by_both_engines() -> None:
    lines = [
        sale(AGREEMENT, "early", paid="1.00", at="2026-01-31T23:00:00"),
        sale(AGREEMENT, "lacking"),
        receipt(AGREEMENT, "lacking", "2026-03-01"),
    ]
    for engine in ENGINES:
        held = _run(lines, "2026-05-01", engine=engine).held
        assert held == (HeldLine("early", "1", "no-version"), HeldLine("lacking", "1", "facts"))


def test_an_agreement_with_no_returns_clause_reverses_nothing() -> None:
    without = plain(
        was_1="kind: returns",
        now_1="kind: goodwill",
        was_2="    window_days: 30\n    refundable: paid\n",
        now_2="",
    )
    lines = [
        sale(without, "A", paid="100.00"),
        receipt(without, "A", "2026-03-01"),
        refund(without, "A", "40.00", "2026-03-10"),
    ]
    for engine in ENGINES:
        result = _run(lines, "2026-05-01", (without,), engine)
        assert _amount(result, "streamer_share", "reversed") == 0
        assert result.late_minor == 4000


def test_a_rate_read_from_each_order_is_left_to_the_exact_engine_by_name() -> None:
    by_rate = plain(
        was_1="  paid: {type",
        now_1="  cut: {type: rate, of: order, text: {zh: 费率, en: rate}}\n  paid: {type",
        was_2="5% * paid", now_2="cut * paid",
    )  # fmt: skip
    lines = [sale(by_rate, "A", paid="100.00", cut="7%"), receipt(by_rate, "A", "2026-03-01")]
    with pytest.raises(SettlementRefused, match="'cut' is a rate"):
        _run(lines, "2026-05-01", (by_rate,))
    assert _amount(_run(lines, "2026-05-01", (by_rate,), "exact"), "tech_fee", "earned") == 700


@pytest.mark.parametrize(
    ("versions", "words"),
    [
        ((), "no version"),
        ((AGREEMENT, AGREEMENT), "twice"),
        ((AGREEMENT, plain(was_1="version: 1", now_1="version: 2")), "take effect after"),
        (
            (
                AGREEMENT,
                plain(was_1="currency: CNY", now_1="currency: USD", was_2="version: 1", now_2="version: 2"),
            ),
            "currency",
        ),
    ],
)
def test_versions_that_do_not_follow_one_another_are_refused(
    versions: Sequence[Agreement], words: str
) -> None:
    with pytest.raises(SettlementRefused, match=words):
        read_terms(versions)
