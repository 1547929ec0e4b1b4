"""The rooms of the pages: what the top of each page offers, and within a room the pages side by side.

A capability with pages of its own is named here once. Not for links between things, such as from a statement
to its lines: those stand where the thing is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.access import Viewer


@dataclass(frozen=True, slots=True)
class Door:
    """A page to be led to: its address, the key of its words, and further addresses that belong to it.

    Where `roles` are named, only members with one of them are led there; others are not refused by this.
    """

    address: str
    key: str
    beside: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()

    def holds(self, path: str) -> bool:
        """Tell whether a path is this page, or one below it."""
        return any(path == one or path.startswith(f"{one}/") for one in (self.address, *self.beside))


@dataclass(frozen=True, slots=True)
class Room:
    """Pages that belong together, under one word at the top; the first is where the word leads."""

    key: str
    doors: tuple[Door, ...]

    def holds(self, path: str) -> bool:
        """Tell whether a path is one of its pages."""
        return any(door.holds(path) for door in self.doors)

    def open_to(self, viewer: Viewer) -> Iterator[Door]:
        """Yield the pages that somebody is led to."""
        return (door for door in self.doors if not door.roles or door.roles & viewer.roles)


_WHO_IMPORTS = frozenset({"draft", "pay"})
_WHO_WATCHES = frozenset({"operator", "auditor"})

ROOMS: tuple[Room, ...] = (
    Room("nav.overview", (Door("/", "nav.overview"),)),
    Room(
        "nav.agreements",
        (
            Door("/agreements", "nav.agreements"),
            Door("/relations", "nav.relations"),
            Door("/keys", "nav.keys"),
            Door("/signers", "nav.signers"),
        ),
    ),
    Room(
        "nav.statements",
        (Door("/statements", "nav.statements"), Door("/contests", "nav.contests"), Door("/why", "nav.why")),
    ),
    Room(
        "nav.finance",
        (
            Door("/accounts", "nav.accounts"),
            Door("/batches", "finance.batches"),
            Door("/imports", "finance.imports", roles=_WHO_IMPORTS),
            Door("/payouts", "finance.payouts"),
            Door("/periods", "finance.periods"),
            Door("/holds", "finance.holds"),
            Door("/invoices", "finance.invoices"),
            Door("/facts", "finance.facts"),
            Door("/suspense", "finance.suspense"),
            Door("/reconciliations", "finance.reconciliation"),
            Door("/fx", "finance.fx"),
        ),
    ),
    Room(
        "nav.disputes",
        (
            Door("/disputes", "nav.disputes"),
            Door("/docket", "nav.docket", roles=frozenset({"arbiter"})),
        ),
    ),
    Room(
        "nav.oversight",
        (
            Door("/notices", "nav.notices"),
            Door("/monitors", "nav.monitors"),
            Door("/registers", "nav.registers", beside=("/sessions", "/promotions", "/lotteries")),
            Door("/measures", "finance.measures"),
            Door("/scores", "finance.scores"),
            Door("/credit", "finance.credit"),
            Door("/identities", "finance.identities"),
            Door("/data", "finance.data"),
            Door("/live", "finance.live"),
        ),
    ),
    Room("nav.log", (Door("/log", "nav.log"), Door("/chain", "nav.chain", roles=_WHO_WATCHES))),
)
"""Every room, in the order in which people meet them."""


def room_of(path: str) -> Room | None:
    """Return the room that a path is in, None for a page that belongs to none."""
    return next((room for room in ROOMS if room.holds(path)), None)


def addresses() -> Iterable[str]:
    """Return where every door leads."""
    return (door.address for room in ROOMS for door in room.doors)
