"""Read models of the query desk, and what its routes take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.reading import Money, PartyName


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A question: the parts of `ledger.queries.question.Question`; a time may be a day, all of it."""

    of: str = "entries"
    kind: str = ""
    clause: str = ""
    party: str = ""
    sku: str = ""
    session: str = ""
    order: str = ""
    occurred_from: str = ""
    occurred_to: str = ""
    recorded_from: str = ""
    recorded_to: str = ""
    known_at: str = ""


@dataclass(frozen=True, slots=True)
class WideningRequest:
    """Agreements and parties to open, by id, separated by commas or blanks, and why."""

    reason: str
    agreements: str = ""
    parties: str = ""


@dataclass(frozen=True, slots=True)
class ScopeShown:
    """What queries of a dispute may show: agreements by id, and the parties whose groups are open."""

    agreements: tuple[str, ...]
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QueryPage:
    """Some rows of an answer as of a size of the log; `next_after` is the cursor, None at the end."""

    question: dict[str, str]
    scope: ScopeShown
    size: int
    rows: tuple[dict[str, Any], ...]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class SavedShown:
    """A saved query. `digest` and `rows` are None for the parties: they tell of what others may read."""

    query: str
    question: dict[str, str]
    scope: ScopeShown
    size: int
    root: str
    digest: str | None
    rows: int | None
    saved_at: str
    saved_by: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class WideningShown:
    """An order that opened more, on whose word, and why."""

    agreements: tuple[str, ...]
    parties: tuple[str, ...]
    reason: str
    by: str
    at: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class DeskShown:
    """The query desk of a dispute: `may_ask` for its arbiters and auditors, `may_save` for its arbiters."""

    dispute: str
    clause: str
    scope: ScopeShown
    parties: tuple[PartyName, ...]
    saved: tuple[SavedShown, ...]
    widenings: tuple[WideningShown, ...]
    may_ask: bool
    may_save: bool


@dataclass(frozen=True, slots=True)
class RunAgainShown:
    """A saved query run again: whether it gave the same, and the entries behind what is not as it was."""

    query: str
    same: bool
    saved_digest: str
    digest: str
    rows: int
    erased: tuple[int, ...]
    differing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupFound:
    """A shown group of an entry that was found, its content and postings as JSON for people."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class EntryFound:
    """An entry that was found, as a page shows it."""

    seq: int
    at: str
    kind: str
    asserter: str
    id: str
    groups: tuple[GroupFound, ...]


@dataclass(frozen=True, slots=True)
class PostingFound:
    """A posting that was found, as a page shows it."""

    seq: int
    at: str
    account: str
    amount: Money
    clause: str
    kind: str


@dataclass(frozen=True, slots=True)
class OrderTold:
    """One thing told of an order line: which kind of entry tells it, when it was so and when recorded."""

    seq: int
    kind: str
    at: str
    recorded_at: str
    facts: str
    voided_by: int | None


@dataclass(frozen=True, slots=True)
class OrderFound:
    """A sale that was found, and everything told of its line."""

    seq: int
    agreement: str
    order: str
    line: str
    told: tuple[OrderTold, ...]


Found = EntryFound | PostingFound | OrderFound
