"""Read models of relationships."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class ConditionShown:
    """A condition of entry: `holds` is null where a figure is not there yet; `read` says what it read."""

    id: str
    text: Text
    holds: bool | None
    read: Text


@dataclass(frozen=True, slots=True)
class MoveShown:
    """A stage that the agreement came to: since when, by which version, who signed it, how it was then."""

    stage: str
    title: Text
    since: str
    until: str | None
    version: int
    signed_by: tuple[PartyName, ...]
    signed_at: str | None
    entry_seq: int | None
    conditions: tuple[ConditionShown, ...]


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """A version that put somebody in another's place, or took somebody in."""

    version: int
    left: tuple[PartyName, ...]
    joined: tuple[PartyName, ...]
    signed_at: str | None
    entry_seq: int | None


@dataclass(frozen=True, slots=True)
class UnlockedShown:
    """A kind of clause, or a feature of one, that the agreement uses, and the stage that unlocks it."""

    name: str
    label: Text
    stage: str
    title: Text


@dataclass(frozen=True, slots=True)
class FigureShown:
    """A figure of the relationship, from the record."""

    name: str
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class CountedFact:
    """A fact of a clause as the events of an item come to it."""

    name: str
    label: Text
    value: str


@dataclass(frozen=True, slots=True)
class DueShown:
    """What one side owes the other by the clause, as things stand."""

    source: Text
    target: Text
    amount: Money
    label: Text


@dataclass(frozen=True, slots=True)
class BorneShown:
    """A role's part of shared costs: what it bears, what it paid, and what it owes (below zero: is owed)."""

    role: str
    bears: Money
    paid: Money
    owes: Money


@dataclass(frozen=True, slots=True)
class CountShown:
    """What an item of a register comes to under its clause; `outcome` is null where no clause is there."""

    register: str
    register_title: Text
    item: str
    clause: str | None
    outcome: str | None
    facts: tuple[CountedFact, ...]
    dues: tuple[DueShown, ...]
    effects: tuple[Text, ...]
    missing: tuple[Text, ...]
    borne: tuple[BorneShown, ...]
    cites: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BreadthShown:
    """How wide and how long a party's dealings are, of agreements in force that the viewer may read.

    `brands`, `agencies` and `streamers` are others, each once; `closest` is the furthest stage among them.
    """

    party: PartyName
    agreements: int
    brands: int
    agencies: int
    streamers: int
    models: int
    longest_days: int
    closest: Text


@dataclass(frozen=True, slots=True)
class RelationRow:
    """One relationship in the list. `stage` is null before the first version is in force."""

    agreement: str
    version: int
    title: Text
    stage: str | None
    stage_title: Text
    following: str | None
    following_title: Text
    ready: bool
    parties: tuple[PartyName, ...]


@dataclass(frozen=True, slots=True)
class RelationShown:
    """A relationship whole: `unlocks` is what the next stage opens, `together` what registers come to."""

    agreement: str
    version: int
    title: Text
    stage: str | None
    stage_title: Text
    purpose: Text
    following: str | None
    following_title: Text
    ready: bool
    unlocks: tuple[Text, ...]
    conditions: tuple[ConditionShown, ...]
    figures: tuple[FigureShown, ...]
    moves: tuple[MoveShown, ...]
    changes: tuple[ChangeShown, ...]
    uses: tuple[UnlockedShown, ...]
    together: tuple[CountShown, ...]
