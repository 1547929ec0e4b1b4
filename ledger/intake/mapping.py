"""The mapping language: which column of a file is which fact, of what type, and which events a row states.

A mapping is a YAML document. This module reads and validates it; docs/how-to/import-orders.md explains every
field with examples. Reading files by it is the work of readers.py and its formats, cells.py and events.py.
"""

from __future__ import annotations

import re
import zoneinfo
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ledger.intake.declared import Fault, declared_text, read_declared, shipped
from ledger.intake.terms import FactType
from policies.errors import MoneyError, did_you_mean
from policies.money import minor_digits
from policies.source import Path as Place

AGREEMENT_ZONE = "agreement"
"""In place of a zone's name: naive times are in the agreement's own time zone."""

KEY_COLUMNS = ("order", "line", "currency")
"""What identifies a line and its money; they stand beside the facts and are in every event."""

EVENT_FACTS = (
    "paid_at", "confirmed_at", "refunded_total", "refunded_at", "case", "opened_at", "closed_at",
)  # fmt: skip
"""Names that events themselves give to times and totals; a fact of the sale cannot take one of them."""

_FACT_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def numeral(value: Any) -> Any:
    """Read the text of a whole number of at most four digits; anything else is left to its own check."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value) else value


Flag = Annotated[bool, BeforeValidator(_flag)]
Numeral = Annotated[int, BeforeValidator(numeral)]


class Part(BaseModel):
    """A part of a document about files: what it does not know is refused, and nothing is converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Written = Literal["text", "slashes", "epoch_s", "epoch_ms", "sign", "thousands", "parentheses", "full_width"]
"""Ways to write an instant (the first four) and an amount (the others)."""

WRITTEN: dict[str, tuple[str, ...]] = {
    "instant": ("text", "slashes", "epoch_s", "epoch_ms"),
    "money": ("sign", "thousands", "parentheses", "full_width"),
}


class KeySpec(Part):
    """Where an order's id, a line's key or the currency comes from: a column, or one value for all rows."""

    column: str | None = Field(default=None, min_length=1)
    fixed: str | None = Field(default=None, min_length=1)
    strip: str | None = Field(default=None, min_length=1)
    prefix: str | None = Field(default=None, min_length=1)


class FactSpec(Part):
    """One fact of a line: its column, its type and how the cells are to be read."""

    column: str = Field(min_length=1)
    type: FactType
    unit: Literal["yuan", "fen"] | None = None
    required: Flag = False
    personal: Flag = False
    negative: Flag = False
    empty: str | None = None
    values: dict[str, str] | None = None
    written: list[Written] | None = Field(default=None, min_length=1)
    strip: str | None = Field(default=None, min_length=1)


class SaleSpec(Part):
    """When a row states a sale: the instant fact `at` is there. A line is sold once; its revision is 1."""

    at: str


class ReceiptSpec(Part):
    """When a row states a confirmed receipt: the instant fact `at` is there. Its revision is 1 too."""

    at: str


class RefundSpec(Part):
    """When a row states a refund: the money fact `total`, refunded so far, is above zero; `at` is its time.

    `at_most` names the money fact that `total` cannot exceed. The revision is the total: as it grows from
    export to export, each total is an event of its own.
    """

    at: str
    total: str
    at_most: str | None = None


class AfterSaleSpec(Part):
    """When a row states that an after-sale case was opened or closed: the instant fact `at` is there.

    `case` is the text fact that names the case and is the event's revision; where it is silent it is "1".
    """

    at: str
    case: str | None = None


class EventsSpec(Part):
    """Which events rows state; a kind left out never comes from this file."""

    sale: SaleSpec = Field(alias="sale.recorded")
    receipt: ReceiptSpec | None = Field(default=None, alias="receipt.confirmed")
    refund: RefundSpec | None = Field(default=None, alias="refund.recorded")
    opened: AfterSaleSpec | None = Field(default=None, alias="after_sale.opened")
    closed: AfterSaleSpec | None = Field(default=None, alias="after_sale.closed")


