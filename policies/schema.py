"""JSON Schema of an agreement document, so that editors complete and check it while it is written.

Derived from the models that read documents. A schema says what may stand where; whether the parts fit
together is said by loading and by the checks. Scalars are text in the YAML, so numbers, days and yes/no
are accepted as YAML reads them in editors too. What every clause may have is written once, in `Clause`;
each kind refers to it, and so still offers and refuses keys of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from policies.clauses import KINDS
from policies.clauses.templates import CORE_KEYS, template_model, template_names
from policies.document import Document

WIDTH = 110
"""Characters of a line of the committed file, unless a text alone is longer."""

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def agreement_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document with `language: 1`."""
    schema = Document.model_json_schema(by_alias=True)
    schema["$defs"] |= _templated_clauses()
    schema["properties"]["clauses"]["items"] = _clause_by_kind()
    definitions = {name: _as_written(value) for name, value in schema.pop("$defs").items()}
    return {
        "$schema": SCHEMA_ID,
        "$defs": {name: _sharing(name, value, definitions["Clause"]) for name, value in definitions.items()},
        **{key: _as_written(value) for key, value in schema.items()},
        "title": "Tallystick agreement, language 1",
    }


def schema_text() -> str:
    """Return the schema as the committed file holds it."""
    return _laid_out(agreement_schema(), "") + "\n"


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


def _sharing(name: str, definition: dict[str, Any], clause: dict[str, Any]) -> dict[str, Any]:
    """Return a definition with the keys that it has from the core clause referred to."""
    if name == "Clause" or not {"id", "kind"} <= definition.get("properties", {}).keys():
        return definition
    core = clause["properties"]
    properties = {
        key: {"$ref": f"#/$defs/Clause/properties/{key}"} if core.get(key) == value else value
        for key, value in definition["properties"].items()
    }
    return {**definition, "properties": properties}


def _as_written(value: Any) -> Any:
    """Widen scalar types to what an editor's YAML reader makes of the same characters.

    Titles that repeat a key and defaults that say nothing are left out.
    """
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _as_written(item) for key, item in value.items() if not _says_nothing(key, item)}
    if value.get("type") == "string" and "enum" not in value and "const" not in value:
        found["type"] = ["string", "number", "boolean"]
    match found:
        case {"anyOf": [{"type": [*types], **scalar}, {"type": "null"}], **rest}:
            return {**rest, **scalar, "type": [*types, "null"]}
    return found


def _says_nothing(key: str, value: Any) -> bool:
    """Tell whether an entry is noise: pydantic's title of a key, which is text, or an empty default."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, [], {}))


def _laid_out(value: Any, indent: str, before: int = 0) -> str:
    """Write JSON with sorted keys, on one line where it fits after `before` characters."""
    line = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(indent) + before + len(line) < WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner = indent + "  "
    if isinstance(value, list):
        parts = [_laid_out(item, inner) for item in value]
    else:
        names = {key: f"{json.dumps(key, ensure_ascii=False)}: " for key in sorted(value)}
        parts = [name + _laid_out(value[key], inner, len(name)) for key, name in names.items()]
    opening, closing = "[]" if isinstance(value, list) else "{}"
    joined = f",\n{inner}".join(parts)
    return f"{opening}\n{inner}{joined}\n{indent}{closing}"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
