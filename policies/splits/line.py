"""The split of one order line: the reference arithmetic, on exact rationals.

A plan is compiled from the commission clause. Names in its formulas are exact; every pool and leg is
posted rounded, once; the rest of a pool is the posted pool less its posted legs and the last rest is the
posted whole less all that is posted at the top, so the parts always sum to the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

from policies.agreement import Agreement
from policies.clauses.commission import Commission, RoundingRule, Step
from policies.errors import FactError, FormulaError, PolicyError
from policies.fields import Words
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.tree import Name, Node, Number, names
from policies.formulas.types import Type
from policies.money import Rounding, from_minor, round_minor

_UNFED = Unknown(frozenset({"whole"}))


class SplitDoesNotSum(PolicyError):
    """The parts of a split do not sum to its whole: the arithmetic is broken and nothing may be posted."""

    code = "split.does-not-sum"


@dataclass(frozen=True, slots=True)
class Figure:
    """An exact amount and what is posted of it, both in minor units."""

    exact: Fraction
    posted: int


@dataclass(frozen=True, slots=True)
class Leg:
    """What one step pays: to which party and account, under which clause and kind, and how much."""

    name: str
    party: str
    account: str
    kind: str
    clause: str
    figure: Figure

    @property
    def amount_minor(self) -> int:
        """The posted amount in minor units."""
        return self.figure.posted


@dataclass(frozen=True, slots=True)
class LineSplit:
    """The split of one line: the whole, who funds it, pools and legs. Legs sum to the whole."""

    whole: Figure
    base: Fraction | None
    funding: tuple[int, ...]
    pools: Mapping[str, Figure]
    legs: Mapping[str, Leg]
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A step ready to evaluate: `formula` is None for a rest, `parent` is the pool it draws from."""

    name: str
    step: Step
    formula: Node | None
    parent: str | None
    clause: str
    provisional: Node | None = None

    @property
    def window(self) -> str | None:
        """The window on whose volume this step is due, None where a line alone decides."""
        return self.step.over

    @property
    def is_pool(self) -> bool:
        """Tell whether this step sets money aside for later legs."""
        return self.step.pool is not None

    @property
    def keeps(self) -> bool:
        """Tell whether a refund leaves this leg with its payee."""
        return self.step.on_refund == "keep"


