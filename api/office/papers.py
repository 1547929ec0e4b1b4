"""What is done to the statements that the office issued: served, accepted, contested, contests ended.

Each goes by the version of the agreement that the statement was issued under. Who may act is asked before.
"""

from __future__ import annotations

from datetime import datetime

from api.members.service import MemberService
from api.office.agreements import signed_versions
from api.office.opening import OPERATOR, Office
from ledger.leaves import microseconds
from ledger.reading import Entry
from ledger.settlement.errors import ServiceRefused
from ledger.statements.acts import Act, End, accept, contest, end_contest, serve
from ledger.statements.contested import ContestAsked
from ledger.statements.life import Contest, Means
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement
from policies.agreement import Agreement


def agreement_of(office: Office, statement: Statement) -> Agreement:
    """Return the newest version that a statement was issued under."""
    newest = statement.content["versions"][-1]["sha256"]
    signed = signed_versions(office, statement.agreement)
    return next(one.agreement for one in signed if one.agreement.sha256 == newest)


def serve_statement(
    office: Office,
    statement: Statement,
    means: Means,
    *,
    delivered_at: datetime | None = None,
    reference: str | None = None,
) -> Entry:
    """Record that a statement reached its party; the same means again returns the first record.

    An inbox that nobody of the party can open is none. Raises ServiceRefused.
    """
    if means == "inbox" and not opens_inbox(office, statement.party):
        raise ServiceRefused(
            f"nobody of {statement.party} can sign in; enrol a member, or serve it at the party's address",
            where=statement.id,
        )
    return serve(
        office.log,
        statement,
        agreement_of(office, statement),
        means,
        Act(office.clock(), OPERATOR),
        delivered_at=delivered_at,
        reference=reference,
    )


def accept_statement(office: Office, statement: Statement, *, by: str) -> Entry:
    """Accept a statement in its party's name, by a member; accepting again returns the first acceptance."""
    return accept(office.log, statement, agreement_of(office, statement), Act(office.clock(), by))


def contest_statement(office: Office, statement: Statement, asked: ContestAsked, *, by: str) -> Contest:
    """Contest what is asked in the party's name, by a member, and hold it; see ledger.statements.acts."""
    store, act = LineStore(office.files), Act(office.clock(), by)
    return contest(office.log, store, statement, agreement_of(office, statement), asked, act)


def end_statement_contest(  # noqa: PLR0913 -- which contest, how, why, by whom, and what answers it
    office: Office,
    statement: Statement,
    number: int,
    how: End,
    *,
    by: str,
    reason: str,
    correction: str | None = None,
) -> Entry:
    """End a contest and release what it held; see ledger.statements.acts."""
    return end_contest(
        office.log,
        statement,
        agreement_of(office, statement),
        number,
        how,
        Act(office.clock(), by),
        reason=reason,
        correction=correction,
    )


def opens_inbox(office: Office, party: str) -> bool:
    """Tell whether somebody of a party can sign in and read its statements."""
    members = MemberService(
        office.engine, lambda: microseconds(office.clock()), office.settings.session_seconds_max
    )
    return any(party in one.parties for one in members.enrolled())
