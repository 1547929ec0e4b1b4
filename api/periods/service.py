"""Months of accounts as one viewer may see them, and closing for those who may.

A party sees its own accounts, who keeps the books (the platform) and auditors all. The platform's role `pay`
closes, or the operator.
"""

from __future__ import annotations

from api.access import AUDITOR, Viewer, demand_any_role, demand_read
from api.office.agreements import held_versions
from api.office.opening import OPERATOR, Office
from api.office.periods import close, month
from api.periods.schemas import AccountMonth, LateShown, PeriodShown
from api.reading import Money
from ledger.periods import Line
from policies.agreement import Agreement


class PeriodService:
    """Shows and closes months. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def show(self, viewer: Viewer, agreement: str, period: str) -> PeriodShown:
        """Return a month with the accounts that the viewer may read."""
        versions = self._signed(agreement)
        demand_read(viewer, [one.party_id(key) for one in versions for key in one.parties], "agreement")
        known, shown, lines = month(self.office, agreement, period)
        everything = AUDITOR in viewer.roles or not viewer.parties.isdisjoint(_platforms(versions))
        mine = [one for one in lines if everything or one.account.owner in viewer.parties]
        closed = known.close_of(shown)
        return PeriodShown(
            agreement=agreement,
            period=str(shown),
            entry_seq=closed.seq if closed else None,
            as_of_seq=closed.as_of_seq if closed else None,
            accounts=tuple(_shown(one) for one in mine),
        )

    def close(self, viewer: Viewer, agreement: str, period: str) -> PeriodShown:
        """Close a month; one that is closed is shown as it stands."""
        versions = self._signed(agreement)
        platforms = _platforms(versions)
        demand_any_role(viewer, ("pay", "operator"), platforms)
        if not versions:
            demand_read(viewer, (), "agreement")
        acting = [one for one in platforms if viewer.has("pay", one)]
        done = close(self.office, agreement, period, acting[0] if acting else OPERATOR)
        if acting:
            return self.show(viewer, agreement, period)
        return PeriodShown(agreement, str(done.period), done.seq, done.as_of_seq, ())

    def _signed(self, agreement: str) -> list[Agreement]:
        held = held_versions(self.office).values()
        return [one.agreement for one in held if one.is_signed and one.agreement.id == agreement]


def _platforms(versions: list[Agreement]) -> list[str]:
    roles = {(one.party_id(key), party.role) for one in versions for key, party in one.parties.items()}
    return sorted(party for party, role in roles if role == "platform")


def _shown(one: Line) -> AccountMonth:
    code = one.account.currency
    return AccountMonth(
        owner=one.account.owner,
        purpose=one.account.purpose,
        opening=Money(one.opening_minor, code),
        moved=Money(one.moved_minor, code),
        late=tuple(LateShown(str(origin), Money(amount, code)) for origin, amount in one.late_minor.items()),
        closing=Money(one.closing_minor, code),
    )
