"""Data of orders given to a party under its grants: decided, found, recorded, and only then handed over.

The version in force at the moment decides what is granted; how long each order's data may be kept counts from
its receipt. Nothing here knows who may speak for a party: that is api/access.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from api.office.data_requests import SALES_MAX, DataAsked, Question, question_of
from api.office.opening import Office
from ledger.database import Session, reading
from ledger.errors import LogMoved
from ledger.leaves import instant_of, microseconds
from ledger.reading import tip
from ledger.sharing.errors import SharingUnusable
from ledger.sharing.groups import Part, Seqs, buyer_of, buyers_among, parts, singled_out, summed
from ledger.sharing.opt_outs import OptedOut, opted_out
from ledger.sharing.record import Access, Sharing, read_sharings, record_access
from ledger.sharing.sales import Sale, sales_at, sales_between, sales_of_orders
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.clauses.data_grant import DataGrant
from policies.grants import Verdict, Wanted, access_verdict, data_grants, opt_outs_heeded
from policies.money import from_minor, to_minor

GROUPED_MAX = 50_000
"""The most sales that one answer puts into groups."""

_TRIES = 5
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Given:
    """What leaves with an answer: rows of orders, or groups, as plain values that JSON can hold."""

    rows: tuple[dict[str, Any], ...] = ()
    groups: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer on record at `seq`, with what leaves with it; nothing where it was refused."""

    access: Access
    agreement: Agreement
    seq: int
    at: datetime
    given: Given

    @property
    def permitted(self) -> bool:
        """Tell whether the grant let it be given."""
        return self.access.reason is None


def share(office: Office, asked: DataAsked, *, recipient: str, member: str) -> Answered:
    """Answer a request of a party, by its global id, and write the answer down before returning it.

    Raises AgreementUnknown, SharingUnusable for what cannot be looked up, and LogMoved where others keep
    writing what the answer rests on.
    """
    question = question_of(office, asked, recipient, member)
    key = _key_of(question.agreement, recipient)
    wanted = Wanted(key, asked.purpose, asked.fields, asked.level, question.today)
    verdict = access_verdict(question.agreement, wanted)
    for left in reversed(range(_TRIES)):
        end, access, given = _answer(office, question, verdict)
        try:
            seq = record_access(office.log, access, at=question.now, end=end)
        except LogMoved:
            if not left:
                raise
        else:
            return Answered(access, question.agreement, seq, question.now, given)
    raise AssertionError("the last try answers or raises")


def _key_of(agreement: Agreement, party: str) -> str:
    return next((key for key in agreement.parties if agreement.party_id(key) == party), party)


def _answer(office: Office, question: Question, verdict: Verdict) -> tuple[int, Access, Given]:
    """Return where the log ended when it was read, the answer to record, and what leaves with it."""
    access = _access(office, question, verdict)
    grant = verdict.clause
    with reading(office.engine) as session:
        end = tip(session)[0]
        if grant is None or not verdict.permits:
            return end, access, Given()
        sales = _sales(session, question)
        heeded = opt_outs_heeded(grant, question.asked.fields)
        out = opted_out(office.log, question.terms.asserter, heeded, end)
        kept, withheld = _kept(sales, grant, question, out)
        access = replace(access, withheld=withheld, days=grant.retention.days, then=grant.retention.then)
        if question.asked.level == "order":
            return end, *_by_order(access, kept, grant, question)
        told = read_sharings(session, question.agreement.id)
        find = partial(sales_at, session, question.agreement.id)
        return end, *_in_groups(access, kept, grant, question, told, find)


def _access(office: Office, question: Question, verdict: Verdict) -> Access:
    asked, agreement = question.asked, question.agreement
    span = [f"{one}" for one in question.days] if question.days else []
    about: dict[str, Any] = {"days": span} if span else {"orders": len(asked.orders)}
    if asked.by:
        about["by"] = list(asked.by)
    return Access(
        id=f"S-{office.log.entropy(_ID_BYTES).hex()}",
        agreement=agreement.ref,
        recipient=question.recipient,
        member=question.member,
        readers=_readers(question, verdict),
        purpose=asked.purpose,
        fields=asked.fields,
        level=asked.level,
        asked=about,
        clause=None if verdict.clause is None else verdict.clause.id,
        reason=verdict.reason,
        outside=verdict.outside,
    )


def _readers(question: Question, verdict: Verdict) -> tuple[str, ...]:
    """Return who may read an answer: who asked, and who holds the grant, or any grant where none was read."""
    agreement = question.agreement
    grants = [verdict.clause] if verdict.clause is not None else list(data_grants(agreement))
    holders = {agreement.party_id(one.holder) for one in grants if one.holder is not None}
    return tuple(sorted({question.recipient, *(holders or {question.terms.asserter})}))


def _sales(session: Session, question: Question) -> list[Sale]:
    if question.days is None:
        return sales_of_orders(session, question.terms, question.asked.orders)
    limit = SALES_MAX if question.asked.level == "order" else GROUPED_MAX
    found = sales_between(session, question.terms, *question.span_us)
    if len(found) > limit:
        raise SharingUnusable(
            f"{len(found)} sales are more than {limit} at once; ask for fewer days", where="to_day"
        )
    return found


