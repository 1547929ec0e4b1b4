"""What is asked to be told of an item, in what standing, and its fields read by their declared types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ledger.registers.declaration import Register
from ledger.registers.errors import TellingRefused
from ledger.registers.items import Folding
from ledger.registers.terms import EventTerms, FieldTerms
from policies.agreement import Agreement
from policies.errors import FactError, PolicyError, did_you_mean
from policies.facts import read_fact
from policies.formulas.exact import Value

TEXT_LIMIT = 4_000
ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_NO_CURRENCY = "CNY"
"""Read with where a register is of a party: no field of such a register is money."""


@dataclass(frozen=True, slots=True)
class Standing:
    """In what standing things are told: under which agreement, or of which party (by global id).

    `roles` are further roles of the one who tells, `readers` further readers of what is told and
    `personal_readers` of its personal fields: for registers of a party, of which no document says who is who.
    """

    agreement: Agreement | None = None
    party: str | None = None
    roles: frozenset[str] = frozenset()
    readers: tuple[str, ...] = ()
    personal_readers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """One event to tell: of which item, with which fields as text, on whose word, and when it was told."""

    register: str
    item: str
    event: str
    fields: Mapping[str, str]
    by: str
    at: datetime
    occurred_at: datetime | None = None
    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True, slots=True)
class Asked:
    """A telling beside what its register declares, and the item as it stands; None where it is not there."""

    told: Telling
    of: Register
    terms: EventTerms
    found: Folding | None
    fields: Mapping[str, str]

    @property
    def where(self) -> str:
        """The item, for messages."""
        return where_of(self.told)

    @property
    def agreement(self) -> Agreement | None:
        """The document that it is told under, None for a register of a party."""
        return self.told.standing.agreement if self.of.of == "agreement" else None

    @property
    def happened_at(self) -> datetime:
        """When it happened; when it is told where nothing else is said."""
        return self.occurred_at or self.told.at

    @property
    def occurred_at(self) -> datetime | None:
        """When it is said to have happened, in so many words or by a time code; None where nothing says so.

        A time code that leads beyond now says nothing: what it counts from was told too late.
        """
        if self.told.occurred_at is not None or self.found is None:
            return self.told.occurred_at
        for name in self.fields:
            start = self.of.all_fields[name].from_
            since = next((one for one in self.found.happened if one.event == start), None) if start else None
            if since is not None:
                at = since.occurred + timedelta(milliseconds=int(self.fields[name]))
                return at if at <= self.told.at else None
        return None


def where_of(told: Telling) -> str:
    """Return the item of a telling, for messages."""
    return f"{told.register} {told.item[:64]}"


def read_fields(of: Register, terms: EventTerms, told: Telling) -> dict[str, str]:
    """Return the fields that are told, white space around them gone. Raises TellingRefused.

    A field left empty is not told.
    """
    fields = {name: text.strip() for name, text in told.fields.items() if text.strip()}
    for name in fields:
        if name not in terms.fields:
            hint = did_you_mean(name, terms.fields)
            raise TellingRefused(f"'{told.event}' takes no field '{name[:40]}'{hint}", where=where_of(told))
    missing = [name for name in terms.needs if name not in fields]
    if missing:
        raise TellingRefused(f"'{told.event}' needs {', '.join(missing)}", where=where_of(told))
    agreement = told.standing.agreement
    currency = agreement.currency if agreement is not None else _NO_CURRENCY
    for name, text in fields.items():
        try:
            read_field(text, of.all_fields[name], currency)
        except PolicyError as fault:
            raise TellingRefused(f"{name}: {fault.message}", where=where_of(told)) from None
    return fields


def read_field(text: str, terms: FieldTerms, currency: str) -> Value:
    """Read a field's text by its declared type. Raises FactError, MoneyError."""
    match terms.type:
        case "digest":
            if not _DIGEST.fullmatch(text):
                raise FactError(f"'{text[:40]}' is not a SHA-256 of 64 hexadecimal digits in lower case")
            return text
        case "item":
            if not ITEM.fullmatch(text):
                raise FactError(f"'{text[:40]}' is not the name of an item")
            return text
        case "text":
            if len(text) > TEXT_LIMIT or _CONTROL.search(text):
                raise FactError(f"text is at most {TEXT_LIMIT} characters, with no control characters")
            return text
        case "time_code":
            return read_fact(text, "count", currency)
        case kind:
            return read_fact(text, kind, currency, tuple(terms.options or ()))
