"""Reading agreements: from YAML as people write it, and back from the canonical bytes that were signed.

Whatever is not a document is refused with every finding at once, each with its path, its line and what
was expected there.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import msgspec
from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses import KINDS
from policies.document import Document
from policies.errors import AgreementRejected, Finding, did_you_mean
from policies.references import reference_findings
from policies.source import Path, Source, path_text, read_source


def load_agreement(text: str, *, name: str) -> Agreement:
    """Read a document as people write it. Raises AgreementRejected with path, line and what was expected."""
    source = read_source(text, name)
    try:
        document = Document.model_validate(source.plain)
    except ValidationError as fault:
        raise AgreementRejected(name, _findings(fault, source)) from None
    agreement = Agreement(document, name, source)
    _require_time_zone(agreement)
    findings = reference_findings(agreement)
    if findings:
        raise AgreementRejected(name, tuple(findings))
    return agreement


def agreement_from_canonical(data: bytes, *, name: str) -> Agreement:
    """Read an agreement back from its canonical bytes. Raises AgreementRejected when they are not."""
    try:
        document = Document.model_validate(msgspec.json.decode(data))
    except (msgspec.DecodeError, ValidationError) as fault:
        finding = Finding("agreement.not-canonical", "error", f"not a canonical agreement: {fault}")
        raise AgreementRejected(name, (finding,)) from None
    agreement = Agreement(document, name)
    if agreement.canonical != data:
        message = "the bytes differ from the canonical form of the document they hold"
        raise AgreementRejected(name, (Finding("agreement.not-canonical", "error", message),))
    return agreement


def _require_time_zone(agreement: Agreement) -> None:
    try:
        _ = agreement.zone
    except (ZoneInfoNotFoundError, ValueError):
        message = f"'{agreement.document.time_zone}' is not a time zone such as Asia/Shanghai"
        finding = agreement.finding("document.time-zone", message, ("time_zone",))
        raise AgreementRejected(agreement.name, (finding,)) from None


def _findings(fault: ValidationError, source: Source) -> tuple[Finding, ...]:
    """Turn pydantic's errors into findings at the lines they come from."""
    found = []
    for error in fault.errors(include_url=False):
        path = tuple(part for i, part in enumerate(error["loc"]) if not _is_kind_tag(error["loc"], i))
        at = source.at(path)
        line, column = (at.line, at.column) if at else (None, None)
        code, message = _worded(error, path)
        found.append(Finding(code, "error", message, path_text(path), line, column))
    return tuple(sorted(found, key=lambda one: (one.line or 0, one.column or 0, one.path)))


def _is_kind_tag(location: tuple[int | str, ...], index: int) -> bool:
    """Tell whether a part of pydantic's location is the tag it adds after clauses[i]."""
    return index == 2 and location[0] == "clauses" and location[2] in {*KINDS, "core"}


def _worded(error: Any, path: Path) -> tuple[str, str]:
    last = str(path[-1]) if path else ""
    match error["type"]:
        case "missing":
            return "document.missing", f"'{last}' is required here and missing"
        case "extra_forbidden":
            return "document.unknown-key", f"'{last}' is not a key here{did_you_mean(last, _KNOWN_KEYS)}"
        case "value_error":
            return "document.value", str(error["ctx"]["error"])
        case "literal_error":
            return (
                "document.value",
                f"'{error['input']}' was found where {error['ctx']['expected']} was expected",
            )
        case "string_pattern_mismatch":
            return "document.value", f"'{error['input']}' does not have the form {error['ctx']['pattern']}"
        case _:
            return "document.value", f"{error['msg']} (found {str(error['input'])[:60]!r})"


def _keys_of(schema: dict[str, Any]) -> set[str]:
    found: set[str] = set(schema.get("properties", {}))
    for part in schema.get("$defs", {}).values():
        found |= _keys_of(part)
    return found


_KNOWN_KEYS = _keys_of(Document.model_json_schema())
