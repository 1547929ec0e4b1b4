"""Lines in suspense as one viewer may see them, and claims by those who approve for a party.

The parties to an agreement see its lines. Of another agreement that might have a line they learn only that
there is one, until a claim is made whose readers they are.
"""

from __future__ import annotations

from api.access import Viewer, demand_read, demand_role, may_read
from api.books import demand_party, signed
from api.office.agreements import signed_versions
from api.office.opening import Office
from api.office.suspense import SuspendedLine, accept, ages, claim, claims_of, rule, suspended
from api.reading import Money, PartyName, Text
from api.suspense.schemas import (
    AcceptRequest,
    AgeShown,
    ClaimRequest,
    ClaimShown,
    RulingRequest,
    SuspendedShown,
    Suspense,
)
from api.worded import local_time, party_name
from ledger.settlement.claims import Claim
from policies.agreement import Agreement

_WORDS = {
    "none": Text("没有归属条件成立", "no route holds"),
    "tie": Text("多个归属条件以同一优先级成立", "routes of one priority hold alike"),
    "unknown": Text("缺少确定归属所需的事实", "a fact that decides it is missing"),
}
"""Why a line waits, without naming who else might have it."""


class SuspenseService:
    """Shows lines in suspense, and takes claims, acceptances and rulings. Raises AccessDenied."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def suspense(self, viewer: Viewer, agreement: str) -> Suspense:
        """Return the lines of an agreement in suspense now, and their ages."""
        newest = self._readable(viewer, agreement)
        lines = suspended(self.office, agreement)
        return Suspense(
            tuple(_line(newest, one, viewer) for one in lines),
            tuple(AgeShown(days, count, Money(minor, newest.currency)) for days, count, minor in ages(lines)),
        )

    def parties(self, viewer: Viewer, agreement: str) -> tuple[PartyName, ...]:
        """Return the parties of an agreement for which the viewer approves."""
        newest = self._readable(viewer, agreement)
        return tuple(
            party_name(newest, key) for key in newest.parties if viewer.has("approve", newest.party_id(key))
        )

    def claim(self, viewer: Viewer, agreement: str, asked: ClaimRequest) -> ClaimShown:
        """Claim a line. Needs `approve` for the party."""
        newest = self._readable(viewer, agreement)
        demand_role(viewer, "approve", newest.party_id(asked.party) if asked.party in newest.parties else "")
        return _claim(claim(self.office, agreement, (asked.order, asked.line), asked.party, asked.reason))

    def accept(self, viewer: Viewer, agreement: str, claim_id: str, asked: AcceptRequest) -> ClaimShown:
        """Accept a claim. Needs `approve` for the party."""
        self._claim(viewer, agreement, claim_id)
        demand_role(viewer, "approve", asked.party)
        return _claim(accept(self.office, agreement, claim_id, asked.party, asked.reason))

    def rule(self, viewer: Viewer, agreement: str, claim_id: str, asked: RulingRequest) -> ClaimShown:
        """Record what a decided dispute means for a claim. Needs `approve` for who keeps the escrow."""
        self._claim(viewer, agreement, claim_id)
        demand_role(viewer, "approve", asked.party)
        return _claim(
            rule(
                self.office, agreement, claim_id, asked.party,
                upheld=asked.upheld, case=asked.case, reason=asked.reason,
            )
        )  # fmt: skip

    def _readable(self, viewer: Viewer, agreement: str) -> Agreement:
        demand_party(viewer, signed(self.office, agreement))
        return signed_versions(self.office, agreement)[-1].agreement

    def _claim(self, viewer: Viewer, agreement: str, claim_id: str) -> Claim:
        """Return a claim that the viewer may read; unknown and hidden get one answer."""
        self._readable(viewer, agreement)
        found = next((one for one in claims_of(self.office, agreement) if one.id == claim_id), None)
        demand_read(viewer, found.readers if found else (), "claim")
        assert found is not None, "what there is not is not read"
        return found


def _line(agreement: Agreement, one: SuspendedLine, viewer: Viewer) -> SuspendedShown:
    keys = [who.payee for who in one.claimants if who.agreement.partition("@")[0] == agreement.id]
    return SuspendedShown(
        one.order,
        one.line,
        local_time(agreement, one.sold_at.isoformat()),
        one.days,
        Money(one.amount_minor, agreement.currency),
        one.reason,
        _WORDS[one.reason],
        tuple(name for name in one.missing if name in agreement.document.facts),
        tuple(party_name(agreement, key) for key in dict.fromkeys(keys)),
        len(keys) < len(one.claimants),
        tuple(_claim(made) for made in one.claims if may_read(viewer, made.readers)),
    )


def _claim(one: Claim) -> ClaimShown:
    stands = one.stands_from is not None
    return ClaimShown(
        one.id,
        one.agreement,
        one.payee,
        one.reason,
        "stands" if stands else "open" if one.is_open else "failed",
        one.waiting if one.is_open else (),
        tuple(sorted(one.accepted)),
        one.seq,
    )
