"""The split and its reversal over a frame of lines: by columns, and by the exact reader that is the oracle.

Both take the same frame and add the same columns: `whole`, `leg:NAME`, `funding:N`, and for each state that
the frame has, `now` and `before`: `STATE:reversed:NAME` per leg and `STATE:returned:N` per funder, all Int64
minor units, with `refundable_minor` and `unusable` (true where the line cannot be split: a fact is missing or
funding and whole differ; its figures then mean nothing). Where the split counts over windows, the frame says
in columns `volume.WINDOW` what each held before a line (counting.py). Where another agreement feeds it, the
frame says what that brings and takes back: `whole`, `fed:refundable` and, per state, `STATE:whole_back`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

import polars as pl

from ledger.settlement.errors import SettlementRefused
from ledger.settlement.terms import VersionTerms
from policies.errors import FactError, FormulaError, MoneyError
from policies.facts import read_fact
from policies.formulas.columns import (
    Figure,
    day_column,
    fact_columns,
    rounded,
    to_column,
    wide,
)
from policies.formulas.exact import Unknown, Value
from policies.formulas.figures import subtract
from policies.formulas.tree import Node
from policies.money import round_minor
from policies.splits.columns import (
    FUNDING,
    LEG,
    RETURNED,
    REVERSED,
    Span,
    column_sizes,
    column_spans,
    reversal_columns,
    reverses_in_64_bits,
    split_with_spans,
    volume_parts,
)
from policies.splits.line import LineSplit, volume_name
from policies.splits.reversal import Reversal, reverse, reverse_share

Kernel = Literal["columns", "exact"]
STATES = ("now", "before")
"""The two states of a run: at its own point, and at the point of the run before."""

WHOLE = "whole"
"""What a line shares out, posted: of a fed line what the legs that feed it post, null where they do not."""

FED_REFUNDABLE = "fed:refundable"
"""How much of a fed line can be refunded, in minor units, where its money first comes in."""

WHOLE_BACK = "whole_back"
"""What of a fed whole is taken back in a state."""

_LIMIT_MINOR = 2**63
_BEYOND = (
    "a figure of some line lies beyond 64 bits of minor units; look for a rate or amount that is far off"
)


def states_in(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the states that a frame has; before the first run of an agreement nothing stood."""
    return tuple(state for state in STATES if f"{state}:refunded" in frame.columns)


