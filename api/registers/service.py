"""Registers as one viewer may see them, and telling them things in the name of the viewer's parties.

Who reads an item is in its entries; personal fields are for those whom theirs names. Telling needs `draft` or
`approve` within the party in whose name it is told, or a role of the house that the register lets tell; an
arbiter's counts under agreements with a dispute in which they sit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

from api.access import Role, Viewer, demand_any_role, demand_read, may_read
from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.registers import import_events, tell_event
from api.reading import PartyName, Text, plain
from api.registers.asked import Teller, events_asked
from api.registers.schemas import (
    EventAsked,
    EventShown,
    EventTold,
    ImportAsked,
    ItemPage,
    ItemRow,
    ItemShown,
    KindShown,
    TellRequest,
)
from api.registers.shown import checks_shown, clocks_shown, event_shown, field_shown, figures_shown
from api.worded import local_time, of_words, party_name, who
from ledger.registers.declaration import Register, register, registers
from ledger.registers.errors import ItemUnknown
from ledger.registers.importing import Imported
from ledger.registers.items import Item, items, seen_by
from ledger.registers.items import item as read_item
from ledger.registers.keeping import kept_until
from ledger.registers.rules import HOUSE, SELF
from ledger.registers.terms import CHECK_FIELDS
from policies.agreement import Agreement
from policies.facts import read_instant

_TELLING: tuple[Role, ...] = ("draft", "approve")
_HOUSE_ROLES: tuple[Role, ...] = ("operator", "arbiter")
_REPORTS = {"session": "/sessions", "promotion": "/promotions", "lottery": "/lotteries"}
"""Registers whose items have a page that shows them in figures."""

_LINKED_MAX = 200
"""Items offered to choose from; others are typed."""


class RegisterService:
    """Shows registers to those who read their items, and tells them things. Raises AccessDenied."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def kinds(self) -> tuple[KindShown, ...]:
        """Return every register there is."""
        return tuple(_kind(one) for one in registers().values())

    def kind(self, name: str) -> KindShown:
        """Return one register. Raises RegisterUnknown."""
        return _kind(register(name))

    def declaration(self, name: str) -> dict[str, object]:
        """Return one register as it is declared. Raises RegisterUnknown."""
        return register(name).model_dump(mode="json", by_alias=True, exclude_none=True)

    def rows(self, viewer: Viewer, name: str, agreement: str | None = None) -> tuple[ItemRow, ...]:
        """Return the items that the viewer may read, in the order of opening."""
        documents = _Documents(self.office)
        return tuple(self._row(viewer, one, documents) for one in self._readable(viewer, name, agreement))

    def page(
        self, viewer: Viewer, name: str, agreement: str | None, after: int | None, limit: int
    ) -> ItemPage:
        """Return the items that were opened beyond entry `after`, at most so many."""
        found = [
            one for one in self._readable(viewer, name, agreement) if after is None or one.opened.seq > after
        ]
        documents = _Documents(self.office)
        shown = tuple(self._row(viewer, one, documents) for one in found[:limit])
        return ItemPage(shown, found[limit - 1].opened.seq if len(found) > limit else None)

    def item(self, viewer: Viewer, name: str, item_id: str) -> ItemShown:
        """Return one item whole, and what the viewer may tell of it."""
        one, of, documents = self.readable(viewer, name, item_id), register(name), _Documents(self.office)
        document = documents.of(one)
        personal = {event.seq: _reads_personal(viewer, event.personal_readers) for event in one.happened}
        until = kept_until(of, one.happened)
        fields = tuple(
            field_shown(of, field, told.text if not told.personal or personal[told.seq] else None, document)
            for field, told in one.fields.items()
            if field not in CHECK_FIELDS
        )
        return ItemShown(
            register=of.name,
            title=of_words(of.title.model_dump()),
            row=self._row(viewer, one, documents),
            fields=fields,
            figures=tuple(figures_shown(of, one, document)),
            checks=tuple(checks_shown(of, one, documents.named)),
            clocks=tuple(clocks_shown(of, one, self.office.clock(), document)),
            events=tuple(
                event_shown(of, event, document, documents.named, personal=personal[event.seq])
                for event in one.happened
            ),
            may_tell=tuple(self._asked(viewer, of, one, documents)),
            kept_until=until.isoformat() if until else None,
            report=f"{_REPORTS[of.name]}/{one.id}" if of.name in _REPORTS else None,
        )

    def events(self, viewer: Viewer, name: str, item_id: str) -> tuple[EventShown, ...]:
        """Return everything that happened to an item."""
        return self.item(viewer, name, item_id).events

    def openings(self, viewer: Viewer, name: str, agreement: str | None) -> tuple[EventAsked, ...]:
        """Return the events by which the viewer may open an item, under an agreement where it needs one."""
        of, documents = register(name), _Documents(self.office)
        return tuple(self._asked(viewer, of, None, documents, agreement))

    def fillers(
        self, viewer: Viewer, name: str, agreement: str | None
    ) -> tuple[tuple[PartyName, ...], tuple[EventAsked, ...]]:
        """Return in whose names the viewer may tell a file of events, and which events a row may tell."""
        of = register(name)
        tellers = self._tellers(viewer, of, agreement, None, _Documents(self.office))
        states = (None, *of.states)
        events = {
            one.event: one for state in states for one in events_asked(of, state, tellers, lambda _: ())
        }
        return tuple(one.party for one in tellers), tuple(events.values())

    def subjects(self, viewer: Viewer) -> tuple[PartyName, ...]:
        """Return the parties that an item of a party's register may be about: those of shared agreements."""
        mine = [
            one
            for one in _Documents(self.office).signed
            if may_read(viewer, (one.party_id(key) for key in one.parties))
        ]
        found = {one.party_id(key): party_name(one, key) for one in mine for key in one.parties}
        return tuple(found.values())

    def tell(self, viewer: Viewer, name: str, item_id: str, asked: TellRequest) -> EventTold:
        """Tell an event of an item, or open one. See `TellRequest` for who may."""
        known = self._held(name, item_id)
        if known is not None and not _house_roles(viewer, known.agreement):
            demand_read(viewer, known.readers, "item")
        agreement = asked.agreement or (known.agreement if known else None)
        party = asked.party or (known.party if known else None)
        by = self._teller(viewer, register(name), agreement, party, asked.by)
        at = read_instant(asked.occurred_at) if asked.occurred_at else None
        seq = tell_event(
            self.office, name, item_id, asked.event, asked.fields,
            by=by, agreement=agreement, party=party, occurred_at=at,
        )  # fmt: skip
        return EventTold(name, item_id, asked.event, seq)

    def demand_import(self, viewer: Viewer, name: str, asked: ImportAsked) -> str:
        """Return in whose name a file is told. Raises AccessDenied, RegisterUnknown."""
        return self._teller(viewer, register(name), asked.agreement, None, asked.by)

    def take(self, viewer: Viewer, name: str, path: Path, asked: ImportAsked) -> Imported:
        """Tell every row of a file in the name of one of the viewer's parties."""
        by = self.demand_import(viewer, name, asked)
        return import_events(self.office, path, name, by=by, agreement=asked.agreement, event=asked.event)

    # ---- who

    def _teller(self, viewer: Viewer, of: Register, agreement: str | None, party: str | None, by: str) -> str:
        """Return in whose name the viewer tells something; their only party there where none is named."""
        tellers = self._tellers(viewer, of, agreement, party, _Documents(self.office))
        if not by and len(tellers) == 1:
            return tellers[0].party.id
        named = next((one for one in tellers if by in {one.party.id, one.party.key}), None)
        if named is None:
            demand_any_role(viewer, _TELLING, ())
        assert named is not None, "whoever acts for nobody there is refused"
        return named.party.id

    def _tellers(
        self,
        viewer: Viewer,
        of: Register,
        agreement: str | None,
        party: str | None,
        documents: _Documents,
    ) -> list[Teller]:
        document = documents.by_id.get(agreement or "") if of.of == "agreement" else None
        named = [party_name(document, key) for key in document.parties] if document else []
        if of.of == "party":
            named = list(self.subjects(viewer))
        mine = [
            Teller(one, frozenset({one.role}) if document else documents.roles(one.id, party))
            for one in named
            if any(viewer.has(role, one.id) for role in _TELLING)
        ]
        house = _house_roles(viewer, agreement)
        return mine + [Teller(PartyName(one, one, one, plain(one)), frozenset({one})) for one in house]

    def _asked(
        self,
        viewer: Viewer,
        of: Register,
        one: Item | None,
        documents: _Documents,
        agreement: str | None = None,
    ) -> Sequence[EventAsked]:
        of_agreement = one.agreement if one else agreement
        tellers = self._tellers(viewer, of, of_agreement, one.party if one else None, documents)

        @cache
        def linked(name: str) -> Sequence[str]:
            found = [
                other.id
                for other in self._readable(viewer, name, None)
                if other.agreement in {None, of_agreement}
            ]
            return found[-_LINKED_MAX:]

        return list(events_asked(of, one.state if one else None, tellers, linked))

    # ---- what

    def _readable(self, viewer: Viewer, name: str, agreement: str | None) -> list[Item]:
        found = items(self.office.log, name, agreement)
        return [_seen(viewer, one) for one in found if may_read(viewer, one.readers)]

    def readable(self, viewer: Viewer, name: str, item_id: str) -> Item:
        """Return an item that the viewer may read. Raises AccessDenied."""
        found = self._held(name, item_id)
        demand_read(viewer, found.readers if found else (), "item")
        assert found is not None
        return _seen(viewer, found)

    def whole(self, viewer: Viewer, name: str, item_id: str) -> Item:
        """Return an item that the viewer may read all of, as its figures need. Raises AccessDenied."""
        seen, found = self.readable(viewer, name, item_id), self._held(name, item_id)
        assert found is not None, "it was read before"
        demand_read(viewer, found.readers if len(seen.happened) == len(found.happened) else (), "report")
        return found

    def _held(self, name: str, item_id: str) -> Item | None:
        try:
            return read_item(self.office.log, name, item_id)
        except ItemUnknown:
            return None

    def _row(self, viewer: Viewer, one: Item, documents: _Documents) -> ItemRow:
        of, now, document = register(one.register), self.office.clock(), documents.of(one)
        personal = {event.seq: _reads_personal(viewer, event.personal_readers) for event in one.happened}
        fields = {
            name: told.text
            for name, told in one.fields.items()
            if told.text is not None and (not told.personal or personal[told.seq])
        }
        state = of.states.get(one.state)
        return ItemRow(
            item=one.id,
            agreement=one.agreement,
            party=documents.party(one.party) if one.party else None,
            state=one.state,
            state_text=of_words(state.model_dump()) if state else plain(one.state),
            opened_at=local_time(document, one.opened.occurred_at) if document else one.opened.occurred_at,
            late=tuple(clock.id for clock in one.clocks if clock.is_late(now)),
            fields=fields,
            entry_seq=one.opened.seq,
        )


