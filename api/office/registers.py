"""Registers as the office keeps them: who tells something in which standing, read from signed documents.

Who may act for a party is asked before (api/registers/service.py); what a register lets be told is asked by
ledger/registers/ within the writing transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from api.office.agreements import Held, held_versions, signed_versions
from api.office.errors import NotASigner
from api.office.opening import Office
from api.office.register_duties import holding
from ledger.registers.asking import Standing, Telling
from ledger.registers.declaration import register
from ledger.registers.importing import Imported, import_rows
from ledger.registers.rules import HOUSE
from ledger.registers.telling import Follow, tell_all


def tell_event(  # noqa: PLR0913 -- of which item, what, on whose word, of which agreement or party, when
    office: Office,
    name: str,
    item: str,
    event: str,
    fields: Mapping[str, str],
    *,
    by: str,
    agreement: str | None = None,
    party: str | None = None,
    occurred_at: datetime | None = None,
) -> int:
    """Tell an event of a register's item; return the seq of the entry.

    `agreement` is an id, `party` a global id, `by` a party's key in the document, its global id, or one of
    the house. Raises AgreementUnknown, NotASigner, and what `ledger.registers.telling.tell` does.
    """
    asserter, standing = standing_of(office, name, by=by, agreement=agreement, party=party)
    told = Telling(name, item, event, fields, asserter, office.clock(), occurred_at, standing)
    return tell_all(office.log, [told], follow=_following(office, name)).only


def import_events(  # noqa: PLR0913 -- which file, into what, on whose word, of which agreement
    office: Office,
    path: Path,
    name: str,
    *,
    by: str,
    agreement: str | None = None,
    event: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Imported:
    """Tell a register every row of a file; see `ledger.registers.importing.import_rows`.

    Raises AgreementUnknown, NotASigner, and what reading the file does.
    """
    asserter, under = standing_of(office, name, by=by, agreement=agreement, party=None)

    @cache
    def standing(party: str | None) -> Standing:
        if register(name).of == "agreement":
            return under
        return standing_of(office, name, by=by, agreement=None, party=party)[1]

    return import_rows(
        office.log, path, name,
        by=asserter, standing=standing, clock=office.clock, event=event, progress=progress,
        follow=_following(office, name),
    )  # fmt: skip


def _following(office: Office, name: str) -> Follow | None:
    """Return what follows of a register's items: what they ask to be held, where it declares that."""
    return holding(office) if register(name).holds else None


def standing_of(
    office: Office, name: str, *, by: str, agreement: str | None, party: str | None
) -> tuple[str, Standing]:
    """Return the global id of who tells, and in what standing. Raises AgreementUnknown, NotASigner."""
    of = register(name)
    if of.of == "agreement" and agreement is not None:
        document = signed_versions(office, agreement)[-1].agreement
        ids = {key: document.party_id(key) for key in document.parties}
        asserter = ids.get(by, by)
        if asserter not in {*ids.values(), *HOUSE}:
            raise NotASigner(f"'{by}' is no party to {document.ref}; its parties are {', '.join(ids)}")
        return asserter, Standing(document)
    if of.of == "agreement" or party is None:
        return by, Standing()
    shared = [one for one in _signed(office) if party in _ids(one)]
    roles = {role for one in shared for one_id, role in _ids(one).items() if one_id == by}

    def among(wanted: tuple[str, ...]) -> tuple[str, ...]:
        found = {one_id for one in shared for one_id, role in _ids(one).items() if role in wanted}
        return tuple(sorted(found))

    readers, personal_readers = among(of.readers), among(of.personal_readers)
    return by, Standing(None, party, frozenset(roles), readers, personal_readers)


def _signed(office: Office) -> Iterator[Held]:
    return (one for one in held_versions(office).values() if one.is_signed)


def _ids(held: Held) -> dict[str, str]:
    """Return the role of each party of a version, by its global id."""
    document = held.agreement
    return {document.party_id(key): one.role for key, one in document.parties.items()}