def _kept(
    sales: Iterable[Sale], grant: DataGrant, question: Question, out: OptedOut
) -> tuple[list[Sale], dict[str, int]]:
    """Return the sales whose data may be given still, and how many are left out of the others and why."""
    now_us, personal = microseconds(question.now), set(grant.personal).intersection(question.asked.fields)
    kept, withheld = [], dict[str, int]()
    for sale in sales:
        until = sale.kept_until_us(grant.retention.days)
        if until is not None and until <= now_us:
            why = "ended"
        elif personal and sale.erased:
            why = "erased"
        elif out.covers(sale):
            why = "opted_out"
        else:
            kept.append(sale)
            continue
        withheld[why] = withheld.get(why, 0) + 1
    return kept, withheld


def _by_order(
    access: Access, kept: Sequence[Sale], grant: DataGrant, question: Question
) -> tuple[Access, Given]:
    zone, ends = question.agreement.zone, [sale.kept_until_us(grant.retention.days) for sale in kept]
    rows = tuple(
        {
            "order": sale.order,
            "line": sale.line,
            "values": {name: sale.facts[name] for name in access.fields if name in sale.facts},
            "kept_until": None if end is None else instant_of(end).astimezone(zone).isoformat(),
        }
        for sale, end in zip(kept, ends, strict=True)
    )
    known = [end for end in ends if end is not None]
    until = instant_of(max(known)) if known and len(known) == len(ends) else None
    sets = (frozenset(sale.seq for sale in kept),)
    made = replace(access, given=len(rows), until=until, sets=sets, sha256=_digest(rows))
    return made, Given(rows=rows)


def _in_groups(  # noqa: PLR0913, PLR0917 -- the answer, what it is made of, and what was answered before
    access: Access,
    kept: Sequence[Sale],
    grant: DataGrant,
    question: Question,
    told: Iterable[Sharing],
    find: Callable[[Iterable[int]], list[Sale]],
) -> tuple[Access, Given]:
    assert grant.aggregates is not None, "else the grant does not permit it"
    apart, least = grant.aggregates.told_apart_by, grant.aggregates.at_least
    found = parts(kept, question.asked.by, apart, least)
    if found is None:
        return replace(access, reason="few", withheld={}), Given()
    sets = [one.seqs for one in found]
    buyers = _Buyers(kept, apart, find)
    before = _told_before(told, access)
    whole, wholes = frozenset[int]().union(*sets), [frozenset[int]().union(*one) for one in before]
    known = [*(group for one in before for group in one), *wholes]
    if singled_out([*sets, whole], known, buyers.count, least, {whole, *wholes}) is not None:
        return replace(access, reason="difference", withheld={}), Given()
    groups = tuple(_group(one, question, apart) for one in found)
    made = replace(access, given=len(groups), sets=tuple(sets), sha256=_digest(groups))
    return made, Given(groups=groups)


class _Buyers:
    """Counts the buyers of entries, looking up those that are not among the sales at hand."""

    def __init__(
        self, sales: Iterable[Sale], apart: str | None, find: Callable[[Iterable[int]], list[Sale]]
    ) -> None:
        self._apart, self._find = apart, find
        self._known = {sale.seq: buyer_of(sale, apart) for sale in sales}

    def count(self, seqs: Seqs) -> int:
        """Return how many different buyers there are for certain."""
        missing = seqs - self._known.keys()
        if missing:
            self._known |= {sale.seq: buyer_of(sale, self._apart) for sale in self._find(missing)}
        return len({self._known[seq] for seq in seqs})


def _told_before(told: Iterable[Sharing], access: Access) -> list[tuple[Seqs, ...]]:
    """Return the groups of each answer to a recipient whose days meet these, or meet those of one that does.

    An answer of other days counts where a third one, of both, holds what it does.
    """
    left = {
        one.seq: one
        for one in told
        if one.level == "aggregate" and one.recipient == access.recipient and one.sets
    }
    first, last = access.asked["days"]
    found: list[tuple[Seqs, ...]] = []
    while met := [one for one in left.values() if _days(one)[0] <= last and first <= _days(one)[1]]:
        for one in met:
            first, last = min(first, _days(one)[0]), max(last, _days(one)[1])
            found.append(left.pop(one.seq).sets or ())
    return found


def _days(one: Sharing) -> tuple[str, str]:
    first, last = one.content["asked"]["days"]
    return first, last


def _group(part: Part, question: Question, apart: str | None) -> dict[str, Any]:
    asked, currency = question.asked, question.agreement.currency
    facts = question.agreement.document.facts

    def value(name: str, text: str) -> int:
        return to_minor(text, currency) if facts[name].type == "money" else int(text)

    totals = summed(part.sales, question.sums, value)
    sums = {
        name: from_minor(total, currency) if facts[name].type == "money" else str(total)
        for name, total in totals.items()
    }
    values: Mapping[str, str] | None = None
    if part.key is not None:
        values = dict(zip(asked.by, part.key, strict=True))
    return {
        "values": values,
        "orders": len({sale.order for sale in part.sales}),
        "buyers": buyers_among(part.sales, apart),
        "sums": sums,
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_bytes([*value])).hexdigest()
