"""Who keeps the books of an agreement: its platform's `pay`, else the operator.

Asked by what closes months, records rates and converts.

Not for holds: those the house places, never a party.
"""

from __future__ import annotations

from collections.abc import Sequence

from api.access import AUDITOR, Viewer, demand_any_role, demand_read
from api.office.agreements import held_versions
from api.office.opening import OPERATOR, Office
from policies.agreement import Agreement


def signed(office: Office, agreement: str) -> list[Agreement]:
    """Return the signed versions of an agreement (by id), none where there is none."""
    held = held_versions(office).values()
    return [one.agreement for one in held if one.is_signed and one.agreement.id == agreement]


def demand_party(viewer: Viewer, versions: Sequence[Agreement]) -> None:
    """Let the parties of an agreement read, and auditors; none and hidden are one answer.

    Raises AccessDenied.
    """
    demand_read(viewer, [one.party_id(key) for one in versions for key in one.parties], "agreement")


def platforms(versions: Sequence[Agreement]) -> list[str]:
    """Return the global ids of an agreement's platforms, sorted."""
    roles = {(one.party_id(key), party.role) for one in versions for key, party in one.parties.items()}
    return sorted(party for party, role in roles if role == "platform")


def sees_all(viewer: Viewer, versions: Sequence[Agreement]) -> bool:
    """Say whether every account of an agreement is the viewer's to see: who keeps its books, and auditors."""
    return AUDITOR in viewer.roles or not viewer.parties.isdisjoint(platforms(versions))


def may_keep(viewer: Viewer, versions: Sequence[Agreement]) -> bool:
    """Say whether the viewer keeps these books, for pages that show a form or do not."""
    return viewer.has("operator") or any(viewer.has("pay", one) for one in platforms(versions))


def keeper(viewer: Viewer, versions: Sequence[Agreement]) -> str:
    """Return on whose word the viewer acts: that of a platform they pay for, else the operator's.

    Raises AccessDenied for others, and where there is no such agreement.
    """
    theirs = platforms(versions)
    demand_any_role(viewer, ("pay", "operator"), theirs)
    if not versions:
        demand_read(viewer, (), "agreement")
    acting = [one for one in theirs if viewer.has("pay", one)]
    return acting[0] if acting else OPERATOR
