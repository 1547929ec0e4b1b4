"""Notices of clocks of registers: while the last quarter of one runs, and when it is late.

Only of clocks whose declaration says that they tell. How long one runs is in ledger/registers/clocks.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from api.office.agreements import newest_signed
from api.office.opening import OPERATOR, Office
from ledger.notices.giving import give_notices
from ledger.notices.notice import NewNotice
from ledger.registers.declaration import Register, registers
from ledger.registers.items import Clock, Item, items

_QUARTER = 4


def tell_clocks(office: Office) -> int:
    """Give notice of every clock that tells and is near its end, or past it; return how many were new."""
    now = office.clock()
    newest = {name: one.ref for name, one in newest_signed(office).items()}
    found = [
        (notice, now)
        for register in registers().values()
        if any(clock.tells for clock in register.clocks)
        for item in items(office.log, register.name)
        for notice in _notices(register, item, newest.get(item.agreement or ""), now)
    ]
    return give_notices(office.log, found, by=OPERATOR)


def _notices(register: Register, item: Item, ref: str | None, now: datetime) -> Iterator[NewNotice]:
    telling = {clock.id for clock in register.clocks if clock.tells}
    for clock in item.clocks:
        if clock.id in telling and clock.ended_at is None and clock.due is not None:
            if clock.is_late(now):
                yield _notice(item, clock, clock.due, ref, late=True)
            elif _is_near(clock, clock.due, now):
                yield _notice(item, clock, clock.due, ref, late=False)


def _is_near(clock: Clock, due: str, now: datetime) -> bool:
    since, end = datetime.fromisoformat(clock.since), datetime.fromisoformat(due)
    return (end - now) * _QUARTER <= end - since


def _notice(item: Item, clock: Clock, due: str, ref: str | None, *, late: bool) -> NewNotice:
    when = "late" if late else "near"
    since = datetime.fromisoformat(clock.since)
    return NewNotice(
        id=f"{item.register}.{item.id}.{clock.id}.{int(since.timestamp())}.{when}",
        code=f"clock-{when}",
        agreement=ref,
        clause=None,
        about={
            "register": f"register:{item.register}",
            "item": item.id,
            "clock": f"clock:{item.register}.{clock.id}",
        },
        cites=(item.opened.seq,),
        figures={"due": due},
        readers=item.readers,
        severity="breach" if late else "warning",
    )
