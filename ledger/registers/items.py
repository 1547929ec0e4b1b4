"""Items of registers as the log tells them: state, fields, what happened, which clocks run.

Everything is folded from entries of source `tallystick.registers`, whose ids are REGISTER/ITEM/EVENT/N, so
that the key of the log finds them and no table of their own is needed. What was erased is told as erased.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from ledger.database import Row, Session, reading
from ledger.registers.declaration import Register, register
from ledger.registers.errors import ItemUnknown
from ledger.registers.terms import CHECK, CHECKED, OPENED, UNCHECKED

if TYPE_CHECKING:
    from ledger.log import Log

SOURCE = "tallystick.registers"
GROUP = "register"
PERSONAL = "personal"
"""Group of the fields that are personal data: erasable by itself."""

Key = tuple[str, str]
"""Register and item."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was last told of a field; `text` is None where it was erased. `at` is when it was so."""

    text: str | None
    seq: int
    at: str
    by: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of an item: its entry, who told it, both times, and the fields as told (None: erased).

    `readers` may open it, `personal_readers` those of its fields that are `personal`; `due` is, by clock,
    until when a clock that it started runs. With `erased` nothing is left but that it happened.
    """

    event: str
    seq: int
    occurred_at: str
    occurred_us: int
    recorded_us: int
    by: str
    fields: Mapping[str, str | None]
    personal: frozenset[str]
    due: Mapping[str, str]
    readers: tuple[str, ...]
    personal_readers: tuple[str, ...]
    erased: bool = False

    @property
    def occurred(self) -> datetime:
        """When it happened, as a time."""
        return datetime.fromisoformat(self.occurred_at)

    def says(self, fields: Mapping[str, str]) -> bool:
        """Tell whether it tells these fields and no others; what was erased is not compared."""
        return self.fields.keys() == fields.keys() and all(
            text in {None, fields[name]} for name, text in self.fields.items()
        )


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that runs or ran: `due` is its last moment (None: no calendar knows it), `ended_at` its end."""

    id: str
    since: str
    due: str | None
    ended_at: str | None

    def is_late(self, now: datetime) -> bool:
        """Tell whether it ended after it was due, or runs on past that."""
        if self.due is None:
            return False
        end = now if self.ended_at is None else datetime.fromisoformat(self.ended_at)
        return end > datetime.fromisoformat(self.due)


@dataclass(frozen=True, slots=True)
class Item:
    """One item: of which agreement (id with no version) or party, its state, and all that was told of it.

    `checks` are the checks that stand, each with the event that ticked it. `readers` may read it.
    """

    id: str
    register: str
    agreement: str | None
    party: str | None
    state: str
    fields: Mapping[str, Told]
    happened: tuple[Happened, ...]
    clocks: tuple[Clock, ...]
    checks: Mapping[str, Happened]
    readers: tuple[str, ...]

    @property
    def opened(self) -> Happened:
        """The event that opened it."""
        return self.happened[0]

    def last(self, event: str) -> Happened | None:
        """Return the last event of a name, None where there was none."""
        return next((one for one in reversed(self.happened) if one.event == event), None)

    def text(self, name: str, default: str = "") -> str:
        """Return what was last told of a field, `default` where nothing was or it is erased."""
        told = self.fields.get(name)
        return default if told is None or told.text is None else told.text


@dataclass(slots=True)
class Folding:
    """An item while its events are read one after the other."""

    register: Register
    id: str
    agreement: str | None = None
    party: str | None = None
    state: str = ""
    fields: dict[str, Told] = field(default_factory=dict)
    happened: list[Happened] = field(default_factory=list)
    clocks: dict[str, Clock] = field(default_factory=dict)
    checks: dict[str, Happened] = field(default_factory=dict)
    readers: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, one: Happened) -> None:
        """Take the next event."""
        terms = self.register.all_events.get(one.event)
        first = not self.happened
        self.happened.append(one)
        self.counts[one.event] += 1
        self.readers.update(one.readers)
        if terms is not None:
            self.state = terms.opens or terms.to or self.state
        for name, text in one.fields.items():
            self.fields[name] = Told(text, one.seq, one.occurred_at, one.by, name in one.personal)
        for clock in self.register.clocks:
            running = self.clocks.get(clock.id)
            if running is not None and running.ended_at is None and one.event in clock.until:
                self.clocks[clock.id] = Clock(clock.id, running.since, running.due, one.occurred_at)
            if clock.from_ == one.event or (first and clock.from_ == OPENED):
                self.clocks[clock.id] = Clock(clock.id, one.occurred_at, one.due.get(clock.id), None)
        check = one.fields.get(CHECK) or ""
        if one.event == CHECKED:
            self.checks[check] = one
        elif one.event == UNCHECKED:
            self.checks.pop(check, None)

    def item(self) -> Item:
        """Return the item as it stands."""
        return Item(
            self.id,
            self.register.name,
            self.agreement,
            self.party,
            self.state,
            dict(self.fields),
            tuple(self.happened),
            tuple(self.clocks.values()),
            dict(self.checks),
            tuple(sorted(self.readers)),
        )