def run_kernel(kernel: Kernel, terms: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    """Split the lines of one version and reverse them to the states they have. Raises SettlementRefused.

    `frame` holds the facts and, per state, `STATE:refunded` in minor units. Bounds are checked before
    anything is computed: what could overflow is widened, or refused by name.
    """
    if not terms.plan.steps:
        return frame.with_columns(pl.lit(0, dtype=pl.Int64).alias("refundable_minor"), unusable=False)
    return _by_columns(terms, frame) if kernel == "columns" else _by_exact_reader(terms, frame)


def with_nothing_held(kernel: Kernel, terms: VersionTerms, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Return lines as if nothing stood in their windows, for figures on which no window has a bearing."""
    nothing = pl.lit(0, dtype=pl.Int128) if kernel == "columns" else pl.lit("0")
    return lines.with_columns(nothing.alias(volume_name(window)) for window in terms.plan.windows)


# ---- columns


def require_columns(terms: VersionTerms) -> None:
    """Refuse facts that have no exact column. Raises SettlementRefused."""
    rates = [name for name in terms.fact_names if terms.agreement.document.facts[name].type == "rate"]
    if rates:
        raise SettlementRefused(
            f"'{rates[0]}' is a rate, which has no exact column; settle with the exact engine instead",
            where=terms.agreement.ref,
        )


def _by_columns(terms: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    require_columns(terms)
    frame = frame.with_columns(readable(terms, name) for name in terms.fact_names)
    try:
        return _computed(terms, frame).collect()
    except FormulaError as fault:
        raise SettlementRefused(
            f"{fault}; settle with the exact engine instead", where=terms.agreement.ref
        ) from fault
    except pl.exceptions.InvalidOperationError as fault:  # a cast to 64 bits that does not fit
        raise SettlementRefused(_BEYOND, where=terms.agreement.ref) from fault


def readable(terms: VersionTerms, name: str) -> pl.Expr:
    """Return a fact's column with null for text that is no day, or no option of an enum: it is held."""
    fact, column = terms.agreement.document.facts[name], pl.col(name)
    if fact.type == "date":
        return pl.when(day_column(name).is_not_null()).then(column).alias(name)
    if fact.type == "enum":
        return pl.when(column.is_in(list(fact.options or ()))).then(column).alias(name)
    return column


def _computed(terms: VersionTerms, frame: pl.DataFrame) -> pl.LazyFrame:
    formulas = _Formulas(terms, frame)
    refundable = formulas.refundable()
    lazy = frame.lazy().with_columns(
        refundable.numerator.cast(pl.Int64).alias("refundable_minor"),
        formulas.is_unusable().alias("unusable"),
    )
    lazy, spans = split_with_spans(terms.plan, lazy, formulas.bounds, formulas.signs)
    spans["refundable_minor"] = (-refundable.bound, refundable.bound)
    if not reverses_in_64_bits(terms.plan, spans):
        # what is posted is measured then, and widened where it must be: its reversal multiplies two amounts
        posted = lazy.collect()
        lazy, spans = posted.lazy(), column_spans(posted.lazy(), list(spans))
    for state in states_in(frame):
        lazy = _reverse_columns(terms, lazy, state, spans)
    return lazy


def _reverse_columns(
    terms: VersionTerms, lazy: pl.LazyFrame, state: str, spans: Mapping[str, Span]
) -> pl.LazyFrame:
    limit = pl.max_horizontal(pl.col("refundable_minor"), pl.lit(0, dtype=pl.Int64))
    refunded = pl.min_horizontal(pl.col(f"{state}:refunded"), limit)
    back = f"{state}:{WHOLE_BACK}" if terms.plan.fed else None
    lazy = reversal_columns(terms.plan, lazy.with_columns(refunded.alias("refunded_minor")), spans, back)
    legs = [f"{REVERSED}{step.name}" for step in terms.plan.steps if not step.is_pool]
    returned = [f"{RETURNED}{index}" for index in range(len(terms.plan.funding))]
    return lazy.rename({name: f"{state}:{name}" for name in (*legs, *returned)})


def is_unusable(terms: VersionTerms, frame: pl.DataFrame) -> pl.Expr:
    """Tell of which rows a fact is missing or does not read, or funding and whole differ.

    The facts of the frame have been through `readable`. Raises FormulaError.
    """
    return _Formulas(terms, frame).is_unusable()


class _Formulas:
    """Formulas of the document beside the split's own, as columns over a frame of its lines."""

    def __init__(self, terms: VersionTerms, frame: pl.DataFrame) -> None:
        self.terms = terms
        self.frame = frame
        self.types = terms.agreement.fact_types("order")
        numeric = [name for name in terms.fact_names if frame.schema[name] == pl.Int64]
        numeric += [name for name in map(volume_name, terms.plan.windows) if name in frame.columns]
        numeric += [WHOLE] if terms.plan.fed else []
        self.spans = column_spans(frame.lazy(), numeric)
        self.bounds = {name: max(abs(low), abs(high)) for name, (low, high) in self.spans.items()}
        self.scope = fact_columns({name: self.types[name] for name in terms.fact_names}, self.bounds)
        self.lacking = [name for name in terms.fact_names if frame[name].null_count()]

    def signs(self, numbers: Sequence[pl.Expr]) -> list[bool]:
        names = [one.meta.output_name() if one.meta.is_column() else None for one in numbers]
        asked = [one for one, name in zip(numbers, names, strict=True) if name not in self.spans]
        found = self.frame.select(one.min().alias(str(at)) for at, one in enumerate(asked))
        least = iter(found.row(0) if asked else ())
        ends = [self.spans[name][0] if name in self.spans else next(least) for name in names]
        return [end is not None and end >= 0 for end in ends]

    def figure(self, node: Node) -> Figure:
        column = to_column(node, self.scope, self.types, literal_scale=self.terms.plan.scale)
        if not isinstance(column, Figure):
            raise FormulaError("a condition stands where an amount is needed")
        return column

    def refundable(self) -> Figure:
        if self.terms.plan.fed:
            size = column_sizes(self.frame.lazy(), [FED_REFUNDABLE])[FED_REFUNDABLE]
            return Figure(pl.col(FED_REFUNDABLE).fill_null(0), 1, size)
        if self.terms.refundable is None:
            return Figure(pl.lit(0, dtype=pl.Int64), 1, 0)
        return rounded(self.figure(self.terms.refundable), self.terms.plan.rounding)

    def is_unusable(self) -> pl.Expr:
        lacking = [pl.col(name).is_null() for name in self.lacking]
        if self.terms.plan.fed:
            return pl.any_horizontal(pl.col(WHOLE).is_null(), *lacking)
        gap = self.figure(self.terms.plan.whole)
        for node in self.terms.plan.funding:
            gap = subtract(gap, self.figure(node))
        unfunded = (wide(gap) != 0).fill_null(value=True)
        return pl.any_horizontal(unfunded, *lacking)


# ---- the exact reader


def _by_exact_reader(terms: VersionTerms, frame: pl.DataFrame) -> pl.DataFrame:
    legs = [step.name for step in terms.plan.steps if not step.is_pool]
    states = states_in(frame)
    names = _output_names(legs, len(terms.plan.funding), states)
    volumes = [volume_name(window) for window in terms.plan.windows]
    fed = [WHOLE, FED_REFUNDABLE, *(f"{state}:{WHOLE_BACK}" for state in states)] if terms.plan.fed else []
    needed = frame.select(*terms.fact_names, *volumes, *(f"{state}:refunded" for state in states), *fed)
    blank = (*[0] * (len(names) - 1), True)
    alike = needed.unique(maintain_order=True)  # lines of the same facts are split alike: each once
    rows = [_exact_row(terms, row, legs, states) or blank for row in alike.iter_rows(named=True)]
    schema: dict[str, Any] = dict.fromkeys(names, pl.Int64)
    found = pl.DataFrame(rows, schema={**schema, "unusable": pl.Boolean}, orient="row")
    at = needed.join(
        alike.with_row_index("at"), on=needed.columns, nulls_equal=True, how="left", maintain_order="left"
    )["at"]
    return frame.drop(WHOLE, strict=False).hstack(found[at])


def _output_names(legs: list[str], funders: int, states: Sequence[str]) -> list[str]:
    names = ["whole", *(f"{LEG}{leg}" for leg in legs), *(f"{FUNDING}{index}" for index in range(funders))]
    for state in states:
        names += [f"{state}:{REVERSED}{leg}" for leg in legs]
        names += [f"{state}:{RETURNED}{index}" for index in range(funders)]
    return [*names, "refundable_minor", "unusable"]


def _exact_row(
    terms: VersionTerms, row: Mapping[str, Any], legs: list[str], states: Sequence[str]
) -> tuple[Any, ...] | None:
    """Return the figures of one line in the order of `_output_names`, None where it cannot be split."""
    values = exact_values(terms, row)
    if any(isinstance(value, Unknown) for value in values.values()):
        return None
    try:
        split = terms.plan.split(values)
    except FactError:
        return None
    refundable = refundable_minor(terms, split, row)
    found = [split.whole.posted, *(split.legs[leg].amount_minor for leg in legs), *split.funding]
    for state in states:
        done = reversal_of(terms, split, row, state)
        found += [*(done.legs[leg] if done else 0 for leg in legs)]
        found += done.funding if done else (0,) * len(split.funding)
    if any(abs(figure) >= _LIMIT_MINOR for figure in (*found, refundable)):
        raise SettlementRefused(_BEYOND, where=terms.agreement.ref)
    return (*found, refundable, False)


def exact_values(terms: VersionTerms, row: Mapping[str, Any]) -> dict[str, Value]:
    """Return the facts of one row of columns as the exact reader's values; a null is unknown.

    With them what windows held before the line, where the row says so.
    """
    values: dict[str, Value] = {**given_volumes(terms, row)}
    if terms.plan.fed:
        whole = row[WHOLE]
        values[WHOLE] = Unknown(frozenset({WHOLE})) if whole is None else Fraction(whole, terms.plan.scale)
    for name in terms.fact_names:
        fact, cell = terms.agreement.document.facts[name], row[name]
        kind = fact.type
        if cell is None:
            values[name] = Unknown(frozenset({name}))
        elif kind == "money":
            values[name] = Fraction(cell, terms.plan.scale)
        elif kind == "count":
            values[name] = Fraction(cell)
        elif kind == "bool":
            values[name] = bool(cell)
        else:
            try:
                values[name] = read_fact(cell, kind, terms.agreement.currency, fact.options)
            except (FactError, MoneyError):
                values[name] = Unknown(frozenset({name}))  # what does not read is held, as a null is
    return values


def given_volumes(terms: VersionTerms, row: Mapping[str, Any]) -> dict[str, Fraction]:
    """Return what windows held before a row, in major units, by name; none where there is no such column.

    Columns count numerators over fixed parts of a unit, the exact reader writes fractions as text.
    """
    found = {}
    for window in terms.plan.windows:
        cell = row.get(volume_name(window))
        if isinstance(cell, str):
            found[volume_name(window)] = Fraction(cell)
        elif cell is not None:
            found[volume_name(window)] = Fraction(cell, volume_parts(terms.plan, window))
    return found


def refundable_minor(terms: VersionTerms, split: LineSplit, row: Mapping[str, Any]) -> int:
    """Return how much of a line can be refunded under the document, rounded as the document rounds.

    Of a fed line, as its row says, how much can be where its money first comes in.
    """
    if terms.plan.fed:
        return int(row[FED_REFUNDABLE] or 0)
    if terms.refundable is None:
        return 0
    exact = terms.plan.exact_minor(terms.refundable, split.values, "refundable")
    return round_minor(exact, terms.plan.rounding)


def reversal_of(terms: VersionTerms, split: LineSplit, row: Mapping[str, Any], state: str) -> Reversal | None:
    """Return what has been reversed of a line so far in a state of its row, None where nothing of it can be.

    A refund beyond what is refundable reverses the whole line and no more.
    """
    refundable = refundable_minor(terms, split, row)
    if refundable <= 0:
        return None
    refunded = min(row[f"{state}:refunded"], refundable)
    if terms.plan.fed:
        share = Fraction(refunded, refundable)
        return reverse_share(terms.plan, split, share, row[f"{state}:{WHOLE_BACK}"])
    return reverse(terms.plan, split, refunded, refundable)
