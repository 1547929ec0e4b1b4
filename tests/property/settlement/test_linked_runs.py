"""Agreements that feed each other, settled by runs: nothing is lost between them, in any months."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entries import NewEntry
from ledger.settlement.books import run_postings
from ledger.settlement.digest import run_digest
from ledger.settlement.kernels import Kernel
from ledger.settlement.run import RunResult, result_of
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from tests.linked_world import chain, chain_book
from tests.property.settlement.test_runs import CUTOFFS, _day, _text, histories
from tests.settlement_world import instant, plain, receipt, refund, sale

KINDS = {
    "deep": chain(deep=True)[2],
    "floor": chain("floor")[1],
    "ladder": chain(ladder=True)[1],
    "statement": chain(at="statement")[1],
}
"""Terms of what is fed: two agreements down, by another rounding, over a window, rounded per statement."""


def _runs(
    terms: Terms, entries: Sequence[NewEntry], cutoffs: Sequence[str], kernel: Kernel = "columns"
) -> list[RunResult]:
    lines = chain_book(terms, entries, kernel)
    found: list[RunResult] = []
    points: list[Point] = []
    for cutoff in cutoffs:
        at = instant(cutoff)
        known = sum(1 for entry in entries if entry.occurred_at <= at)
        point = Point(at, len(entries) if cutoff == cutoffs[-1] else known)
        before = points[-1] if points else None
        found.append(result_of(lines, terms, point, before, kernel, earlier=tuple(points[:-1])))
        points.append(point)
    return found


def _sums(runs: Sequence[RunResult]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for run in runs:
        for posting in run_postings(run):
            sums[f"{posting.owner}.{posting.purpose}"] += posting.amount_minor
    return {account: amount for account, amount in sums.items() if amount}


FEW = settings(max_examples=max(settings().max_examples // 16, 1))
"""Each example settles a chain several times over."""


@pytest.mark.parametrize("mode", ["half_up", "floor"])
@FEW
@given(st.data())
def test_what_one_agreement_pays_is_what_the_next_shares_out_and_its_escrow_keeps_nothing(
    mode: str, data: st.DataObject
) -> None:
    entries = data.draw(histories(plain()))
    terms = chain(mode, deep=True)
    for cutoff in CUTOFFS[1::2]:
        first, second, third = (_sums(_runs(one, entries, [cutoff])) for one in terms)
        assert second.get("mcn.clearing", 0) == -first.get("mcn.balance", 0)
        assert third.get("streamer.clearing", 0) == -second.get("streamer.balance", 0)
        for below in (second, third):
            assert "escrow.balance" not in below
            assert sum(below.values()) == 0


@pytest.mark.parametrize("terms", KINDS.values(), ids=KINDS)
@FEW
@given(st.data())
def test_months_equal_all_at_once_kernels_agree_and_a_permutation_changes_nothing(
    terms: Terms, data: st.DataObject
) -> None:
    entries = data.draw(histories(plain()))
    by_month, exact = _runs(terms, entries, CUTOFFS), _runs(terms, entries, CUTOFFS, "exact")
    (at_once,) = _runs(terms, entries, CUTOFFS[-1:])
    assert _sums(by_month) == _sums([at_once])
    assert [run_digest(one) for one in by_month] == [run_digest(one) for one in exact]
    assert [run_postings(one) for one in by_month] == [run_postings(one) for one in exact]
    shuffled = data.draw(st.permutations(entries))
    (other,) = _runs(terms, shuffled, CUTOFFS[-1:])
    assert run_digest(other) == run_digest(at_once)


@FEW
@given(st.data())
def test_partial_refunds_end_at_zero_for_every_payee_all_the_way_down(data: st.DataObject) -> None:
    paid = data.draw(st.integers(1, 100_000))
    totals = sorted({*data.draw(st.lists(st.integers(1, paid), max_size=4)), paid})
    days = sorted(data.draw(st.lists(st.integers(11, 45), min_size=len(totals), max_size=len(totals))))
    entries = [
        sale(plain(), "A", at="2026-02-10", paid=_text(paid)),
        receipt(plain(), "A", _day(32)),
        *(refund(plain(), "A", _text(total), _day(day)) for total, day in zip(totals, days, strict=True)),
    ]
    entries.sort(key=lambda entry: entry.occurred_at)
    for terms in KINDS.values():
        assert not _sums(_runs(terms, entries, CUTOFFS))