def seen_by(one: Item, readers: Iterable[str]) -> Item:
    """Return an item as those who read in some names see it: by the events that are theirs to read."""
    mine = frozenset(readers)
    seen = [event for event in one.happened if event.erased or not mine.isdisjoint(event.readers)]
    if len(seen) == len(one.happened):
        return one
    folding = Folding(register(one.register), one.id, one.agreement, one.party)
    for event in seen:
        folding.add(event)
    return folding.item()


class _Content(msgspec.Struct):
    fields: dict[str, str] = {}
    personal: tuple[str, ...] = ()
    due: dict[str, str] = {}
    party: str | None = None


class _Opened(msgspec.Struct):
    content: _Content
    readers: tuple[str, ...]


_decoder = msgspec.json.Decoder(_Opened)
_ERASED = _Opened(_Content(), ())

_COLUMNS = (
    "e.seq, e.source_id, e.agreement, e.occurred_at, e.occurred_us, e.recorded_us, e.asserter, d.name,"
    " d.opened"
)
_GROUPS = f"LEFT JOIN disclosure d ON d.seq = e.seq AND d.name IN ('{GROUP}', '{PERSONAL}')"


def event_of(source_id: str) -> tuple[str, str, str, int]:
    """Return register, item, event and number from the id of an entry."""
    name, item_id, event, number = source_id.split("/")
    return name, item_id, event, int(number)


def event_id(name: str, item_id: str, event: str, number: int) -> str:
    """Return the id of the entry that tells of an item's event, counting events of that name from 1."""
    return f"{name}/{item_id}/{event}/{number}"


def item(log: Log, register_name: str, item_id: str, end: int | None = None) -> Item:
    """Return an item, by entries before seq `end` where one is given. Raises ItemUnknown, RegisterUnknown."""
    key = (register(register_name).name, item_id)
    with reading(log.engine) as session:
        found = fold(session, [key], end)
    if key not in found:
        raise ItemUnknown(f"nothing was told of '{item_id[:64]}'", where=f"register {register_name}")
    return found[key].item()


def items(log: Log, register_name: str, agreement: str | None = None, end: int | None = None) -> list[Item]:
    """Return a register's items in the order in which they were opened; of one agreement's id where given.

    By entries before seq `end` where one is given. Raises RegisterUnknown.
    """
    with reading(log.engine) as session:
        return items_within(session, register_name, agreement, end)


def items_within(
    session: Session, register_name: str, agreement: str | None = None, end: int | None = None
) -> list[Item]:
    """Return a register's items as a transaction sees them; see items."""
    name = register(register_name).name
    before, parameters = _before(end)
    sql = (
        f"SELECT {_COLUMNS} FROM entry e {_GROUPS} WHERE e.source = ?"  # noqa: S608 -- columns of our own
        f" AND e.source_id >= ? AND e.source_id < ?{before} ORDER BY e.seq"
    )
    found = _folded(session.rows(sql, [SOURCE, f"{name}/", f"{name}0", *parameters]))
    return [one.item() for one in found.values() if agreement is None or one.agreement == agreement]


def fold(session: Session, keys: Iterable[Key], end: int | None = None) -> dict[Key, Folding]:
    """Return those of some items that are there, as a transaction sees them."""
    listed = session.listed(sorted({f"{name}/{item_id}" for name, item_id in keys}))
    wanted = "json_each(?) w" if session.dialect == "sqlite" else "unnest(?::text[]) AS w(value)"
    before, parameters = _before(end)
    sql = (
        f"SELECT {_COLUMNS} FROM {wanted} JOIN entry e ON e.source = ?"  # noqa: S608 -- columns of our own
        f" AND e.source_id >= w.value || '/' AND e.source_id < w.value || '0'{before} {_GROUPS}"
        " ORDER BY e.seq"
    )
    return _folded(session.rows(sql, [listed, SOURCE, *parameters]))


def _before(end: int | None) -> tuple[str, list[int]]:
    return ("", []) if end is None else (" AND e.seq < ?", [end])


def _folded(rows: Iterable[Row]) -> dict[Key, Folding]:
    found: dict[Key, Folding] = {}
    for _, of_entry in groupby(rows, key=itemgetter(0)):
        told = list(of_entry)
        ref, opened = told[0][2], {row[7]: _decoder.decode(bytes(row[8])) for row in told if row[7]}
        name, item_id, event, _ = event_of(told[0][1])
        key = (name, item_id)
        if key not in found:
            party = opened.get(GROUP, _ERASED).content.party
            found[key] = Folding(register(name), item_id, ref.partition("@")[0] if ref else None, party)
        found[key].add(_happened(event, told[0], opened))
    return found


def _happened(event: str, row: Row, opened: Mapping[str, _Opened]) -> Happened:
    seq, _, _, occurred_at, occurred_us, recorded_us, by = row[:7]
    main, personal = opened.get(GROUP, _ERASED), opened.get(PERSONAL, _ERASED)
    return Happened(
        event, seq, occurred_at, occurred_us, recorded_us, by,
        {**main.content.fields, **dict.fromkeys(main.content.personal), **personal.content.fields},
        frozenset(main.content.personal),
        main.content.due,
        main.readers,
        personal.readers,
        erased=GROUP not in opened,
    )  # fmt: skip
