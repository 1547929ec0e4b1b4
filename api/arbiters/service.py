"""The bench of a dispute: shown to whoever may read the dispute, and what each of them may do about it.

The operator appoints, replaces and sets fees; an arbiter declares for themselves and rules on costs; a side
challenges; a challenge is decided by the operator or by another arbiter of the dispute.
"""

from __future__ import annotations

from fractions import Fraction

from api.access import (
    Viewer,
    demand_any_role,
    demand_arbiter,
    demand_impartial,
    demand_role,
)
from api.arbiters.schemas import (
    AppointmentRequest,
    BenchShown,
    ChallengeDecision,
    ChallengeRequest,
    ChallengeShown,
    CostsRequest,
    CostsShare,
    CostsShown,
    DeclarationRequest,
    DeclarationShown,
    DocketRow,
    FeeRequest,
    ReplacementRequest,
    SeatShown,
)
from api.disputes.service import DisputeService
from api.errors import RequestUnusable
from api.members.service import MemberService
from api.office.arbiters import lost_part, seating
from api.office.disputes import Dispute
from api.office.disputes import dispute as found_dispute
from api.reading import Money, Text
from api.worded import party_by_id
from ledger.cases.bench import LEVELS, Bench, Challenge, Seat, bench
from ledger.cases.closing import standing_decision
from ledger.cases.costs import shares_of
from ledger.cases.record import CaseRecord, Step, case_record
from ledger.cases.seating import Seating
from ledger.entries import require_plain
from policies.money import to_minor
from policies.process.terms import Level
from policies.render.words import WORDS

WORDS_MAX = 2_000
"""The most letters of a reason, or of what an arbiter declares."""


