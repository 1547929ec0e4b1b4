"""docs/how-to/import-orders.md explains every field of the mapping language, and its example works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from ledger.intake import read_mapping, shipped_mappings
from ledger.intake.mapping import FactSpec, MappingDocument, ReceiptSpec, RefundSpec, SaleSpec

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "import-orders.md").read_text(encoding="utf-8")


def test_the_mapping_in_the_documentation_is_valid() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    assert [read_mapping(example, name="documentation").source for example in examples] == ["my-shop"]


@pytest.mark.parametrize("part", [MappingDocument, FactSpec, SaleSpec, ReceiptSpec, RefundSpec])
def test_every_field_is_explained(part: type[BaseModel]) -> None:
    assert [name for name in part.model_fields if f"`{name}`" not in PAGE] == []


def test_every_shipped_mapping_is_explained() -> None:
    assert [name for name in shipped_mappings() if f"| `{name}` |" not in PAGE] == []
