"""Single events, told one by one over an interface instead of in a file, become entries by the same rules.

Keys, readers, versions and postings are those that intake gives a row of a file, so a source may tell of an
order either way. A writer chooses none of them. Who may write is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from ledger.derive import LINE_EVENTS
from ledger.entries import Group, NewEntry, Posting, require_instant
from ledger.errors import EntryInvalid
from ledger.intake.attesting import Attesting
from ledger.intake.cells import Cell, CellFault, CellReader, cell_reader, read_key
from ledger.intake.events import BUYER_GROUP, ONCE, case_content, escaped, line_key
from ledger.intake.funding import funding_pair
from ledger.intake.mapping import EVENT_FACTS, KEY_COLUMNS, FactSpec
from ledger.intake.terms import IntakeTerms, VersionTerms
from ledger.leaves import occurred_text
from policies.errors import did_you_mean

STATED_KINDS = ("data.shared", "fact.stated")
"""What parties may say beside the events of orders: facts that settle nothing by themselves."""

TOLD_KINDS = (*LINE_EVENTS, *STATED_KINDS)
"""Every kind that may be told. All others are the house's own, written by what they record."""

FACTS_GROUP = "facts"
_TOTAL, _CASE = "refunded_total", "case"


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event as a writer tells it.

    `agreement` is an id with no version: that follows from `occurred_at`, or for a receipt or refund from
    `sold_at`, when the line was sold. Events of an order line have `order` and `line` and an id that follows
    from them; other kinds have an `id` of the writer's own. `facts` are of the sale, by the names that the
    agreement declares, as text; of a refund `refunded_total`, refunded so far; of an after-sale case `case`,
    its id; of other kinds any JSON with no fractions. `personal` is readable only by those who may see
    personal data, and can be erased.
    """

    source: str
    kind: str
    agreement: str
    asserter: str
    occurred_at: datetime
    order: str | None = None
    line: str | None = None
    id: str | None = None
    sold_at: datetime | None = None
    facts: dict[str, Any] = {}
    personal: dict[str, str] = {}


class Teller:
    """Turns what is told about one agreement into entries. Keeps the readers of cells, so keep the teller."""

    def __init__(self, terms: IntakeTerms) -> None:
        """Prepare what does not change from event to event."""
        self.terms = terms
        self.attesting = Attesting(terms)
        self._money = cell_reader(_spec(_TOTAL, "money"), terms.currency, None)

    def entry(self, told: Told) -> NewEntry:
        """Return the entry of an event. Raises EntryInvalid naming the field."""
        if told.kind in STATED_KINDS:
            return self._stated(told)
        if told.kind not in LINE_EVENTS:
            hint = did_you_mean(told.kind, TOLD_KINDS)
            wanted = f"this kind is not for writers{hint}; theirs are {', '.join(TOLD_KINDS)}"
            raise EntryInvalid(wanted, where="kind")
        if told.kind == "sale.recorded":
            return self._sale(told)
        if told.personal:
            raise EntryInvalid("personal data of an order comes with its sale", where="personal")
        version = self._version(self._sold_at(told), "sold_at")
        at = occurred_text(told.occurred_at)
        if told.kind == "receipt.confirmed":
            if told.facts:
                raise EntryInvalid("a receipt has no facts", where="facts")
            return self._line_entry(told, version, ONCE, {"confirmed_at": at})
        if told.kind != "refund.recorded":
            return self._case(told, version, at)
        if told.facts.keys() != {_TOTAL}:
            raise EntryInvalid(f"a refund has one fact, {_TOTAL}", where="facts")
        total = self._cell(_TOTAL, told.facts[_TOTAL], self._money)
        if not total.amount_minor:
            raise EntryInvalid("a refund is above zero", where=f"facts.{_TOTAL}")
        return self._line_entry(told, version, total.text, {_TOTAL: total.text, "refunded_at": at})

    def _case(self, told: Told, version: VersionTerms, at: str) -> NewEntry:
        if told.facts.keys() != {_CASE}:
            raise EntryInvalid(f"an after-sale case has one fact, {_CASE}: its id", where="facts")
        case = _key_part(told.facts[_CASE] if isinstance(told.facts[_CASE], str) else None, f"facts.{_CASE}")
        content = case_content(told.kind, (told.order or "", told.line or ""), case, at)
        return self._line_entry(told, version, escaped(case), content)

    def _sale(self, told: Told) -> NewEntry:
        if told.sold_at is not None:
            raise EntryInvalid("a sale is sold when it occurred; leave this out", where="sold_at")
        version = self._version(told.occurred_at, "occurred_at")
        if self.terms.sold_under(told.occurred_at) is None:
            raise EntryInvalid(self.terms.out_of_force(told.occurred_at), where="occurred_at")
        readers = self._fact_readers[version.reference]
        content = {"currency": self.terms.currency, "paid_at": occurred_text(told.occurred_at)}
        amounts: dict[str, int | None] = {}
        for name, given in told.facts.items():
            read = readers.get(name)
            if read is None:
                hint = did_you_mean(name, readers)
                raise EntryInvalid(
                    f"{version.reference} declares no such fact of an order{hint}", where="facts"
                )
            cell = self._cell(name, given, read)
            content[name], amounts[name] = cell.text, cell.amount_minor
        return self._line_entry(told, version, ONCE, content, self._postings(version, amounts))

    def _postings(self, version: VersionTerms, amounts: Mapping[str, int | None]) -> tuple[Posting, ...]:
        postings: list[Posting] = []
        for funding in version.funding:
            amount = amounts.get(funding.fact)
            if amount is None:
                wanted = f"clause {funding.clause} funds {funding.target} from '{funding.fact}'; state it"
                raise EntryInvalid(wanted, where=f"facts.{funding.fact}")
            if amount:
                postings += funding_pair(funding, amount, self.terms)
        return tuple(postings)

    def _line_entry(
        self,
        told: Told,
        version: VersionTerms,
        revision: str,
        content: dict[str, str],
        postings: tuple[Posting, ...] = (),
    ) -> NewEntry:
        order, line = _key_part(told.order, "order"), _key_part(told.line, "line")
        key = f"{line_key(order, line)}/{LINE_EVENTS[told.kind]}/{revision}"
        if told.id not in {None, key}:
            raise EntryInvalid("the id of an order's event follows from it; leave this out", where="id")
        content = {**content, "order": order, "line": line}
        return _entry(told, key, version, Group("order", version.readers, content, postings))

    def _stated(self, told: Told) -> NewEntry:
        for name in ("order", "line", "sold_at"):
            if getattr(told, name) is not None:
                raise EntryInvalid(f"a {told.kind} has its particulars among its facts", where=name)
        if told.id is None:
            raise EntryInvalid(f"a {told.kind} needs an id of its own", where="id")
        version = self._version(told.occurred_at, "occurred_at")
        return _entry(told, told.id, version, Group(FACTS_GROUP, version.readers, told.facts))

    def _sold_at(self, told: Told) -> datetime:
        if told.sold_at is not None:
            return told.sold_at
        if len(self.terms.versions) > 1:
            wanted = f"{self.terms.agreement} has several versions: say when the line was sold"
            raise EntryInvalid(wanted, where="sold_at")
        return told.occurred_at

    def _version(self, at: datetime, where: str) -> VersionTerms:
        require_instant(at, where)
        version = self.terms.version_at(at)
        if version is None:
            raise EntryInvalid(self.terms.out_of_force(at), where=where)
        return version

    def _cell(self, name: str, given: Any, read: CellReader) -> Cell:
        where = f"facts.{name}"
        if type(given) is not str or not given:
            raise EntryInvalid("a fact of an order is text, and not empty", where=where)
        cell = read(given)
        if isinstance(cell, CellFault):
            raise EntryInvalid(cell.message, where=where)
        return cell

    @cached_property
    def _fact_readers(self) -> dict[str, dict[str, CellReader]]:
        """The reader of each fact that a sale may state, by version and name."""
        taken = {*KEY_COLUMNS, *EVENT_FACTS}
        return {
            version.reference: {
                name: cell_reader(_spec(name, kind), self.terms.currency, None)
                for name, kind in (version.facts or {}).items()
                if name not in taken
            }
            for version in self.terms.versions
        }


def _spec(name: str, kind: Any) -> FactSpec:
    return FactSpec(column=name, type=kind, unit="yuan" if kind == "money" else None)


def _key_part(given: str | None, where: str) -> str:
    text = (given or "").strip()
    cell = read_key(text) if text else CellFault("cell.missing", "an event of an order line needs it")
    if isinstance(cell, CellFault):
        raise EntryInvalid(cell.message, where=where)
    return cell.text


def _entry(told: Told, key: str, version: VersionTerms, group: Group) -> NewEntry:
    personal = Group(BUYER_GROUP, version.personal_readers, dict(told.personal)) if told.personal else None
    return NewEntry(
        source=told.source,
        id=key,
        kind=told.kind,
        occurred_at=told.occurred_at,
        asserter=told.asserter,
        agreement=version.reference,
        concerns=version.readers,
        groups=(group, personal) if personal else (group,),
    )
