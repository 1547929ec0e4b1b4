"""What the lines of one version move: from their facts and states to amounts, what is held, what came late.

One function over a frame of lines, each line by itself, so that it may be given all lines of a run at once
or any part of them, on this machine or another.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import polars as pl

from ledger.settlement.facts import KEY
from ledger.settlement.kernels import Kernel, run_kernel, states_in
from ledger.settlement.moves import move_columns, moves_of
from ledger.settlement.terms import VersionTerms

_LINES_AT_ONCE = 250_000
_SLICES_AT_ONCE = 2

RESTS_ON = ("seq:sale", "seq:receipt", "now:refund")
"""Columns that name the entries a line rests on."""


@dataclass(frozen=True)
class Moved:
    """What lines move: a column a move in `frame`, with their keys and the entries that they rest on.

    `held` are the keys of lines that lack a fact, in order; `late_minor` is what was refunded and is not
    reversed, over `late_lines` lines.
    """

    frame: pl.DataFrame
    held: pl.DataFrame
    late_lines: int
    late_minor: int


class Elsewhere(Protocol):
    """Settles lines somewhere else, with the same result: see cluster.py."""

    def moved(self, version: VersionTerms, lines: pl.DataFrame) -> Moved:
        """Do what `moved_by` does."""


Engine = Kernel | Elsewhere
"""How a run computes its lines: by a kernel here, or elsewhere."""


def kernel_of(engine: Engine) -> Kernel:
    """Return the kernel by which an engine's lines are computed where they are needed here."""
    return engine if isinstance(engine, str) else "columns"


def exact_sum(amounts: pl.Series) -> int:
    """Sum a column of minor units in 128 bits, so that no number of lines can wrap it round."""
    return int(amounts.cast(pl.Int128).sum() or 0)


def moved_by(engine: Engine, version: VersionTerms, lines: pl.DataFrame) -> Moved:
    """Return what lines under one version move, in the order they are given in. Raises SettlementRefused.

    `lines` are those of `state.with_state`; without columns of the state before, nothing stood before.
    """
    if not version.plan.steps:
        return Moved(lines.clear().select(*KEY, *RESTS_ON), lines.clear().select(KEY), 0, 0)
    if not isinstance(engine, str):
        return engine.moved(version, lines)
    # Polars leaves a core idle between its steps: two slices at once use it, and memory is that of two slices
    with ThreadPoolExecutor(_SLICES_AT_ONCE) as pool:
        slices = lines.iter_slices(_LINES_AT_ONCE) if lines.height else [lines]
        parts = list(pool.map(partial(_moved, engine, version), slices))
    if len(parts) == 1:
        return parts[0]
    return Moved(
        pl.concat(part.frame for part in parts),
        pl.concat(part.held for part in parts),
        sum(part.late_lines for part in parts),
        sum(part.late_minor for part in parts),
    )


def _moved(kernel: Kernel, version: VersionTerms, lines: pl.DataFrame) -> Moved:
    states = states_in(lines)
    done = run_kernel(kernel, version, lines)
    fresh = pl.col("now:earned")
    if "before" in states:
        fresh &= ~pl.col("before:earned")
    held = done.filter(pl.col("unusable") & fresh).select(KEY)
    usable = done.filter(~pl.col("unusable"))
    _assert_sums(version, usable, states)
    late = usable.select(late=_late("now") - _late("before") if "before" in states else _late("now"))["late"]
    columns = [pl.col(move.column) for move in moves_of(version)]
    frame = usable.select(*KEY, *RESTS_ON, *move_columns(version, states)).filter(
        pl.any_horizontal(amount != 0 for amount in columns)
    )
    return Moved(frame, held, int((late != 0).sum()), exact_sum(late))


def _late(state: str) -> pl.Expr:
    limit = pl.max_horizontal(pl.col("refundable_minor"), pl.lit(0, dtype=pl.Int64))
    return pl.col(f"{state}:claimed") - pl.min_horizontal(pl.col(f"{state}:refunded"), limit)


def _assert_sums(version: VersionTerms, usable: pl.DataFrame, states: tuple[str, ...]) -> None:
    """Stop the run unless parts sum to the whole on every line, in each state: no money may vanish."""
    legs = [step.name for step in version.plan.steps if not step.is_pool]
    funders = range(len(version.plan.funding))
    wholes = {
        "legs": (pl.sum_horizontal(f"leg:{leg}" for leg in legs), pl.col("whole")),
        "funding": (pl.sum_horizontal(f"funding:{index}" for index in funders), pl.col("whole")),
    }
    for state in states:
        reversed_legs = pl.sum_horizontal(f"{state}:reversed:{leg}" for leg in legs)
        returned = pl.sum_horizontal(f"{state}:returned:{index}" for index in funders)
        wholes[f"{state} reversal"] = (reversed_legs, returned)
    odd = usable.lazy().select((parts != whole).any().alias(name) for name, (parts, whole) in wholes.items())
    for name, (wrong,) in zip(wholes, odd.collect().iter_columns(), strict=True):
        parts, whole = wholes[name]
        assert not wrong, (
            f"{name} do not sum to the whole of {usable.filter(parts != whole).select(KEY).row(0)}"
            f" under {version.agreement.ref}"
        )
