"""JSON Schema of an agreement document, so that editors complete and check it while it is written.

Derived from the models that read documents. A schema says what may stand where; whether the parts fit
together is said by loading and by the checks. Scalars are text in the YAML, so numbers, days and yes/no
are accepted as YAML reads them in editors too.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from policies.clauses import KINDS
from policies.clauses.templates import CORE_KEYS, template_model, template_names
from policies.document import Document

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def agreement_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document with `language: 1`."""
    schema = Document.model_json_schema(by_alias=True)
    schema["$defs"] |= _templated_clauses()
    schema["properties"]["clauses"]["items"] = _clause_by_kind()
    return {
        "$schema": SCHEMA_ID,
        **{key: _as_written(value) for key, value in schema.items()},
        "title": "Tallystick agreement, language 1",
    }


def schema_text() -> str:
    """Return the schema as the committed file holds it."""
    return json.dumps(agreement_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _clause_by_kind() -> dict[str, Any]:
    """Return a clause as a choice by `kind`, so that an editor offers the keys of that kind only."""
    branches: list[dict[str, Any]] = [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {"$ref": f"#/$defs/{model.__name__}"},
        }
        for kind, model in sorted((KINDS | {name: template_model(name) for name in template_names()}).items())
    ]
    named = sorted({*KINDS, *template_names()})
    other = {
        "if": {"properties": {"kind": {"enum": named}}, "required": ["kind"]},
        "else": {"$ref": "#/$defs/Clause"},
    }
    kinds = {
        "anyOf": [{"enum": named}, {"type": "string"}],
        "description": "a named kind, or a word of your own",
    }
    required = ["id", "kind"]
    return {
        "type": "object", "required": required, "properties": {"kind": kinds}, "allOf": [*branches, other],
    }  # fmt: skip


def _templated_clauses() -> dict[str, Any]:
    """Return the definitions of clauses whose kind has a file: with parameters, or with their own text."""
    found: dict[str, Any] = {}
    for name in sorted(template_names()):
        model = template_model(name)
        schema = model.model_json_schema(by_alias=True)
        found |= schema.pop("$defs")
        own = [key for key in schema["required"] if key not in CORE_KEYS or key in {"holder", "toward"}]
        schema["required"] = ["id", "kind"]
        schema["anyOf"] = [{"required": own}, {"required": ["text"]}]
        found[model.__name__] = schema
    return found


def _as_written(value: Any) -> Any:
    """Widen scalar types to what an editor's YAML reader makes of the same characters."""
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind, rest = value.get("type"), {key: _as_written(item) for key, item in value.items() if key != "type"}
    if not isinstance(kind, str):
        return {**rest, **({"type": _as_written(kind)} if kind is not None else {})}
    if kind == "string" and "enum" not in value and "const" not in value:
        return {**rest, "type": ["string", "number", "boolean"]}
    return {**rest, "type": kind}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
