"""The stages of a relationship, and which kinds of clause each of them unlocks.

What a stage unlocks stays open in those after it; a kind that stands in none is open from the first. The data
are in stages.yaml. Whether a document keeps to its stage is asked in policies/checks/stage.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import get_args

from policies.clauses.commission import Commission
from policies.clauses.core import Clause
from policies.clauses.data_grant import DataGrant
from policies.document import Stage
from policies.fields import Model, Name, Words
from policies.source import read_source

STAGES: tuple[Stage, ...] = get_args(Stage)


class StageTerms(Model):
    """One stage: what it is called, what it is for, and what it unlocks."""

    title: Words
    purpose: Words
    unlocks: tuple[Name, ...]


@cache
def stages() -> dict[Stage, StageTerms]:
    """Return the stages in their order."""
    text = files("policies").joinpath("stages.yaml").read_text(encoding="utf-8")
    plain = read_source(text, "stages.yaml").plain
    return {stage: StageTerms.model_validate(plain[stage]) for stage in STAGES}


def unlocked_at(name: str) -> Stage:
    """Return the first stage at which a kind, or a feature of a clause, is open."""
    return next((stage for stage, terms in stages().items() if name in terms.unlocks), STAGES[0])


def features(clause: Clause) -> Iterator[str]:
    """Yield what a clause uses that a stage may unlock: its kind, and what goes beyond its kind."""
    yield clause.kind
    if isinstance(clause, Commission) and clause.windows:
        yield "windows"
    if isinstance(clause, DataGrant) and clause.personal:
        yield "personal_data"