class BenchService:
    """Who decides a dispute. Raises AccessDenied for who may not read it, SeatRefused."""

    def __init__(self, disputes: DisputeService, members: MemberService) -> None:
        """Seat members in the disputes of an office."""
        self.office = disputes.office
        self._disputes = disputes
        self._members = members

    def bench(self, viewer: Viewer, dispute: str) -> BenchShown:
        """Return the bench of a dispute, to whoever may read the dispute, and to the operator who seats."""
        return self._shown(viewer, self._found(viewer, dispute))

    def docket(self, viewer: Viewer) -> tuple[DocketRow, ...]:
        """Return the disputes in which the viewer sits, those first in which they preside."""
        found: list[tuple[tuple[bool, bool, str], DocketRow]] = []
        for row in self._disputes.disputes(viewer):
            if not viewer.sits_in(row.id):
                continue
            now = bench(case_record(self.office.log, row.id))
            seat = now.seat(viewer.member)
            assert seat is not None, "who sits has a seat"
            presides = _presides(now, viewer.member)
            waits = presides and row.waiting_for == "arbiter"
            shown = DocketRow(
                row.id, row.title, row.agreement, row.status, seat.level, seat.state, presides, waits,
                row.deadline, row.claimed,
            )  # fmt: skip
            found.append(((not waits, row.ended, row.deadline or "9"), shown))
        return tuple(row for _, row in sorted(found, key=lambda one: (one[0], one[1].dispute)))

    # ---- acts

    def appoint(self, viewer: Viewer, dispute: str, asked: AppointmentRequest) -> BenchShown:
        """Give a member a seat. For the operator."""
        one, seats = self._house(viewer, dispute)
        self._require_arbiter(asked.arbiter, one)
        seats.appoint(asked.arbiter, _level(asked.level, seats), by=viewer.member)
        return self._shown(viewer, one)

    def declare(self, viewer: Viewer, dispute: str, asked: DeclarationRequest) -> BenchShown:
        """Declare what might be held against the viewer, who sits in the dispute."""
        one = self._disputes.found(viewer, dispute)
        demand_arbiter(viewer, one.parties, case=one.id)
        conflicts = _words(asked.conflicts, "conflicts") if asked.conflicts.strip() else None
        seating(self.office, one).declare(viewer.member, conflicts)
        return self._shown(viewer, one)

    def challenge(self, viewer: Viewer, dispute: str, arbiter: str, asked: ChallengeRequest) -> BenchShown:
        """Hold something against an arbiter, with `approve` for a side."""
        one = self._disputes.found(viewer, dispute)
        seats = seating(self.office, one)
        mine = [party for party in seats.parties if party in viewer.parties]
        party = asked.party or (mine[0] if mine else "")
        if party not in seats.parties:
            party = ""
        demand_role(viewer, "approve", party)
        seats.challenge(arbiter, party, _words(asked.reason, "reason"))
        return self._shown(viewer, one)

    def decide_challenge(
        self, viewer: Viewer, dispute: str, arbiter: str, party: str, asked: ChallengeDecision
    ) -> BenchShown:
        """Decide a challenge: the operator, or another arbiter of the dispute."""
        one = self._found(viewer, dispute)
        if not viewer.has("operator"):
            demand_arbiter(viewer, one.parties, case=one.id)
        if asked.upheld not in {"yes", "no"}:
            raise RequestUnusable("must be yes or no", where="upheld")
        seating(self.office, one).decide_challenge(
            arbiter,
            party,
            upheld=asked.upheld == "yes",
            reason=_words(asked.reason, "reason"),
            by=viewer.member,
        )
        return self._shown(viewer, one)

    def replace(self, viewer: Viewer, dispute: str, arbiter: str, asked: ReplacementRequest) -> BenchShown:
        """Give an arbiter's seat to another member. For the operator."""
        one, seats = self._house(viewer, dispute)
        self._require_arbiter(asked.successor, one)
        seats.replace(arbiter, asked.successor, _words(asked.reason, "reason"), by=viewer.member)
        return self._shown(viewer, one)

    def set_fee(self, viewer: Viewer, dispute: str, arbiter: str, asked: FeeRequest) -> BenchShown:
        """Set what an arbiter is paid for the case. For the operator."""
        one, seats = self._house(viewer, dispute)
        seats.set_fee(arbiter, to_minor(asked.amount, one.agreement.currency), by=viewer.member)
        return self._shown(viewer, one)

    def rule_on_costs(self, viewer: Viewer, dispute: str, asked: CostsRequest) -> BenchShown:
        """Rule who bears the fees, as an arbiter who sits in the dispute."""
        one = self._disputes.found(viewer, dispute)
        demand_arbiter(viewer, one.parties, case=one.id)
        seats = seating(self.office, one)
        given = (asked.claimant, asked.respondent)
        shares = None
        if any(given):
            minors = [to_minor(text or "0", one.agreement.currency) for text in given]
            shares = dict(zip(seats.parties, minors, strict=True))
        lost = Fraction(0) if shares else lost_part(one, seats.record())
        seats.rule_on_costs(shares, _words(asked.reason, "reason"), by=viewer.member, lost=lost)
        return self._shown(viewer, one)

    # ---- shared

    def _found(self, viewer: Viewer, dispute: str) -> Dispute:
        if viewer.has("operator"):
            return found_dispute(self.office, dispute)
        return self._disputes.found(viewer, dispute)

    def _house(self, viewer: Viewer, dispute: str) -> tuple[Dispute, Seating]:
        demand_any_role(viewer, ("operator",), ())
        one = found_dispute(self.office, dispute)
        return one, seating(self.office, one)

    def _require_arbiter(self, member: str, one: Dispute) -> None:
        found = next((known for known in self._members.enrolled() if known.member == member), None)
        demand_impartial(found, one.parties)

    def _shown(self, viewer: Viewer, one: Dispute) -> BenchShown:
        seats = seating(self.office, one)
        now = bench(seats.record())
        fees = sum(seat.fee_minor for seat in now.seats)
        return BenchShown(
            dispute=one.id,
            clause=one.case["clause"],
            agreement=one.agreement.id,
            version=one.agreement.version,
            levels=tuple((level, _level_name(level)) for level in seats.terms.levels),
            sides=tuple(party_by_id(one.agreement, party) for party in seats.parties),
            seats=tuple(_seat(viewer, one, seats, now, seat) for seat in now.seats),
            fees=Money(fees, one.agreement.currency),
            costs=None if now.costs is None else _costs(one, seats.record(), now.costs),
            may_appoint=viewer.has("operator"),
            may_rule_on_costs=_presides(now, viewer.member) and now.costs is None and fees > 0,
            may_query=viewer.sits_in(one.id),
        )


