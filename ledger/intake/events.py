"""Rows of order states become entries: a sale, the receipt that was confirmed, the refunds so far.

An entry is keyed ORDER/LINE/EVENT/REVISION, so the same state read again is the same entry and next week's
export adds only what has happened since; together.py adds @AGREEMENT under a second agreement. Nothing here
touches a file or the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple

from ledger.derive import LINE_EVENTS, ORDER_GROUP
from ledger.entries import ID_LIMIT, Group, NewEntry, Posting
from ledger.intake.cells import CACHED_CELLS, Cell, CellFault, CellReader, read_key
from ledger.intake.funding import funding_pair
from ledger.intake.mapping import Mapping
from ledger.intake.terms import Funding, IntakeTerms, VersionTerms

BUYER_GROUP = "buyer"
"""Group of the facts that a mapping marks as personal; it can be erased without breaking a proof."""

ONCE = "1"
"""Revision of an event that a line has once."""

EXCERPT = 60

PREFIX_LIMIT = ID_LIMIT - 40 - 65
"""Longest ORDER/LINE of a key: event and revision follow, and an agreement may (together.py)."""


class RowFault(NamedTuple):
    """Why a row was not taken: the column, a stable code, what was expected, and an excerpt of the cell."""

    column: str
    code: str
    message: str
    given: str | None


class FactPlan(NamedTuple):
    """How one fact is read from a row: the place of its cell (None: no such column) and what it may be."""

    name: str
    place: int | None
    column: str
    read: CellReader
    required: bool
    personal: bool
    empty: Cell | None
    strip: str | None


class KeyPlan(NamedTuple):
    """Where the order, the line or the currency stands: the place of its cell, or one text for all rows."""

    place: int | None
    column: str
    fixed: str
    strip: str | None
    prefix: str

    def text(self, cells: Sequence[str]) -> str:
        """Return what a row says, without the characters that the mapping takes off it."""
        if self.place is None:
            return self.fixed
        text = cells[self.place].strip()
        if self.strip is not None:
            text = text.strip(self.strip).strip()
        return text.removeprefix(self.prefix)


class RowPlan(NamedTuple):
    """A mapping bound to the columns of one file."""

    order: KeyPlan
    line: KeyPlan
    currency: KeyPlan
    facts: tuple[FactPlan, ...]
    nothing: frozenset[str]
    only: tuple[tuple[int, frozenset[str]], ...]
    """Places of cells, and what must stand in them for the row to state anything."""


def read_facts(
    plans: Sequence[FactPlan], nothing: frozenset[str], cells: Sequence[str]
) -> dict[str, Cell] | RowFault:
    """Return the facts that a row's cells hold, by name; those with an empty cell are left out."""
    facts: dict[str, Cell] = {}
    for name, place, column, read, required, personal, empty, strip in plans:
        text = cells[place].strip() if place is not None else ""
        if strip is not None:
            text = text.strip(strip).strip()
        if text in nothing:
            text = ""
        if text:
            cell = read(text)
            if isinstance(cell, CellFault):
                return RowFault(column, cell.code, cell.message, None if personal else text[:EXCERPT])
            facts[name] = cell
        elif empty is not None:
            facts[name] = empty
        elif required:
            return RowFault(column, "cell.missing", f"'{name}' is required; the cell is empty", None)
    return facts


