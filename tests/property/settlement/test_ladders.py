"""Ladders over windows, settled over random lines, refunds and months: any months come to the same sums."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

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
from policies.loading import load_agreement
from policies.money import to_minor
from policies.splits.line import split_plan
from policies.splits.reversal import reverse
from policies.splits.series import SeriesLine, split_series
from tests.settlement_world import PLAIN, book, instant, receipt, refund, sale

FEWER = settings(max_examples=max(settings().max_examples // 15, 1))
"""Each example runs several settlements; the soak profile still asks for many."""

CUTOFFS = ["2026-03-20", "2026-04-02", "2026-04-25", "2026-07-20"]

LADDER = """tables:
  ladder:
    by: money
    gives: rate
    steps: [{upto: 300.00, value: 15%}, {upto: 900.00, value: 18.5%}, {value: 20%}]
order_facts_where: [paid >= 0]
"""
WINDOWED = """    windows: {{month: {{by: {by}, measure: paid}}, all: {{by: term, measure: paid}}}}
    waterfall:
      - {{leg: tech_fee, to: platform.tech_fee, kind: tech_service_fee, amount: 5% * paid}}
      - {{pool: commission, over: month, amount: "{amount}"{provisional}}}
      - {{leg: alliance_fee, from: commission, to: platform.alliance_fee, amount: 10% * commission}}
      - {{leg: mcn_share, from: commission, to: mcn.balance, amount: 30% * (commission - alliance_fee)}}
      - {{leg: streamer_share, from: commission, to: streamer.balance, rest: true}}
      - {{leg: bonus, to: streamer.balance, over: all, amount: "max(0, volume - 400.00) * 1.37%"}}
