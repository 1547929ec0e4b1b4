"""Read models of registers: what kinds there are, items as one viewer may see them, and what may be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from api.reading import PartyName, Text


@dataclass(frozen=True, slots=True)
class KindShown:
    """One register: its name, title and purpose, and whether its items are of an `agreement` or a `party`."""

    register: str
    title: Text
    lead: Text
    of: str
    mechanisms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OptionShown:
    """One value that a field may have, and its words."""

    value: str
    text: Text


@dataclass(frozen=True, slots=True)
class FieldAsked:
    """A field of a form: its type, its words, whether it is needed, and what may be chosen from."""

    name: str
    type: str
    label: Text
    needed: bool
    options: tuple[OptionShown, ...] = ()


@dataclass(frozen=True, slots=True)
class EventAsked:
    """An event that the viewer may tell, in the name of which of their parties, with which fields.

    An `opening` event makes an item.
    """

    event: str
    label: Text
    opening: bool
    by: tuple[PartyName, ...]
    fields: tuple[FieldAsked, ...]


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field as told: `value` as it stands, `text` in words; both None where it is erased or not theirs."""

    name: str
    label: Text
    value: str | None
    text: Text | None
    personal: bool
    link: str | None = None


ClockState = Literal["running", "late", "kept", "missed"]
"""Runs, runs past its time, ended in time, ended too late."""


@dataclass(frozen=True, slots=True)
class ClockShown:
    """A clock: since when it runs, its last moment (None: no calendar knows it), and when it ended."""

    clock: str
    label: Text
    since: str
    due: str | None
    ended_at: str | None
    state: ClockState


@dataclass(frozen=True, slots=True)
class CheckShown:
    """A check of the checklist, and the entry that ticks it; None while it is open."""

    check: str
    label: Text
    entry_seq: int | None
    by: Text | None


@dataclass(frozen=True, slots=True)
class FigureShown:
    """A figure that follows from fields: its words and what it comes to, None while something is missing."""

    figure: str
    label: Text
    text: Text | None


@dataclass(frozen=True, slots=True)
class EventShown:
    """An event of an item. Times are RFC 3339; with `erased` nothing is left but that it happened."""

    event: str
    label: Text
    occurred_at: str
    recorded_at: str
    by: str
    by_name: Text
    entry_seq: int
    fields: tuple[FieldShown, ...]
    erased: bool


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item in a list: whose it is, how it stands, and its fields as last told, as text by name."""

    item: str
    agreement: str | None
    party: PartyName | None
    state: str
    state_text: Text
    opened_at: str
    late: tuple[str, ...]
    fields: dict[str, str]
    entry_seq: int


@dataclass(frozen=True, slots=True)
class ItemPage:
    """Some items in the order of opening; `next_after` is the cursor of the next page, None at the end."""

    items: tuple[ItemRow, ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One item whole. `kept_until` is the last day on which nothing of it is erased, where that is known."""

    register: str
    title: Text
    row: ItemRow
    fields: tuple[FieldShown, ...]
    figures: tuple[FigureShown, ...]
    checks: tuple[CheckShown, ...]
    clocks: tuple[ClockShown, ...]
    events: tuple[EventShown, ...]
    may_tell: tuple[EventAsked, ...]
    kept_until: str | None
    report: str | None
    """Address of the page that shows it in figures, where there is one."""


@dataclass(frozen=True, slots=True)
class TellRequest:
    """An event to tell: its fields as text by name, and in whose name (a party's key or id).

    `by` may be left out where the caller acts for one party alone. `agreement` (id) or `party` (of which a
    register of a party is) is needed by what opens an item. `occurred_at` is RFC 3339; now where left out.
    """

    event: str
    fields: dict[str, str] = field(default_factory=dict)
    by: str = ""
    agreement: str | None = None
    party: str | None = None
    occurred_at: str | None = None


@dataclass(frozen=True, slots=True)
class ImportAsked:
    """How a file of events is told: in whose name, under which agreement, what rows tell by default."""

    by: str = ""
    agreement: str | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class EventTold:
    """The entry that tells it."""

    register: str
    item: str
    event: str
    entry_seq: int
