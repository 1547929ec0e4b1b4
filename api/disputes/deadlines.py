"""When each step of a dispute is due: days of the document's windows, counted from recorded service.

Days are calendar days in the agreement's time zone; the day of service is not counted, and a step may be
taken until the end of its last day. Nothing here decides what happens when a day passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from policies.agreement import Agreement

Step = Literal["answer", "evidence", "appeal"]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A step and the last day on which it may be taken."""

    step: Step
    last_day: date


def deadlines(agreement: Agreement, filed: datetime, decided: datetime | None) -> tuple[Deadline, ...]:
    """Return the windows that run: from the filing to answer and prove, from the decision to appeal."""
    process = agreement.process
    if process is None:
        return ()
    windows = process.windows
    if decided is not None:
        return (Deadline("appeal", _day(agreement, decided) + timedelta(days=windows.appeal_days)),)
    answer = _day(agreement, filed) + timedelta(days=windows.answer_days)
    return (Deadline("answer", answer), Deadline("evidence", answer + timedelta(days=windows.evidence_days)))


def today(agreement: Agreement, now: datetime) -> date:
    """Return the day that it is where the agreement counts its days."""
    return _day(agreement, now)


def _day(agreement: Agreement, instant: datetime) -> date:
    return instant.astimezone(agreement.zone).date()