@dataclass(frozen=True)
class SplitPlan:
    """The commission clause of one agreement version, compiled. Pure: the same facts give the same split."""

    agreement: Agreement
    clause: Commission
    whole: Node
    base: Node | None
    funding: tuple[Node, ...]
    steps: tuple[PlanStep, ...]
    windows: Mapping[str, Node] = field(default_factory=dict)
    """What each window counts up of a line, by the window's name."""

    @property
    def rounding(self) -> Rounding:
        """How every leg and pool is rounded."""
        return self.clause.rounding.mode

    @cached_property
    def scale(self) -> int:
        """Minor units in a major unit."""
        return self.agreement.scale

    @property
    def fed(self) -> bool:
        """Tell whether the whole comes from a linked agreement; `split` is then given it as `whole`."""
        return self.clause.fed is not None

    def given_types(self) -> dict[str, Type]:
        """Return the types of everything that `split` may be given."""
        found = self.agreement.fact_types("order")
        found |= {volume_name(window): "money" for window in self.windows}
        return {**found, "whole": "money"} if self.fed else found

    def siblings(self, pool: str | None) -> tuple[PlanStep, ...]:
        """Return the steps that share a pool (None: the whole), its rest last."""
        return self._by_parent.get(pool, ())

    @cached_property
    def _by_parent(self) -> Mapping[str | None, tuple[PlanStep, ...]]:
        parents = {step.parent for step in self.steps}
        return {pool: tuple(step for step in self.steps if step.parent == pool) for pool in parents}

    def fact_names(self) -> frozenset[str]:
        """Return the order facts that the split reads."""
        formulas = [self.whole, *self.funding, *self.windows.values()]
        formulas += [one for step in self.steps for one in (step.formula, step.provisional) if one]
        if self.base is not None:
            formulas.append(self.base)
        read = frozenset().union(*(names(node) for node in formulas))
        return read & self.agreement.fact_types("order").keys()

    def split(self, facts: Mapping[str, Value]) -> LineSplit:
        """Split one line. `facts` are order facts, money in major units, and a fed `whole`.

        `volume.WINDOW` among them is what the window holds before the line; nothing where it is not given.

        Raises FactError for a fact that is missing or unknown, or where funding and whole differ.
        """
        values = dict(facts)
        if self.clause.fed is not None and isinstance(values.get("whole", _UNFED), Unknown):
            message = f"the whole is fed by '{self.clause.fed.leg}' of {self.clause.fed.from_}"
            raise FactError(f"{message}; give that document too, or the column 'whole'", where=self.clause.id)
        whole = self._figure(self.whole, values, "whole")
        values["whole"] = whole.exact / self.scale
        base = None
        if self.base is not None:
            base = self._figure(self.base, values, "base").exact
            values["base"] = base / self.scale
        pools: dict[str, Figure] = {}
        legs: dict[str, Leg] = {}
        for step in self.steps:
            figure = self._step(step, values, whole, pools, legs)
            values[step.name] = figure.exact / self.scale
            if step.is_pool:
                pools[step.name] = figure
            else:
                legs[step.name] = self._leg(step, figure)
        if sum(leg.amount_minor for leg in legs.values()) != whole.posted:
            raise SplitDoesNotSum("legs do not sum to the whole", where=self.clause.id)
        return LineSplit(whole, base, self._funded(values, whole), pools, legs, values)

    def _step(
        self,
        step: PlanStep,
        values: Mapping[str, Value],
        whole: Figure,
        pools: Mapping[str, Figure],
        legs: Mapping[str, Leg],
    ) -> Figure:
        if step.window is not None:
            return self._windowed(step, step.window, values)
        if step.formula is not None:
            return self._figure(step.formula, values, step.name)
        source = whole if step.parent is None else pools[step.parent]
        taken = [
            pools[one.name] if one.is_pool else legs[one.name].figure
            for one in self.siblings(step.parent)
            if one.name != step.name
        ]
        exact = source.exact - sum((figure.exact for figure in taken), Fraction(0))
        return Figure(exact, source.posted - sum(figure.posted for figure in taken))

    def _windowed(self, step: PlanStep, window: str, values: Mapping[str, Value]) -> Figure:
        """Return what a line adds to a step that is due on the volume of a window, or its provisional."""
        before = values.get(volume_name(window), Fraction(0))
        assert isinstance(before, Fraction)
        volume = before + self.exact_minor(self.windows[window], values, window) / self.scale
        if step.provisional is not None:
            return self._figure(step.provisional, {**values, "volume": volume}, step.name)
        now, then = self.due(step, volume), self.due(step, before)
        return Figure(now.exact - then.exact, now.posted - then.posted)

    def measure(self, window: str, facts: Mapping[str, Value]) -> Fraction:
        """Return what a line adds to the volume of a window, in major units. Raises FactError."""
        values = dict(facts)
        values["whole"] = self.exact_minor(self.whole, values, "whole") / self.scale
        if self.base is not None:
            values["base"] = self.exact_minor(self.base, values, "base") / self.scale
        return self.exact_minor(self.windows[window], values, window) / self.scale

    def due(self, step: PlanStep, volume: Fraction) -> Figure:
        """Return what a windowed step comes to on a volume in major units."""
        assert step.formula is not None
        return self._figure(step.formula, {"volume": volume}, step.name)

    def _figure(self, node: Node, values: Mapping[str, Value], name: str) -> Figure:
        exact = self.exact_minor(node, values, name)
        return Figure(exact, round_minor(exact, self.rounding))

    def exact_minor(self, node: Node, values: Mapping[str, Value], name: str) -> Fraction:
        """Evaluate a money formula of this clause to exact minor units. Raises FactError when unknown."""
        try:
            value = evaluate(node, Facts(values, rounded=self._rounded))
        except FormulaError as fault:
            raise FactError(f"'{name}' has no value: {fault.message}", where=self.clause.id) from None
        if isinstance(value, Unknown):
            lacking = ", ".join(sorted(value.names))
            raise FactError(f"'{name}' needs {lacking}, which is missing or disputed", where=self.clause.id)
        assert isinstance(value, Fraction)
        return value * self.scale

    def _rounded(self, major: Fraction) -> Fraction:
        return Fraction(round_minor(major * self.scale, self.rounding), self.scale)

    def _funded(self, values: Mapping[str, Value], whole: Figure) -> tuple[int, ...]:
        exact = [self.exact_minor(node, values, "funding") for node in self.funding]
        if sum(exact) != whole.exact:
            given = from_minor(round_minor(Fraction(sum(exact)), "half_up"), self.agreement.currency)
            needed = from_minor(whole.posted, self.agreement.currency)
            raise FactError(f"funding gives {given} but the whole is {needed}", where=self.clause.id)
        posted = [round_minor(one, self.rounding) for one in exact[:-1]]
        return (*posted, whole.posted - sum(posted))

    def _leg(self, step: PlanStep, figure: Figure) -> Leg:
        to = step.step.to or ""
        party, _, purpose = to.partition(".")
        account = f"{party}.{purpose or 'balance'}"
        return Leg(step.name, party, account, step.step.kind or step.name, step.clause, figure)


def volume_name(window: str) -> str:
    """Return the name under which a line is given what a window holds before it."""
    return f"volume.{window}"


def no_split(agreement: Agreement) -> SplitPlan:
    """Return the plan of a document that shares nothing out of an order: no whole, no funders, no steps."""
    clause = Commission.model_construct(
        id="",
        kind="commission",
        text=Words(zh="不分佣", en="Nothing is shared out."),
        whole="0.00",
        funding=(),
        base=None,
        windows=None,
        waterfall=(),
        rounding=RoundingRule(mode="half_up", at="line"),
    )
    return SplitPlan(agreement, clause, Number(Fraction(0), "0.00"), None, (), ())


@lru_cache(maxsize=256)
def split_plan(agreement: Agreement) -> SplitPlan:
    """Compile the plan of an agreement. Raises FactError when it has no commission clause."""
    clause = agreement.commission
    if clause is None:
        raise FactError(
            "the agreement has no commission clause, so there is nothing to split", where=agreement.ref
        )
    formula = agreement.formula
    steps = tuple(
        PlanStep(
            step.name,
            step,
            formula(step.amount) if step.amount else None,
            step.from_,
            step.clause or clause.id,
            formula(step.provisional) if step.provisional else None,
        )
        for step in clause.waterfall
    )
    base = formula(clause.base) if clause.base else None
    funding = tuple(formula(source.amount) for source in clause.funding)
    windows = {name: formula(window.measure) for name, window in (clause.windows or {}).items()}
    if isinstance(clause.whole, str):
        return SplitPlan(agreement, clause, formula(clause.whole), base, funding, steps, windows)
    fed = Name("whole")
    return SplitPlan(agreement, clause, fed, base, (fed,), steps, windows)
