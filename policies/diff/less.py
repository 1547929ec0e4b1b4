"""For whom a new version pays less: a proof for every real order, or an order that shows it.

A party is paid less where its exact shares, less what it brings to the whole, are smaller than before by
more than rounding can make them. Amounts range over every order that both versions hold to be real. Where a
window counts lines up, one order is first taken for all that the window holds, so that what is shown is the
volume at which a party is due less; then for one line after any volume.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from policies.agreement import Agreement
from policies.checks.funding import is_real_order, real_order
from policies.checks.shares import split_terms
from policies.checks.witness import LIMIT_REACHED, domain_of, reason_of, written_values
from policies.diff.money import OrderDifference, compare_order, plans
from policies.diff.orders import ExampleOrder
from policies.errors import FormulaError
from policies.formulas.exact import Known
from policies.formulas.solver import Terms, find
from policies.splits.line import SplitPlan, volume_name

Verdict = Literal["never", "found", "unknown"]


@dataclass(frozen=True, slots=True)
class PaidLess:
    """Whether a party is paid less for some real order. `order` shows one where the verdict is `found`.

    `never` is a proof. `unknown` is neither, and `reason` says why the question stayed open, `reason_zh` in
    Chinese.
    """

    party: str
    verdict: Verdict
    order: OrderDifference | None = None
    reason: str | None = None
    reason_zh: str | None = None

    @property
    def before(self) -> int:
        """What the party is paid for that order under the old version, in minor units."""
        return (
            sum(share.before for share in self.order.shares if share.party == self.party) if self.order else 0
        )

    @property
    def after(self) -> int:
        """What the party is paid for that order under the new version, in minor units."""
        return (
            sum(share.after for share in self.order.shares if share.party == self.party) if self.order else 0
        )


def paid_less(old: Agreement, new: Agreement) -> tuple[PaidLess, ...]:
    """Return for each party of either version whether the new one pays it less. Raises NotComparable."""
    before, after = plans(old, new)
    parties = dict.fromkeys([*old.parties, *new.parties])
    return tuple(_of_party(before, after, party) for party in parties)


def _of_party(before: SplitPlan, after: SplitPlan, party: str) -> PaidLess:
    old, new = before.agreement, after.agreement
    types = {**before.given_types(), **after.given_types()}
    mixed = [name for name, kind in before.given_types().items() if types[name] != kind]
    if mixed:
        zh = f"“{mixed[0]}”在两个版本中类型不同"
        return PaidLess(party, "unknown", None, f"'{mixed[0]}' is of another type in each version", zh)
    allowed = _allowed_units(before, party) + _allowed_units(after, party)
    volumes = [volume_name(window) for window in {**before.windows, **after.windows}]

    def conditions(terms: Terms, *, whole_window: bool = False) -> Iterable[Any]:
        was = _position(before, terms, party)
        now = _position(after, terms, party)
        held = [terms.variable(name) for name in volumes]
        bounds = [one == 0 if whole_window else one >= 0 for one in held]
        less = (now - was) * before.scale < -allowed
        return [less, *bounds, *real_order(old, terms), *real_order(new, terms)]

    def holds(values: Mapping[str, Known]) -> bool:
        if not (is_real_order(old, values) and is_real_order(new, values)):
            return False
        return _shown(before, after, values).by_party().get(party, 0) < 0

    domain = replace(
        domain_of(old, types), counts=domain_of(old, types).counts | domain_of(new, types).counts
    )
    try:
        answer = find(domain, partial(conditions, whole_window=True), holds) if volumes else None
        if answer is None or answer.verdict != "found":
            answer = find(domain, conditions, holds)
    except FormulaError as fault:
        return PaidLess(party, "unknown", None, *reason_of(fault))
    if answer.verdict == "found":
        return PaidLess(party, "found", _shown(before, after, answer.values))
    reason = LIMIT_REACHED if answer.verdict == "unknown" else (None, None)
    return PaidLess(party, answer.verdict, None, *reason)


def _shown(before: SplitPlan, after: SplitPlan, values: Mapping[str, Known]) -> OrderDifference:
    """Return a found order under both versions, as the exact reader splits it."""
    types = {**before.given_types(), **after.given_types()}
    given = written_values(before.agreement, values, types)
    return compare_order(before, after, ExampleOrder("", given))


def _position(plan: SplitPlan, terms: Terms, party: str) -> Any:
    """Return the exact figure of a party's position as a term, in major units."""
    terms.defined.clear()  # names of the other version's steps mean nothing here
    terms.domain = replace(terms.domain, rounding=plan.rounding)
    figures = split_terms(plan, terms)
    total = terms.number(0)
    for step in plan.steps:
        if not step.is_pool and (step.step.to or "").partition(".")[0] == party:
            total = total + figures[step.name]
    for source, node in zip(plan.clause.funding, plan.funding, strict=not plan.fed):
        if source.from_.partition(".")[0] == party:
            total = total - terms.term(node)
    terms.defined.clear()
    return total


def _allowed_units(plan: SplitPlan, party: str) -> int:
    """Return by how many minor units rounding can move a party's position under one version."""
    legs = [step for step in plan.steps if (step.step.to or "").partition(".")[0] == party]
    rests = sum(len(plan.siblings(step.parent)) for step in legs if step.formula is None)
    windowed = sum(step.window is not None for step in plan.steps)
    return rests + len(legs) + windowed
