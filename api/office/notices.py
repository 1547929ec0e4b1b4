"""Notices of the office: dismissed by one of those they are for."""

from __future__ import annotations

from api.office.opening import Office
from ledger.errors import NoticeUnknown
from ledger.notices.giving import dismiss_notice
from ledger.notices.notice import Notice
from ledger.notices.reading import notice


def dismiss(office: Office, notice_id: str, *, by: str, reason: str) -> Notice:
    """Dismiss a notice for a party that it is for; it stays open to its other readers.

    Raises NoticeUnknown, also where it is not for that party, and EntryInvalid for no reason.
    """
    found = notice(office.log, notice_id)
    if by not in found.new.readers:
        raise NoticeUnknown(
            f"it is not for '{by}'; it is for {', '.join(found.new.readers)}", where=notice_id
        )
    dismiss_notice(office.log, notice_id, by=by, reason=" ".join(reason.split()), at=office.clock())
    return notice(office.log, notice_id)
