"""The mapping language: which column of a file is which fact, of what type, and which events a row states.

A mapping is a YAML document. This module reads and validates it; docs/how-to/import-orders.md explains every
field with examples. Reading files by it is the work of readers.py and its formats, cells.py and events.py.
"""

from __future__ import annotations

import hashlib
import re
import zoneinfo
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger.intake.errors import MappingRejected, MappingUnknown
from ledger.intake.terms import FactType
from policies.canonical import canonical_bytes
from policies.errors import AgreementRejected, Finding, MoneyError, did_you_mean
from policies.money import minor_digits
from policies.source import Path as Place
from policies.source import Source, path_text, read_source

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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Written = Literal["text", "slashes", "epoch_s", "epoch_ms", "sign", "thousands", "parentheses", "full_width"]
"""Ways to write an instant (the first four) and an amount (the others)."""

WRITTEN: dict[str, tuple[str, ...]] = {
    "instant": ("text", "slashes", "epoch_s", "epoch_ms"),
    "money": ("sign", "thousands", "parentheses", "full_width"),
}


class KeySpec(_Part):
    """Where an order's id, a line's key or the currency comes from: a column, or one value for all rows."""

    column: str | None = Field(default=None, min_length=1)
    fixed: str | None = Field(default=None, min_length=1)
    strip: str | None = Field(default=None, min_length=1)
    prefix: str | None = Field(default=None, min_length=1)


class FactSpec(_Part):
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


class SaleSpec(_Part):
    """When a row states a sale: the instant fact `at` is there. A line is sold once; its revision is 1."""

    at: str


class ReceiptSpec(_Part):
    """When a row states a confirmed receipt: the instant fact `at` is there. Its revision is 1 too."""

    at: str


class RefundSpec(_Part):
    """When a row states a refund: the money fact `total`, refunded so far, is above zero; `at` is its time.

    `at_most` names the money fact that `total` cannot exceed. The revision is the total: as it grows from
    export to export, each total is an event of its own.
    """

    at: str
    total: str
    at_most: str | None = None


class AfterSaleSpec(_Part):
    """When a row states that an after-sale case was opened or closed: the instant fact `at` is there.

    `case` is the text fact that names the case and is the event's revision; where it is silent it is "1".
    """

    at: str
    case: str | None = None


class EventsSpec(_Part):
    """Which events rows state; a kind left out never comes from this file."""

    sale: SaleSpec = Field(alias="sale.recorded")
    receipt: ReceiptSpec | None = Field(default=None, alias="receipt.confirmed")
    refund: RefundSpec | None = Field(default=None, alias="refund.recorded")
    opened: AfterSaleSpec | None = Field(default=None, alias="after_sale.opened")
    closed: AfterSaleSpec | None = Field(default=None, alias="after_sale.closed")


class MappingDocument(_Part):
    """A mapping as written."""

    mapping: Annotated[Literal[1], BeforeValidator(numeral)]
    source: str
    title: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    sheet: str | None = Field(default=None, min_length=1)
    header_line: Numeral = Field(default=1, ge=1, le=1_000)
    skip: Numeral = Field(default=0, ge=0, le=1_000)
    until: str | None = Field(default=None, min_length=1)
    time_zone: str | None = None
    nothing: list[str] = Field(default_factory=list)
    only: dict[str, list[str]] = Field(default_factory=dict)
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
    folder = resources.files("ledger.intake").joinpath("mappings")
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".yaml")))