class FileLayout(Part):
    """How a file is written, whatever its rows mean: what its readers need, and which rows state anything."""

    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    sheet: str | None = Field(default=None, min_length=1)
    header_line: Numeral = Field(default=1, ge=1, le=1_000)
    skip: Numeral = Field(default=0, ge=0, le=1_000)
    until: str | None = Field(default=None, min_length=1)
    time_zone: str | None = None
    nothing: list[str] = Field(default_factory=list)
    only: dict[str, list[str]] = Field(default_factory=dict)


class MappingDocument(FileLayout):
    """A mapping as written."""

    mapping: Annotated[Literal[1], BeforeValidator(numeral)]
    source: str
    title: dict[str, str] = Field(default_factory=dict)
    order: KeySpec
    line: KeySpec
    currency: KeySpec
    facts: dict[str, FactSpec] = Field(min_length=1)
    other_columns: Literal["ignore", "declared"] = "ignore"
    events: EventsSpec


class Mapping:
    """A validated mapping with its digest.

    `sha256` is over the canonical JSON of the document, so comments and layout do not change it.
    """

    def __init__(self, name: str, document: MappingDocument, sha256: str) -> None:
        """Keep the parts; load_mapping is the way to make one."""
        self.name = name
        self.document = document
        self.sha256 = sha256

    @property
    def source(self) -> str:
        """The source that every entry of this mapping bears."""
        return self.document.source

    def later_facts(self) -> frozenset[str]:
        """Return the facts that tell what came after the sale; they are never part of the sale itself."""
        events = self.document.events
        names: set[str] = set()
        if events.receipt:
            names.add(events.receipt.at)
        if events.refund:
            names |= {events.refund.at, events.refund.total}
        for case in (events.opened, events.closed):
            if case:
                names |= {case.at, *([case.case] if case.case else [])}
        return frozenset(names)


def shipped_mappings() -> tuple[str, ...]:
    """Return the names of the mappings that come with the package."""
    return shipped("ledger.intake", "mappings")


def load_mapping(name: str) -> Mapping:
    """Load a shipped mapping by name, or a mapping file by path (anything ending in .yaml or .yml).

    Raises MappingUnknown, or MappingRejected with findings that name path and line.
    """
    return read_mapping(declared_text(name, "ledger.intake", "mappings"), name=name)


def read_mapping(text: str, *, name: str) -> Mapping:
    """Read and validate a mapping document. Raises MappingRejected with every finding."""
    document, sha256 = read_declared(text, name, MappingDocument, fields_at=_fields_at, faults=_faults)
    return Mapping(name, document, sha256)


def _fields_at(path: Place) -> list[str]:
    model: type[BaseModel]
    if not path:
        model = MappingDocument
    elif path[0] == "events":
        places: dict[str, type[BaseModel]] = {
            "sale.recorded": SaleSpec,
            "receipt.confirmed": ReceiptSpec,
            "refund.recorded": RefundSpec,
        }
        model = places.get(str(path[1]), EventsSpec) if len(path) > 1 else EventsSpec
    else:
        model = FactSpec if path[0] == "facts" else KeySpec
    return [field.alias or name for name, field in model.model_fields.items()]


def _faults(document: MappingDocument) -> list[Fault]:
    """Return what single fields cannot say: how the parts of a mapping must fit each other."""
    keys: dict[Place, KeySpec] = {(name,): getattr(document, name) for name in KEY_COLUMNS}
    faults = layout_faults(document.source, document, keys, document.currency)
    for name, spec in document.facts.items():
        faults.extend(_fact_faults(name, spec))
    faults.extend(_event_faults(document))
    return faults


