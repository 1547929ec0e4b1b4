"""The plan of CommissionSplitter, compiled out of a signed document: canonical, and named by its digest.

The same document gives the same plan to the bit, whoever compiles it, and the contract itself can name a plan
by the same digest. A document that the contract's arithmetic does not reach is refused with the reason, in
both languages; nothing of it is left out silently. How lines are asked about is splitter.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from contracts.errors import SplitNotCompiled
from contracts.hashing import keccak256
from contracts.split_code import (
    BASE,
    CODE_MAX,
    FUNDED,
    REFUNDABLE,
    REST,
    ROWS_MAX,
    STEP,
    WHOLE,
    SplitCode,
    text_key,
)
from policies.agreement import Agreement
from policies.document import FactType
from policies.errors import FormulaError
from policies.formulas.exact import Known
from policies.formulas.tree import Node, names
from policies.splits.line import SplitPlan, split_plan

FACTS_MAX, STEPS_MAX, FUNDERS_MAX = 24, 40, 8
PLAN_TYPE = "(uint256,uint256,bool,uint256,uint256[],uint256[],uint256[],uint256[])"

_POOL, _KEPT, _RESTS = 1 << 8, 1 << 9, 1 << 10
_ROUNDINGS = ("half_up", "half_even", "floor")
_RATE_PARTS = 10**14
"""A rate has at most 12 places, and a percentage two more."""


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A fact of a plan: its name, its declared type, and into how many parts of a unit it is counted."""

    name: str
    kind: FactType
    parts: int

    def cell(self, value: Known) -> int:
        """Return a value of this fact as the contract reads it."""
        if self.kind in {"text", "enum"}:
            assert isinstance(value, str)
            return text_key(value)
        if self.kind == "date":
            assert isinstance(value, date)
            return value.toordinal()
        assert isinstance(value, Fraction | bool)
        exact = Fraction(value) * self.parts
        assert exact.denominator == 1, "a fact has no more places than its type"
        return exact.numerator


@dataclass(frozen=True)
class CompiledSplit:
    """The plan of one agreement version as CommissionSplitter takes it.

    `facts` are the cells of a line, in order; `steps` the names of pools and legs, in the order of the
    waterfall, `pools` those that are no legs. `fed` where another agreement brings the whole.
    """

    rounding: int
    scale: int
    fed: bool
    funders: int
    facts: tuple[PlanFact, ...]
    steps: tuple[str, ...]
    pools: frozenset[str]
    step_words: tuple[int, ...]
    code: tuple[int, ...]
    rows: tuple[int, ...]

    @property
    def argument(self) -> tuple[Any, ...]:
        """The plan as the argument of a call, of type PLAN_TYPE."""
        parts = tuple(fact.parts for fact in self.facts)
        words = (parts, self.step_words, self.code, self.rows)
        return (self.rounding, self.scale, self.fed, self.funders, *words)

    @cached_property
    def digest(self) -> bytes:
        """Keccak-256 of the plan's ABI encoding, as the contract's `plan_digest` gives it."""
        return keccak256(encoded_plan(self))


def encoded_plan(plan: CompiledSplit) -> bytes:
    """Return a plan's ABI encoding."""
    from eth_abi.abi import encode  # noqa: PLC0415  (a tenth of a second that the command line need not pay)

    return encode([PLAN_TYPE], [plan.argument])


@lru_cache(maxsize=64)
def compile_split(agreement: Agreement) -> CompiledSplit:
    """Compile the plan of an agreement version that shares something out.

    Raises SplitNotCompiled, saying in both languages what the contract does not reach.
    """
    plan = split_plan(agreement)
    if plan.windows:
        window = next(iter(plan.windows))
        raise SplitNotCompiled(
            f"the window '{window}' counts over many lines, and the splitter works out one line by itself",
            zh=f"期间“{window}”按多笔订单累计，而分账合约逐笔独立计算",
            where=agreement.ref,
        )
    try:
        return _compiled(plan, _facts(plan))
    except FormulaError as fault:
        zh = fault.data.get("zh") or f"分账合约没有相应的指令：{fault.message}"
        raise SplitNotCompiled(fault.message, zh=zh, where=agreement.ref) from None


def _facts(plan: SplitPlan) -> tuple[PlanFact, ...]:
    """Return the facts that split and reversal read, sorted, and a fed whole behind them."""
    document = plan.agreement.document
    read = plan.fact_names()
    refundable = _refundable(plan)
    if refundable is not None:
        read |= names(refundable) & plan.agreement.fact_types("order").keys()
    found = [_fact(plan, name, document.facts[name].type) for name in sorted(read)]
    if plan.fed:
        found.append(_fact(plan, "whole", "money"))
    _require_room("facts", "订单事实", len(found), FACTS_MAX)
    return tuple(found)


def _fact(plan: SplitPlan, name: str, kind: FactType) -> PlanFact:
    if kind == "instant":
        raise FormulaError(
            f"'{name}' is a time, which the splitter does not read", zh=f"分账合约不读取时刻“{name}”"
        )
    parts: Mapping[FactType, int] = {"money": plan.scale, "rate": _RATE_PARTS}
    return PlanFact(name, kind, parts.get(kind, 1))


def _refundable(plan: SplitPlan) -> Node | None:
    returns = plan.agreement.returns
    return plan.agreement.formula(returns.refundable) if returns is not None and not plan.fed else None


def _compiled(plan: SplitPlan, facts: tuple[PlanFact, ...]) -> CompiledSplit:
    made = SplitCode({fact.name: place for place, fact in enumerate(facts)})
    made.add(plan.whole)
    made.end(WHOLE)
    made.figure("whole", 0)
    if plan.base is not None:
        made.add(plan.base)
        made.end(BASE)
        made.figure("base", 1)
    words = _steps(plan, made)
    for node in plan.funding:
        made.add(node)
        made.end(FUNDED)
    refundable = _refundable(plan)
    if refundable is not None:
        made.add(refundable)
        made.end(REFUNDABLE)
    _require_room("instructions", "指令", len(made.code), CODE_MAX)
    _require_room("words of tables", "表格数据", len(made.rows), ROWS_MAX)
    _require_room("funders", "出资方", len(plan.funding), FUNDERS_MAX)
    return CompiledSplit(
        _ROUNDINGS.index(plan.rounding),
        plan.scale,
        plan.fed,
        len(plan.funding),
        facts,
        tuple(step.name for step in plan.steps),
        frozenset(step.name for step in plan.steps if step.is_pool),
        words,
        tuple(made.code),
        tuple(made.rows),
    )


def _steps(plan: SplitPlan, made: SplitCode) -> tuple[int, ...]:
    places = {step.name: place for place, step in enumerate(plan.steps)}
    words = []
    for place, step in enumerate(plan.steps):
        parent = 0 if step.parent is None else places[step.parent] + 1
        if step.formula is None:
            made.end(REST, place)
        else:
            made.add(step.formula)
            made.end(STEP, place)
        made.figure(step.name, place + 2)
        rests = _RESTS if step.formula is None else 0
        words.append(parent | (_POOL if step.is_pool else 0) | (_KEPT if step.keeps else 0) | rests)
    _require_room("steps", "分配步骤", len(words), STEPS_MAX)
    return tuple(words)


def _require_room(what: str, what_zh: str, count: int, most: int) -> None:
    if count > most:
        raise FormulaError(
            f"the split has {count} {what}; the splitter has room for {most}",
            zh=f"分佣有 {count} 项{what_zh}，分账合约至多容纳 {most} 项",
        )