class EventReader:
    """Turns the rows of one file into entries, by a mapping bound to its columns and an agreement's terms."""

    def __init__(self, mapping: Mapping, plan: RowPlan, terms: IntakeTerms) -> None:
        """Prepare what does not change from row to row."""
        events = mapping.document.events
        later = mapping.later_facts()
        self._source = mapping.source
        self._terms = terms
        self._plan = plan
        self._sale, self._receipt, self._refund = events.sale, events.receipt, events.refund
        cases = ("after_sale.opened", events.opened), ("after_sale.closed", events.closed)
        self._cases = [(kind, spec) for kind, spec in cases if spec is not None]
        self._of_sale = tuple(
            fact.name
            for fact in plan.facts
            if fact.name not in later and fact.name != events.sale.at and not fact.personal
        )
        self._personal = tuple(fact.name for fact in plan.facts if fact.personal)
        self._columns = {fact.name: fact.column for fact in plan.facts}
        self._pair: Callable[[Funding, int], tuple[Posting, Posting]] = lru_cache(maxsize=CACHED_CELLS)(
            partial(funding_pair, terms=terms)
        )

    @property
    def column_of_refunds(self) -> str:
        """The column of what was refunded so far; "" in a file that never tells of refunds."""
        return self._columns.get(self._refund.total, "") if self._refund else ""

    def entries(self, cells: Sequence[str]) -> list[NewEntry] | RowFault:
        """Return the entries that a row states, oldest kind first; none for an order that is not sold yet."""
        for place, named in self._plan.only:
            if cells[place].strip() not in named:
                return []
        keys = self._keys(cells)
        if isinstance(keys, RowFault):
            return keys
        order, line = keys
        facts = read_facts(self._plan.facts, self._plan.nothing, cells)
        if isinstance(facts, RowFault):
            return facts
        sold = facts.get(self._sale.at)
        if sold is None:
            return self._unsold(facts)
        assert sold.instant is not None
        version = self._terms.sold_under(sold.instant)
        if version is None:
            wanted = f"{self._sale.at} {self._terms.out_of_force(sold.instant)}"
            return self._fault(self._sale.at, "row.version", wanted, sold)
        prefix = line_key(order, line)
        if len(prefix) > PREFIX_LIMIT:
            return RowFault(self._plan.order.column, "cell.key", "order and line are too long together", None)
        sale = self._sale_entry(prefix, (order, line), facts, version)
        if isinstance(sale, RowFault):
            return sale
        found = [sale]
        if self._receipt is not None and (receipt := facts.get(self._receipt.at)) is not None:
            content = {"order": order, "line": line, "confirmed_at": receipt.text}
            found.append(self._entry(prefix, "receipt.confirmed", ONCE, receipt.instant, version, content))
        refund = self._refund_entry(prefix, (order, line), facts, version)
        if isinstance(refund, RowFault):
            return refund
        if refund is not None:
            found.append(refund)
        if self._cases:
            found += self._case_entries(prefix, (order, line), facts, version)
        return found

    def _keys(self, cells: Sequence[str]) -> tuple[str, str] | RowFault:
        plan = self._plan
        read: list[str] = []
        for key in (plan.order, plan.line):
            text = key.text(cells)
            cell = read_key(text) if text else CellFault("cell.missing", "expected an id; the cell is empty")
            if isinstance(cell, CellFault):
                return RowFault(key.column, cell.code, cell.message, text[:EXCERPT])
            read.append(text)
        currency = plan.currency
        given = currency.text(cells)
        if given != self._terms.currency:
            wanted = f"expected {self._terms.currency}, the currency of {self._terms.agreement}"
            return RowFault(currency.column, "row.currency", wanted, given[:EXCERPT])
        return read[0], read[1]

    def _unsold(self, facts: dict[str, Cell]) -> list[NewEntry] | RowFault:
        """Return nothing for a row with no sale, but a fault when it has a receipt or refund all the same."""
        receipt = facts.get(self._receipt.at) if self._receipt else None
        refund = facts.get(self._refund.total) if self._refund else None
        if receipt is not None or (refund is not None and refund.amount_minor):
            wanted = f"a receipt or refund needs its sale: '{self._sale.at}' is empty"
            return self._fault(self._sale.at, "row.unsold", wanted, None)
        return []

    def _sale_entry(
        self, prefix: str, key: tuple[str, str], facts: dict[str, Cell], version: VersionTerms
    ) -> NewEntry | RowFault:
        sold = facts[self._sale.at]
        content: dict[str, Any] = {
            "order": key[0],
            "line": key[1],
            "currency": self._terms.currency,
            "paid_at": sold.text,
        }
        for name in self._of_sale:
            cell = facts.get(name)
            if cell is not None:
                content[name] = cell.text
        postings: list[Posting] = []
        for funding in version.funding:
            amount = facts.get(funding.fact)
            if amount is None or amount.amount_minor is None:
                wanted = (
                    f"clause {funding.clause} funds {funding.target} from '{funding.fact}', which is empty"
                )
                return self._fault(funding.fact, "row.funding", wanted, None)
            if amount.amount_minor:
                postings += self._pair(funding, amount.amount_minor)
        personal = {name: facts[name].text for name in self._personal if name in facts}
        return self._entry(
            prefix, "sale.recorded", ONCE, sold.instant, version, content, tuple(postings), personal
        )

    def _refund_entry(
        self, prefix: str, key: tuple[str, str], facts: dict[str, Cell], version: VersionTerms
    ) -> NewEntry | RowFault | None:
        spec = self._refund
        total = facts.get(spec.total) if spec is not None else None
        if spec is None or total is None or not total.amount_minor:
            return None
        when = facts.get(spec.at)
        if when is None:
            wanted = f"a refund of {total.text} needs its time in '{spec.at}'; the cell is empty"
            return self._fault(spec.at, "row.refund-time", wanted, None)
        most = facts.get(spec.at_most) if spec.at_most is not None else None
        if most is not None and total.amount_minor > (most.amount_minor or 0):
            wanted = f"refunded so far cannot exceed '{spec.at_most}', which is {most.text}"
            return self._fault(spec.total, "row.refund-size", wanted, total)
        if total.amount_minor < 0:
            return self._fault(spec.total, "row.refund-size", "refunded so far cannot be below zero", total)
        content = {
            "order": key[0],
            "line": key[1],
            "refunded_total": total.text,
            "refunded_at": when.text,
        }
        return self._entry(prefix, "refund.recorded", total.text, when.instant, version, content)

    def _case_entries(
        self, prefix: str, key: tuple[str, str], facts: dict[str, Cell], version: VersionTerms
    ) -> list[NewEntry]:
        """Return what a row states of an after-sale case of its line: that it was opened, and closed."""
        found = []
        for kind, spec in self._cases:
            when = facts.get(spec.at)
            if when is not None:
                named = facts.get(spec.case) if spec.case is not None else None
                case = named.text if named is not None else ONCE
                content = case_content(kind, key, case, when.text)
                found.append(self._entry(prefix, kind, escaped(case), when.instant, version, content))
        return found

    def _entry(  # noqa: PLR0913, PLR0917 -- one entry's parts, all of them different in kind
        self,
        prefix: str,
        kind: str,
        revision: str,
        occurred_at: datetime | None,
        version: VersionTerms,
        content: dict[str, Any],
        postings: tuple[Posting, ...] = (),
        personal: dict[str, str] | None = None,
    ) -> NewEntry:
        assert occurred_at is not None, "an instant fact that reads well has its time"
        order = Group(ORDER_GROUP, version.readers, content, postings)
        return NewEntry(
            source=self._source,
            id=f"{prefix}/{LINE_EVENTS[kind]}/{revision}",
            kind=kind,
            occurred_at=occurred_at,
            asserter=self._terms.asserter,
            agreement=version.reference,
            concerns=version.readers,
            groups=(order, Group(BUYER_GROUP, version.personal_readers, personal)) if personal else (order,),
        )

    def _fault(self, fact: str, code: str, message: str, cell: Cell | None) -> RowFault:
        return RowFault(self._columns.get(fact, fact), code, message, cell.text[:EXCERPT] if cell else None)


def line_key(order: str, line: str) -> str:
    """Return how the ids of a line's events begin: its order and line, parted by a slash."""
    return f"{escaped(order)}/{escaped(line)}"


def case_content(kind: str, key: tuple[str, str], case: str, at: str) -> dict[str, Any]:
    """Return what an after-sale event says in the group `order`: of which line and case, and when."""
    name = "opened_at" if kind == "after_sale.opened" else "closed_at"
    return {"order": key[0], "line": key[1], "case": case, name: at}


def escaped(part: str) -> str:
    """Write a part of a key so that '/' only ever parts the parts."""
    return part.replace("%", "%25").replace("/", "%2F")
