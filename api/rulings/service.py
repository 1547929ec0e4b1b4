"""What stands behind a decision, for those who may read the dispute; rulings by arbiters who sit in it."""

from __future__ import annotations

from collections import OrderedDict

from api.access import Viewer, may_judge, may_read_case
from api.disputes.schemas import DisputeDetail
from api.disputes.service import DisputeService
from api.office.disputes import Dispute, disputes
from api.office.opening import Office
from api.office.rulings import like_cases, weigh
from api.rulings.acting import rule_in_case, ruling_given
from api.rulings.schemas import (
    AnchoredShown,
    Behind,
    DepartedShown,
    ReplayedShown,
    RulingGiven,
    SimilarShown,
    WeighedShown,
)
from api.rulings.shown import anchored_shown, departed_shown, replayed_shown, similar_shown, weighed_shown
from ledger.cases.closing import whose_turn

SIMILAR_SHOWN = 10
_KEPT = 64
"""Disputes whose weighing is kept: it is the same until a step is added to the dispute."""


class RulingService:
    """Shows what decisions hang on, and takes rulings. Raises AccessDenied for who may not."""

    def __init__(self, office: Office, disputes: DisputeService) -> None:
        """Work over an office; its disputes are found by their own service."""
        self.office = office
        self.disputes = disputes
        self._weighed: OrderedDict[tuple[str, int], WeighedShown] = OrderedDict()

    def weighed(self, viewer: Viewer, dispute: str) -> WeighedShown:
        """Return what a dispute hangs on, and what is left to a person. Raises CaseRejected."""
        return self._weigh(self.disputes.found(viewer, dispute))

    def replayed(self, viewer: Viewer, dispute: str) -> tuple[ReplayedShown, ...]:
        """Return every decision of a dispute made again from the log as it stood."""
        return replayed_shown(self.office, self.disputes.found(viewer, dispute))

    def similar(self, viewer: Viewer, dispute: str) -> tuple[SimilarShown, ...]:
        """Return the decided disputes that are like one, of those that the viewer may read."""
        found = self.disputes.found(viewer, dispute)
        mine = {
            one.id for one in disputes(self.office).values() if may_read_case(viewer, one.parties, one.id)
        }
        return tuple(similar_shown(like, one) for like, one in like_cases(self.office, found, mine))

    def anchored(self, viewer: Viewer, dispute: str) -> AnchoredShown | None:
        """Return where the digest of what was last decided stands, None before anything was."""
        return anchored_shown(self.office, self.disputes.found(viewer, dispute))

    def departed(self, viewer: Viewer, dispute: str) -> DepartedShown | None:
        """Return where the last ruling departs from what was decided before it; None where nobody ruled."""
        return departed_shown(self.disputes.found(viewer, dispute))

    def behind(self, viewer: Viewer, dispute: str) -> Behind:
        """Return all that stands behind a decision, for a page."""
        found = self.disputes.found(viewer, dispute)
        weighed = self._weigh(found) if found.shown is not None else None
        turn = whose_turn(found.standing(self.office.clock())) is not None
        return Behind(
            weighed=weighed,
            departed=departed_shown(found),
            similar=self.similar(viewer, dispute)[:SIMILAR_SHOWN],
            anchored=anchored_shown(self.office, found),
            may_rule=turn and may_judge(viewer, found.parties, found.id),
        )

    def rule(self, viewer: Viewer, dispute: str, given: RulingGiven) -> DisputeDetail:
        """Rule on what waits for a person, in an arbiter's name. Raises DisputeState, CaseRejected."""
        rule_in_case(self.office, viewer, self.disputes.found(viewer, dispute), ruling_given(given))
        return self.disputes.dispute(viewer, dispute)

    def _weigh(self, one: Dispute) -> WeighedShown:
        key = (one.id, one.record.steps[-1].seq)
        if one.shown is None:  # the orders in the log may change until it is decided
            return weighed_shown(one.agreement, weigh(self.office, one))
        if key not in self._weighed:
            self._weighed[key] = weighed_shown(one.agreement, weigh(self.office, one))
            while len(self._weighed) > _KEPT:
                self._weighed.popitem(last=False)
        return self._weighed[key]
