"""Scores as they are shown and asked for."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import PartyName, Text


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part of a component: its value exactly, as a fraction, over so many items, and what it scores."""

    part: str
    text: Text
    value: str
    shown: str
    items: int
    score: str


@dataclass(frozen=True, slots=True)
class ComponentShown:
    """A component with its weight and score, both exact, and its parts."""

    component: str
    text: Text
    weight: str
    score: str
    parts: tuple[PartShown, ...]


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """A recorded score of a party and period: total, tier, the credit it counted, and what it rests on."""

    entry_seq: int
    at: str
    agreement: str
    party: PartyName
    period: str
    scorecard: str
    total: str
    tier: str
    tier_text: Text
    credit: int
    components: tuple[ComponentShown, ...]


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """A score to be recorded: agreement by id, party by its key, and a period that is over."""

    agreement: str
    party: str
    period: str
