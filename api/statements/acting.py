"""Serving, accepting and contesting statements, and ending contests, for those who may.

A party alone accepts and contests its statements, the office serves them, an arbiter who acts for no party to
the agreement dismisses a contest, and the office answers one by a statement that corrects.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.access import Viewer, demand_arbiter, demand_role
from api.office.opening import OPERATOR, Office
from api.office.papers import (
    accept_statement,
    agreement_of,
    contest_statement,
    end_statement_contest,
    serve_statement,
)
from api.statements.schemas import ContestRequest, EndRequest, ServiceRequest
from ledger.settlement.errors import ContestRefused, ServiceRefused, StatementUnknown
from ledger.statements.contested import ContestAsked
from ledger.statements.life import MEANS
from ledger.statements.reading import Statement, read_statement

REFERENCE_MAX = 200


def serve(office: Office, statement: Statement, asked: ServiceRequest) -> None:
    """Record a service; the same means again adds nothing. Raises ServiceRefused."""
    means = next((one for one in MEANS if one == asked.means), None)
    if means is None:
        raise ServiceRefused(f"'{asked.means[:40]}' is neither {' nor '.join(MEANS)}", where=statement.id)
    serve_statement(
        office,
        statement,
        means,
        delivered_at=_time(asked.delivered_at, statement),
        reference=_said(asked.reference, statement),
    )


def accept(office: Office, viewer: Viewer, statement: Statement) -> None:
    """Accept for the statement's party. Needs `approve` for it."""
    demand_role(viewer, "approve", statement.party)
    accept_statement(office, statement, by=viewer.member)


def contest(office: Office, viewer: Viewer, statement: Statement, asked: ContestRequest) -> int:
    """Contest for the statement's party; return the number of the contest. Needs `approve` for it."""
    demand_role(viewer, "approve", statement.party)
    named = bool(asked.lines) + bool(asked.figures) + asked.whole
    if named != 1:
        raise ContestRefused("name lines, figures or the whole, one of the three", where=statement.id)
    wanted = ContestAsked(_one_line(asked.reason), tuple(asked.lines), tuple(asked.figures))
    return contest_statement(office, statement, wanted, by=viewer.member).number


def end(  # noqa: PLR0913, PLR0917 -- which contest, how, why, for whom
    office: Office,
    viewer: Viewer,
    statement: Statement,
    number: int,
    how: Literal["withdrawn", "dismissed"],
    asked: EndRequest,
) -> None:
    """End a contest: withdrawn by its party, or dismissed by an arbiter who acts for no party."""
    if how == "withdrawn":
        demand_role(viewer, "approve", statement.party)
    else:
        agreement = agreement_of(office, statement)
        demand_arbiter(viewer, [agreement.party_id(key) for key in agreement.parties])
    reason = _reason(statement, asked)
    end_statement_contest(office, statement, number, how, by=viewer.member, reason=reason)


def answer(office: Office, statement: Statement, number: int, asked: EndRequest) -> None:
    """End a contest by the statement that corrects this one: the operator's. Raises ContestRefused."""
    _require_corrects(office, statement, asked.correction)
    reason, correction = _reason(statement, asked), asked.correction
    end_statement_contest(
        office, statement, number, "answered", by=OPERATOR, reason=reason, correction=correction
    )


def _reason(statement: Statement, asked: EndRequest) -> str:
    reason = _one_line(asked.reason)
    if not reason:
        raise ContestRefused("say why, as it will stand in the log", where=statement.id)
    return reason


def _require_corrects(office: Office, statement: Statement, correction: str | None) -> None:
    """Refuse an answer that names no later statement of the party which corrects this one."""
    try:
        found = read_statement(office.log, correction or "", party=statement.party)
    except StatementUnknown:
        found = None
    if found is None or found.content.get("corrects", {}).get("statement") != statement.id:
        raise ContestRefused(
            "an answer names the statement that corrects this one: `tallystick statement correct`",
            where=statement.id,
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _said(text: str | None, statement: Statement) -> str | None:
    words = _one_line(text or "")
    if len(words) > REFERENCE_MAX:
        raise ServiceRefused(f"a reference has at most {REFERENCE_MAX} letters", where=statement.id)
    return words or None


def _time(text: str | None, statement: Statement) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ServiceRefused(f"'{text[:40]}' is no time with its offset", where=statement.id)
    return found
