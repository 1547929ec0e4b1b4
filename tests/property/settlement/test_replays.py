"""A replay of random lines is, to the minor unit, what the exact reader says of each under both versions."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from api.office.simulating import simulate_file
from policies.agreement import Agreement
from policies.money import from_minor
from policies.splits.line import split_plan
from policies.splits.reversal import reverse
from tests.settlement_world import plain

OLD = plain()
NEW = plain(
    was_1="version: 1", now_1="version: 2", was_2="20% * paid", now_2="17.5% * paid",
    was_3="30% * (commission", now_3="33% * (commission",
)  # fmt: skip
BY_RATE = plain(
    was_1="version: 1", now_1="version: 2",
    was_2="  paid: {type",
    now_2="  cut: {type: rate, of: order, default: 7%, text: {zh: 率, en: rate}}\n  paid: {type",
    was_3="5% * paid", now_3="cut * paid",
)  # fmt: skip

amounts = st.integers(1, 9_999_999)
lines = st.lists(st.tuples(amounts, st.integers(0, 100)), min_size=1, max_size=12)


def by_exact_reader(agreement: Agreement, orders: list[tuple[int, int]]) -> dict[tuple[str, str], int]:
    """What each leg keeps over all lines, one line at a time."""
    plan = split_plan(agreement)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for paid, percent in orders:
        facts = {"paid": Fraction(paid, 100)}
        if "cut" in agreement.document.facts:
            facts["cut"] = Fraction(7, 100)
        split = plan.split(facts)
        back = reverse(plan, split, paid * percent // 100, paid)
        for name, leg in split.legs.items():
            found[leg.party, name] += leg.amount_minor - back.legs[name]
    return dict(found)


@settings(max_examples=40, deadline=None)
@given(lines, st.sampled_from([NEW, BY_RATE]))
def test_a_replay_is_what_the_exact_reader_says_line_by_line(
    orders: list[tuple[int, int]], proposed: Agreement
) -> None:
    rows = ["order,line,currency,paid,confirmed_at,refunded"]
    for number, (paid, percent) in enumerate(orders):
        refunded = from_minor(paid * percent // 100, "CNY")
        rows.append(f"O-{number},1,CNY,{from_minor(paid, 'CNY')},2026-03-02,{refunded}")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_text("\n".join(rows), encoding="utf-8")
        changed: list[pl.DataFrame] = []
        found = simulate_file(path, OLD, proposed, changed.append, lambda _done, _total: None)
    assert {key: one.before for key, one in found.shares.items()} == by_exact_reader(OLD, orders)
    assert {key: one.after for key, one in found.shares.items()} == by_exact_reader(proposed, orders)
    told = sum(frame["difference_minor"].sum() for frame in changed)
    assert told == sum(one.difference for one in found.shares.values()) == 0
