"""Layouts: how a file to reconcile is written, which columns name what it is about, and which are amounts.

A layout is a YAML document, as a mapping of order files is; docs/reference/reconciliation.md explains every
field. A row of the file states one amount or several: each becomes a row to match, so that a wide bill with a
column a fee and a long one with a row a fee come to the same. Amounts are signed as what they add to the
party; `negate` turns a column round that counts the other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ledger.intake.declared import Fault, declared_text, read_declared, shipped
from ledger.intake.mapping import (
    FactSpec,
    FileLayout,
    Flag,
    KeySpec,
    Numeral,
    Part,
    Written,
    layout_faults,
    numeral,
    spec_faults,
)
from policies.source import Path as Place

Level = Literal["leg", "line", "order", "statement", "payout"]
"""What a reference names: a leg of an order line, a line, an order, a statement, a payout."""

Side = Literal["bill", "payee", "bank"]
"""Whose file it is: the platform's bill, the payee's own, the bank's or payment provider's."""

PARTS: dict[Level, tuple[str, ...]] = {
    "leg": ("order", "line", "leg"),
    "line": ("order", "line"),
    "order": ("order",),
    "statement": ("statement",),
    "payout": ("payout",),
}
"""The parts of a reference at each level."""

MAY_BE_EMPTY: frozenset[Level] = frozenset({"statement", "payout"})
"""Levels at which a row may name nothing: banks carry what they please."""

FROM_LINES: frozenset[Level] = frozenset({"leg", "line", "order"})
"""Levels at which the party's own side is the lines of its statements."""

KINDS = ("earned", "reversed", "funded", "returned")
"""Kinds that a row may say of its amount; those of statement lines."""


class AmountSpec(Part):
    """One column of amounts; `leg` names the leg that all of it is of, `negate` turns it round."""

    column: str = Field(min_length=1)
    unit: Literal["yuan", "fen"]
    leg: str | None = Field(default=None, min_length=1)
    negate: Flag = False
    empty: str | None = None
    written: list[Written] | None = Field(default=None, min_length=1)
    strip: str | None = Field(default=None, min_length=1)

    def as_fact(self) -> FactSpec:
        """Return the fact by which its cells are read; an amount may be below zero."""
        return FactSpec(
            column=self.column,
            type="money",
            unit=self.unit,
            negative=True,
            required=self.empty is None,
            empty=self.empty,
            written=self.written,
            strip=self.strip,
        )


class TimeSpec(Part):
    """The column that says when a row counts: a time or a day, which becomes a day of the agreement's."""

    column: str = Field(min_length=1)
    written: list[Written] | None = Field(default=None, min_length=1)
    strip: str | None = Field(default=None, min_length=1)

    def as_fact(self) -> FactSpec:
        """Return the fact by which its cells are read."""
        return FactSpec(
            column=self.column, type="instant", required=True, written=self.written, strip=self.strip
        )


class WordSpec(Part):
    """A column of words: text as it is, or by `values` what each stands for."""

    column: str = Field(min_length=1)
    values: dict[str, str] | None = None
    strip: str | None = Field(default=None, min_length=1)

    def as_fact(self) -> FactSpec:
        """Return the fact by which its cells are read."""
        kind: Literal["enum", "text"] = "enum" if self.values else "text"
        return FactSpec(column=self.column, type=kind, values=self.values, strip=self.strip)


class MatchSpec(Part):
    """How the file is matched unless the user says otherwise: how far amounts and days may be apart."""

    tolerance: str = "0.00"
    days: Numeral = Field(default=0, ge=0, le=366)


class LayoutDocument(FileLayout):
    """A layout as written."""

    layout: Annotated[Literal[1], BeforeValidator(numeral)]
    source: str
    title: dict[str, str] = Field(default_factory=dict)
    rests_on: dict[str, str]
    side: Side
    level: Level
    reference: dict[str, KeySpec] = Field(default_factory=dict)
    currency: KeySpec
    at: TimeSpec
    amounts: list[AmountSpec] = Field(min_length=1, max_length=50)
    leg: WordSpec | None = None
    kind: WordSpec | None = None
    note: WordSpec | None = None
    match: MatchSpec = Field(default_factory=MatchSpec)


@dataclass(frozen=True, slots=True)
class Layout:
    """A validated layout; `sha256` is over its canonical JSON."""

    name: str
    document: LayoutDocument
    sha256: str


def shipped_layouts() -> tuple[str, ...]:
    """Return the names of the layouts that come with the package."""
    return shipped("ledger.reconciliation", "layouts")


def load_layout(name: str) -> Layout:
    """Load a shipped layout by name, or a layout file by path (anything ending in .yaml or .yml).

    Raises MappingUnknown, or MappingRejected with findings that name path and line.
    """
    return read_layout(declared_text(name, "ledger.reconciliation", "layouts"), name=name)


def read_layout(text: str, *, name: str) -> Layout:
    """Read and validate a layout document. Raises MappingRejected with every finding."""
    document, sha256 = read_declared(text, name, LayoutDocument, fields_at=_fields_at, faults=_faults)
    return Layout(name, document, sha256)


_PARTS: dict[str, type[Part]] = {
    "reference": KeySpec,
    "currency": KeySpec,
    "at": TimeSpec,
    "amounts": AmountSpec,
    "leg": WordSpec,
    "kind": WordSpec,
    "note": WordSpec,
    "match": MatchSpec,
}


def _fields_at(path: Place) -> list[str]:
    model = _PARTS.get(str(path[0]), LayoutDocument) if path else LayoutDocument
    return list(model.model_fields)


def _faults(document: LayoutDocument) -> list[Fault]:
    """Return what single fields cannot say: how the parts of a layout must fit each other."""
    keys: dict[Place, KeySpec] = {("reference", name): key for name, key in document.reference.items()}
    keys["currency",] = document.currency
    faults = layout_faults(document.source, document, keys, document.currency)
    wanted = PARTS[document.level]
    named = {*document.reference, *({"leg"} if _has_leg(document) else ())}
    if document.reference and not set(wanted) <= named:
        lacking = ", ".join(part for part in wanted if part not in named)
        faults.append(
            (("reference",), "mapping.reference", f"at the level '{document.level}' it needs {lacking} too")
        )
    faults += [
        (("reference", name), "mapping.reference", f"a '{document.level}' is named by {', '.join(wanted)}")
        for name in document.reference
        if name not in wanted
    ]
    if not document.reference and document.level in FROM_LINES:
        faults.append((("reference",), "mapping.reference", "rows of order lines need a reference"))
    for place, amount in enumerate(document.amounts):
        faults += spec_faults(("amounts", place), amount.as_fact())
        if amount.leg and document.leg:
            faults.append((("amounts", place, "leg"), "mapping.option", "`leg` is a column here"))
    faults += spec_faults(("at",), document.at.as_fact())
    unknown = sorted(set((document.kind.values or {}).values()) - set(KINDS)) if document.kind else []
    if document.kind and (unknown or not document.kind.values):
        faults.append((("kind",), "mapping.values", f"`values` give what stands for {', '.join(KINDS)}"))
    return faults


def _has_leg(document: LayoutDocument) -> bool:
    return document.leg is not None or all(amount.leg for amount in document.amounts)
