"""Random lines over windows: they and the entries sum to what is due, in columns as in the exact reader."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.loading import load_agreement
from policies.money import round_minor
from policies.splits.columns import LEG, column_bounds
from policies.splits.line import SplitPlan, split_plan, volume_name
from policies.splits.reversal import reverse
from policies.splits.series import SeriesLine, SeriesSplit, places, split_series
from policies.splits.series_columns import series_columns, series_entries
from policies.splits.statements import RunningStatement, StatedLine, cumulative

TEXT = """\
language: 1
agreement: ladder
version: 1
title: {{zh: 阶梯, en: Ladder}}
effective_from: 2026-01-01
currency: CNY
time_zone: Asia/Shanghai
prevailing_language: zh
stage: initial
model: platform
jurisdiction: CN
parties:
  platform: {{role: platform, name: {{zh: 平台, en: Platform}}}}
  brand: {{role: merchant, name: {{zh: 品牌, en: Brand}}}}
  mcn: {{role: mcn, name: {{zh: 机构, en: Agency}}}}
facts:
  paid: {{type: money, of: order, text: {{zh: 实付, en: paid}}}}
  freight: {{type: money, of: order, default: "0.00", text: {{zh: 运费, en: freight}}}}
{opening}
tables:
  ladder:
    by: money
    gives: rate
    steps: [{{upto: 30.00, value: 15%}}, {{upto: 90.00, value: 18.5%}}, {{value: 20%}}]
clauses:
  - id: "1"
    kind: commission
    text: {{zh: 分佣, en: Shares}}
    whole: paid
    funding: [{{from: brand.payment, kind: payment, amount: paid}}]
    base: paid - freight
    windows:
      monthly: {{by: {by}, measure: base}}
    rounding: {{mode: {mode}, at: line}}
    waterfall:
      - {{leg: fee, to: platform, amount: 5% * whole}}
      - {{pool: commission, over: monthly, amount: "{ladder}"{provisional}}}
      - {{leg: alliance, from: commission, to: platform, amount: 10% * commission}}
      - {{leg: agency, from: commission, to: mcn, rest: true}}
      - {{leg: bonus, to: mcn, over: monthly, amount: "max(0, volume - 40.00) * 1.37%"}}
      - {{leg: net, to: brand, rest: true}}
"""
WRITTEN_OUT = (
    "15% * min(volume, 30.00) + 18.5% * max(0, min(volume, 90.00) - 30.00) + 20% * max(0, volume - 90.00)"
)
OPENING = """opening:
  on: 2026-05-01
  from: {title: {zh: 纸质, en: Paper}, sha256: %s}
  volumes: {monthly: 25.55}""" % ("0" * 64)


@lru_cache(maxsize=64)
def plan_of(
    mode: str = "half_up",
    by: str = "month",
    terms: tuple[str, str] = ("marginal(ladder, volume)", ""),
    opening: str = "",
) -> SplitPlan:
    ladder, provisional = terms
    added = f', provisional: "{provisional}"' if provisional else ""
    text = TEXT.format(mode=mode, by=by, ladder=ladder, provisional=added, opening=opening)
    return split_plan(load_agreement(text, name="ladder.yaml"))


plans = st.builds(
    plan_of,
    st.sampled_from(["half_up", "half_even", "floor"]),
    st.sampled_from(["month", "quarter", "year", "term"]),
    st.sampled_from(
        [
            ("marginal(ladder, volume)", ""),
            (WRITTEN_OUT, ""),
            ("marginal(ladder, volume)", "15% * base"),
            ("bracket(ladder, volume) * volume", "bracket(ladder, volume) * base"),
        ]
    ),
    st.sampled_from(["", OPENING]),
)


@st.composite
def series(draw: Any) -> list[SeriesLine]:
    found = []
    for number in range(draw(st.integers(1, 12))):
        paid = draw(st.integers(1, 6_000))
        freight = draw(st.integers(0, 60))
        refunded = draw(st.sampled_from([0, 0, 0, paid, paid // 2, paid // 3]))
        at = datetime(2026, 4, 28, 15, 30, tzinfo=UTC) + timedelta(hours=draw(st.integers(0, 150)))
        facts: dict[str, Any] = {"paid": Fraction(paid, 100), "freight": Fraction(freight, 100)}
        run = draw(st.sampled_from([0, 0, 1, 2]))
        found.append(SeriesLine(f"O{number // 2}", str(number), at, facts, refunded, paid, run))
    return found


def standing(plan: SplitPlan, done: SeriesSplit) -> dict[tuple[str, str], int]:
    """What stands posted of each leg, by period: lines, less refunds, and entries."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for one, split in done.lines:
        period = places(plan, one.confirmed_at)["monthly"]
        back = reverse(plan, split, one.refunded_minor, one.refundable_minor)
        for leg, posted in split.legs.items():
            found[leg, period] += posted.amount_minor - back.legs[leg]
    for entry in done.entries:
        assert sum(entry.legs.values()) == 0
        for leg, amount in entry.legs.items():
            found[leg, entry.period] += amount
    return found


@given(plans, series())
def test_lines_and_entries_come_to_what_is_due_on_the_net_volume(
    plan: SplitPlan, lines: list[SeriesLine]
) -> None:
    done = split_series(plan, lines)
    found = standing(plan, done)
    pool = next(step for step in plan.steps if step.name == "commission")
    volumes: dict[str, Fraction] = defaultdict(Fraction)
    for one in lines:
        volumes[places(plan, one.confirmed_at)["monthly"]] += plan.measure("monthly", one.facts) * (
            1 - one.share_refunded
        )
    opening = plan.agreement.document.opening
    for period, volume in volumes.items():
        held = (
            Fraction("25.55") if opening and period in {"2026-05", "2026-Q2", "2026", "term"} else Fraction(0)
        )
        due = plan.due(pool, held + volume).posted - plan.due(pool, held).posted
        assert found["alliance", period] + found["agency", period] == due


