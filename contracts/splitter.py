"""CommissionSplitter asked about order lines: what every payee gets, and what refunds take back.

The contract is vyper/CommissionSplitter.vy. It is pure, so its code runs here by itself, on no chain, with no
network and no state; what it says is then held against what `policies` says (api/office/second_opinion.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from contracts.artifacts import load_artifact
from contracts.contract import call_data, return_value
from contracts.split_plan import CompiledSplit
from policies.splits.opinion import AnsweredLine, AskedLine, TakenBack

ARTIFACT = "CommissionSplitter"
CELLS_MAX, RESULTS_MAX = 1024, 2048
GAS = 1 << 40
"""More than any batch needs: where the code runs by itself nobody pays."""

Run = Callable[[bytes], bytes]
"""Calls the contract with call data and returns its output; raises ChainReverted."""


def splitter_code() -> bytes:
    """Return the committed code of the contract, as it stands where it is deployed."""
    return load_artifact(ARTIFACT).runtime


def splitter_name(code: bytes | None = None) -> str:
    """Return how the contract is named where it was asked: with the SHA-256 of its code."""
    return f"{ARTIFACT} {hashlib.sha256(splitter_code() if code is None else code).hexdigest()}"


def run_here(code: bytes) -> Run:
    """Return calls of some code of the contract in this process."""

    def run(data: bytes) -> bytes:
        from contracts.embedded import run_code  # noqa: PLC0415  (py-evm takes a second to import)

        return run_code(code, data, gas=GAS)

    return run


def ask_splitter(plan: CompiledSplit, lines: Sequence[AskedLine], *, run: Run) -> Iterator[AnsweredLine]:
    """Yield what the contract says of each line, in order; lines alike in states are asked about together.

    Raises ChainReverted as `ask_about`.
    """
    for states, alike in groupby(lines, key=lambda line: len(line.states)):
        ahead, most = list(alike), _at_once(plan, states)
        for start in range(0, len(ahead), most):
            cells = [cell for line in ahead[start : start + most] for cell in line_cells(plan, line)]
            yield from ask_about(plan, cells, states, run=run)


def line_cells(plan: CompiledSplit, line: AskedLine) -> tuple[int, ...]:
    """Return the cells of a line as the contract reads them."""
    states = (cell for state in line.states for cell in (state.refunded_minor, state.whole_back_minor))
    return (*(fact.cell(line.facts[fact.name]) for fact in plan.facts), line.refundable_minor, *states)


def ask_about(plan: CompiledSplit, cells: Sequence[int], states: int, *, run: Run) -> Iterator[AnsweredLine]:
    """Yield what the contract says of lines given by their cells, each with so many states of refund.

    Raises ChainReverted where the contract refuses a line: a figure beyond its bounds, a division by zero, a
    text that a table has no row for, funders who do not bring the whole.
    """
    artifact = load_artifact(ARTIFACT)
    output = run(call_data(artifact, "split_lines", plan.argument, cells, states))
    found = return_value(artifact, "split_lines", output)
    width = _results(plan, states)
    for start in range(0, len(found), width):
        yield _answer(plan, found[start : start + width])


def _at_once(plan: CompiledSplit, states: int) -> int:
    return min(CELLS_MAX // (len(plan.facts) + 1 + 2 * states), RESULTS_MAX // _results(plan, states))


def _results(plan: CompiledSplit, states: int) -> int:
    return 2 + (len(plan.steps) + plan.funders) * (1 + states)


def _answer(plan: CompiledSplit, figures: Sequence[int]) -> AnsweredLine:
    whole, refundable, *rest = figures
    (legs, funding), *back = _parts(plan, rest)
    return AnsweredLine(whole, refundable, legs, funding, tuple(TakenBack(*one) for one in back))


def _parts(plan: CompiledSplit, figures: Sequence[int]) -> Iterator[tuple[dict[str, int], tuple[int, ...]]]:
    steps, width = len(plan.steps), len(plan.steps) + plan.funders
    for start in range(0, len(figures), width):
        named = zip(plan.steps, figures[start : start + steps], strict=True)
        legs = {name: amount for name, amount in named if name not in plan.pools}
        yield legs, tuple(figures[start + steps : start + width])
