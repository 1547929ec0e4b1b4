"""What ends of data by itself: what nobody may keep is erased, and recipients are told that theirs is over.

Duties of tending. What ends when is in erasing.py for what the log keeps, in ledger/sharing/ending.py for
what was given away.
"""

from __future__ import annotations

from api.office.erasing import erase_due
from api.office.opening import OPERATOR, Office
from ledger.notices.giving import give_notice
from ledger.notices.notice import NewNotice
from ledger.sharing.ending import end_sharing, ended
from ledger.sharing.record import Sharing


def erase_what_is_over(office: Office) -> int:
    """Erase personal data that no grant lets be kept any longer; return how many groups went."""
    return sum(gone for gone, _ in erase_due(office, office.clock(), OPERATOR))


def end_what_was_given(office: Office) -> int:
    """End what was given whose time is over, and have its recipient say that it is gone; return how much."""
    now = office.clock()
    found = ended(office.log, now)
    for one in found:
        if one.level == "order":
            give_notice(office.log, _notice(one), at=now, by=OPERATOR)
        end_sharing(office.log, one, by=OPERATOR, at=now)
    return len(found)


def _notice(one: Sharing) -> NewNotice:
    return NewNotice(
        id=f"{one.id}.ended",
        code=f"data-to-{one.content['then']}",
        agreement=one.agreement,
        clause=one.content["clause"],
        about={"sharing": one.id, "party": one.recipient},
        cites=(one.seq,),
        figures={"days": str(one.content["days"]), "given": str(one.content["given"])},
        readers=one.readers,
        severity="warning",
    )
