"""What comes in under an agreement, gathered for who watches: newest events, the day so far, their lateness.

Who may watch, and how late they are shown, is for api/live and the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from api.office.agreements import signed_versions
from api.office.opening import Office
from ledger.derive import LINE_EVENTS, ORDER_GROUP
from ledger.disclosed import Disclosed, Sight, disclosed_entries
from ledger.live import Day, Days, arrivals
from ledger.registers.declaration import registers
from ledger.registers.items import SOURCE as REGISTERS
from ledger.registers.items import event_of
from policies.agreement import Agreement

FEEDBACK = ("feedback", "survey")
"""The registers that are feedback."""

_ESCROW, _BALANCE = "escrow", "balance"


@dataclass(frozen=True, slots=True)
class Watched:
    """What was found under an agreement at a time: events newest first, the day since it began.

    `arrived` is how long the newest events took until the log had them, in microseconds.
    """

    agreement: Agreement
    now: datetime
    since: datetime
    events: Sequence[Disclosed]
    day: Day
    arrived: Sequence[int]


def watch(  # noqa: PLR0913 -- of which agreement, for whose eyes, from where, how much
    office: Office, agreement: str, sight: Sight | None, days: Days, *, after: int | None = None, limit: int
) -> Watched:
    """Return what came in under an agreement beyond entry `after`, as far as `sight` opens it (None: all).

    Counted is what came under versions that name somebody of `sight`: who left learns no more of the day.
    `days` counts the day on from the look before. Raises AgreementUnknown.
    """
    versions = [one.agreement for one in signed_versions(office, agreement)]
    document, refs = versions[-1], [one.ref for one in versions if sight is None or _names(one, sight)]
    kinds = [*LINE_EVENTS, *(kind for name in FEEDBACK for kind in registers()[name].kinds)]
    events = disclosed_entries(office.log, sight, after=after, limit=limit, kinds=kinds, agreement=agreement)
    now = office.clock()
    begun = datetime.combine(now.astimezone(document.zone).date(), time(), tzinfo=document.zone)
    escrow = (_ESCROW, _BALANCE, document.currency)
    day = days.so_far(office.log, refs, kinds, since=begun, escrow=escrow)
    return Watched(document, now, begun, events, day, arrivals(office.log, refs, kinds))


def _names(version: Agreement, sight: Sight) -> bool:
    return any(version.party_id(key) in sight.readers for key in version.parties)


def about(one: Disclosed) -> str:
    """Return the order and line, or the matter of a register, that an event is about."""
    if one.entry.source == REGISTERS:
        return event_of(one.entry.id)[1]
    content = next((group.content for group in one.groups if group.name == ORDER_GROUP), {})
    return " ".join(content[name] for name in ("order", "line") if name in content)


def paid_minor(one: Disclosed) -> int:
    """Return what an event put into escrow, in minor units."""
    return sum(
        posting["amount_minor"]
        for group in one.groups
        if group.name == ORDER_GROUP
        for posting in group.postings
        if posting["account"] == f"{_ESCROW}.{_BALANCE}"
    )