def layout_faults(
    source: str, layout: FileLayout, keys: dict[Place, KeySpec], currency: KeySpec
) -> list[Fault]:
    """Return what is wrong with a source's name, a file's time zone, its keys and its currency."""
    faults: list[Fault] = []
    if not _SOURCE.fullmatch(source):
        wanted = "lower-case ASCII letters, digits, dot and dash, at most 64"
        faults.append((("source",), "mapping.value", f"a source is {wanted}"))
    zone = layout.time_zone
    if zone not in {None, AGREEMENT_ZONE} and zone not in zoneinfo.available_timezones():
        hint = did_you_mean(str(zone), zoneinfo.available_timezones())
        faults.append((("time_zone",), "mapping.time-zone", f"unknown time zone '{zone}'{hint}"))
    for path, key in keys.items():
        if (key.column is None) == (key.fixed is None):
            faults.append((path, "mapping.key", "give either `column` or `fixed`"))
        if key.fixed is not None and (key.strip or key.prefix):
            faults.append((path, "mapping.option", "`strip` and `prefix` are for a `column`"))
    if currency.fixed is not None:
        try:
            minor_digits(currency.fixed)
        except MoneyError as fault:
            faults.append((("currency", "fixed"), "mapping.currency", fault.message))
    return faults


def _fact_faults(name: str, spec: FactSpec) -> list[Fault]:
    path = ("facts", name)
    faults: list[Fault] = []
    if not _FACT_NAME.fullmatch(name):
        faults.append((path, "mapping.fact-name", "a fact is lower-case ASCII letters, digits and _"))
    if name in KEY_COLUMNS:
        faults.append((path, "mapping.fact-name", f"'{name}' is declared beside the facts, not among them"))
    return [*faults, *spec_faults(path, spec)]


def spec_faults(path: Place, spec: FactSpec) -> list[Fault]:
    """Return which options of a fact do not go with its type, or are missing for it."""
    faults: list[Fault] = []
    for option, kinds in (("unit", ("money",)), ("negative", ("money",)), ("values", ("enum",)),
                          ("written", ("instant", "money"))):  # fmt: skip
        given = getattr(spec, option)
        if given and spec.type not in kinds:
            faults.append(
                ((*path, option), "mapping.option", f"`{option}` is for {' and '.join(kinds)} only")
            )
    faults.extend(
        (
            (*path, "written"),
            "mapping.option",
            f"`{way}` is no way to write {spec.type}; those are {', '.join(WRITTEN[spec.type])}",
        )
        for way in spec.written or ()
        if spec.type in WRITTEN and way not in WRITTEN[spec.type]
    )
    if spec.type == "money" and spec.unit is None:
        wanted = "money needs `unit`: yuan (the major unit) or fen (the minor unit)"
        faults.append((path, "mapping.unit", wanted))
    if spec.type == "enum" and not spec.values:
        faults.append(
            (path, "mapping.values", "an enum needs `values`: what stands in the file, and its fact")
        )
    if spec.required and spec.empty is not None:
        faults.append(((*path, "empty"), "mapping.option", "a required fact has no `empty`"))
    return faults


def _event_faults(document: MappingDocument) -> list[Fault]:
    faults: list[Fault] = []
    for alias, spec in (
        ("sale.recorded", document.events.sale),
        ("receipt.confirmed", document.events.receipt),
        ("refund.recorded", document.events.refund),
        ("after_sale.opened", document.events.opened),
        ("after_sale.closed", document.events.closed),
    ):
        if spec is None:
            continue
        for field in type(spec).model_fields:
            named = getattr(spec, field)
            if named is not None:
                faults.extend(_use_faults(document, ("events", alias, field), named))
    sale_facts = set(document.facts) - {document.events.sale.at}
    later = Mapping("", document, "").later_facts()
    faults.extend(
        (("facts", name), "mapping.fact-name", f"'{name}' is a name that events give; use it as their fact")
        for name in sorted(sale_facts & set(EVENT_FACTS) - later)
    )
    return faults


def _use_faults(document: MappingDocument, path: tuple[str, ...], named: str) -> list[Fault]:
    spec = document.facts.get(named)
    if spec is None:
        return [(path, "mapping.unknown-fact", f"no fact '{named}'{did_you_mean(named, document.facts)}")]
    wanted = {"at": "instant", "total": "money", "at_most": "money", "case": "text"}.get(path[-1])
    if wanted is not None and spec.type != wanted:
        return [(path, "mapping.fact-type", f"'{named}' is {spec.type}; `{path[-1]}` needs {wanted}")]
    if spec.personal:
        return [(path, "mapping.personal", f"'{named}' is personal and cannot make an event")]
    return []
