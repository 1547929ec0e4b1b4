"""The stages of a relationship: which kinds of clause each unlocks, and what should be so before it.

What a stage unlocks stays open in those after it; a kind that stands in none is open from the first. The data
are in stages.yaml. Whether a document keeps to its stage is asked in policies/checks/stage.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from policies.clauses.commission import Commission
from policies.clauses.core import Clause
from policies.clauses.data_grant import DataGrant
from policies.clauses.templates import template, template_names
from policies.document import Stage
from policies.fields import Formula, Model, Name, Words
from policies.render.words import KIND_WORDS
from policies.source import read_source

STAGES: tuple[Stage, ...] = get_args(Stage)


class EntryCondition(Model):
    """What should be so before a stage is entered: a formula over its figures, and its words."""

    id: Name
    holds: Formula
    text: Words


class StageFigure(Model):
    """A figure that conditions of entry may read: how it is read, and its words."""

    type: Literal["count", "rate"]
    text: Words


class StageTerms(Model):
    """One stage: what it is called, what it is for, what it unlocks, and what should be so before it."""

    title: Words
    purpose: Words
    unlocks: tuple[Name, ...]
    entry: tuple[EntryCondition, ...] = ()


@cache
def _plain() -> dict[str, Any]:
    text = files("policies").joinpath("stages.yaml").read_text(encoding="utf-8")
    return read_source(text, "stages.yaml").plain


@cache
def stages() -> dict[Stage, StageTerms]:
    """Return the stages in their order."""
    return {stage: StageTerms.model_validate(_plain()[stage]) for stage in STAGES}


@cache
def stage_figures() -> dict[str, StageFigure]:
    """Return the figures that conditions of entry may read, by name."""
    return {name: StageFigure.model_validate(one) for name, one in _plain()["figures"].items()}


def after(stage: Stage) -> Stage | None:
    """Return the stage after one, None after the last."""
    place = STAGES.index(stage) + 1
    return STAGES[place] if place < len(STAGES) else None


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


def feature_words(name: str) -> Words:
    """Return what a kind of clause, or a feature of one, is called."""
    if name in template_names():
        return template(name).title
    words = KIND_WORDS.get(name, {"zh": name, "en": name})
    return Words(zh=words["zh"], en=words["en"])
