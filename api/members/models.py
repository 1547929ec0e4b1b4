"""Tables of members, what they may do, and their sign-ins in the browser.

Never returned from `members/`: readers get a `Viewer`. Of a code or session only SHA-256 is kept; both are
192 random bits, so a plain digest cannot be searched back.
"""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class Member(SQLModel, table=True):
    """A person or a program that acts for parties or for the house."""

    __tablename__ = "member"

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=200)
    lookup: str = Field(unique=True, max_length=16)
    """The public first part of the access code, by which the row is found."""
    code_sha256: str = Field(max_length=64)
    created_us: int = Field(sa_type=BigInteger)
    withdrawn_us: int | None = Field(default=None, sa_type=BigInteger)


class Membership(SQLModel, table=True):
    """One role of a member, within a party, or of the house where the party is empty text."""

    __tablename__ = "membership"

    member_id: str = Field(primary_key=True, foreign_key="member.id", max_length=64)
    party_id: str = Field(primary_key=True, max_length=128)
    role: str = Field(primary_key=True, max_length=16)


class WrittenSource(SQLModel, table=True):
    """A source of entries that a member may write in the name of a party."""

    __tablename__ = "written_source"

    member_id: str = Field(primary_key=True, foreign_key="member.id", max_length=64)
    party_id: str = Field(primary_key=True, max_length=128)
    source: str = Field(primary_key=True, max_length=128)


class MemberSession(SQLModel, table=True):
    """One sign-in in a browser; deleting the row ends it."""

    __tablename__ = "member_session"

    token_sha256: str = Field(primary_key=True, max_length=64)
    member_id: str = Field(foreign_key="member.id", max_length=64, index=True)
    created_us: int = Field(sa_type=BigInteger)
    expires_us: int = Field(sa_type=BigInteger)
