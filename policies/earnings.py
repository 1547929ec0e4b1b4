"""What the orders of a case earn, were settled and give back, leg by leg, and a settlement in full.

`due.LEG` is what a leg earns by the terms, before refunds take any back; `reversed.LEG` is what the refunds
of these orders take back of it; what still stands is the one less the other. `settled.LEG` is what the case
says was settled, or all that is due where it says `settled: in_full`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from policies.agreement import Agreement
from policies.case import Case
from policies.formulas.exact import Row, Unknown, Value
from policies.money import round_minor
from policies.moves import Move
from policies.splits.line import LineSplit, SplitPlan, split_plan, volume_name
from policies.splits.reversal import reverse

REFUNDED = "refunded"
"""The fact that says what a buyer got back so far, by the name it has in order files (ADR 7)."""


@dataclass(frozen=True)
class Earnings:
    """Figures by name, in major units, and what a settlement in full moved where the case says so."""

    values: Mapping[str, Value] = field(default_factory=dict)
    settled: tuple[Move, ...] = ()


def earnings(agreement: Agreement, case: Case, rows: Sequence[Row] | None) -> Earnings:
    """Return what the orders of a case earn under the split of an agreement; nothing where it has none.

    Raises FactError for an order that cannot be split, or refunded beyond what it can be.
    """
    if agreement.commission is None:
        return Earnings()
    plan = split_plan(agreement)
    lacking = _lacking(plan, rows)
    if rows is None or lacking is not None:
        unknown = lacking or Unknown(frozenset({"orders"}))
        owners = ("due", "reversed", *(["settled"] if case.file.settled == "in_full" else []))
        return Earnings({f"{owner}.{step.name}": unknown for owner in owners for step in plan.steps})
    splits = [(row, plan.split(row.facts)) for row in rows]
    due = _due(agreement, plan, splits)
    values = due | _reversed(agreement, plan, splits)
    if case.file.settled != "in_full":
        return Earnings(values)
    values |= {name.replace("due.", "settled.", 1): value for name, value in due.items()}
    return Earnings(values, tuple(_settlement(plan, [(row.count, split) for row, split in splits])))


def _lacking(plan: SplitPlan, rows: Sequence[Row] | None) -> Unknown | None:
    if plan.windows:  # what an order earns depends on orders of its window that the case need not show
        return Unknown(frozenset(volume_name(window) for window in plan.windows))
    read = sorted(plan.fact_names() | ({"whole"} if plan.fed else set()))
    missing: set[str] = set()
    for row in rows or ():
        for name in read:
            value = row.facts[name]
            missing |= value.names if isinstance(value, Unknown) else set()
    return Unknown(frozenset(missing)) if missing else None


def _due(agreement: Agreement, plan: SplitPlan, splits: Sequence[tuple[Row, LineSplit]]) -> dict[str, Value]:
    totals = {step.name: 0 for step in plan.steps}
    for row, split in splits:
        for name, leg in split.legs.items():
            totals[name] += leg.amount_minor * row.count
        for name, pool in split.pools.items():
            totals[name] += pool.posted * row.count
    return {f"due.{name}": Fraction(minor, agreement.scale) for name, minor in totals.items()}


def _reversed(
    agreement: Agreement, plan: SplitPlan, splits: Sequence[tuple[Row, LineSplit]]
) -> dict[str, Value]:
    """Return what refunds take back of each leg; unknown where an order does not say what was refunded."""
    returns = agreement.returns
    if returns is None or REFUNDED not in agreement.fact_types("order"):
        return {}
    formula = agreement.formula(returns.refundable)
    totals: dict[str, int] = dict.fromkeys(splits[0][1].legs if splits else (), 0)
    for row, split in splits:
        refunded = row.facts[REFUNDED]
        if isinstance(refunded, Unknown):
            return {f"reversed.{step.name}": refunded for step in plan.steps}
        assert isinstance(refunded, Fraction)
        if refunded == 0:
            continue
        refundable = round_minor(plan.exact_minor(formula, row.facts, "refundable"), "half_up")
        state = reverse(plan, split, round_minor(refunded * agreement.scale, "half_up"), refundable)
        for name, minor in state.legs.items():
            totals[name] += minor * row.count
    return {f"reversed.{name}": Fraction(minor, agreement.scale) for name, minor in totals.items()}


def _settlement(plan: SplitPlan, splits: Sequence[tuple[int, LineSplit]]) -> Iterator[Move]:
    """Yield what settling these orders in full moves: funding first, then legs in their order, no zeros."""
    funded: dict[int, int] = defaultdict(int)
    paid: dict[str, int] = defaultdict(int)
    for count, split in splits:
        for index, minor in enumerate(split.funding):
            funded[index] += minor * count
        for name, leg in split.legs.items():
            paid[name] += leg.amount_minor * count
    for index, source in enumerate(plan.clause.funding):
        if source.at == "settlement" and funded[index]:
            yield _settled(plan, source.from_, "escrow", source.kind, funded[index], plan.clause.id)
    for name, leg in (splits[0][1].legs if splits else {}).items():
        if paid[name]:
            yield _settled(plan, "escrow", leg.account, leg.kind, paid[name], leg.clause)


def _settled(  # noqa: PLR0913, PLR0917 (the parts of one posting)
    plan: SplitPlan, source: str, target: str, kind: str, minor: int, clause: str
) -> Move:
    full = f"{source}.balance" if source in plan.agreement.parties else source
    if minor < 0:  # a rest below zero is brought by its payee
        full, target, minor = target, full, -minor
    return Move(full, target, kind, minor, clause, phase="settlement")
