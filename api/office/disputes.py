"""Disputes: filed against a clause of a signed agreement, each a record of steps under its process.

A case that names no orders is about the orders in the log (dispute_orders.py). What is done to a dispute once
it is filed is in dispute_process.py, and settlements by consent are in dispute_settlements.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from api.office.agreements import Held, held_versions
from api.office.dispute_orders import with_settled_orders
from api.office.holds import contested_hold
from api.office.opening import OPERATOR, Office
from ledger.appending import append_entries
from ledger.cases.acts import CaseBook
from ledger.cases.errors import DisputeUnknown
from ledger.cases.record import CaseRecord, Step, case_record, case_records, filed_entry
from ledger.disclosed import DISPUTES
from ledger.holds import placing
from ledger.settlement.errors import StatementUnknown
from ledger.settlement.events import recorded_events
from policies.agreement import Agreement
from policies.decisions.case import Case, read_case
from policies.decisions.decide import decide
from policies.errors import CaseRejected
from policies.process.folding import folded
from policies.process.standing import Happened, Standing, standing
from policies.process.terms import SIDES, Side, process_terms
from policies.versions.timeline import timeline

RULES = "rules"
"""Who asserts a decision that the rules made with nobody's help."""


@dataclass(frozen=True)
class Dispute:
    """A dispute as the log has it: its record, and the version of the agreement that it is under."""

    agreement: Agreement
    record: CaseRecord

    @property
    def id(self) -> str:
        """The dispute's id."""
        return self.record.id

    @property
    def filed(self) -> Step:
        """The step that filed it."""
        return self.record.filed

    @property
    def case(self) -> dict[str, Any]:
        """The case as filed: `clause`, `claimant`, `respondent`, and the `case` itself."""
        return dict(self.filed.content)

    @property
    def proposed(self) -> Step | None:
        """What the rules proposed for a person to look at, None where they did not."""
        return self.record.last("proposed")

    @property
    def ruled(self) -> Step | None:
        """The last ruling, None before any; it stands once no appeal can come."""
        return self.record.last("ruled")

    @property
    def decided(self) -> Step | None:
        """The decision that stands, None before."""
        return self.record.named("decided")

    @property
    def awaits_review(self) -> bool:
        """Tell whether the rules have proposed and a person has yet to look."""
        ended = self.record.last("ruled", "settlement_accepted", "withdrawn", "decided")
        return self.proposed is not None and ended is None

    @property
    def shown(self) -> Step | None:
        """The decision that stands, else the last ruling, else the proposal; None before any."""
        return self.decided or self.ruled or self.proposed

    @property
    def parties(self) -> tuple[str, ...]:
        """Global ids of those who see the dispute: both sides, and the platform that holds the money."""
        return concerned(self.agreement, self.case["claimant"], self.case["respondent"])

    def party_of(self, side: Side) -> str:
        """Return the global id of who acts for a side; see represented_by.

        Nobody acts for a class of payees against itself: they are left by their name then.
        """
        key, others = self.case[side], {self.case[one] for one in SIDES if one != side}
        party = represented_by(self.agreement, key)
        against = {self.agreement.party_id(one) for one in others if one in self.agreement.parties}
        return key if key not in self.agreement.parties and party in against else party

    def sides_of(self, parties: frozenset[str]) -> tuple[Side, ...]:
        """Return the sides for which some of these parties act."""
        return tuple(side for side in SIDES if self.party_of(side) in parties)

    def standing(self, now: datetime) -> Standing:
        """Return where it stands at a time."""
        return standing(process_terms(self.agreement), self.record.steps, now)


def disputes(office: Office) -> dict[str, Dispute]:
    """Return every dispute by id, in order of filing."""
    versions = held_versions(office)
    return {
        name: Dispute(versions[record.agreement].agreement, record)
        for name, record in case_records(office.log).items()
    }


def dispute(office: Office, dispute_id: str) -> Dispute:
    """Return one dispute. Raises DisputeUnknown."""
    record = case_record(office.log, dispute_id)
    return Dispute(held_versions(office)[record.agreement].agreement, record)


def book_of(office: Office, one: Dispute) -> CaseBook:
    """Return what writes the steps of a dispute."""
    return CaseBook(office.log, one.id, process_terms(one.agreement), office.clock)


def represented_by(agreement: Agreement, key: str) -> str:
    """Return the global id of who acts for a side: the party itself; for a class of payees the platform.

    Buyers sign nothing and cannot sign in. A document with no platform leaves them by their name.
    """
    if key in agreement.parties:
        return agreement.party_id(key)
    platforms = [one for one, party in agreement.parties.items() if party.role == "platform"]
    return agreement.party_id(platforms[0]) if platforms else key


