"""The published JSON Schema is the one the models give, and it knows every key of the example."""

from __future__ import annotations

import json
from pathlib import Path

from policies.clauses import KINDS
from policies.clauses.templates import template_names
from policies.schema import agreement_schema, schema_text

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "agreement.schema.json"


def test_the_committed_schema_is_current() -> None:
    text = COMMITTED.read_text(encoding="utf-8")
    assert text == schema_text(), (
        "write it again: python -m policies.schema > docs/reference/agreement.schema.json"
    )


def test_an_editor_is_offered_the_keys_of_each_kind_alone() -> None:
    schema = agreement_schema()
    branches = schema["properties"]["clauses"]["items"]["allOf"]
    offered = {one["if"]["properties"]["kind"].get("const") for one in branches if "then" in one}
    assert offered == KINDS.keys() | template_names()
    for one in branches:
        target = (one.get("then") or one["else"])["$ref"].removeprefix("#/$defs/")
        assert schema["$defs"][target]["additionalProperties"] is False


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    text = schema_text()
    schema = json.loads(text)
    for path in {part.split('"')[0] for part in text.split("#/")[1:]}:
        at = schema
        for key in path.split("/"):
            assert key in at, path
            at = at[key]


def test_what_every_clause_may_have_is_written_once() -> None:
    schema = agreement_schema()
    clause = schema["$defs"]["Clause"]["properties"]
    for name in ("LateInterest", "PriceParity", "Commission"):
        properties = schema["$defs"][name]["properties"]
        assert properties["remedies"] == {"$ref": "#/$defs/Clause/properties/remedies"}
        assert clause.keys() <= properties.keys(), "an editor still offers them all"
    assert schema_text().count("\n") < 4_000
