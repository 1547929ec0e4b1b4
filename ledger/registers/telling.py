"""Telling a register what happened: one event of an item becomes one entry, checked as it is written.

Everything is looked at within the writing transaction, so that of two who tell at once the second sees the
first, and sent again nothing is told twice. Who may act for a party is asked before (api/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.database import Session
from ledger.entries import Group, NewEntry
from ledger.known import Known
from ledger.leaves import microseconds, occurred_text
from ledger.log import Log
from ledger.registers.asking import ITEM, Asked, Standing, Telling, read_fields, where_of
from ledger.registers.clocks import started
from ledger.registers.declaration import register as declared
from ledger.registers.errors import TellingRefused
from ledger.registers.items import GROUP, PERSONAL, SOURCE, Folding, Happened, Item, Key, event_id, fold
from ledger.registers.rules import personal_readers_of, readers_of, repeated, require_allowed
from ledger.sorting import AppendReport, Request
from policies.agreement import Agreement
from policies.errors import TallystickError, did_you_mean


@dataclass(frozen=True, slots=True)
class ToldAll:
    """What became of events told together: the seq of each, or its refusal; those from `first` on are new."""

    answers: tuple[int | TallystickError, ...]
    first: int

    @property
    def only(self) -> int:
        """The seq of the one event that was told."""
        (seq,) = self.answers
        assert isinstance(seq, int), "one telling is taken, or its refusal raised"
        return seq


Follow = Callable[[Session, Item, Telling | None], Sequence[NewEntry]]
"""What follows of an item as it stands, and what was told last of it in the same transaction."""


def tell(  # noqa: PLR0913, PLR0917 -- of which item, what, on whose word, when, and in what standing
    log: Log,
    agreement: Agreement | None,
    register: str,
    item: str,
    event: str,
    fields: Mapping[str, str],
    *,
    by: str,
    at: datetime,
    occurred_at: datetime | None = None,
    require: Callable[[Session], None] | None = None,
    party: str | None = None,
    roles: Iterable[str] = (),
    readers: Iterable[str] = (),
) -> int:
    """Tell an event of an item, opening it where the event does; return the seq of the entry.

    `by` and `party` (of which a register of a party is) are global ids. The same again returns the first:
    with `occurred_at` an event of that time, without it the last one told of the item. Raises
    RegisterUnknown, ItemUnknown, ItemTaken, TellingRefused, ItemState.
    """
    standing = Standing(agreement, party, frozenset(roles), tuple(readers))
    told = Telling(register, item, event, fields, by, at, occurred_at, standing)
    return tell_all(log, [told], require=require).only


def tell_all(
    log: Log,
    tellings: Sequence[Telling],
    *,
    partial: bool = False,
    require: Callable[[Session], None] | None = None,
    follow: Follow | None = None,
) -> ToldAll:
    """Tell events in one transaction, each seeing those before it, with what follows of their items.

    Without `partial` the first refusal is raised and nothing is told.
    """
    answers: list[int | TallystickError] = []
    first = 0

    def meant(known: Known, _: Sequence[Request]) -> Sequence[Request]:
        nonlocal first
        if require is not None:
            require(known.session)
        first = known.size
        desk = _Desk(known, [(one.register, one.item) for one in tellings])
        for one in tellings:
            try:
                answers.append(desk.take(one))
            except TallystickError as fault:
                if not partial:
                    raise
                answers.append(fault)
        taken = [one for one, answer in zip(tellings, answers, strict=True) if isinstance(answer, int)]
        after = [] if follow is None else desk.following(taken, follow)
        return [Request(log.prepare([*desk.fresh, *after]))]

    (outcome,) = log.append_requests([Request(())], meant)
    assert isinstance(outcome, AppendReport), "ids count on from what the same transaction sees"
    assert not outcome.conflicts
    assert not outcome.repeated
    return ToldAll(tuple(answers), first)


def append_following(log: Log, one: Item, follow: Follow) -> int:
    """Append what follows of an item as the transaction sees it; return how many entries that was."""
    count = 0

    def meant(known: Known, _: Sequence[Request]) -> Sequence[Request]:
        nonlocal count
        key = (one.register, one.id)
        entries = follow(known.session, fold(known.session, [key])[key].item(), None)
        count = len(entries)
        return [Request(log.prepare(entries))]

    log.append_requests([Request(())], meant)
    return count


class _Desk:
    """The items of one transaction as it goes on, and the entries that it will add, in `fresh`."""

    def __init__(self, known: Known, keys: Sequence[Key]) -> None:
        self.fresh: list[NewEntry] = []
        self._known = known
        self._items = fold(known.session, keys)
        self._looked = set(keys)

    def find(self, key: Key) -> Folding | None:
        """Return an item, None where nothing was told of it."""
        if key not in self._looked:
            self._items |= fold(self._known.session, [key])
            self._looked.add(key)
        return self._items.get(key)

    def following(self, tellings: Sequence[Telling], follow: Follow) -> Iterator[NewEntry]:
        """Yield what follows of the items of tellings as they stand, each once."""
        for key, told in {(one.register, one.item): one for one in tellings}.items():
            found = self.find(key)
            assert found is not None, "something was told of it"
            yield from follow(self._known.session, found.item(), told)

    def take(self, told: Telling) -> int:
        """Return the seq of the entry that tells it: one that stands already, or one more."""
        of = declared(told.register)
        terms = of.all_events.get(told.event)
        if terms is None:
            hint = did_you_mean(told.event, of.all_events)
            raise TellingRefused(f"there is no event '{told.event[:40]}'{hint}", where=where_of(told))
        if not ITEM.fullmatch(told.item):
            message = "an item is named by letters, digits and . _ -, at most 64, the first a letter or digit"
            raise TellingRefused(message, where=where_of(told))
        asked = Asked(told, of, terms, self.find((of.name, told.item)), read_fields(of, terms, told))
        same = repeated(asked)
        if same is not None:
            return same.seq
        require_allowed(asked, self.find)
        return self._add(asked)

    def _add(self, asked: Asked) -> int:
        of, told, agreement = asked.of, asked.told, asked.agreement
        found = asked.found
        if found is None:
            party = told.standing.party if of.of == "party" else None
            found = Folding(of, told.item, agreement.id if agreement else None, party)
            self._items[of.name, told.item] = found
        first = not found.happened
        at = asked.happened_at
        happened = Happened(
            event=told.event,
            seq=self._known.size + len(self.fresh),
            occurred_at=occurred_text(at),
            occurred_us=microseconds(at),
            recorded_us=microseconds(told.at),
            by=told.by,
            fields=asked.fields,
            personal=frozenset(name for name in asked.fields if of.all_fields[name].personal),
            due=dict(started(of, told.event, first=first, at=at, agreement=agreement)),
            readers=readers_of(asked),
            personal_readers=personal_readers_of(asked),
        )
        number = found.counts[told.event] + 1
        self.fresh.append(_entry(asked, happened, event_id(of.name, told.item, told.event, number), found))
        found.add(happened)
        return happened.seq


def _entry(asked: Asked, happened: Happened, entry_id: str, found: Folding) -> NewEntry:
    personal = {name: asked.fields[name] for name in sorted(happened.personal)}
    content = {
        "register": asked.of.name,
        "item": asked.told.item,
        "event": asked.told.event,
        "fields": {name: text for name, text in asked.fields.items() if name not in personal},
        **({"personal": list(personal)} if personal else {}),
        **({"due": dict(happened.due)} if happened.due else {}),
        **({"party": found.party} if found.party else {}),
    }
    groups = [Group(GROUP, happened.readers, content)]
    if personal:
        groups.append(Group(PERSONAL, happened.personal_readers, {"fields": personal}))
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=f"{asked.of.name}.{asked.told.event}",
        occurred_at=asked.happened_at,
        asserter=asked.told.by,
        agreement=asked.agreement.ref if asked.agreement else None,
        concerns=tuple({*happened.readers, *happened.personal_readers}),
        groups=tuple(groups),
    )
