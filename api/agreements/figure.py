"""Where each step of a money path stands on a bar that is the whole, in thousandths. For drawing only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.agreements.schemas import SplitStep

PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A step with its place on the bar: steps of a pool stand inside the pool's stretch."""

    step: SplitStep
    start_permille: int
    width_permille: int


def bars(whole_minor: int, steps: Sequence[SplitStep]) -> tuple[Bar, ...]:
    """Lay the steps out one after another, each pool's steps under the pool. Negative steps have no width."""
    if whole_minor <= 0:
        return tuple(Bar(step, 0, 0) for step in steps)
    cursors_minor = [0]
    found: list[Bar] = []
    for step in steps:
        del cursors_minor[step.depth + 1 :]
        start_minor = cursors_minor[step.depth]
        width_minor = max(step.amount.amount_minor, 0)
        start = start_minor * PERMILLE // whole_minor
        found.append(Bar(step, start, (start_minor + width_minor) * PERMILLE // whole_minor - start))
        cursors_minor[step.depth] = start_minor + width_minor
        cursors_minor.append(start_minor)
    return tuple(found)
