"""A credit model as its file declares it: the range, how points fade, the rules that give them.

A rule is data: its points, its words and, where the log itself tells of the occasion, which entries those
are. Not here: what points a party has (`ledger.credit`), and what they come to (`score.py`).
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from policies.canonical import canonical_bytes
from policies.errors import did_you_mean
from policies.fields import Model, Name, WholeNumber, Words
from policies.source import read_source


def _signed(value: Any) -> Any:
    if isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    return value


Points = Annotated[int, BeforeValidator(_signed), Field(strict=True, ge=-1000, le=1000)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]


class Beside(Model):
    """An earlier entry of a kind that tells more of the same occasion: its field `by` has the same value."""

    kind: Kind
    group: Name
    by: Name


class Occasion(Model):
    """Entries of the log that give a rule's points by themselves.

    `kind` is the entry's, `group` the group that tells. `party`, `severity` and `clause` name fields in it;
    `where` holds fields to some of their values. A party is a key of the document or a global id. What the
    entry itself lacks is read from the one `beside` it.
    """

    kind: Kind
    group: Name = "register"
    party: Name
    severity: Name | None = None
    clause: Name = "clause"
    where: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    beside: Beside | None = None


class Rule(Model):
    """A rule: the points that one occasion gives, times its severity from 1 to `severity_max`."""

    id: Name
    points: Points
    text: Words
    severity_max: Annotated[WholeNumber, Field(ge=1, le=10)] = 1
    on: Occasion | None = None


class Band(Model):
    """What a score of `from` or more, short of the next band, is called."""

    id: Name
    least: Annotated[WholeNumber, Field(alias="from")]
    text: Words


class CreditModel(Model):
    """A model: scores from `lowest` to `highest` that begin at `start`.

    What points are worth halves in `half_days` days of 24 hours. They may be appealed for `appeal_days`.
    """

    credit: Name
    title: Words
    source: Words
    lowest: WholeNumber
    highest: WholeNumber
    start: WholeNumber
    half_days: Annotated[WholeNumber, Field(ge=1)]
    appeal_days: Annotated[WholeNumber, Field(ge=1)]
    bands: tuple[Band, ...] = Field(min_length=1)
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> CreditModel:
        starts = [one.least for one in self.bands]
        if starts != sorted(set(starts)) or starts[0] != self.lowest:
            raise ValueError("the bands rise, and the first begins at the lowest score")
        if not self.lowest <= self.start <= self.highest:
            raise ValueError("the start lies between the lowest score and the highest")
        if len({one.id for one in self.rules}) != len(self.rules):
            raise ValueError("every rule has an id of its own")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the model as canonical JSON, which every entry that rests on it names."""
        return hashlib.sha256(canonical_bytes(self.model_dump(mode="json", by_alias=True))).hexdigest()

    def rule(self, name: str) -> Rule:
        """Return a rule. Raises KeyError that suggests the nearest one."""
        known = {one.id: one for one in self.rules}
        if name not in known:
            raise KeyError(f"no rule '{name}'{did_you_mean(name, known)}")
        return known[name]

    def band(self, score: int) -> Band:
        """Return the band of a score."""
        return next(one for one in reversed(self.bands) if score >= one.least)


@cache
def standard_model() -> CreditModel:
    """Return the model that comes with the package."""
    name = "standard.yaml"
    text = files("policies.credit").joinpath(name).read_text(encoding="utf-8")
    return CreditModel.model_validate(read_source(text, name).plain)
