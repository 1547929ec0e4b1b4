"""Rounding once per statement, settled: the sums of the reference, in any months and by either engine."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.settlement.books import run_postings
from ledger.settlement.digest import run_digest
from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.money import round_minor
from tests.property.settlement.test_ladders import CUTOFFS, FEWER, histories, leg_totals, runs, totals
from tests.settlement_world import PLAIN


@lru_cache(maxsize=8)
def stated(mode: str, keep: str = "") -> Agreement:
    """Return the plain split rounded per statement; `keep` is a leg that refunds leave with its payee."""
    text = PLAIN.replace("mode: half_up, at: line", f"mode: {mode}, at: statement")
    if keep:
        text = text.replace(f"{{leg: {keep},", f"{{leg: {keep}, on_refund: keep,")
    return load_agreement(text, name="stated.yaml")


AGREEMENTS = [stated("half_up"), stated("floor", "tech_fee")]


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=["half_up", "floor-keeps"])
@FEWER
@given(st.data())
def test_both_engines_give_one_digest_and_any_months_the_same_sums(
    agreement: Agreement, data: st.DataObject
) -> None:
    entries = data.draw(histories(agreement))
    monthly, exact = (runs(agreement, entries, CUTOFFS, engine) for engine in ("columns", "exact"))
    assert [run_digest(run) for run in monthly] == [run_digest(run) for run in exact]
    for run in monthly:
        assert sum(posting.amount_minor for posting in run_postings(run)) == 0
    assert totals(monthly) == totals(runs(agreement, entries, CUTOFFS[-1:]))


@FEWER
@given(st.data())
def test_a_leg_is_what_is_exactly_due_rounded_once(data: st.DataObject) -> None:
    agreement = stated("half_up")
    entries = data.draw(histories(agreement))
    (run,) = runs(agreement, entries, CUTOFFS[-1:])
    net: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    for _, entry in entries:
        content = entry.groups[0].content
        if "paid" in content:
            net[content["order"]] += int(content["paid"].replace(".", ""))
        if "refunded_total" in content:
            total = int(content["refunded_total"].replace(".", ""))
            back[content["order"]] = max(total, back[content["order"]])
    left = sum(net.values()) - sum(back.values())
    found = leg_totals(run)
    assert found.get("tech_fee", 0) == round_minor(Fraction(left, 20), "half_up")
    commission = round_minor(Fraction(left, 5), "half_up")
    pooled = [found.get(leg, 0) for leg in ("alliance_fee", "mcn_share", "streamer_share")]
    assert sum(pooled) == commission
    assert sum(found.values()) == left


@FEWER
@given(st.data())
def test_refunding_everything_in_any_parts_ends_at_zero_for_every_payee(data: st.DataObject) -> None:
    entries = data.draw(histories(stated("half_up"), whole=True))
    left = totals(runs(stated("half_up"), entries, CUTOFFS))
    assert left.keys() <= {("consumers", "payment"), ("escrow", "balance")}
