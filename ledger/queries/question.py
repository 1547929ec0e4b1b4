"""What is asked of the ledger: entries, postings or orders, narrowed by what they say and by both times.

A question is plain data with one canonical form, so that a saved one can be asked again to the letter. Every
narrowing must be met; what is left out narrows nothing. Not here: what may be shown of the answer (scope.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal, get_args

from ledger.entries import require_instant, require_plain
from ledger.errors import EntryInvalid
from ledger.leaves import occurred_text
from ledger.queries.errors import QueryInvalid
from policies.errors import did_you_mean

Kind = Literal["entries", "postings", "orders"]
KINDS: tuple[Kind, ...] = get_args(Kind)

TEXT_LIMIT = 128
TEXTS = ("kind", "clause", "party", "sku", "session", "order")
"""What a question can narrow by text, in the order in which forms ask for it."""

TIMES = ("occurred_from", "occurred_to", "recorded_from", "recorded_to", "known_at")
"""What a question can narrow by time; every instant named is itself included."""


@dataclass(frozen=True, slots=True)
class Question:
    """A search of the ledger.

    `of`: entries, one row each; postings, one row each; orders, one row a report of a sale with all that was
    told of its line. `kind` is the entry's (for orders, of the sale's). `clause`, `sku`, `session`, `order`
    are what a shown group says under that name, at whatever depth, the clause of a posting included. `party`
    asserted it, reads it, or owns an account that it posts to; of postings, owns the account.

    `occurred_…` and `recorded_…` bound the two times. `known_at` reads the log as it stood then: nothing
    recorded later counts, nor what was voided later.
    """

    of: Kind
    kind: str | None = None
    clause: str | None = None
    party: str | None = None
    sku: str | None = None
    session: str | None = None
    order: str | None = None
    occurred_from: datetime | None = None
    occurred_to: datetime | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be asked. Raises QueryInvalid naming the part."""
        if self.of not in KINDS:
            hint = did_you_mean(str(self.of), KINDS)
            raise QueryInvalid(f"'{self.of}' is not among {', '.join(KINDS)}{hint}", where="of")
        try:
            for name in TEXTS:
                if (text := getattr(self, name)) is not None:
                    require_plain(text, TEXT_LIMIT, name)
            for name in TIMES:
                if (instant := getattr(self, name)) is not None:
                    require_instant(instant, name)
        except EntryInvalid as fault:
            raise QueryInvalid(fault.message, where=fault.where) from None

    def as_json(self) -> dict[str, str]:
        """Return the canonical form: what was left out is not in it, times are RFC 3339 with their offset."""
        return {
            name: occurred_text(value) if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
            if value is not None
        }


def read_question(form: Mapping[str, Any]) -> Question:
    """Return the question of a form such as `as_json` gives. Raises QueryInvalid."""
    names = [one.name for one in fields(Question)]
    for name, value in form.items():
        if name not in names:
            hint = did_you_mean(name, names)
            raise QueryInvalid(f"a question has no such part{hint}", where=name)
        if type(value) is not str:
            raise QueryInvalid("must be text", where=name)
    read: dict[str, Any] = {
        name: _instant(name, text) if name in TIMES else text for name, text in form.items()
    }
    return Question(**{"of": "", **read})


def _instant(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        wanted = "must be a time with its offset, such as 2026-11-02T09:00:00+08:00"
        raise QueryInvalid(f"'{text[:40]}' {wanted}", where=name) from None