def load_mapping(name: str) -> Mapping:
    """Load a shipped mapping by name, or a mapping file by path (anything ending in .yaml or .yml).

    Raises MappingUnknown, or MappingRejected with findings that name path and line.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise MappingUnknown("there is no such mapping file", where=name)
        return read_mapping(path.read_text(encoding="utf-8-sig"), name=name)
    if name not in shipped_mappings():
        hint = did_you_mean(name, shipped_mappings())
        raise MappingUnknown(f"no mapping '{name}' is shipped{hint}; a file of your own ends in .yaml")
    item = resources.files("ledger.intake").joinpath("mappings", f"{name}.yaml")
    return read_mapping(item.read_text(encoding="utf-8"), name=name)


def read_mapping(text: str, *, name: str) -> Mapping:
    """Read and validate a mapping document. Raises MappingRejected with every finding."""
    try:
        source = read_source(text, name)
    except AgreementRejected as fault:
        raise MappingRejected(name, tuple(_of_mapping(finding) for finding in fault.findings)) from None
    try:
        document = MappingDocument.model_validate(source.plain)
    except ValidationError as fault:
        # A misspelt field is both unknown and missing; the hint that mends it comes first.
        problems = sorted(fault.errors(include_url=False), key=lambda problem: problem["type"] == "missing")
        raise MappingRejected(name, tuple(_worded(source, dict(problem)) for problem in problems)) from None
    findings = tuple(_finding(source, *fault) for fault in _faults(document))
    if findings:
        raise MappingRejected(name, findings)
    return Mapping(name, document, hashlib.sha256(canonical_bytes(_stable(source.plain))).hexdigest())


def _of_mapping(finding: Finding) -> Finding:
    """Word what the reader of documents says of agreements for a mapping."""
    if finding.code != "document.not-a-mapping":
        return finding
    return replace(finding, message="a mapping is a document of fields that starts with 'mapping: 1'")


def _stable(value: Any) -> Any:
    """Write a document so that any text may be a key: canonical JSON wants ASCII keys, enums may not have."""
    if isinstance(value, dict):
        return [[key, _stable(value[key])] for key in sorted(value)]
    return [_stable(item) for item in value] if isinstance(value, list) else value


def _finding(source: Source, path: Place, code: str, message: str) -> Finding:
    at = source.at(path)
    line, column = (at.line, at.column) if at else (1, 1)
    return Finding(code, "error", message, path_text(path), line, column)


def _worded(source: Source, problem: dict[str, Any]) -> Finding:
    path = tuple(problem["loc"])
    if problem["type"] == "extra_forbidden":
        known = _fields_at(path[:-1])
        return _finding(
            source, path, "mapping.unknown-field", f"unknown field{did_you_mean(str(path[-1]), known)}"
        )
    if problem["type"] == "missing":
        return _finding(source, path, "mapping.missing-field", f"'{path[-1]}' is missing")
    expected = problem.get("ctx", {}).get("expected")
    message = f"expected {expected}" if expected else str(problem["msg"])
    given = problem.get("input")
    shown = f", not {given!r:.60}" if isinstance(given, str) else ""
    return _finding(source, path, "mapping.value", f"{message}{shown}")


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


_Fault = tuple[Place, str, str]


def _faults(document: MappingDocument) -> list[_Fault]:
    """Return what single fields cannot say: how the parts of a mapping must fit each other."""
    faults: list[_Fault] = []
    if not _SOURCE.fullmatch(document.source):
        wanted = "lower-case ASCII letters, digits, dot and dash, at most 64"
        faults.append((("source",), "mapping.value", f"a source is {wanted}"))
    zone = document.time_zone
    if zone not in {None, AGREEMENT_ZONE} and zone not in zoneinfo.available_timezones():
        hint = did_you_mean(str(zone), zoneinfo.available_timezones())
        faults.append((("time_zone",), "mapping.time-zone", f"unknown time zone '{zone}'{hint}"))
    for name in KEY_COLUMNS:
        key: KeySpec = getattr(document, name)
        if (key.column is None) == (key.fixed is None):
            faults.append(((name,), "mapping.key", "give either `column` or `fixed`"))
        if key.fixed is not None and (key.strip or key.prefix):
            faults.append(((name,), "mapping.option", "`strip` and `prefix` are for a `column`"))
    if document.currency.fixed is not None:
        try:
            minor_digits(document.currency.fixed)
        except MoneyError as fault:
            faults.append((("currency", "fixed"), "mapping.currency", fault.message))
    for name, spec in document.facts.items():
        faults.extend(_fact_faults(name, spec))
    faults.extend(_event_faults(document))
    return faults


def _fact_faults(name: str, spec: FactSpec) -> list[_Fault]:
    path = ("facts", name)
    faults: list[_Fault] = []
    if not _FACT_NAME.fullmatch(name):
        faults.append((path, "mapping.fact-name", "a fact is lower-case ASCII letters, digits and _"))
    if name in KEY_COLUMNS:
        faults.append((path, "mapping.fact-name", f"'{name}' is declared beside the facts, not among them"))
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


def _event_faults(document: MappingDocument) -> list[_Fault]:
    faults: list[_Fault] = []
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


def _use_faults(document: MappingDocument, path: tuple[str, ...], named: str) -> list[_Fault]:
    spec = document.facts.get(named)
    if spec is None:
        return [(path, "mapping.unknown-fact", f"no fact '{named}'{did_you_mean(named, document.facts)}")]
    wanted = {"at": "instant", "total": "money", "at_most": "money", "case": "text"}.get(path[-1])
    if wanted is not None and spec.type != wanted:
        return [(path, "mapping.fact-type", f"'{named}' is {spec.type}; `{path[-1]}` needs {wanted}")]
    if spec.personal:
        return [(path, "mapping.personal", f"'{named}' is personal and cannot make an event")]
    return []
