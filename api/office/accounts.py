"""Times up to which balances count, as people write them, and the accounts of an agreement by their text."""

from __future__ import annotations

from datetime import date as day
from datetime import datetime, time, timedelta

from api.errors import RequestUnusable
from api.office.journals import zone_of_days
from api.office.opening import Office
from ledger.accounts import Until

_DAY_LENGTH = 10
_DIGITS = 18
_YEARS = range(1900, 9000)


def until_of(
    office: Office, agreement: str | None, occurred: str | None, recorded: str | None, end: int | None = None
) -> Until:
    """Return the limits of a question: a day counts to its end, in the time zone of the agreement's days.

    Raises RequestUnusable for a text that is neither a day nor a time with its offset.
    """
    return Until(
        moment_of(office, agreement, occurred, "occurred"),
        moment_of(office, agreement, recorded, "recorded"),
        end,
    )


def moment_of(
    office: Office, agreement: str | None, text: str | None, where: str, *, begins: bool = False
) -> datetime | None:
    """Return the instant that a text names: of a day its last, or its first where something `begins` then.

    Raises RequestUnusable, as until_of does.
    """
    if text is None:
        return None
    moment: datetime | None
    try:
        if len(text) == _DAY_LENGTH:
            first = day.fromisoformat(text) + timedelta(days=0 if begins else 1)
            midnight = datetime.combine(first, time(), tzinfo=zone_of_days(office, agreement))
            moment = midnight if begins else midnight - timedelta(microseconds=1)
        else:
            moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None or moment.year not in _YEARS:
        message = "is no day such as 2026-03-31 and no time such as 2026-03-31T12:00:00+08:00"
        raise RequestUnusable(message, where=where)
    return moment


def account_parts(text: str) -> tuple[str, str]:
    """Return owner and purpose of an account written as OWNER.PURPOSE. Raises RequestUnusable."""
    owner, dot, purpose = text.rpartition(".")
    if not (owner and dot and purpose):
        raise RequestUnusable("is no account such as mcn.balance: OWNER.PURPOSE", where=text[:80])
    return owner, purpose


def movement_cursor(text: str | None) -> tuple[int, int]:
    """Return the place of a movement, seq and n, from SEQ.N; None is before the first.

    Raises RequestUnusable.
    """
    if text is None:
        return -1, 0
    seq, dot, n = text.partition(".")
    if not (dot and _is_number(seq) and _is_number(n)):
        raise RequestUnusable("is no cursor such as 1024.0 that a page gave", where="after")
    return int(seq), int(n)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS
