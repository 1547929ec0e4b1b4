"""Who is looking, and the one place that denies.

Every route declares what it needs with `public()`, `signed_in()` or `needs(role, …)` in its `opt`; the guard,
set once on the application, denies any route that declares nothing. Services ask `may_read` and `demand_*`
here and raise no refusal of their own. Not for signing in: that is `members/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Scope

from api.errors import AccessDenied, SignInNeeded
from ledger.disclosed import PERSONAL_GROUPS, Sight, case_of
from ledger.reading import Entry, StoredGroup

Role = Literal["draft", "approve", "sign", "pay", "read", "write", "arbiter", "auditor", "operator"]
"""Within a party: draft, approve, sign, pay, read, write. Of the house: arbiter, auditor, operator."""

ROLES: frozenset[str] = frozenset(get_args(Role))
HOUSE_ROLES: frozenset[str] = frozenset({"arbiter", "auditor", "operator"})

AUDITOR = "auditor"
"""The reader name that disclosure groups use for auditors."""

CASE_GROUPS = frozenset({"case", "decision", "evidence", "query"})
"""Groups about a dispute, which the arbiters who sit in it read."""

KEYED = {"keyed": True}
"""Marks a route whose requests come often and bring keys of their own: no answer of it is kept under an
Idempotency-Key, and who is asking is looked up every few seconds instead of each time."""

_OPT = "needs"
_PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role, within a party, or of the house where `party` is None."""

    role: Role
    party: str | None = None


@dataclass(frozen=True, slots=True)
class SourceGrant:
    """A source of entries that a member may write in the name of a party."""

    party: str
    source: str


@dataclass(frozen=True, slots=True)
class CaseSeat:
    """A dispute in which an arbiter sits, and the agreement (id) that it is under."""

    case: str
    agreement: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in member: who they are, for which parties they act and in which roles."""

    member: str
    name: str
    grants: frozenset[Grant]
    sources: frozenset[SourceGrant] = frozenset()
    """The sources under which the role `write` may be used; without one it allows nothing."""
    seats: frozenset[CaseSeat] = frozenset()
    """The disputes in which an arbiter sits; of others the role shows nothing."""

    @property
    def parties(self) -> frozenset[str]:
        """Global ids of the parties the viewer belongs to."""
        return frozenset(grant.party for grant in self.grants if grant.party is not None)

    @property
    def roles(self) -> frozenset[str]:
        """All roles the viewer has, whatever the party."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def readers(self) -> frozenset[str]:
        """The reader names whose disclosure groups the viewer may open."""
        return self.parties | ({AUDITOR} if AUDITOR in self.roles else frozenset())

    def sits_in(self, case: str) -> bool:
        """Say whether the viewer is an arbiter who sits in a dispute."""
        return self.has("arbiter") and any(seat.case == case for seat in self.seats)

    def sits_under(self, agreement: str) -> bool:
        """Say whether the viewer is an arbiter who sits in a dispute under an agreement, by its id."""
        return self.has("arbiter") and any(seat.agreement == agreement for seat in self.seats)

    def has(self, role: Role, party: str | None = None) -> bool:
        """Say whether the viewer holds a role for a party, or of the house."""
        return Grant(role, party) in self.grants


def public() -> dict[str, Any]:
    """Declare a route open to anybody; each such route is named in the tests."""
    return {_OPT: _PUBLIC}


def signed_in() -> dict[str, Any]:
    """Declare a route for any signed-in member; what they see is narrowed by the service."""
    return {_OPT: frozenset()}


