"""The query desk: the arbiters of a dispute search the ledger within what it concerns, on record.

Both sides see what was asked and every order that widens; what was found is for the arbiters and auditors.
"""

from __future__ import annotations

from dataclasses import asdict

from api.access import AUDITOR, Viewer, demand_arbiter, demand_query
from api.disputes.service import DisputeService
from api.office.disputes import Dispute
from api.office.queries import (
    Widening,
    again,
    bundle_of,
    case_scope,
    order_wider,
    question_of,
    require_declared,
    save,
)
from api.queries.schemas import (
    DeskShown,
    QueryPage,
    QueryRequest,
    RunAgainShown,
    SavedShown,
    ScopeShown,
    WideningRequest,
    WideningShown,
)
from api.worded import party_by_id
from ledger.cases.queries import SAVED, WIDENED, SavedQuery, saved_queries
from ledger.cases.record import Step, case_record
from ledger.database import reading
from ledger.disclosed import PERSONAL_GROUPS
from ledger.queries.answering import PAGE_MAX, ask
from ledger.queries.question import Question
from ledger.queries.scope import Scope


class QueryService:
    """Queries for the arbiters of a dispute. Raises AccessDenied for others."""

    def __init__(self, disputes: DisputeService) -> None:
        """Search the log of an office for its disputes."""
        self.office = disputes.office
        self._disputes = disputes

    def desk(self, viewer: Viewer, dispute: str) -> DeskShown:
        """Return what was asked so far and what is open, for whoever may read the dispute."""
        one = self._disputes.found(viewer, dispute)
        record = case_record(self.office.log, one.id)
        scope = case_scope(self.office, one, record)
        sees = _may_ask(viewer, one)
        found = saved_queries(self.office.log, record, PERSONAL_GROUPS) if sees else {}
        outcomes = {saved.step.seq: saved for saved in found.values()}
        return DeskShown(
            dispute=one.id,
            clause=one.case["clause"],
            scope=_scope(scope),
            parties=tuple(party_by_id(one.agreement, party) for party in scope.parties),
            saved=tuple(_saved(one, step, outcomes.get(step.seq)) for step in reversed(record.of(SAVED))),
            widenings=tuple(_widening(one, step) for step in record.of(WIDENED)),
            may_ask=sees,
            may_save=viewer.sits_in(one.id),
        )

    def run(  # noqa: PLR0913, PLR0917 -- who asks what, and where a page begins
        self,
        viewer: Viewer,
        dispute: str,
        asked: QueryRequest,
        after: int = -1,
        limit: int = PAGE_MAX,
        size: int | None = None,
    ) -> QueryPage:
        """Return a page of an answer, oldest first."""
        one = self._asking(viewer, dispute)
        question, scope = self._question(one, asked), case_scope(self.office, one)
        page = ask(self.office.log, scope, question, after=after, limit=limit, size=size)
        return QueryPage(question.as_json(), _scope(scope), page.size, page.rows, page.next_after)

    def save(self, viewer: Viewer, dispute: str, asked: QueryRequest) -> SavedShown:
        """Run a question over the log as a checkpoint signs it now, and save it on the record."""
        one = self._judging(viewer, dispute)
        saved = save(self.office, one, self._question(one, asked), by=viewer.member)
        return _saved(one, saved.step, saved)

    def again(self, viewer: Viewer, dispute: str, query: str) -> RunAgainShown:
        """Run a saved query again and hold it against what was saved."""
        one = self._asking(viewer, dispute)
        saved, now = again(self.office, one, query)
        return RunAgainShown(
            query=saved.id,
            same=now.same,
            saved_digest=saved.digest,
            digest=now.answer.digest,
            rows=len(now.answer.rows),
            erased=now.erased,
            differing=now.differing,
        )

    def evidence(self, viewer: Viewer, dispute: str, query: str) -> bytes:
        """Return a saved query as a bundle that verifies offline, with the proofs of its rows."""
        return bundle_of(self.office, self._asking(viewer, dispute), query)

    def widen(self, viewer: Viewer, dispute: str, asked: WideningRequest) -> DeskShown:
        """Order that more be open to the queries of a dispute; both sides and whom it opens are told."""
        one = self._judging(viewer, dispute)
        wanted = Widening(asked.reason, _ids(asked.agreements), _ids(asked.parties))
        order_wider(self.office, one, wanted, by=viewer.member)
        return self.desk(viewer, dispute)

    def _question(self, one: Dispute, asked: QueryRequest) -> Question:
        given = {name: text.strip() for name, text in asdict(asked).items() if text.strip()}
        return question_of(self.office, one.agreement.id, given)

    def _asking(self, viewer: Viewer, dispute: str) -> Dispute:
        one = self._disputes.found(viewer, dispute)
        demand_query(viewer, one.parties, one.id)
        if AUDITOR not in viewer.roles:
            with reading(self.office.engine) as session:
                require_declared(one.id, viewer.member)(session)
        return one

    def _judging(self, viewer: Viewer, dispute: str) -> Dispute:
        one = self._disputes.found(viewer, dispute)
        demand_arbiter(viewer, one.parties, case=one.id)
        return one


def _may_ask(viewer: Viewer, one: Dispute) -> bool:
    return AUDITOR in viewer.roles or viewer.sits_in(one.id)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _scope(scope: Scope) -> ScopeShown:
    return ScopeShown(scope.agreements, scope.parties)


def _saved(one: Dispute, step: Step, saved: SavedQuery | None) -> SavedShown:
    asked = step.content
    return SavedShown(
        query=asked["query"],
        question=asked["question"],
        scope=ScopeShown(tuple(asked["scope"]["agreements"]), tuple(asked["scope"]["parties"])),
        size=asked["size"],
        root=asked["root"],
        digest=saved.digest if saved else None,
        rows=saved.rows if saved else None,
        saved_at=_when(one, step),
        saved_by=step.by,
        entry_seq=step.seq,
    )


def _widening(one: Dispute, step: Step) -> WideningShown:
    return WideningShown(
        tuple(step.content["agreements"]),
        tuple(step.content["parties"]),
        step.content["reason"],
        step.by,
        _when(one, step),
        step.seq,
    )


def _when(one: Dispute, step: Step) -> str:
    return step.recorded_at.astimezone(one.agreement.zone).isoformat(timespec="seconds")
