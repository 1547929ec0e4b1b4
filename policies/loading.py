"""Reading agreements: from YAML as people write it, and back from the canonical bytes that were signed.

Whatever is not a document is refused with every finding at once, each with its path, its line and what
was expected there. How a finding is worded is `policies.words.wording`'s.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from pydantic import ValidationError

from policies.agreement import Agreement
from policies.clauses import KINDS
from policies.completion import with_declarations, with_standard_words
from policies.document import Document
from policies.errors import AgreementRejected, CanonicalError, Finding
from policies.references import reference_findings
from policies.source import Source, path_text, read_source
from policies.words.hidden import hidden_in
from policies.words.wording import in_chinese, worded


def load_agreement(text: str, *, name: str) -> Agreement:
    """Read a document as people write it. Raises AgreementRejected with path, line and what was expected."""
    try:
        source = read_source(text, name)
    except AgreementRejected as refusal:
        raise AgreementRejected(name, in_chinese(refusal.findings)) from None
    completed = with_declarations(source.plain)
    try:
        document = _as_signed(Document.model_validate(completed))
    except ValidationError as fault:
        raise AgreementRejected(name, _findings(fault, source)) from None
    except CanonicalError as fault:
        finding = Finding("agreement.not-canonical", "error", f"it cannot be signed: {fault}")
        raise AgreementRejected(name, in_chinese((finding,))) from None
    return with_standard_words(_fitting(Agreement(document, name, source)), source.plain)


def _as_signed(document: Document) -> Document:
    """Return a document with its keys in the order of its signed bytes, not in that of somebody's file.

    What is decided, checked and printed is then the same from the file and from the signed bytes. Raises
    CanonicalError where it has no canonical bytes.
    """
    return Document.model_validate(msgspec.json.decode(Agreement(document, "").canonical))


def agreement_from_canonical(data: bytes, *, name: str) -> Agreement:
    """Read an agreement back from its canonical bytes. Raises AgreementRejected when they are not."""
    try:
        plain = msgspec.json.decode(data)
        for path, message in hidden_in(plain):
            finding = Finding("document.hidden-character", "error", message, path_text(path))
            raise AgreementRejected(name, in_chinese((finding,)))
        document = Document.model_validate(plain)
    except (msgspec.DecodeError, ValidationError, UnicodeDecodeError) as fault:
        finding = Finding("agreement.not-canonical", "error", f"not a canonical agreement: {fault}")
        raise AgreementRejected(name, (finding,)) from None
    agreement = Agreement(document, name)
    if agreement.canonical != data:
        message = "the bytes differ from the canonical form of the document they hold"
        raise AgreementRejected(name, (Finding("agreement.not-canonical", "error", message),))
    return _fitting(agreement)


def _fitting(agreement: Agreement) -> Agreement:
    """Return the agreement if its parts fit together. Raises AgreementRejected with every misfit."""
    _require_time_zone(agreement)
    findings = reference_findings(agreement)
    if findings:
        raise AgreementRejected(agreement.name, in_chinese(findings))
    return agreement


def _require_time_zone(agreement: Agreement) -> None:
    if agreement.document.time_zone not in _time_zones():
        message = f"'{agreement.document.time_zone}' is not a time zone such as Asia/Shanghai"
        message_zh = f"“{agreement.document.time_zone}”不是有效时区，例如 Asia/Shanghai"
        finding = agreement.finding("document.time-zone", message, ("time_zone",), message_zh=message_zh)
        raise AgreementRejected(agreement.name, (finding,))


@cache
def _time_zones() -> frozenset[str]:
    """Return the zones that IANA names: what a machine calls its own zone means another one elsewhere."""
    names = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    return frozenset(names) - {"Factory"}


def _findings(fault: ValidationError, source: Source) -> tuple[Finding, ...]:
    """Turn pydantic's errors into findings at the lines they come from."""
    found = []
    errors = fault.errors(include_url=False)
    for error in errors:
        inside = any(len(one["loc"]) > len(error["loc"]) and one["loc"][: len(error["loc"])] == error["loc"]
                     for one in errors)  # fmt: skip
        if error["type"] == "too_short" and inside:
            continue  # it is short only of what is refused below it
        path = tuple(part for i, part in enumerate(error["loc"]) if not _is_tag(error["loc"], i))
        at = source.at(path)
        line, column = (at.line, at.column) if at else (None, None)
        said = worded(error, path, source.plain)
        found.append(Finding(said.code, "error", said.en, path_text(path), line, column, message_zh=said.zh))
    return tuple(sorted(found, key=lambda one: (one.line or 0, one.column or 0, one.path)))


def _is_tag(location: tuple[int | str, ...], index: int) -> bool:
    """Tell whether a part of pydantic's location is a mark of its own: [key], or the kind of clauses[i]."""
    return location[index] in {"[key]", "[account]", "[draws]", "[formula]", "[fed]"} or (
        index == 2 and location[0] == "clauses" and location[2] in {*KINDS, "core", "templated"}
    )
