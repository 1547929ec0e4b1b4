"""The head streamer's example as it is, and a frozen copy of it whose lines and bytes tests may name."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.agreement import Agreement
from policies.loading import load_agreement

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "agreements" / "head-streamer.yaml"
FROZEN = ROOT / "tests" / "golden" / "agreement-v1.yaml"


@pytest.fixture(scope="session")
def example() -> Agreement:
    return load_agreement(EXAMPLE.read_text(encoding="utf-8"), name="head-streamer.yaml")


@pytest.fixture(scope="session")
def example_text() -> str:
    return FROZEN.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def frozen(example_text: str) -> Agreement:
    return load_agreement(example_text, name="agreement-v1.yaml")
