"""Three ways at once: from what a bill says, over the own ledger, to what a bank or the payee's books say.

A bill is held against lines, a bank against what statements pay or against payments; both are books of one
party. What lies between lines and payments is on the statements (opening, dues, adjustments, what is carried
forward), so the way from the bill's total to the bank's is a sum of named steps, and the sum is asserted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ledger.log import Log
from ledger.reconciliation.breaks import CLASSES
from ledger.reconciliation.errors import ReconciliationRefused
from ledger.reconciliation.layouts import FROM_LINES
from ledger.reconciliation.own import statements_of
from ledger.reconciliation.recorded import Book, reconciliations, state_of
from ledger.statements.reading import Statement

StepKind = Literal["total", "break", "closed", "statement"]
"""What a step is: a side's total, open breaks of a class, breaks that are done with, a part of statements."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the bill to the bank: a total is where one stands, any other amount is added."""

    kind: StepKind
    name: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class _Flow:
    """All that was reconciled in a book so far: both sides, and over which legs of which statements."""

    own_minor: int
    file_minor: int
    legs_of: Mapping[str, Sequence[str]]
    open_minor: dict[str, int]


def three_ways(log: Log, bill: Book, bank: Book) -> tuple[Step, ...]:
    """Return the steps from all that a bill told to all that a bank or the payee's books told.

    Raises ReconciliationRefused where one is not begun, or the first is not about lines or the second is.
    """
    first, second = _flow(log, bill, of_lines=True), _flow(log, bank, of_lines=False)
    known = {one.id: one for one in statements_of(log, bill.party, bill.agreement)}
    mine = [known[name] for name in sorted(first.legs_of)]
    between = list(_between(mine, first, second))
    steps = (
        Step("total", "bill", first.file_minor),
        *_breaks(first, 1),
        Step("total", "lines", first.own_minor),
        *(one for one in between if one.amount_minor),
        Step("total", "paid", second.own_minor),
        *_breaks(second, -1),
        Step("total", "bank", second.file_minor),
    )
    _assert_walk(steps)
    return steps


def _assert_walk(steps: Sequence[Step]) -> None:
    """Stop unless the steps between two totals are what these differ by."""
    stands = steps[0].amount_minor
    for step in steps[1:]:
        if step.kind == "total":
            assert stands == step.amount_minor, f"the steps do not lead to the total of {step.name}"
        else:
            stands += step.amount_minor


def _flow(log: Log, book: Book, *, of_lines: bool) -> _Flow:
    told = [
        one.content
        for one in reconciliations(log, book.agreement, book.party)
        if one.content["book"] == book.name
    ]
    if not told:
        raise ReconciliationRefused("nothing is reconciled in this book yet", where=book.name[:100])
    if (told[0]["level"] in FROM_LINES) != of_lines:
        wanted = "a bill about order lines" if of_lines else "a file about statements or payments"
        raise ReconciliationRefused(f"three ways need {wanted} here", where=book.name[:100])
    own, file = (_sum(told, side) for side in ("a_minor", "b_minor"))
    opened: dict[str, int] = dict.fromkeys(CLASSES, 0)
    for one in state_of(log, book).open:
        opened[one.kind] += one.difference_minor
    legs_of = {name: one["rules"]["legs"] for one in told for name in one["statements"]}
    return _Flow(own, file, legs_of, opened)


def _sum(told: Sequence[dict[str, Any]], side: str) -> int:
    """Sum what was new on a side over all reconciliations of a book: what they brought forward is not."""
    return sum(one["totals"][side] - one["brought"][side] for one in told)


def _breaks(flow: _Flow, sign: Literal[1, -1]) -> Iterator[Step]:
    """Yield what a file and the own side differ by, open by class and closed, with the sign of the way."""
    for kind, amount in flow.open_minor.items():
        if amount:
            yield Step("break", kind, sign * amount)
    closed = flow.own_minor - flow.file_minor - sum(flow.open_minor.values())
    if closed:
        yield Step("closed", "closed", sign * closed)


def _between(statements: Sequence[Statement], first: _Flow, second: _Flow) -> Iterator[Step]:
    """Yield what lies between the lines of statements and what was paid."""
    contents = [one.content for one in statements]
    other = sum(
        total["amount_minor"]
        for one in statements
        for total in one.content["totals"]
        if first.legs_of[one.id] and total["leg"] not in first.legs_of[one.id]
    )
    yield Step("statement", "opening", sum(one["opening_minor"] for one in contents))
    yield Step("statement", "other_legs", other)
    for name in ("dues", "adjustments"):
        moved = [part["amount_minor"] for one in contents for part in one.get(name, ())]
        yield Step("statement", name, sum(moved))
    yield Step("statement", "carried_forward", -sum(one["carried_forward_minor"] for one in contents))
    payable = sum(one["payable_minor"] for one in contents)
    yield Step("statement", "not_paid", second.own_minor - payable)
