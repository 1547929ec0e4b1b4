"""Scorecards as their files declare them: weighted components, measures with bands, tiers with thresholds.

Not here: what a period comes to (working.py) and its record (record.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ledger.measures.declaration import report
from ledger.measures.errors import ReportUnknown, ScoreRefused
from policies.canonical import canonical_bytes
from policies.declarations import declared_in
from policies.errors import MoneyError, did_you_mean
from policies.fields import Model, Name, WholeNumber, Words
from policies.money import read_decimal, read_rate
from policies.source import read_source

FULL = Fraction(100)
"""The best score of a component, and the best total."""


def number(text: str) -> Fraction:
    """Read a figure of a scorecard: a decimal, or a rate in percent. Raises MoneyError."""
    return read_rate(text) if text.endswith("%") else read_decimal(text)


def _figure(text: str) -> str:
    try:
        number(text)
    except MoneyError as fault:
        raise ValueError(fault.message) from None
    return text


Figure = Annotated[str, BeforeValidator(str), AfterValidator(_figure)]


class Band(Model):
    """The score of what comes to `from` or more, short of the next band."""

    least: Figure = Field(alias="from")
    score: Figure


class PartTerms(Model):
    """One figure of a component: a measure of a report over some items, or how `sales` grew; with bands."""

    report: Name | None = None
    measure: Name | None = None
    sales: Literal["growth"] | None = None
    where: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    bands: tuple[Band, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> PartTerms:
        if (self.sales is None) != (self.report is not None and self.measure is not None):
            raise ValueError("a part is a 'report' with its 'measure', or 'sales'")
        if self.report is not None:
            _require_measure(self.report, self.measure or "")
        steps = [number(one.least) for one in self.bands]
        if steps != sorted(set(steps)) or steps[0] != 0:
            raise ValueError("the bands rise from 0")
        if any(not 0 <= number(one.score) <= FULL for one in self.bands):
            raise ValueError("a score is from 0 to 100")
        return self

    @property
    def name(self) -> str:
        """What it is called where somebody asks what is missing."""
        return f"{self.report}.{self.measure}" if self.report else f"sales.{self.sales}"

    def score(self, value: Fraction) -> Fraction:
        """Return the score of a value."""
        reached = [one for one in self.bands if value >= number(one.least)]
        return number((reached[-1] if reached else self.bands[0]).score)


def _require_measure(name: str, measure: str) -> None:
    try:
        known = {one.id for one in report(name).measures}
    except ReportUnknown as fault:
        raise ValueError(fault.message) from None
    if measure not in known:
        raise ValueError(f"the report {name} has no measure '{measure}'{did_you_mean(measure, known)}")


class Component(Model):
    """A component: its weight in the total, and the parts whose mean it is."""

    weight: Figure
    text: Words
    parts: tuple[PartTerms, ...] = Field(min_length=1)


class Tier(Model):
    """A tier: what a score of `from` or more reaches, with no less credit than `least_credit`."""

    id: Name
    least: Figure = Field(alias="from")
    least_credit: WholeNumber | None = None
    text: Words


class Scorecard(Model):
    """How parties in a role are scored: components whose weights are the whole, and the tiers they reach."""

    scorecard: Name
    title: Words
    role: Name
    mechanisms: tuple[WholeNumber, ...] = Field(min_length=1)
    components: dict[Name, Component] = Field(min_length=1)
    tiers: tuple[Tier, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Scorecard:
        if sum(number(one.weight) for one in self.components.values()) != 1:
            raise ValueError("the weights of the components add up to the whole")
        steps = [number(one.least) for one in self.tiers]
        if steps != sorted(set(steps)) or steps[0] != 0:
            raise ValueError("the tiers rise from 0")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the card as canonical JSON, which every recorded score names."""
        plain: dict[str, Any] = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return hashlib.sha256(canonical_bytes(plain)).hexdigest()

    def tier(self, total: Fraction, credit: int) -> Tier:
        """Return the tier that a total reaches, with the credit that its party has."""
        reached = [
            one
            for one in self.tiers
            if total >= number(one.least) and (one.least_credit is None or credit >= one.least_credit)
        ]
        return reached[-1]


@cache
def scorecards() -> Mapping[str, Scorecard]:
    """Return every scorecard that comes with the package, by name."""

    def read(text: str, name: str) -> Scorecard:
        return Scorecard.model_validate(read_source(text, name).plain)

    return declared_in("ledger.scores", "scorecard", read)


def scorecard_of(role: str) -> Scorecard:
    """Return the scorecard of a role. Raises ScoreRefused where parties in it are not scored."""
    found = next((one for one in scorecards().values() if one.role == role), None)
    if found is None:
        roles = ", ".join(one.role for one in scorecards().values())
        raise ScoreRefused(
            f"parties in the role '{role}' are not scored; those in {roles} are", where="party"
        )
    return found
