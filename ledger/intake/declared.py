"""Documents that declare how files are read: found by name, read with positions, validated, digested.

Mappings of order files and layouts of files to reconcile are two kinds of them; what their fields mean is
said where each is defined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ledger.intake.errors import MappingRejected, MappingUnknown
from policies.canonical import canonical_bytes
from policies.errors import AgreementRejected, Finding, did_you_mean
from policies.source import Path as Place
from policies.source import Source, path_text, read_source

Document = TypeVar("Document", bound=BaseModel)

Fault = tuple[Place, str, str]
"""Where in a document something is wrong, a stable code, and what was expected."""


@cache
def shipped(package: str, folder: str) -> tuple[str, ...]:
    """Return the names of the documents that a package ships in one of its folders."""
    found = resources.files(package).joinpath(folder)
    return tuple(sorted(item.name[:-5] for item in found.iterdir() if item.name.endswith(".yaml")))


def declared_text(name: str, package: str, folder: str) -> str:
    """Return a document as written: a shipped one by name, or a file by path (ending in .yaml or .yml).

    Raises MappingUnknown.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        if not path.is_file():
            raise MappingUnknown("there is no such mapping file", where=name)
        return path.read_text(encoding="utf-8-sig")
    known = shipped(package, folder)
    if name not in known:
        hint = did_you_mean(name, known)
        raise MappingUnknown(f"no mapping '{name}' is shipped{hint}; a file of your own ends in .yaml")
    return resources.files(package).joinpath(folder, f"{name}.yaml").read_text(encoding="utf-8")


def read_declared(
    text: str,
    name: str,
    model: type[Document],
    *,
    fields_at: Callable[[Place], Sequence[str]],
    faults: Callable[[Document], Sequence[Fault]],
) -> tuple[Document, str]:
    """Read and validate a document; return it with the SHA-256 of its canonical JSON.

    Comments and layout do not change the digest. `fields_at` gives the fields known at a place, for hints;
    `faults` finds what single fields cannot say. Raises MappingRejected with every finding.
    """
    try:
        source = read_source(text, name)
    except AgreementRejected as fault:
        raise MappingRejected(name, tuple(_of_mapping(finding) for finding in fault.findings)) from None
    try:
        document = model.model_validate(source.plain)
    except ValidationError as fault:
        # A misspelt field is both unknown and missing; the hint that mends it comes first.
        problems = sorted(fault.errors(include_url=False), key=lambda problem: problem["type"] == "missing")
        worded = tuple(_worded(source, dict(problem), fields_at) for problem in problems)
        raise MappingRejected(name, worded) from None
    findings = tuple(_finding(source, *fault) for fault in faults(document))
    if findings:
        raise MappingRejected(name, findings)
    return document, hashlib.sha256(canonical_bytes(_stable(source.plain))).hexdigest()


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


def _worded(source: Source, problem: dict[str, Any], fields_at: Callable[[Place], Sequence[str]]) -> Finding:
    path = tuple(problem["loc"])
    if problem["type"] == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), fields_at(path[:-1]))
        return _finding(source, path, "mapping.unknown-field", f"unknown field{hint}")
    if problem["type"] == "missing":
        return _finding(source, path, "mapping.missing-field", f"'{path[-1]}' is missing")
    expected = problem.get("ctx", {}).get("expected")
    message = f"expected {expected}" if expected else str(problem["msg"])
    given = problem.get("input")
    shown = f", not {given!r:.60}" if isinstance(given, str) else ""
    return _finding(source, path, "mapping.value", f"{message}{shown}")
