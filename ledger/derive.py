"""Rows derived from entries: accounts, postings and line events. Appending and rebuilding share it.

What stands here can be dropped and made again from entries and their opened groups, to the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ledger.database import Row
from ledger.entries import ID_LIMIT, require_plain
from ledger.errors import EntryInvalid

CASE_OPENED = "case_opened"
CASE_CLOSED = "case_closed"
LINE_EVENTS = {
    "sale.recorded": "sale",
    "receipt.confirmed": "receipt",
    "refund.recorded": "refund",
    "after_sale.opened": CASE_OPENED,
    "after_sale.closed": CASE_CLOSED,
}
"""The event of an order line that each of these kinds tells, in the group `order`."""

REVISIONS = {
    "refund": ("refunded_total", 64),
    CASE_OPENED: ("case", 128),
    CASE_CLOSED: ("case", 128),
}
"""The fact of `order` that tells several events of one line apart, and how long it may be."""

ORDER_GROUP = "order"
_TEXT = frozenset({str})

AccountKey = tuple[str, str, str, str]
"""Owner, agreement id, purpose, currency."""


@dataclass(slots=True)
class Derived:
    """Rows to insert, in the column order of tables.py."""

    accounts: list[Row] = field(default_factory=list)
    postings: list[Row] = field(default_factory=list)
    line_events: list[Row] = field(default_factory=list)
    hold_events: list[Row] = field(default_factory=list)
    reversals: list[Row] = field(default_factory=list)

    def tables(self) -> list[tuple[str, list[Row]]]:
        """Return the rows by table, in the order in which they are inserted; no table that has none."""
        named = (
            ("account", self.accounts),
            ("posting", self.postings),
            ("line_event", self.line_events),
            ("hold_event", self.hold_events),
            ("reversal", self.reversals),
        )
        return [(table, rows) for table, rows in named if rows]


class Accounts:
    """Numbers of accounts by key; a new one takes the next number."""

    def __init__(self, known: dict[AccountKey, int], highest: int) -> None:
        self._known = known
        self._next = highest + 1

    def number(self, key: AccountKey, fresh: list[Row]) -> int:
        """Return the number of an account, adding its row to `fresh` when it is new."""
        number = self._known.get(key)
        if number is None:
            number, self._next = self._next, self._next + 1
            self._known[key] = number
            fresh.append((number, *key))
        return number


def derive_postings(
    seq: int, postings: Iterable[tuple[AccountKey, int, str, str]], accounts: Accounts, derived: Derived
) -> None:
    """Add the postings of an entry in order: account key, amount, clause and kind of each."""
    for n, (key, amount_minor, clause, kind) in enumerate(postings):
        number = accounts.number(key, derived.accounts)
        derived.postings.append((seq, n, number, amount_minor, clause, kind))


def posting_of(posting: dict[str, Any]) -> tuple[AccountKey, int, str, str]:
    """Read a posting back from its canonical form."""
    owner, _, purpose = posting["account"].rpartition(".")
    key = (owner, posting["agreement"], purpose, posting["currency"])
    return key, posting["amount_minor"], posting["clause"], posting["kind"]


def reversal_rows(seq: int, postings: Iterable[dict[str, Any]]) -> list[Row]:
    """Return the rows of table reversal that the canonical postings of an entry, in order, give."""
    return [
        (seq, n, posting["reverses"]["seq"], posting["reverses"]["n"])
        for n, posting in enumerate(postings)
        if "reverses" in posting
    ]


def line_event_of(
    kind: str, entry_id: str, agreement: str | None, groups: Iterable[tuple[int, str, dict[str, Any]]]
) -> Row | None:
    """Return (position, agreement id, order, line, event, revision) if the kind tells of an order line.

    `groups` are position, name and content of each. The revision of a refund is its cumulative total, as
    text, that of an after-sale case the case's id; a sale and a receipt have none. Raises EntryInvalid when
    such an entry lacks an agreement or a usable group `order`, whose facts are all text: one that settlement
    cannot read would stop every run.
    """
    event = LINE_EVENTS.get(kind)
    if event is None:
        return None
    if agreement is None:
        raise EntryInvalid(f"a {kind} needs an agreement", where=entry_id)
    for position, name, content in groups:
        if name == ORDER_GROUP:
            fact, longest = REVISIONS.get(event, ("", 0))
            revision = content.get(fact) if fact else ""
            order, line = content.get("order"), content.get("line")
            require_plain(order, ID_LIMIT, f"{entry_id}, order.order")
            require_plain(line, ID_LIMIT, f"{entry_id}, order.line")
            if not _TEXT.issuperset(map(type, content.values())):
                named = next(name for name, value in content.items() if type(value) is not str)
                raise EntryInvalid("a fact of an order is text", where=f"{entry_id}, order.{named}")
            if fact:
                require_plain(revision, longest, f"{entry_id}, order.{fact}")
            return (position, agreement.partition("@")[0], order, line, event, revision)
    raise EntryInvalid(f"a {kind} needs a group '{ORDER_GROUP}'", where=entry_id)
