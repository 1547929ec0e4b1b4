"""The disputes of examples/disputes as tests have them: an agreement, and its case with parts changed."""

from __future__ import annotations

from pathlib import Path

from policies.agreement import Agreement
from policies.decisions.case import Case, read_case
from policies.loading import load_agreement

DISPUTES = Path(__file__).parents[1] / "examples/disputes"


def example(name: str, *changes: tuple[str, str]) -> tuple[Agreement, Case]:
    """Return an example's agreement and its case, each `(old, new)` of its text replaced."""
    agreement = load_agreement((DISPUTES / name / "agreement.yaml").read_text("utf-8"), name=name)
    text = (DISPUTES / name / "case.yaml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return agreement, read_case(text, name=name)
