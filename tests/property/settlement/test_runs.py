"""Settlement over random lines, refunds and cut-offs: nothing lost, nothing made, every engine agrees."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entries import NewEntry
from ledger.settlement.books import run_postings
from ledger.settlement.digest import run_digest
from ledger.settlement.moved import Engine
from ledger.settlement.run import RunResult, result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import read_terms
from policies.agreement import Agreement
from tests.settlement_world import book, head_streamer, instant, plain, receipt, refund, sale

AGREEMENTS = [
    plain(),
    head_streamer(),
    plain(was_1="half_up", now_1="half_even"),
    plain(was_1="half_up", now_1="floor"),
]
CUTOFFS = ["2026-03-01", "2026-03-20", "2026-04-02", "2026-05-01", "2026-07-01"]

FEWER = settings(max_examples=max(settings().max_examples // 5, 1))
"""Each example runs several settlements; the soak profile still asks for many."""

CENTS = st.integers(0, 100_000)


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


@st.composite
def histories(draw: st.DrawFn, agreement: Agreement) -> list[NewEntry]:
    """Order lines with receipts (or none) and growing refunds, in the order a log could tell them."""
    entries: list[tuple[int, NewEntry]] = []
    for number in range(draw(st.integers(1, 6))):
        paid = draw(CENTS)
        facts = {"paid": _text(paid)}
        if agreement.id == "head-streamer":
            facts["platform_coupon"] = _text(draw(st.integers(0, 3000)))
            facts["freight"] = _text(draw(st.integers(0, paid)))
        order = f"A{number}"
        told = [(10, sale(agreement, order, at="2026-02-10", **facts))]
        received = draw(st.none() | st.integers(11, 50))
        if received is not None:
            told.append((received, receipt(agreement, order, _day(received))))
        last = (received or 60) + 60
        days = sorted(draw(st.lists(st.integers(11, last), max_size=3)))
        totals = sorted(
            draw(
                st.lists(
                    st.integers(1, max(paid, 1)),
                    min_size=len(days),
                    max_size=len(days),
                    unique=len(days) <= paid,
                )
            )
        )
        for day, total in zip(days, totals, strict=True):
            if total <= paid:
                told.append((day, refund(agreement, order, _text(total), _day(day))))
        entries += told
    entries.sort(key=lambda one: one[0])
    found: list[NewEntry] = []
    seen: set[str] = set()
    for _, entry in entries:
        if entry.id not in seen:
            seen.add(entry.id)
            found.append(entry)
    return found


def _named(agreement: Agreement) -> str:
    commission = agreement.commission
    assert commission is not None
    return f"{agreement.id}-{commission.rounding.mode}"


def _day(number: int) -> str:
    month, day = divmod(number - 1, 28)
    return f"2026-{2 + month:02}-{day + 1:02}T12:00:00"


def _runs(
    agreement: Agreement, entries: Sequence[NewEntry], cutoffs: Sequence[str], engine: Engine = "columns"
) -> list[RunResult]:
    terms = read_terms([agreement])
    lines = book(terms, entries)
    found: list[RunResult] = []
    before: Point | None = None
    for cutoff in cutoffs:
        at = instant(cutoff)
        known = sum(1 for entry in entries if entry.occurred_at <= at)
        point = Point(at, len(entries) if cutoff == cutoffs[-1] else known)
        found.append(result_of(lines, terms, point, before, engine))
        before = point
    return found


def _totals(runs: list[RunResult]) -> dict[tuple[str, str, str, str], int]:
    sums: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for run in runs:
        for posting in run_postings(run):
            sums[posting.owner, posting.purpose, posting.clause, posting.kind] += posting.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=_named)
@FEWER
@given(st.data())
def test_columns_and_the_exact_reader_give_one_digest(agreement: Agreement, data: st.DataObject) -> None:
    entries = data.draw(histories(agreement))
    for columns, exact in zip(
        _runs(agreement, entries, CUTOFFS), _runs(agreement, entries, CUTOFFS, "exact"), strict=True
    ):
        assert run_digest(columns) == run_digest(exact)
        assert run_postings(columns) == run_postings(exact)
        assert (columns.late_minor, columns.held) == (exact.late_minor, exact.held)


@pytest.mark.parametrize("agreement", AGREEMENTS[:2], ids=_named)
@FEWER
@given(st.data())
def test_month_by_month_equals_all_at_once(agreement: Agreement, data: st.DataObject) -> None:
    entries = data.draw(histories(agreement))
    assert _totals(_runs(agreement, entries, CUTOFFS)) == _totals(_runs(agreement, entries, CUTOFFS[-1:]))


@pytest.mark.parametrize("agreement", AGREEMENTS[:2], ids=_named)
@FEWER
@given(st.data())
def test_every_runs_postings_sum_to_zero_and_lines_to_their_whole(
    agreement: Agreement, data: st.DataObject
) -> None:
    entries = data.draw(histories(agreement))
    for run in _runs(agreement, entries, CUTOFFS):
        assert sum(posting.amount_minor for posting in run_postings(run)) == 0
        for part in run.parts:
            for row in part.frame.iter_rows(named=True):
                legs = sum(row[move.column] for move in part.moves if move.kind in {"earned", "reversed"})
                funds = sum(row[name] for name in row if name.startswith(("funded:", "returned:")))
                assert legs + funds == 0


@pytest.mark.parametrize("agreement", AGREEMENTS[:2], ids=_named)
@FEWER
@given(st.data())
def test_partial_refunds_before_and_after_payout_in_any_number_end_at_zero_for_every_payee(
    agreement: Agreement, data: st.DataObject
) -> None:
    paid = data.draw(st.integers(1, 100_000))
    coupon = (
        {"platform_coupon": _text(data.draw(st.integers(0, 3000)))} if agreement.id == "head-streamer" else {}
    )
    totals = sorted({*data.draw(st.lists(st.integers(1, paid), max_size=4)), paid})
    days = sorted(data.draw(st.lists(st.integers(11, 45), min_size=len(totals), max_size=len(totals))))
    entries = [
        sale(agreement, "A", at="2026-02-10", paid=_text(paid), **coupon),
        receipt(agreement, "A", _day(32)),
    ]
    entries += [
        refund(agreement, "A", _text(total), _day(day)) for day, total in zip(days, totals, strict=True)
    ]
    entries.sort(key=lambda entry: entry.occurred_at)
    owners: dict[str, int] = defaultdict(int)
    for (owner, purpose, _, _), amount in _totals(_runs(agreement, entries, CUTOFFS)).items():
        owners[f"{owner}.{purpose}"] += amount
    assert owners.pop("escrow.balance") == -paid
    assert owners.pop("consumers.payment") == paid
    assert not any(owners.values())


@FEWER
@given(st.data(), st.randoms(use_true_random=False))
def test_a_permutation_of_the_input_changes_nothing(data: st.DataObject, shuffler: random.Random) -> None:
    agreement = head_streamer()
    entries = data.draw(histories(agreement))
    shuffled = list(entries)
    shuffler.shuffle(shuffled)
    (one,), (other,) = (_runs(agreement, told, CUTOFFS[-1:]) for told in (entries, shuffled))
    assert run_digest(one) == run_digest(other)
    assert run_postings(one) == run_postings(other)


@FEWER
@given(st.data())
def test_amounts_near_the_limit_of_a_fact_are_widened_and_stay_exact(data: st.DataObject) -> None:
    agreement = head_streamer()
    paid = data.draw(st.integers(2**52, 2**53 - 1))
    entries = [
        sale(agreement, "A", paid=_text(paid)),
        receipt(agreement, "A", "2026-03-01"),
        refund(agreement, "A", _text(paid // 3), "2026-03-02"),
    ]
    (columns,), (exact,) = (
        _runs(agreement, entries, CUTOFFS[-1:], engine) for engine in ("columns", "exact")
    )
    assert run_digest(columns) == run_digest(exact)