def _seat(viewer: Viewer, one: Dispute, seats: Seating, now: Bench, seat: Seat) -> SeatShown:
    open_to = seats.may_challenge(seat)
    challenged = {challenge.party for challenge in seat.challenges}
    return SeatShown(
        arbiter=seat.arbiter,
        level=seat.level,
        level_name=_level_name(seat.level),
        state=seat.state,
        presides=_presides(now, seat.arbiter),
        appointed_at=_when(one, seat.appointed),
        entry_seq=seat.appointed.seq,
        declared=tuple(
            DeclarationShown(step.content["conflicts"], _when(one, step), step.seq) for step in seat.declared
        ),
        challenges=tuple(_challenge(one, challenge) for challenge in seat.challenges),
        replaced_by=seat.replaced.content["successor"] if seat.replaced else None,
        fee=Money(seat.fee_minor, one.agreement.currency) if seat.fee else None,
        may_challenge=tuple(
            party
            for party in seats.parties
            if open_to and party not in challenged and viewer.has("approve", party)
        ),
        may_declare=seat.stands and seat.arbiter == viewer.member and viewer.sits_in(one.id),
        may_decide=tuple(
            challenge.party
            for challenge in seat.challenges
            if challenge.decided is None
            and seat.arbiter != viewer.member
            and (viewer.has("operator") or viewer.sits_in(one.id))
        ),
    )


def _presides(now: Bench, member: str) -> bool:
    """Tell whether a member presides at the level at which they sit."""
    seat = now.seat(member)
    return seat is not None and now.presiding(seat.level) is seat


def _challenge(one: Dispute, challenge: Challenge) -> ChallengeShown:
    decided = challenge.decided
    return ChallengeShown(
        party=party_by_id(one.agreement, challenge.party),
        reason=challenge.made.content["reason"],
        at=_when(one, challenge.made),
        entry_seq=challenge.made.seq,
        upheld=decided.content["upheld"] if decided else None,
        decided_by=decided.by if decided else None,
        decided_because=decided.content["reason"] if decided else None,
    )


def _costs(one: Dispute, record: CaseRecord, step: Step) -> CostsShown:
    currency, decision = one.agreement.currency, standing_decision(record)
    assert decision is not None or not step.content["by_document"], "it was ruled by a decision"
    shares = shares_of(record, one.agreement, step, decision.content if decision else {})
    return CostsShown(
        total=Money(step.content["total_minor"], currency),
        shares=tuple(
            CostsShare(party_by_id(one.agreement, party), Money(minor, currency))
            for party, minor in shares.items()
        ),
        reason=step.content["reason"],
        by=step.by,
        by_document=step.content["by_document"],
        at=_when(one, step),
        entry_seq=step.seq,
    )


def _when(one: Dispute, step: Step) -> str:
    return step.recorded_at.astimezone(one.agreement.zone).isoformat(timespec="seconds")


def _level(text: str, seats: Seating) -> Level:
    """Return a level by its name, the document's first where none is named. Raises RequestUnusable."""
    if not text:
        return seats.terms.levels[0]
    for level in LEVELS:
        if level == text:
            return level
    raise RequestUnusable(f"is none of {', '.join(seats.terms.levels)}", where="level")


def _level_name(level: str) -> Text:
    return Text(WORDS["zh"][level], WORDS["en"][level])


def _words(text: str, where: str) -> str:
    words = " ".join(text.split())
    require_plain(words, WORDS_MAX, where)
    return words