class _Documents:
    """The signed documents of an office, read once for one answer: who is called what."""

    def __init__(self, office: Office) -> None:
        self._office = office

    @cached_property
    def signed(self) -> tuple[Agreement, ...]:
        """Every signed version, oldest first."""
        held = held_versions(self._office).values()
        found = [one.agreement for one in held if one.is_signed]
        return tuple(sorted(found, key=lambda one: one.version))

    @cached_property
    def by_id(self) -> dict[str, Agreement]:
        """The newest signed version of each agreement."""
        return {one.id: one for one in self.signed}

    def of(self, one: Item) -> Agreement | None:
        """Return the document of an item, None for an item of a party."""
        return self.by_id.get(one.agreement or "")

    def roles(self, by: str, party: str | None) -> frozenset[str]:
        """Return the roles that somebody has beside a party in a document, or of its own where none is named.

        Beside itself a party is `self`.
        """
        shared = [{one.party_id(key): held.role for key, held in one.parties.items()} for one in self.signed]
        found = {one[by] for one in shared if by in one and (party is None or party in one)}
        return frozenset(found | ({SELF} if party in {None, by} else set()))

    @cached_property
    def _parties(self) -> dict[str, PartyName]:
        return {one.party_id(key): party_name(one, key) for one in self.signed for key in one.parties}

    def party(self, party_id: str) -> PartyName:
        """Return a party by its global id."""
        return self._parties.get(party_id, PartyName(party_id, party_id, "party", plain(party_id)))

    def named(self, by: str) -> Text:
        """Return what somebody who told something is called."""
        if by in self._parties or not self.signed:
            return self.party(by).name
        return who(self.signed[-1], by)


def _kind(of: Register) -> KindShown:
    title, lead = of_words(of.title.model_dump()), of_words(of.lead.model_dump())
    return KindShown(of.name, title, lead, of.of, of.mechanisms)


def _seen(viewer: Viewer, one: Item) -> Item:
    """Return an item as its viewer sees it; auditors see all of it."""
    return one if viewer.has("auditor") else seen_by(one, viewer.parties)


def _house_roles(viewer: Viewer, agreement: str | None) -> list[Role]:
    """Return the roles of the house in which the viewer tells things, under an agreement (an id) or none.

    An arbiter has theirs under agreements with a dispute in which they sit.
    """
    found = [role for role in _HOUSE_ROLES if viewer.has(role) and role in HOUSE]
    return [role for role in found if role != "arbiter" or viewer.sits_under(agreement or "")]


def _reads_personal(viewer: Viewer, readers: Sequence[str]) -> bool:
    return not viewer.parties.isdisjoint(readers)
