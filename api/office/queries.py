"""Queries of the ledger made for a dispute: what it concerns, and questions as people write them."""

from __future__ import annotations

from collections.abc import Mapping

from api.office.accounts import moment_of
from api.office.disputes import Dispute
from api.office.opening import Office
from ledger.disclosed import PERSONAL_GROUPS
from ledger.queries.question import TIMES, Question, read_question
from ledger.queries.scope import Scope


def case_scope(one: Dispute) -> Scope:
    """Return what a dispute concerns: its agreement, and what names one of its two sides as a reader."""
    sides = {one.agreement.party_id(one.case[side]) for side in ("claimant", "respondent")
             if one.case[side] in one.agreement.parties}  # fmt: skip
    return Scope(one.id, (one.agreement.id,), tuple(sorted(sides)), PERSONAL_GROUPS)


def question_of(office: Office, agreement: str, asked: Mapping[str, str]) -> Question:
    """Return a question as people write it: a time may be a day, of the agreement's time zone, all of it.

    Raises QueryInvalid, RequestUnusable.
    """
    form = dict(asked)
    for name in TIMES:
        if name in form:
            begins = name.endswith("_from")
            moment = moment_of(office, agreement, form[name], name, begins=begins)
            assert moment is not None, "a text was given"
            form[name] = moment.isoformat()
    return read_question(form)