def needs(*roles: Role) -> dict[str, Any]:
    """Declare a route for members with at least one of the roles."""
    return {_OPT: frozenset(roles)}


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Deny what a route does not open. Raises SignInNeeded or AccessDenied.

    It waits for nothing, and is async since Litestar hands every other guard to a thread.
    """
    admit(connection.scope, handler.opt)


def admit(scope: Scope, opt: Mapping[str, Any]) -> None:
    """Deny what a route with this `opt` does not open; the guard itself. Raises SignInNeeded or AccessDenied.

    An address with a NUL names nothing, and not every database can even be asked for it.
    """
    declared = opt.get(_OPT)
    if declared == _PUBLIC:
        return
    viewer = scope.get("user")
    if not isinstance(viewer, Viewer):
        raise SignInNeeded("sign in first: in the browser with your access code, or with a Bearer token")
    if declared is None or (declared and not declared & viewer.roles):
        raise AccessDenied("your roles do not allow this; ask an administrator of your party")
    if "\0" in scope["path"] or b"%00" in scope["query_string"]:
        raise AccessDenied("there is nothing under an address with a NUL in it")


def may_read(viewer: Viewer, parties: Iterable[str]) -> bool:
    """Say whether the viewer may read something that belongs to these parties: their own, or an auditor."""
    return AUDITOR in viewer.roles or not viewer.parties.isdisjoint(parties)


def may_read_under(viewer: Viewer, parties: Iterable[str], agreement: str) -> bool:
    """Say whether the viewer may read what is theirs, or of an agreement under which they sit as arbiter."""
    return viewer.sits_under(agreement) or may_read(viewer, parties)


def may_read_case(viewer: Viewer, parties: Iterable[str], case: str) -> bool:
    """Say whether the viewer may read a dispute: as one of its parties, an arbiter of it, or an auditor."""
    return viewer.sits_in(case) or may_read(viewer, parties)


def sight_of(viewer: Viewer) -> Sight:
    """Return what the viewer may open in the log: what names their parties, and the cases they sit in."""
    if not viewer.has("arbiter"):
        return Sight(viewer.readers)
    return Sight(viewer.readers, CASE_GROUPS, frozenset(seat.case for seat in viewer.seats))


def may_open(viewer: Viewer, entry: Entry, group: StoredGroup) -> bool:
    """Say whether the viewer may open a group; an auditor opens all but personal data that is not theirs."""
    audited = AUDITOR in viewer.roles and group.name not in PERSONAL_GROUPS
    return audited or sight_of(viewer).opens(group, case_of(entry))


def demand_read(viewer: Viewer, parties: Iterable[str], what: str) -> None:
    """Refuse to show what is not the viewer's. An empty `parties` says that the thing does not exist.

    Unknown and hidden get one answer, so that asking reveals nothing. Raises AccessDenied.
    """
    if not may_read(viewer, owners := tuple(parties)) or not owners:
        raise AccessDenied(f"there is no {what} among what you may read")


def demand_role(viewer: Viewer, role: Role, party: str) -> None:
    """Refuse an act that needs a role within a party; the house acts for nobody. Raises AccessDenied."""
    if not viewer.has(role, party):
        raise AccessDenied(f"this needs the role '{role}' for the party concerned")


def demand_source(viewer: Viewer, party: str, source: str) -> None:
    """Refuse entries of a source, or in the name of a party, that was not granted. Raises AccessDenied."""
    if SourceGrant(party, source) not in viewer.sources:
        raise AccessDenied("this source was not granted to you for the party that asserts it")


def demand_any_role(viewer: Viewer, roles: Iterable[Role], parties: Sequence[str]) -> None:
    """Refuse an act that needs one of some roles, for one of some parties or of the house.

    Raises AccessDenied.
    """
    wanted = frozenset(roles)
    for grant in viewer.grants:
        if grant.role in wanted and (grant.party in parties if grant.party else grant.role in HOUSE_ROLES):
            return
    raise AccessDenied(f"this needs one of the roles {', '.join(sorted(wanted))} for the party concerned")


def may_judge(viewer: Viewer, parties: Iterable[str], case: str) -> bool:
    """Say whether the viewer is an arbiter who sits in a dispute and acts for none of its parties."""
    return viewer.sits_in(case) and viewer.parties.isdisjoint(parties)


def demand_arbiter(
    viewer: Viewer, parties: Iterable[str], *, case: str | None = None, under: str | None = None
) -> None:
    """Let only an arbiter act who acts for no party concerned and sits in the `case`, where one is named.

    With `under`, in any case under that agreement. Raises AccessDenied.
    """
    if not viewer.has("arbiter"):
        raise AccessDenied("only an arbiter may do this")
    if case is not None and not viewer.sits_in(case):
        raise AccessDenied("only an arbiter who sits in this dispute may do this")
    if under is not None and not viewer.sits_under(under):
        raise AccessDenied("only an arbiter who sits in a dispute under this agreement may do this")
    if not viewer.parties.isdisjoint(parties):
        raise AccessDenied("an arbiter who acts for a party to the dispute may not rule on it")


def demand_query(viewer: Viewer, parties: Iterable[str], case: str) -> None:
    """Let only an arbiter who sits in a dispute, or an auditor, search the ledger for it.

    Raises AccessDenied.
    """
    if AUDITOR not in viewer.roles:
        demand_arbiter(viewer, parties, case=case)


def demand_impartial(member: Viewer | None, parties: Iterable[str]) -> None:
    """Refuse to seat who is no enrolled arbiter, or acts for one of the parties. Raises AccessDenied."""
    if member is None or not member.has("arbiter"):
        raise AccessDenied("no enrolled member with the role arbiter has this id")
    if not member.parties.isdisjoint(parties):
        raise AccessDenied("a member who acts for a party to the dispute may not sit in it")