@given(plans, series())
def test_lines_that_all_come_in_time_and_stay_need_no_entry(plan: SplitPlan, lines: list[SeriesLine]) -> None:
    timely = [SeriesLine(one.order, one.line, one.confirmed_at, one.facts) for one in lines]
    entries = split_series(plan, timely).entries
    assert all(entry.causes == ("provisional",) for entry in entries)
    if plan.steps[1].provisional is None:
        assert entries == ()


@given(plans, series())
def test_refunding_everything_leaves_nothing_of_a_window(plan: SplitPlan, lines: list[SeriesLine]) -> None:
    back = [
        SeriesLine(
            one.order, one.line, one.confirmed_at, one.facts, one.refundable_minor, one.refundable_minor
        )
        for one in lines
    ]
    found = standing(plan, split_series(plan, back))
    periods = {period for _, period in found}
    assert all(found["alliance", period] + found["agency", period] == 0 for period in periods)
    assert sum(found.values()) == 0


def frame_of(lines: list[SeriesLine]) -> pl.LazyFrame:
    rows = [
        {
            "order": one.order, "line": one.line, "confirmed_at": one.confirmed_at, "run": one.run,
            "paid": int(one.facts["paid"] * 100), "freight": int(one.facts["freight"] * 100),  # type: ignore[operator]
            "refunded_minor": one.refunded_minor, "refundable_minor": one.refundable_minor,
        }
        for one in lines
    ]  # fmt: skip
    return pl.LazyFrame(rows, schema_overrides={"confirmed_at": pl.Datetime("us", "UTC")})


@given(plans, series())
def test_columns_give_the_same_lines_and_entries_to_the_last_unit(
    plan: SplitPlan, lines: list[SeriesLine]
) -> None:
    exact = split_series(plan, lines)
    frame = frame_of(lines)
    bounds = column_bounds(plan, frame)
    done = series_columns(plan, frame, bounds)
    rows = done.collect().to_dicts()
    assert [(row["order"], row["line"]) for row in rows] == [(one.order, one.line) for one, _ in exact.lines]
    for row, (_, split) in zip(rows, exact.lines, strict=True):
        assert row["whole"] == split.whole.posted
        for leg, posted in split.legs.items():
            assert row[f"{LEG}{leg}"] == posted.amount_minor
    assert tuple(series_entries(plan, done, bounds)) == exact.entries


@given(plans, series())
def test_statements_post_the_rounded_sum_of_all_lines_so_far(
    plan: SplitPlan, lines: list[SeriesLine]
) -> None:
    splits = [split for _, split in split_series(plan, lines).lines]
    half = len(splits) // 2
    first = cumulative(plan, [StatedLine(one) for one in splits[:half]])
    refunded = [StatedLine(one, Fraction(1, 3)) for one in splits[:half]]
    then = cumulative(plan, [*refunded, *(StatedLine(one) for one in splits[half:])])
    legs = [step.name for step in plan.steps if not step.is_pool]
    posted = then.since(first)
    assert sum(posted[leg] for leg in legs) == then.whole - first.whole
    total = {leg: first.since(None)[leg] + posted[leg] for leg in legs}
    exact = sum(
        (one.split.legs["fee"].figure.exact * (1 - one.share_refunded) for one in refunded), Fraction(0)
    )
    exact += sum((one.legs["fee"].figure.exact for one in splits[half:]), Fraction(0))
    assert total["fee"] == round_minor(exact, plan.rounding)
    gone = cumulative(plan, [StatedLine(one, Fraction(1)) for one in splits])
    assert not any(gone.posted.values())


def test_a_line_alone_is_told_what_its_window_holds() -> None:
    plan = plan_of()
    facts = {"paid": Fraction(20), "freight": Fraction(0), volume_name("monthly"): Fraction(80)}
    split = plan.split(facts)
    assert split.pools["commission"].posted == 385, "10.00 at 18.5% and 10.00 at 20%"


@pytest.mark.parametrize("change", ["twice"])
def test_a_line_given_twice_is_refused(change: str) -> None:
    line = SeriesLine(
        "O", "1", datetime(2026, 5, 1, tzinfo=UTC), {"paid": Fraction(1), "freight": Fraction(0)}
    )
    with pytest.raises(Exception, match=change):
        split_series(plan_of(), [line, line])


@given(plans, series())
def test_lines_of_a_statement_sum_to_what_it_posts(plan: SplitPlan, lines: list[SeriesLine]) -> None:
    splits = [split for _, split in split_series(plan, lines).lines]
    running = RunningStatement(plan)
    shown = [running.add(split) for split in splits]
    posted = cumulative(plan, [StatedLine(one) for one in splits]).posted
    for leg in splits[0].legs:
        assert sum(one.legs[leg].amount_minor for one in shown) == posted[leg]
    for one in shown:
        assert sum(leg.amount_minor for leg in one.legs.values()) == one.whole.posted


@given(plans, series())
def test_a_ladder_written_out_is_the_same_as_its_table(plan: SplitPlan, lines: list[SeriesLine]) -> None:
    by = next(iter((plan.clause.windows or {}).values())).by
    table = split_series(plan_of(plan.rounding, by), lines)
    written = split_series(plan_of(plan.rounding, by, (WRITTEN_OUT, "")), lines)
    for (_, one), (_, other) in zip(table.lines, written.lines, strict=True):
        assert one.legs == other.legs
    assert table.entries == written.entries