"""
TERMS = [
    ("marginal(ladder, volume)", ""),
    ("marginal(ladder, volume)", "15% * paid"),
    ("bracket(ladder, volume) * volume", "bracket(ladder, volume) * paid"),
]


@lru_cache(maxsize=32)
def ladder(
    terms: tuple[str, str] = TERMS[0], mode: str = "half_up", by: str = "month", opening: str = ""
) -> Agreement:
    """Return the plain split with its commission over a window."""
    amount, provisional = terms
    added = f', provisional: "{provisional}"' if provisional else ""
    start, end = PLAIN.index("    waterfall:"), PLAIN.index("      - {leg: merchant_net")
    text = PLAIN[:start] + WINDOWED.format(by=by, amount=amount, provisional=added) + PLAIN[end:]
    text = text.replace("clauses:\n", f"{opening}{LADDER}clauses:\n", 1).replace("half_up", mode)
    return load_agreement(text, name="ladder.yaml")


AGREEMENTS = [
    ladder(),
    ladder(TERMS[1], "half_even", "quarter"),
    ladder(TERMS[2]),
    ladder(TERMS[0], "floor", "month", "opening: {on: 2026-02-05, from: {title: {zh: 纸, en: Paper}, sha256: "
           + "0" * 64 + "}, volumes: {month: 250.55}}\n"),
]  # fmt: skip


def _named(agreement: Agreement) -> str:
    commission = agreement.commission
    assert commission is not None
    step = next(one for one in commission.waterfall if one.pool)
    opened = "-opened" if agreement.document.opening else ""
    return f"{commission.rounding.mode}-{step.provisional or 'marginal'}{opened}"


def text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def day(number: int) -> str:
    month, rest = divmod(number - 1, 28)
    return f"2026-{2 + month:02}-{rest + 1:02}T12:00:00"


@st.composite
def histories(draw: st.DrawFn, agreement: Agreement, *, whole: bool = False) -> list[tuple[int, NewEntry]]:
    """Order lines, each with the day on which the log is told of it; late where that is much later."""
    entries: list[tuple[int, NewEntry]] = []
    for number in range(draw(st.integers(1, 7))):
        paid, order = draw(st.integers(1, 70_000)), f"A{number}"
        late = draw(st.sampled_from([0, 0, 0, 30, 60]))
        received = draw(st.integers(11, 60))
        entries.append((10 + late, sale(agreement, order, at="2026-02-10", paid=text(paid))))
        entries.append((received + late, receipt(agreement, order, day(received))))
        totals = draw(st.lists(st.integers(1, paid), max_size=2, unique=True))
        totals = sorted({*totals, paid}) if whole else sorted(totals)
        days = sorted(
            draw(st.lists(st.integers(11, received + 20), min_size=len(totals), max_size=len(totals)))
        )
        entries += [
            (max(at, 10 + late), refund(agreement, order, text(total), day(at)))
            for at, total in zip(days, totals, strict=True)
        ]
    return sorted(entries, key=lambda one: one[0])


def runs(
    agreement: Agreement,
    entries: Sequence[tuple[int, NewEntry]],
    cutoffs: Sequence[str],
    engine: Engine = "columns",
) -> list[RunResult]:
    """Settle at each cut-off what the log was told by then; at the last, everything."""
    terms, told = read_terms([agreement]), [entry for _, entry in entries]
    lines, found, points = book(terms, told), list[RunResult](), list[Point]()
    for cutoff in cutoffs:
        known = sum(1 for at, _ in entries if instant(day(at)) <= instant(cutoff))
        point = Point(instant(cutoff), len(told) if cutoff == cutoffs[-1] else known)
        before = points[-1] if points else None
        found.append(result_of(lines, terms, point, before, engine, earlier=points[:-1]))
        points.append(point)
    return found


def totals(found: Sequence[RunResult]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for run in found:
        for posting in run_postings(run):
            sums[posting.owner, posting.purpose] += posting.amount_minor
    return {key: amount for key, amount in sums.items() if amount}


def leg_totals(run: RunResult) -> dict[str, int]:
    """What a run moved of each leg, by lines and dues."""
    sums: dict[str, int] = defaultdict(int)
    for part in run.parts:
        for move in part.moves:
            if move.kind in {"earned", "reversed"}:
                sums[move.leg] += run.total(part, move)
    for due in run.dues:
        for _, side, amount in due.sides():
            sums[side.leg] += amount
    return {leg: amount for leg, amount in sums.items() if amount}


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=_named)
@FEWER
@given(st.data())
def test_both_engines_give_one_digest_over_lines_and_dues_and_postings_that_sum_to_zero(
    agreement: Agreement, data: st.DataObject
) -> None:
    entries = data.draw(histories(agreement))
    for columns, exact in zip(
        runs(agreement, entries, CUTOFFS), runs(agreement, entries, CUTOFFS, "exact"), strict=True
    ):
        assert run_digest(columns) == run_digest(exact)
        assert run_postings(columns) == run_postings(exact)
        assert sum(posting.amount_minor for posting in run_postings(columns)) == 0
        assert [(move.due.figures, move.due.own, move.causes) for move in columns.dues] == [
            (move.due.figures, move.due.own, move.causes) for move in exact.dues
        ]


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=_named)
@FEWER
@given(st.data())
def test_any_months_come_to_the_same_sums_for_every_payee(agreement: Agreement, data: st.DataObject) -> None:
    entries = data.draw(histories(agreement))
    some = sorted(data.draw(st.sets(st.sampled_from(CUTOFFS[:-1]))))
    assert totals(runs(agreement, entries, [*some, CUTOFFS[-1]])) == totals(
        runs(agreement, entries, CUTOFFS[-1:])
    )


@pytest.mark.parametrize("agreement", AGREEMENTS, ids=_named)
@FEWER
@given(st.data())
def test_what_a_window_pays_is_what_the_reference_splits_of_its_lines_and_entries(
    agreement: Agreement, data: st.DataObject
) -> None:
    entries = data.draw(histories(agreement))
    (run,) = runs(agreement, entries, CUTOFFS[-1:])
    plan, received = split_plan(agreement), dict[str, datetime]()
    paid, back = dict[str, int](), dict[str, int]()
    for _, entry in entries:
        content = entry.groups[0].content
        order = content["order"]
        if entry.kind == "sale.recorded":
            paid[order] = to_minor(content["paid"], "CNY")
        elif entry.kind == "receipt.confirmed":
            received[order] = entry.occurred_at
        else:
            back[order] = max(back.get(order, 0), to_minor(content["refunded_total"], "CNY"))
    reference = split_series(
        plan,
        [
            SeriesLine(order, "1", received[order], {"paid": Fraction(cents, 100)}, back.get(order, 0), cents)
            for order, cents in paid.items()
        ],
    )
    expected: dict[str, int] = defaultdict(int)
    for line, split in reference.lines:
        taken = reverse(plan, split, line.refunded_minor, line.refundable_minor)
        for leg, posted in split.legs.items():
            expected[leg] += posted.amount_minor - taken.legs[leg]
    for window in reference.entries:
        for leg, amount in window.legs.items():
            expected[leg] += amount
    assert leg_totals(run) == {leg: amount for leg, amount in expected.items() if amount}


@pytest.mark.parametrize("agreement", AGREEMENTS[:3], ids=_named)
@FEWER
@given(st.data())
def test_refunding_everything_in_any_parts_ends_at_zero_for_every_payee(
    agreement: Agreement, data: st.DataObject
) -> None:
    entries = data.draw(histories(agreement, whole=True))
    left = totals(runs(agreement, entries, CUTOFFS))
    assert left.keys() <= {("consumers", "payment"), ("escrow", "balance")}
    assert sum(left.values()) == 0


@FEWER
@given(st.data(), st.randoms(use_true_random=False))
def test_a_permutation_of_the_input_changes_nothing(data: st.DataObject, shuffler: random.Random) -> None:
    entries = data.draw(histories(ladder()))
    shuffled = list(entries)
    shuffler.shuffle(shuffled)
    (one,), (other,) = (runs(ladder(), told, CUTOFFS[-1:]) for told in (entries, shuffled))
    assert run_digest(one) == run_digest(other)


@FEWER
@given(st.data())
def test_lines_that_come_in_order_and_stay_need_no_due(data: st.DataObject) -> None:
    entries = [(at, entry) for at, entry in data.draw(histories(ladder())) if entry.kind != "refund.recorded"]
    (run,) = runs(ladder(), entries, CUTOFFS[-1:])
    assert run.dues == ()


def test_a_volume_beyond_64_bits_is_widened_and_stays_exact() -> None:
    agreement = ladder()
    entries = []
    for number in range(4):
        order, paid = f"A{number}", text(2**53 - 1 - number)
        entries += [(10, sale(agreement, order, paid=paid)), (20, receipt(agreement, order, day(20)))]
    entries.append((25, refund(agreement, "A1", text(2**52), day(25))))
    (columns,), (exact,) = (runs(agreement, entries, CUTOFFS[-1:], engine) for engine in ("columns", "exact"))
    assert run_digest(columns) == run_digest(exact)
