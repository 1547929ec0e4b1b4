"""Queries of the ledger made for a dispute: what it concerns, what people ask, and orders that widen it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.office.accounts import moment_of
from api.office.agreements import held_versions
from api.office.arbiters import seating
from api.office.disputes import Dispute
from api.office.errors import AgreementUnknown
from api.office.evidence import query_bundle
from api.office.log_proofs import signed_checkpoint
from api.office.opening import Office
from ledger.cases.bench import bench
from ledger.cases.errors import SeatRefused
from ledger.cases.queries import RunAgain, SavedQuery, run_again, save_query, saved_query, scope_of, widen
from ledger.cases.record import CaseRecord, case_record, record_within
from ledger.database import Session
from ledger.disclosed import PERSONAL_GROUPS
from ledger.entries import require_plain
from ledger.queries.errors import QueryInvalid
from ledger.queries.question import TIMES, Question, read_question
from ledger.queries.scope import Scope
from policies.errors import did_you_mean

REASON_MAX = 500
"""The most letters of the reason of an order that widens."""


def case_scope(office: Office, one: Dispute, record: CaseRecord | None = None) -> Scope:
    """Return what queries of a dispute may show: its agreement, its two sides, and what orders opened."""
    base = Scope(one.id, (one.agreement.id,), tuple(sorted(seating(office, one).parties)), PERSONAL_GROUPS)
    return scope_of(record or case_record(office.log, one.id), base)


def question_of(office: Office, agreement: str, asked: Mapping[str, str]) -> Question:
    """Return a question as people write it: a time may be a day, of the agreement's time zone, all of it.

    Raises QueryInvalid, RequestUnusable.
    """
    form = dict(asked)
    for name in TIMES:
        if name in form:
            begins = name.endswith("_from")
            moment = moment_of(office, agreement, form[name], name, begins=begins)
            assert moment is not None, "a text was given"
            form[name] = moment.isoformat()
    return read_question(form)


def require_declared(case: str, arbiter: str) -> Callable[[Session], None]:
    """Return what refuses an act of an arbiter who does not sit, or has yet to declare conflicts.

    It raises SeatRefused.
    """

    def require(session: Session) -> None:
        seat = bench(record_within(session, case)).seat(arbiter)
        if seat is None or seat.state not in {"sitting", "challenged"}:
            message = "declare first what might be held against you, or that there is nothing"
            raise SeatRefused(message, where=arbiter)

    return require


def save(office: Office, one: Dispute, question: Question, *, by: str) -> SavedQuery:
    """Run a question over the log as a checkpoint signs it now, and save it for its case.

    Raises QueryTooWide, SeatRefused.
    """
    record = case_record(office.log, one.id)
    checkpoint = signed_checkpoint(office, None)
    query = save_query(
        office.log,
        record,
        case_scope(office, one, record),
        question,
        checkpoint,
        by=by,
        at=office.clock(),
        require=require_declared(one.id, by),
    )
    return saved_query(office.log, case_record(office.log, one.id), query, PERSONAL_GROUPS)


def again(office: Office, one: Dispute, query: str) -> tuple[SavedQuery, RunAgain]:
    """Return a saved query of a dispute, and what it gives when it is run again. Raises QueryUnknown."""
    saved = saved_query(office.log, case_record(office.log, one.id), query, PERSONAL_GROUPS)
    return saved, run_again(office.log, saved)


def bundle_of(office: Office, one: Dispute, query: str) -> bytes:
    """Return a saved query as evidence that verifies offline. Raises QueryUnknown, EvidenceNotReady."""
    saved, now = again(office, one, query)
    return query_bundle(office, saved, now.answer)


@dataclass(frozen=True, slots=True)
class Widening:
    """What an order opens to the queries of a dispute: agreements and parties by id, and why."""

    reason: str
    agreements: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()


def order_wider(office: Office, one: Dispute, asked: Widening, *, by: str) -> int:
    """Open further agreements and parties to the queries of a dispute, and tell those whom it opens.

    Each is an order of its own, so that whom one opens does not learn what else was opened. Parties are of an
    agreement that is open then. Return the seq of the last order. Raises QueryInvalid,
    AgreementUnknown, SeatRefused.
    """
    agreements, parties, reason = asked.agreements, asked.parties, " ".join(asked.reason.split())
    if not agreements and not parties:
        raise QueryInvalid("name an agreement or a party to open", where="agreements")
    require_plain(reason, REASON_MAX, "reason")
    signed: dict[str, set[str]] = {}
    for held in held_versions(office).values():
        if held.is_signed:
            ids = {held.agreement.party_id(key) for key in held.agreement.parties}
            signed.setdefault(held.agreement.id, set()).update(ids)
    for agreement in agreements:
        if agreement not in signed:
            raise AgreementUnknown(
                f"none of this id is signed{did_you_mean(agreement, signed)}", where=agreement
            )
    record = case_record(office.log, one.id)
    opened = case_scope(office, one, record).wider(agreements, ())
    known = set().union(*(signed.get(agreement, set()) for agreement in opened.agreements))
    for party in parties:
        if party not in known:
            message = f"is no party to what is open{did_you_mean(party, known)}"
            raise QueryInvalid(message, where=party)
    orders: list[tuple[tuple[str, ...], tuple[str, ...], set[str]]] = [
        *(((agreement,), (), signed[agreement]) for agreement in dict.fromkeys(agreements)),
        *(((), (party,), {party}) for party in dict.fromkeys(parties)),
    ]
    for opened_agreements, opened_parties, told in orders:
        seq = widen(
            office.log,
            record,
            agreements=opened_agreements,
            parties=opened_parties,
            reason=reason,
            readers=told,
            by=by,
            at=office.clock(),
            require=require_declared(one.id, by),
        )
    return seq
