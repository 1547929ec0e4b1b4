"""Disputes as both sides, the platform, arbiters and auditors read them: claim, facts, timeline, decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.access import Viewer, demand_read, may_read_case
from api.disputes.acting import confirm_case, decide_case, file_case
from api.disputes.deadlines import Deadline, deadlines, today
from api.disputes.decision import decision_shown
from api.disputes.schemas import CaseFact, DisputeDetail, DisputeRow, TimelineEvent
from api.office.disputes import Dispute, disputes
from api.office.evidence import decision_bundle
from api.office.opening import Office
from api.reading import Money, Text, plain
from api.worded import both, label, of_words, party_name, who
from ledger.leaves import instant_of
from ledger.reading import Entry
from policies.agreement import Agreement
from policies.errors import CaseRejected
from policies.money import to_minor
from policies.render import render

_WAITS_FOR = {"answer": "respondent", "evidence": "claimant"}


class DisputeService:
    """Shows disputes to their parties, arbiters and auditors. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Read the disputes of an office."""
        self.office = office

    def disputes(self, viewer: Viewer) -> tuple[DisputeRow, ...]:
        """Return the disputes the viewer may read: those that wait, nearest deadline first, then the rest."""
        found = disputes(self.office).values()
        rows = [self._row(one) for one in found if may_read_case(viewer, one.parties, one.id)]
        return tuple(sorted(rows, key=lambda row: (row.deadline is None, row.deadline or "", row.id)))

    def dispute(self, viewer: Viewer, dispute: str) -> DisputeDetail:
        """Return one dispute whole."""
        found = self.found(viewer, dispute)
        row = self._row(found)
        claim = found.case["case"]["claim"]
        return DisputeDetail(
            id=row.id,
            title=row.title,
            agreement=row.agreement,
            version=found.agreement.version,
            clause=found.case["clause"],
            status=row.status,
            claimant=row.claimant,
            respondent=row.respondent,
            claim=_demand(claim.get("demand")),
            claimed=row.claimed,
            filed_at=_when(found.agreement, found.filed),
            filed_seq=found.filed.seq,
            facts=tuple(_facts(found)),
            timeline=tuple(self._timeline(found)),
            decision=decision_shown(found),
            may_confirm=_confirmable(found) and viewer.sits_in(found.id),
        )

    def found(self, viewer: Viewer, dispute: str) -> Dispute:
        """Return a dispute that the viewer may read. Raises AccessDenied."""
        found = disputes(self.office).get(dispute)
        if found is None or not may_read_case(viewer, found.parties, found.id):
            demand_read(viewer, (), "dispute")
        assert found is not None
        return found

    def file(self, viewer: Viewer, body: bytes) -> DisputeDetail:
        """File a case for its claimant."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise CaseRejected("it is not text in UTF-8", where="case") from None
        return self.dispute(viewer, file_case(self.office, viewer, text).id)

    def decide(self, viewer: Viewer, dispute: str) -> DisputeDetail:
        """Have the rules decide."""
        decide_case(self.office, viewer, self.found(viewer, dispute))
        return self.dispute(viewer, dispute)

    def confirm(self, viewer: Viewer, dispute: str, reason: str) -> DisputeDetail:
        """Confirm the rules' proposal."""
        confirm_case(self.office, viewer, self.found(viewer, dispute), reason)
        return self.dispute(viewer, dispute)

    def evidence(self, viewer: Viewer, dispute: str) -> bytes:
        """Return the evidence bundle of a decision, as one of its parties may hold it."""
        found = self.found(viewer, dispute)
        mine = sorted(viewer.parties.intersection(found.parties))
        return decision_bundle(self.office, found, mine[0] if mine else found.parties[0])

    def _row(self, dispute: Dispute) -> DisputeRow:
        agreement, case = dispute.agreement, dispute.case
        claimant, respondent = (party_name(agreement, case[side]) for side in ("claimant", "respondent"))
        amount = case["case"]["claim"].get("amount")
        content = dispute.decision or dispute.proposal
        pending = self._next(dispute)
        waiting_for = _WAITS_FOR.get(pending.step) if pending else None
        return DisputeRow(
            id=dispute.id,
            title=both(
                "dispute.title",
                about=_heading(agreement, case["clause"]),
                claimant=claimant.name,
                respondent=respondent.name,
            ),
            agreement=agreement.id,
            status="decided" if dispute.decided else "review" if dispute.proposed else "filed",
            claimant=claimant,
            respondent=respondent,
            claimed=Money(to_minor(amount, agreement.currency) if amount else 0, agreement.currency),
            outcome=content["outcome"] if content else None,
            deadline=pending.last_day.isoformat() if pending else None,
            waiting_for="arbiter" if dispute.awaits_review else waiting_for,
        )

    def _deadlines(self, dispute: Dispute) -> tuple[Deadline, ...]:
        decided = instant_of(dispute.decided.recorded_us) if dispute.decided else None
        return deadlines(dispute.agreement, instant_of(dispute.filed.recorded_us), decided)

    def _next(self, dispute: Dispute) -> Deadline | None:
        day = today(dispute.agreement, self.office.clock())
        return next((one for one in self._deadlines(dispute) if one.last_day >= day), None)

    def _timeline(self, dispute: Dispute) -> Iterator[TimelineEvent]:
        agreement, day = dispute.agreement, today(dispute.agreement, self.office.clock())
        claimant = party_name(agreement, dispute.case["claimant"]).name
        yield _event(agreement, dispute.filed, "filed", both("timeline.filed", who=claimant))
        if dispute.proposed is not None:
            yield _event(agreement, dispute.proposed, "proposed", both("timeline.proposed"))
        if dispute.decided is not None and dispute.decision is not None:
            confirmed = dispute.decision.get("confirmed_by")
            words = (
                both("timeline.confirmed", reason=dispute.decision["confirmed_because"])
                if confirmed
                else both("timeline.decided")
            )
            yield _event(agreement, dispute.decided, "decided", words)
        for one in self._deadlines(dispute):
            open_still = one.last_day >= day
            words = both(f"timeline.{one.step}" if open_still else f"timeline.{one.step}-over")
            by = both("role.respondent") if one.step == "answer" else both("timeline.both-sides")
            yield TimelineEvent(one.last_day.isoformat(), one.step, by, words, None, due=open_still)


