"""Disputes: filed against a clause, decided by the rules, confirmed by a person where the document asks.

    dispute.filed      the case as filed: clause, claim, facts, orders
    dispute.proposed   the rules' decision, where a person must look before it takes effect
    dispute.decided    the decision that stands, with its postings

A case that names no orders is about the orders in the log; what was settled is then read from the
statements, so that the parties argue over the same figures.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec

from api.office.agreements import Held, held_versions
from api.office.holds import hold_contested, release_contested
from api.office.opening import Office
from ledger.cases.errors import DisputeState, DisputeUnknown
from ledger.disclosed import DISPUTES
from ledger.entries import Group, NewEntry
from ledger.reading import Entry
from ledger.settlement.decisions import DECISION_GROUP, DECISION_KIND, post_decision
from ledger.settlement.events import recorded_events
from policies.agreement import Agreement
from policies.decisions.case import Case, read_case
from policies.decisions.decide import decide
from policies.errors import CaseRejected
from policies.money import from_minor, read_decimal
from policies.versions.timeline import timeline

if TYPE_CHECKING:
    from ledger.settlement.runs import StoredRun
    from ledger.voids import Voids

FILED, PROPOSED = "dispute.filed", "dispute.proposed"
CASE_GROUP = "case"
RULES = "rules"
"""Who asserts a decision that the rules made with nobody's help."""


@dataclass(frozen=True)
class Dispute:
    """A dispute as the log has it: the case, the rules' proposal where one waits, and the decision."""

    id: str
    agreement: Agreement
    filed: Entry
    case: dict[str, Any]
    proposed: Entry | None = None
    proposal: dict[str, Any] | None = None
    decided: Entry | None = None
    decision: dict[str, Any] | None = None

    @property
    def awaits_review(self) -> bool:
        """Tell whether the rules have proposed and a person has yet to look."""
        return self.proposal is not None and self.decision is None

    @property
    def parties(self) -> tuple[str, ...]:
        """Global ids of those who see the dispute: both sides, and the platform that holds the money."""
        return _concerned(self.agreement, self.case["claimant"], self.case["respondent"])


def disputes(office: Office) -> dict[str, Dispute]:
    """Return every dispute by id, in order of filing."""
    versions = held_versions(office)
    found: dict[str, Dispute] = {}
    for entry in _entries(office):
        name = CASE_GROUP if entry.kind == FILED else DECISION_GROUP
        (content,) = [group.content for group in office.log.groups(entry.seq) if group.name == name]
        dispute_id = content["dispute"]
        if entry.kind == FILED:
            found[dispute_id] = Dispute(dispute_id, versions[entry.agreement or ""].agreement, entry, content)
        elif entry.kind == PROPOSED:
            found[dispute_id] = replace(found[dispute_id], proposed=entry, proposal=content)
        else:
            found[dispute_id] = replace(found[dispute_id], decided=entry, decision=content)
    return found


def dispute(office: Office, dispute_id: str) -> Dispute:
    """Return one dispute. Raises DisputeUnknown."""
    found = disputes(office)
    if dispute_id not in found:
        raise DisputeUnknown("there is no such dispute", where=dispute_id)
    return found[dispute_id]


def file_dispute(office: Office, case: Case) -> Dispute:
    """File a case on its claimant's word; the same case again returns the dispute it opened.

    It is tried against its agreement first, so that what cannot be read is refused before it is on the
    record. Raises CaseRejected.
    """
    version = _version(office, case)
    decide([version.agreement], _completed(office, version.agreement, case, office.log.size()))
    case_json = _case_json(case)
    dispute_id = f"D-{hashlib.sha256(msgspec.json.encode(case_json, order='sorted')).hexdigest()[:10]}"
    known = disputes(office)
    if dispute_id in known:
        return _hold(office, known[dispute_id])
    agreement, claim = version.agreement, case.file.claim
    content = {
        "dispute": dispute_id,
        "clause": case.file.clause,
        "claimant": claim.claimant,
        "respondent": claim.respondent,
        "case": case_json,
    }
    readers = _concerned(agreement, claim.claimant, claim.respondent)
    asserter = agreement.party_id(claim.claimant) if claim.claimant in agreement.parties else claim.claimant
    _append(office, FILED, agreement, f"{dispute_id}/filed", Group(CASE_GROUP, readers, content), asserter)
    return _hold(office, dispute(office, dispute_id))


