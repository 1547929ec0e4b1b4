"""Every key of the language stands in an example of a page, so that nobody must guess how it is written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "reference/agreement.schema.json").read_text(encoding="utf-8"))
BLOCKS = "\n".join(
    block
    for page in sorted(DOCS.rglob("*.md"))
    for block in re.findall(r"(?ms)^```yaml[^\n]*\n(.*?)^```", page.read_text(encoding="utf-8"))
)
CORE = SCHEMA["$defs"]["Clause"]["properties"].keys()
PARTS = sorted(
    name
    for name, part in SCHEMA["$defs"].items()
    if name == "Clause" or ("properties" in part and not part["properties"].keys() > CORE)
)
ELSEWHERE = {"TableRow", "LateInterest_held", "PriceParity_scope"}
"""Rows of a table, which a mapping writes shorter, and groups of parameters that the kinds' page lists."""


def shown(key: str) -> bool:
    return re.search(rf"(?:^|[\s{{,\[-]){re.escape(key)}:", BLOCKS) is not None


def test_every_key_at_the_top_of_a_document_stands_in_an_example() -> None:
    assert [key for key in SCHEMA["properties"] if not shown(key)] == []


@pytest.mark.parametrize("name", [name for name in PARTS if name not in ELSEWHERE])
def test_every_key_of_a_part_stands_in_an_example(name: str) -> None:
    assert [key for key in SCHEMA["$defs"][name]["properties"] if not shown(key)] == []
