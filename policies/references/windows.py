"""Whether what is counted over a window can be made up for later: through the pool's own legs alone.

What a window still owes goes through the same pool, so the legs of a windowed pool are shares of it, and
nothing else in the split reads a figure that a window may still change.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from policies.agreement import Agreement
from policies.clauses.commission import Commission, Step
from policies.errors import Finding, FormulaError, did_you_mean
from policies.formulas.exact import Facts, evaluate
from policies.formulas.tree import Lookup, Node, names, walk
from policies.source import Path


def windowed(agreement: Agreement, clause: Commission, path: Path) -> Iterator[Finding]:
    """Yield the misfits of steps that are due on the volume of a window."""
    counted = {step.name: index for index, step in enumerate(clause.waterfall) if step.over is not None}
    if counted and clause.rounding.at == "statement":
        message = "what is counted over a window is rounded per order line: 'rounding: {at: line}'"
        yield agreement.finding("split.window-statement", message, (*path[:-1], "rounding", "at"))
    for index, step in enumerate(clause.waterfall):
        at = (*path, index)
        if step.over is not None and step.over not in (clause.windows or {}):
            message = f"'{step.over}' is not a window{did_you_mean(step.over, clause.windows or {})}"
            yield agreement.finding("split.unknown-window", message, (*at, "over"))
        for field in ("amount", "provisional"):
            node = _read(agreement, getattr(step, field))
            if node is not None:
                yield from _formula(agreement, clause, (step, node), (*at, field))


def _formula(
    agreement: Agreement, clause: Commission, read: tuple[Step, Node], path: Path
) -> Iterator[Finding]:
    step, node = read
    counted = {one.name for one in clause.waterfall if one.over is not None}
    for name in sorted(names(node) & counted - {step.from_}):
        message = f"a window may still change '{name}', so only the legs of that pool may read it"
        yield agreement.finding("split.window-read", message, path)
    if step.over is not None and step.provisional is None and _jumps(node):
        message = (
            "bracket() raises the rate of what was posted before; say what a line posts meanwhile:"
            " 'provisional: bracket(ladder, volume) * base'"
        )
        yield agreement.finding("split.window-retroactive", message, path)
    if step.from_ in counted:
        own = {step.from_, *(one.name for one in clause.waterfall if one.from_ == step.from_)}
        if not names(node) <= own or _at_zero(node) != 0:
            message = (
                f"a leg of '{step.from_}' is a share of it and of its other legs, and nothing on nothing"
            )
            yield agreement.finding("split.window-leg", message, path)


def _jumps(node: Node) -> bool:
    return any(isinstance(part, Lookup) and part.function == "bracket" for part in walk(node))


def _at_zero(node: Node) -> object:
    """Return what a formula gives where every name in it is zero."""
    try:
        return evaluate(node, Facts(dict.fromkeys(names(node), Fraction(0)), rounded=lambda one: one))
    except FormulaError:
        return None


def _read(agreement: Agreement, text: str | None) -> Node | None:
    try:
        return agreement.formula(text) if text else None
    except FormulaError:
        return None
