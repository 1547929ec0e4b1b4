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
from policies.decisions.case import Case
from policies.decisions.moves import Move
from policies.errors import FactError
from policies.formulas.exact import Row, Unknown, Value
from policies.money import round_minor
from policies.splits.line import Figure, LineSplit, PlanStep, SplitPlan, split_plan, volume_name
from policies.splits.reversal import reverse
from policies.splits.statements import posted_sums

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
    lines = tuple(_lines(agreement, plan, rows))
    due = _sums(plan, [(line.row.count, line.split, Fraction(0)) for line in lines])
    values = _figures(agreement, "due", due) | _reversed(agreement, plan, lines, due)
    if case.file.settled != "in_full":
        return Earnings(values)
    values |= _figures(agreement, "settled", due)
    return Earnings(values, tuple(_settlement(plan, lines, due)))


@dataclass(frozen=True, slots=True)
class _Line:
    """An order of the case split, and what went back of it: refunded and refundable, in minor units."""

    row: Row
    split: LineSplit
    refunded: int | Unknown = 0
    refundable: int = 0


def _lacking(plan: SplitPlan, rows: Sequence[Row] | None) -> Unknown | None:
    """Return the facts without which some order cannot be split; a window's volume is one of them."""
    read = plan.fact_names() | ({"whole"} if plan.fed else set())
    read |= {volume_name(name) for name in plan.clause.windows or {}}
    missing: set[str] = set()
    for row in rows or ():
        for name in read:
            value = row.facts.get(name, Unknown(frozenset({name})))
            missing |= value.names if isinstance(value, Unknown) else set()
    return Unknown(frozenset(missing)) if missing else None


def _lines(agreement: Agreement, plan: SplitPlan, rows: Sequence[Row]) -> Iterator[_Line]:
    returns = agreement.returns if REFUNDED in agreement.fact_types("order") else None
    for row in rows:
        split = plan.split(row.facts)
        refunded = row.facts.get(REFUNDED, Fraction(0))
        if returns is None or isinstance(refunded, Unknown) or refunded == 0:
            yield _Line(row, split, refunded if isinstance(refunded, Unknown) else 0)
            continue
        assert isinstance(refunded, Fraction)
        formula = agreement.formula(returns.refundable)
        refundable = round_minor(plan.exact_minor(formula, row.facts, "refundable"), "half_up")
        yield _Line(row, split, round_minor(refunded * agreement.scale, "half_up"), refundable)


def _sums(plan: SplitPlan, lines: Sequence[tuple[int, LineSplit, Fraction]]) -> dict[str, int]:
    """Return what each step has over lines, alike ones counted, each less the share that went back of it.

    Rounded as the document says: line by line, or once over the sum.
    """
    if plan.clause.rounding.at == "statement":
        whole = sum((count * split.whole.exact * (1 - share) for count, split, share in lines), Fraction(0))
        exact: dict[str, Fraction] = defaultdict(Fraction)
        for step in plan.steps:
            for count, split, share in lines if step.formula is not None else ():
                exact[step.name] += count * _step(split, step).exact * (1 if step.keeps else 1 - share)
        return dict(posted_sums(plan, whole, exact).posted)
    totals = {step.name: 0 for step in plan.steps}
    for count, split, _ in lines:
        for step in plan.steps:
            totals[step.name] += count * _step(split, step).posted
    return totals


def _step(split: LineSplit, step: PlanStep) -> Figure:
    return split.pools[step.name] if step.is_pool else split.legs[step.name].figure


def _reversed(
    agreement: Agreement, plan: SplitPlan, lines: Sequence[_Line], due: Mapping[str, int]
) -> dict[str, Value]:
    """Return what refunds take back of each leg; unknown where an order does not say what was refunded."""
    if agreement.returns is None or REFUNDED not in agreement.fact_types("order"):
        return {}
    for line in lines:
        if isinstance(line.refunded, Unknown):
            return {f"reversed.{step.name}": line.refunded for step in plan.steps}
    back = [(line, line.refunded) for line in lines if isinstance(line.refunded, int)]
    if plan.clause.rounding.at == "statement":
        shares = [(line.row.count, line.split, _share(line, minor)) for line, minor in back]
        net = _sums(plan, shares)
        return _figures(agreement, "reversed", {name: minor - net[name] for name, minor in due.items()})
    totals = {step.name: 0 for step in plan.steps if not step.is_pool}
    for line, minor in back:
        taken = reverse(plan, line.split, minor, line.refundable).legs if minor else {}
        for name, amount in taken.items():
            totals[name] += amount * line.row.count
    return _figures(agreement, "reversed", totals)


def _share(line: _Line, refunded: int) -> Fraction:
    if not 0 <= refunded <= line.refundable:
        raise FactError(f"refunded {refunded} of refundable {line.refundable} is no share of a line")
    return Fraction(refunded, line.refundable) if refunded else Fraction(0)


def _figures(agreement: Agreement, owner: str, minor: Mapping[str, int]) -> dict[str, Value]:
    return {f"{owner}.{name}": Fraction(amount, agreement.scale) for name, amount in minor.items()}


def _settlement(plan: SplitPlan, lines: Sequence[_Line], due: Mapping[str, int]) -> Iterator[Move]:
    """Yield what settling these orders in full moves: funding first, then legs in their order, no zeros."""
    funded: dict[int, int] = defaultdict(int)
    for line in lines:
        for index, minor in enumerate(line.split.funding):
            funded[index] += minor * line.row.count
    for index, source in enumerate(plan.clause.funding):
        if source.at == "settlement" and funded[index]:
            yield _settled(plan, source.from_, "escrow", source.kind, funded[index], plan.clause.id)
    for name, leg in (lines[0].split.legs if lines else {}).items():
        if due[name]:
            yield _settled(plan, "escrow", leg.account, leg.kind, due[name], leg.clause)


def _settled(  # noqa: PLR0913, PLR0917 (the parts of one posting)
    plan: SplitPlan, source: str, target: str, kind: str, minor: int, clause: str
) -> Move:
    full = f"{source}.balance" if source in plan.agreement.parties else source
    if minor < 0:  # a rest below zero is brought by its payee
        full, target, minor = target, full, -minor
    return Move(full, target, kind, minor, clause, phase="settlement")