def _confirmable(dispute: Dispute) -> bool:
    decided = dispute.proposal is not None and dispute.proposal["outcome"] not in {"undecided", "conflict"}
    return dispute.awaits_review and decided


def _event(agreement: Agreement, entry: Entry, kind: str, words: Text) -> TimelineEvent:
    return TimelineEvent(
        _when(agreement, entry), kind, who(agreement, entry.asserter), words, entry.seq, due=False
    )


def _when(agreement: Agreement, entry: Entry) -> str:
    return instant_of(entry.recorded_us).astimezone(agreement.zone).isoformat(timespec="seconds")


def _heading(agreement: Agreement, clause: str) -> Text:
    zh, en = (
        next((one.heading for one in render(agreement, language).sections if one.id == clause), clause)
        for language in ("zh", "en")
    )
    return Text(zh, en)


def _demand(demand: str | dict[str, str] | None) -> Text:
    if demand is None:
        return plain("—")
    return plain(demand) if isinstance(demand, str) else of_words(demand)


def _facts(dispute: Dispute) -> Iterator[CaseFact]:
    """Yield the facts of the case, the orders it is about, and what was settled on them."""
    agreement, case = dispute.agreement, dispute.case["case"]
    seq = dispute.filed.seq
    for name, given in case["facts"].items():
        evidence = given.get("evidence") or []
        shown = (evidence,) if isinstance(evidence, str) else tuple(evidence)
        yield CaseFact(name, label(agreement, name), _value(given["value"]), given["status"], shown, seq)
    for index, row in enumerate(case.get("orders") or []):
        words = both("dispute.orders")
        yield CaseFact(f"orders[{index}]", words, _orders(agreement, row), "asserted", (), seq)
    for name, amount in case["settled"].items():
        words = label(agreement, f"settled.{name}")
        yield CaseFact(f"settled.{name}", words, plain(amount), "asserted", (), seq)


def _value(value: str) -> Text:
    return both(f"word.{value}") if value in {"true", "false"} else plain(value)


def _orders(agreement: Agreement, row: dict[str, Any]) -> Text:
    named = [(label(agreement, name), text) for name, text in row.items() if name != "count"]
    facts = Text(
        "、".join(f"{name.zh} {text}" for name, text in named),
        ", ".join(f"{name.en} {text}" for name, text in named),
    )
    return both("dispute.orders-alike", count=f"{int(row.get('count', '1')):,}", facts=facts)