def _hold(office: Office, one: Dispute) -> Dispute:
    """Have what an open dispute contests held, where its document says so; once, whoever files it again."""
    amount = one.case["case"]["claim"].get("amount")
    if one.decision is None and amount is not None:
        side = one.case["respondent"]
        hold_contested(office, one.agreement, one.id, account=side, amount=amount, readers=one.parties)
    return one


def decide_dispute(office: Office, dispute_id: str) -> Dispute:
    """Decide a dispute by the rules: proposed where a person must look, else it stands and is posted."""
    one = dispute(office, dispute_id)
    if one.decision is not None:
        release_contested(office, dispute_id)  # where a crash came between the two
    if one.decision is not None or one.proposal is not None:
        return one
    as_of = office.log.size()
    case = read_case(msgspec.json.encode(one.case["case"]).decode(), name=dispute_id)
    decision = decide([one.agreement], _completed(office, one.agreement, case, as_of))
    content = {"dispute": dispute_id, "as_of_seq": as_of, "filed_seq": one.filed.seq, **decision.as_json()}
    if decision.human_review:
        group = Group(DECISION_GROUP, one.parties, content)
        _append(office, PROPOSED, one.agreement, f"{dispute_id}/proposed", group, RULES)
    else:
        _post(office, one, content, RULES)
    return dispute(office, dispute_id)


def confirm_dispute(office: Office, dispute_id: str, *, by: str, reason: str) -> Dispute:
    """Confirm the rules' proposal in a person's name and with reasons; then it stands and is posted.

    Raises DisputeState when nothing waits for review, or the rules left it undecided.
    """
    one = dispute(office, dispute_id)
    if one.decision is not None:
        return one
    if one.proposal is None:
        raise DisputeState("the rules have not proposed a decision yet", where=dispute_id)
    if one.proposal["outcome"] in {"undecided", "conflict"}:
        message = f"the rules left it {one.proposal['outcome']}; supply the missing facts and file again"
        raise DisputeState(message, where=dispute_id)
    _post(office, one, {**one.proposal, "confirmed_by": by, "confirmed_because": reason}, by)
    return dispute(office, dispute_id)


def _post(office: Office, one: Dispute, content: dict[str, Any], asserter: str) -> None:
    post_decision(
        office.log,
        one.agreement,
        case=one.id,
        decision=content,
        decided_at=office.clock(),
        asserter=asserter,
        parties=one.parties,
        clause=content["clause"],
    )
    release_contested(office, one.id)


def _completed(office: Office, agreement: Agreement, case: Case, as_of: int) -> Case:
    """Fill in the settled orders and what was settled on them, from the log where the case brings none."""
    if case.rows is not None or case.orders_path is not None:
        return case
    from ledger.settlement.runs import all_runs  # noqa: PLC0415 (loads polars)

    runs = [run for run in all_runs(office.log, agreement.id) if run.seq < as_of]
    if not runs:
        return case
    rows = _order_rows(office, agreement, runs, as_of)
    stated = case.file.settled
    settled = stated if stated == "in_full" else _settled(office, agreement, runs) | stated
    return replace(case, rows=rows, file=case.file.model_copy(update={"settled": settled}))


REFUNDED = "refunded"
"""The fact that says what a buyer got back so far, by the name it has in order files (ADR 7)."""


