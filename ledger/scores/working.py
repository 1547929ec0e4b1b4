"""What a period comes to on a scorecard: every part with its figure and score, the weighted total, the tier.

Exact until the total is rounded half up to two places. A part that nothing tells leaves the score undecided,
and names itself: unknown is not zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ledger.measures.errors import ScoreRefused
from ledger.scores.scorecard import Component, PartTerms, Scorecard, Tier, number
from policies.money import round_minor


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a part: its value over so many items, None where nothing is."""

    value: Fraction | None
    items: int


@dataclass(frozen=True, slots=True)
class PartScore:
    """A part as it came out: its terms, its value over so many items, and the score that this is worth."""

    terms: PartTerms
    value: Fraction
    items: int
    score: Fraction


@dataclass(frozen=True, slots=True)
class ComponentScore:
    """A component: its weight, its parts, and the mean of their scores."""

    name: str
    weight: Fraction
    parts: tuple[PartScore, ...]

    @property
    def score(self) -> Fraction:
        """The mean of its parts."""
        return sum((one.score for one in self.parts), Fraction(0)) / len(self.parts)


@dataclass(frozen=True, slots=True)
class Score:
    """A score: its components, the total to two places, and the tier that it reaches."""

    card: Scorecard
    components: tuple[ComponentScore, ...]
    total: Fraction
    tier: Tier


def work_out(
    card: Scorecard,
    told: Mapping[str, tuple[Told, ...]],
    credit: int,
    weights: Mapping[str, Fraction] | None = None,
) -> Score:
    """Return what is told of each component's parts as a score; `weights` are the document's, if it has any.

    Raises ScoreRefused naming every part that nothing tells.
    """
    missing = [
        f"{name}: {terms.name}"
        for name, component in card.components.items()
        for terms, one in zip(component.parts, told[name], strict=True)
        if one.value is None
    ]
    if missing:
        raise ScoreRefused(f"nothing tells {', '.join(missing)}", where=card.scorecard)
    given = weights or {name: number(one.weight) for name, one in card.components.items()}
    components = tuple(
        ComponentScore(name, given[name], tuple(_parts(component, told[name])))
        for name, component in card.components.items()
    )
    assert sum(one.weight for one in components) == 1, "the weights are the whole"
    exact = sum((one.weight * one.score for one in components), Fraction(0))
    total = Fraction(round_minor(exact * 100, "half_up"), 100)
    return Score(card, components, total, card.tier(total, credit))


def _parts(component: Component, told: tuple[Told, ...]) -> Iterator[PartScore]:
    for terms, one in zip(component.parts, told, strict=True):
        assert one.value is not None, "what is missing was named before"
        yield PartScore(terms, one.value, one.items, terms.score(one.value))
