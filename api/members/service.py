"""Access codes and sign-ins: making them, checking them in constant time, ending them.

An access code reads `tly_LOOKUP_SECRET`. It is shown once, when it is made; the database holds its digest.
The same code signs in a browser and, as a Bearer token, authorises the API.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from api.access import HOUSE_ROLES, ROLES, CaseSeat, Grant, Role, SourceGrant, Viewer
from api.errors import CodeRefused, SourceRefused
from api.members.models import Member, MemberSession, Membership, WrittenSource
from ledger.cases.bench import seats_of
from ledger.database import session_of
from ledger.entries import SOURCE_LIMIT, require_plain

_PREFIX = "tly"
_LOOKUP_BYTES = 5
_SECRET_BYTES = 24
_CODE_LENGTH_MAX = 128
_NO_DIGEST = "0" * 64

HOUSE_SOURCE = "intake"
HOUSE_PREFIX = "tallystick."
"""Sources of what the house itself records, granted to nobody."""


@dataclass(frozen=True, slots=True)
class MemberService:
    """Members over one database. `clock_us` gives microseconds since 1970, UTC."""

    engine: Engine
    clock_us: Callable[[], int]
    session_seconds_max: int

    def enrol(
        self, member: str, name: str, grants: Iterable[Grant], sources: Iterable[SourceGrant] = ()
    ) -> str:
        """Add a member with their roles; return the access code, which cannot be shown again.

        Who is granted sources has the role `write` for their parties. Raises SourceRefused.
        """
        written = sorted(set(sources), key=lambda one: (one.party, one.source))
        grants = {*grants, *(Grant("write", one.party) for one in written)}
        lookup, code = _new_code()
        now_us = self.clock_us()
        with Session(self.engine) as session, session.begin():
            session.add(
                Member(id=member, name=name, lookup=lookup, code_sha256=_digest(code), created_us=now_us)
            )
            session.flush()
            for one in written:
                _require_free(session, one)
                session.add(WrittenSource(member_id=member, party_id=one.party, source=one.source))
            for grant in sorted(grants, key=lambda g: (g.party or "", g.role)):
                assert grant.role in ROLES, f"unknown role {grant.role}"
                assert (grant.party is None) == (grant.role in HOUSE_ROLES), f"role {grant.role} is misplaced"
                session.add(Membership(member_id=member, party_id=grant.party or "", role=grant.role))
        return code

    def has(self, member: str) -> bool:
        """Say whether a member is enrolled, withdrawn or not."""
        with Session(self.engine) as session:
            return session.get(Member, member) is not None

    def renew_code(self, member: str) -> str:
        """Replace an access code, ending the old one and every browser session. Raises CodeRefused."""
        lookup, code = _new_code()
        with Session(self.engine) as session, session.begin():
            row = session.get(Member, member)
            if row is None:
                raise CodeRefused("there is no such member", where=member)
            row.lookup, row.code_sha256, row.withdrawn_us = lookup, _digest(code), None
            session.add(row)
            session.execute(delete(MemberSession).where(col(MemberSession.member_id) == member))
        return code

    def withdraw(self, member: str) -> None:
        """End a member's access code and every browser session. The rows stay: others refer to them."""
        with Session(self.engine) as session, session.begin():
            row = session.get(Member, member)
            if row is not None:
                row.withdrawn_us = self.clock_us()
                session.add(row)
            session.execute(delete(MemberSession).where(col(MemberSession.member_id) == member))

    def viewer_of_member(self, member: str) -> Viewer:
        """Return an enrolled member as a viewer, for who runs this installation. Raises CodeRefused."""
        with Session(self.engine) as session:
            row = session.get(Member, member)
            if row is None or row.withdrawn_us is not None:
                raise CodeRefused("no such member is enrolled; see `tallystick member list`", where=member)
            return self._viewer(session, row)

    def enrolled(self) -> list[Viewer]:
        """Return every member who can sign in, by id."""
        with Session(self.engine) as session:
            rows = session.exec(select(Member).where(col(Member.withdrawn_us).is_(None)).order_by(Member.id))
            return [self._viewer(session, row) for row in rows]

    def viewer_of_code(self, code: str) -> Viewer:
        """Return who an access code belongs to. Raises CodeRefused without saying what was wrong with it."""
        lookup = code.split("_")[1] if code.count("_") >= 2 and len(code) <= _CODE_LENGTH_MAX else ""
        lookup = lookup if lookup.isalnum() else ""
        with Session(self.engine) as session:
            row = session.exec(select(Member).where(col(Member.lookup) == lookup)).first()
            kept = row.code_sha256 if row is not None else _NO_DIGEST
            matches = hmac.compare_digest(_digest(code), kept)
            if row is None or not matches or row.withdrawn_us is not None:
                raise CodeRefused("this access code is not valid; check it, or ask for a new one")
            return self._viewer(session, row)

    def open_session(self, viewer: Viewer) -> str:
        """Start a browser session and return its token for the cookie; sessions that are over are swept."""
        token = secrets.token_urlsafe(_SECRET_BYTES)
        now_us = self.clock_us()
        with Session(self.engine) as session, session.begin():
            session.execute(delete(MemberSession).where(col(MemberSession.expires_us) <= now_us))
            session.add(
                MemberSession(
                    token_sha256=_digest(token),
                    member_id=viewer.member,
                    created_us=now_us,
                    expires_us=now_us + self.session_seconds_max * 1_000_000,
                )
            )
        return token

    def viewer_of_session(self, token: str) -> Viewer | None:
        """Return who a browser session belongs to, or None once it is over or its member withdrawn."""
        with Session(self.engine) as session:
            row = session.get(MemberSession, _digest(token))
            if row is None or row.expires_us <= self.clock_us():
                return None
            member = session.get(Member, row.member_id)
            return (
                self._viewer(session, member) if member is not None and member.withdrawn_us is None else None
            )

    @staticmethod
    def _viewer(session: Session, row: Member) -> Viewer:
        held = session.exec(select(Membership).where(col(Membership.member_id) == row.id)).all()
        grants = frozenset(Grant(cast("Role", m.role), m.party_id or None) for m in held)
        written = session.exec(select(WrittenSource).where(col(WrittenSource.member_id) == row.id)).all()
        sources = frozenset(SourceGrant(one.party_id, one.source) for one in written)
        seats: frozenset[CaseSeat] = frozenset()
        if Grant("arbiter") in grants:
            log = session_of(session.connection())
            seats = frozenset(CaseSeat(*one) for one in seats_of(log, row.id))
        return Viewer(member=row.id, name=row.name, grants=grants, sources=sources, seats=seats)

    def close_session(self, token: str) -> None:
        """End a browser session; ending it twice changes nothing."""
        with Session(self.engine) as session, session.begin():
            session.execute(delete(MemberSession).where(col(MemberSession.token_sha256) == _digest(token)))


def _new_code() -> tuple[str, str]:
    lookup = secrets.token_hex(_LOOKUP_BYTES)
    return lookup, f"{_PREFIX}_{lookup}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_free(session: Session, wanted: SourceGrant) -> None:
    """Refuse a source that is the house's own or another party's: whoever writes it could take its ids."""
    require_plain(wanted.source, SOURCE_LIMIT, "source")
    if wanted.source == HOUSE_SOURCE or wanted.source.startswith(HOUSE_PREFIX):
        raise SourceRefused(f"'{wanted.source}' is a source of the house; choose another name")
    taken = col(WrittenSource.source) == wanted.source, col(WrittenSource.party_id) != wanted.party
    if session.exec(select(WrittenSource).where(*taken)).first() is not None:
        raise SourceRefused(f"'{wanted.source}' is a source of another party; choose another name")
