"""Facts of what falls due as they are shown and asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.reading import PartyName, Text


@dataclass(frozen=True, slots=True)
class FactSaid:
    """What one entry says of a fact: by whom (global id), from which source; no value contests it."""

    entry_seq: int
    by: str
    by_name: Text
    source: str
    value: str | None


@dataclass(frozen=True, slots=True)
class RecordedFact:
    """What counts of a fact of a period, a case under a clause, or a row of a set; empty where of neither.

    `standing` is asserted (one party said so), proven (two agree, or the prevailing source) or disputed, and
    then there is no value.
    """

    clause: str
    rows: str
    about: str
    fact: str
    label: Text
    value: str | None
    standing: str
    said: tuple[FactSaid, ...]


@dataclass(frozen=True, slots=True)
class FactsRequest:
    """What a party says: its key in the document, facts by name as text, and the names that it contests.

    `about` is a period, a case together with its `clause`, or a row together with its set `rows`. `source` is
    one that was granted to the caller, `sha256` the digest of the file that the facts rest on.
    """

    party: str
    facts: dict[str, str] = field(default_factory=dict)
    contested: tuple[str, ...] = ()
    about: str | None = None
    clause: str | None = None
    rows: str | None = None
    source: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class FactsTaken:
    """The entry that holds what was said."""

    entry_seq: int


@dataclass(frozen=True, slots=True)
class FactDeclared:
    """A fact that the document knows: of a `case`, or of a row of the set of events `of`."""

    name: str
    of: str
    label: Text


@dataclass(frozen=True, slots=True)
class FactForms:
    """What the viewer may say of facts: for which parties, of which facts that the document declares."""

    parties: tuple[PartyName, ...]
    facts: tuple[FactDeclared, ...]


@dataclass(frozen=True, slots=True)
class FactTyped:
    """A fact as typed: without a value it is contested. `about` and `clause` as in `FactsRequest`."""

    agreement: str
    party: str
    fact: str
    value: str | None = None
    about: str | None = None
    clause: str | None = None