def _order_rows(
    office: Office, agreement: Agreement, runs: list[StoredRun], as_of: int
) -> tuple[dict[str, str | None], ...]:
    """Return the settled orders as rows of facts, refunds known by then among them, alike ones counted."""
    declared = sorted(agreement.fact_types("order"))
    settled = _settled_lines(office, runs)
    yields, voids = _contested(office, agreement, as_of)
    sales: dict[tuple[str, str], tuple[bool, dict[str, str]]] = {}
    refunds: dict[tuple[str, str], tuple[bool, str]] = {}
    for batch in office.log.line_event_batches(agreement.id, as_of):
        for seq, order, line, event, _, _, data in batch:
            key, aside = (order, line), seq in yields
            if key not in settled or event == "receipt" or voids.voided_by(seq) is not None:
                continue
            content = msgspec.json.decode(data)
            if event == "sale" and (key not in sales or (sales[key][0] and not aside)):
                sales[key] = aside, {name: content[name] for name in declared if name in content}
            elif event == "refund":
                was, known = refunds.get(key, (aside, "0"))
                if was == aside:
                    refunds[key] = aside, max(known, content["refunded_total"], key=read_decimal)
                elif was:
                    refunds[key] = aside, content["refunded_total"]
    if REFUNDED in declared:
        for key, (_, total) in refunds.items():
            if key in sales:
                sales[key][1][REFUNDED] = total
    counts = Counter(tuple(facts.get(name) for name in declared) for _, facts in sales.values())
    return tuple(
        {"count": str(count), **dict(zip(declared, facts, strict=True))}
        for facts, count in sorted(counts.items(), key=str)
    )


def _contested(office: Office, agreement: Agreement, as_of: int) -> tuple[frozenset[int], Voids]:
    """Return the entries that yield to another source's report, and what was voided, before seq `as_of`."""
    from api.office.settling import deal_documents  # noqa: PLC0415 (loads polars)
    from ledger.settlement.deal import deal_terms  # noqa: PLC0415 (as above)
    from ledger.settlement.facts import set_aside  # noqa: PLC0415 (as above)

    terms = deal_terms(office.log, deal_documents(office, agreement.id))
    aside, voids = set_aside(office.log, terms, as_of)
    return frozenset(aside), voids.before(as_of)


def _settled_lines(office: Office, runs: list[StoredRun]) -> set[tuple[str, str]]:
    """Return order and line of everything that some statement of these runs counts as earned."""
    from ledger.settlement.carried import stored_statements  # noqa: PLC0415 (loads polars)
    from ledger.statements.lines import LineStore  # noqa: PLC0415 (as above)

    store = LineStore(office.files)
    found: set[tuple[str, str]] = set()
    for run in runs:
        for _, content in stored_statements(office.log, run):
            frame = store.scan(content["lines"]["root"]).select("order", "line", "kind").collect()
            found |= {(order, line) for order, line, kind in frame.iter_rows() if kind == "earned"}
    return found


def _settled(office: Office, agreement: Agreement, runs: list[StoredRun]) -> dict[str, str]:
    """Return what every leg earned by statements so far, in major units, before refunds took any back."""
    from ledger.settlement.carried import stored_statements  # noqa: PLC0415 (loads polars)

    totals: dict[str, int] = defaultdict(int)
    for run in runs:
        for _, content in stored_statements(office.log, run):
            for one in content["totals"]:
                if one["kind"] == "earned":
                    totals[one["leg"]] += one["amount_minor"]
    clause = agreement.commission
    legs = {step.leg for step in clause.waterfall if step.leg} if clause else set()
    return {leg: from_minor(totals.get(leg, 0), agreement.currency) for leg in sorted(legs)}


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


def _concerned(agreement: Agreement, *sides: str) -> tuple[str, ...]:
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


def _append(  # noqa: PLR0913, PLR0917 (the parts of one entry)
    office: Office, kind: str, agreement: Agreement, entry_id: str, group: Group, asserter: str
) -> None:
    entry = NewEntry(
        source=DISPUTES,
        id=entry_id,
        kind=kind,
        occurred_at=office.clock(),
        asserter=asserter,
        agreement=agreement.ref,
        concerns=group.readers,
        groups=(group,),
    )
    office.log.append([entry])


def _entries(office: Office) -> list[Entry]:
    found: list[Entry] = []
    kinds = (FILED, PROPOSED, DECISION_KIND)
    while page := office.log.entries(found[-1].seq if found else None, 1000, kinds=kinds):
        found += page
    return found