def file_dispute(office: Office, case: Case, *, by: str | None = None) -> Dispute:
    """File a case on its claimant's word, and hold what it contests; the same case again adds nothing.

    `by` says who files it where that is not the claimant: a monitor. It is tried against its agreement first,
    so that what cannot be read is refused before it is on the record. Raises CaseRejected.
    """
    case_json = _case_json(case)
    dispute_id = f"D-{hashlib.sha256(msgspec.json.encode(case_json, order='sorted')).hexdigest()[:10]}"
    try:
        return dispute(office, dispute_id)
    except DisputeUnknown:
        pass
    version = _version(office, case)
    _require_there(office, version.agreement, case)
    decide([version.agreement], with_settled_orders(office, version.agreement, case, office.log.size()))
    agreement, claim, at = version.agreement, case.file.claim, office.clock()
    content = {
        "clause": case.file.clause,
        "claimant": claim.claimant,
        "respondent": claim.respondent,
        "case": case_json,
    }
    readers = concerned(agreement, claim.claimant, claim.respondent)
    asserter = agreement.party_id(claim.claimant) if claim.claimant in agreement.parties else claim.claimant
    entries = [filed_entry(dispute_id, agreement.ref, content, readers=readers, by=by or asserter, at=at)]
    if claim.amount is not None:
        held = contested_hold(
            agreement, dispute_id, account=claim.respondent, amount=claim.amount, readers=readers
        )
        entries += [placing(held, at=at, by=OPERATOR)] if held is not None else []
    append_entries(office.log, entries)
    return dispute(office, dispute_id)


def _require_there(office: Office, agreement: Agreement, case: Case) -> None:
    """Refuse a case about a statement, a line or a decision that its agreement does not have.

    An order that is not settled is refused where the orders are read. Raises CaseRejected.
    """
    about = case.file.about
    if about is None:
        return
    if about.statement is not None:
        from ledger.statements.reading import read_statement  # noqa: PLC0415 (loads polars)

        try:
            found = read_statement(office.log, about.statement)
        except StatementUnknown:
            found = None
        owner = found.party if found is not None and found.agreement == agreement.id else None
        if owner not in concerned(agreement, case.file.claim.claimant, case.file.claim.respondent):
            raise case.refuse(f"no statement of either side under {agreement.id} is called so", "about")
        lines = found.content["lines"]["count"] if found is not None else 0
        if about.line is not None and about.line >= lines:
            raise case.refuse(f"the statement has {lines} lines, counted from 0", "about", "line")
    elif about.decision is not None:
        earlier = office.log.find(DISPUTES, f"{about.decision}/decided")
        if earlier is None or (earlier.agreement or "").partition("@")[0] != agreement.id:
            raise case.refuse(f"no decision that stands under {agreement.id} is called so", "about")


def case_told(office: Office, one: Dispute, as_of: int) -> Case:
    """Return the case that the rules get, as the log stood before entry `as_of`.

    The facts as filed, with what was answered and shown by then, and the orders settled by then.
    """
    steps = [step for step in one.record.steps if step.seq < as_of]
    return with_settled_orders(office, one.agreement, heard(one, steps), as_of)


def heard(one: Dispute, steps: Sequence[Happened]) -> Case:
    """Return the case with what was answered and shown in some steps of it."""
    sides = {one.party_of(side): side for side in SIDES}
    terms = process_terms(one.agreement)
    return folded(
        case_filed(one), steps, sides,
        late_heard=terms.late_evidence == "heard", silence_admits=terms.silence_admits,
    )  # fmt: skip


def case_filed(one: Dispute) -> Case:
    """Return the case as it was filed."""
    return read_case(msgspec.json.encode(one.case["case"]).decode(), name=one.id)


def _version(office: Office, case: Case) -> Held:
    """Return the signed version that holds the clause and was in force on the day the case is about.

    That day is `occurred_on`, else the day of `decided_at`, else today. Raises CaseRejected.
    """
    signed = [one for one in held_versions(office).values() if one.is_signed]
    named = case.file.agreement
    among = [one for one in signed if named in {None, one.agreement.id, one.agreement.ref}]
    holding = [one for one in among if case.file.clause in one.agreement.clauses]
    if not holding:
        message = f"no signed agreement holds clause {case.file.clause}"
        raise CaseRejected(message, where=case.source.name)
    if len({one.agreement.id for one in holding}) > 1:
        names = ", ".join(sorted({one.agreement.id for one in holding}))
        message = f"the clause stands in {names}; say which with 'agreement: …'"
        raise CaseRejected(message, where=case.source.name)
    day = (case.file.occurred_on or case.file.decided_at or office.clock().isoformat())[:10]
    versions = [one.agreement for one in signed if one.agreement.id == holding[0].agreement.id]
    events = recorded_events(office.log, versions[0])
    by_ref = {one.agreement.ref: one for one in holding}
    starts = [
        (one.reason.day, one.agreement.ref)
        for one in timeline(versions, events)
        if one.agreement.ref in by_ref
    ]
    started = [ref for start, ref in starts if start.isoformat() <= day]
    if not started:
        first = f"; the first is from {starts[0][0]}" if starts else ""
        message = f"no version with this clause was in force on {day}{first}"
        raise CaseRejected(message, where=case.source.name)
    return by_ref[started[-1]]


def concerned(agreement: Agreement, *sides: str) -> tuple[str, ...]:
    """Return the global ids of those who see a dispute between two sides: they, and the platform."""
    keys = {key for key, party in agreement.parties.items() if party.role == "platform"} | set(sides)
    return tuple(sorted(agreement.party_id(key) for key in keys if key in agreement.parties))


def _case_json(case: Case) -> dict[str, Any]:
    """Return a case as plain JSON, its orders with it, so that it can be decided again from the log alone."""
    content = case.file.model_dump(mode="json", exclude_none=True)
    if case.rows is not None:
        content["orders"] = [
            {name: text for name, text in row.items() if text is not None} for row in case.rows
        ]
    return content
