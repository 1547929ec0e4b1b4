"""Notices given, dismissed and made into cases: entries of the log, each once.

    notice.given      what is to be looked at: the clause, what it is about, the entries it rests on
    notice.dismissed  a party's word that nothing needs to be done, with its reason; others keep seeing it
    notice.filed      the dispute that a party made of it

Ids are stable, so that whoever finds the same thing again, in another process or after a crash, says it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledger.entries import Group, NewEntry, entry_of, require_plain
from ledger.errors import NoticeUnknown
from ledger.log import Log
from ledger.notices.notice import NewNotice
from ledger.reading import Entry

SOURCE = "tallystick.notices"
"""Source of every entry about notices."""

GIVEN_KIND, DISMISSED_KIND, FILED_KIND = "notice.given", "notice.dismissed", "notice.filed"
NOTICE_GROUP = "notice"
REASON_LIMIT = 2_000


def give_notice(log: Log, new: NewNotice, *, at: datetime, by: str) -> int:
    """Give a notice on the word of `by`; return its seq. One with that id adds nothing, whatever it says."""
    return _once(log, giving(new, at=at, by=by))


def give_notices(log: Log, found: Sequence[tuple[NewNotice, datetime]], *, by: str) -> int:
    """Give many notices, each at its time, in one transaction; return how many were not there yet.

    Of two found at once under one id the first is given.
    """
    firsts: dict[str, tuple[NewNotice, datetime]] = {}
    for new, at in found:
        firsts.setdefault(new.id, (new, at))
    fresh = [
        giving(new, at=at, by=by)
        for name, (new, at) in firsts.items()
        if log.find(SOURCE, f"{name}/given") is None
    ]
    # With `partial`, what another process said meanwhile in other words is left as that one said it.
    return len(log.append(fresh, partial=True).accepted) if fresh else 0


def giving(new: NewNotice, *, at: datetime, by: str) -> NewEntry:
    """Return the entry that gives a notice, not yet appended: for who appends it with others."""
    content: dict[str, Any] = {
        "notice": new.id,
        "code": new.code,
        "clause": new.clause,
        "about": dict(new.about),
        "cites": list(new.cites),
        "figures": dict(new.figures),
        "severity": new.severity,
    }
    return entry_of(
        Group(NOTICE_GROUP, new.readers, content),
        source=SOURCE, id=f"{new.id}/given", kind=GIVEN_KIND, at=at, by=by, agreement=new.agreement,
    )  # fmt: skip


def dismiss_notice(log: Log, notice: str, *, by: str, reason: str, at: datetime) -> int:
    """Dismiss a notice for one party, `by`, with its reason; return the seq. Dismissed again adds nothing.

    Raises NoticeUnknown, and EntryInvalid for no reason, or one that is too long.
    """
    require_plain(reason, REASON_LIMIT, "notice, reason")
    content = {"notice": notice, "reason": reason, "dismissed_by": by}
    return _said(log, DISMISSED_KIND, notice, f"dismissed/{by}", content, by=by, at=at)


def record_filing(log: Log, notice: str, dispute: str, *, by: str, at: datetime) -> int:
    """Say which dispute a party, `by`, made of a notice, once; return the seq. Raises NoticeUnknown."""
    content = {"notice": notice, "dispute": dispute, "filed_by": by}
    return _said(log, FILED_KIND, notice, "filed", content, by=by, at=at)


def _said(  # noqa: PLR0913 -- the parts of one entry
    log: Log, kind: str, notice: str, name: str, content: dict[str, Any], *, by: str, at: datetime
) -> int:
    given, readers = given_entry(log, notice)
    entry = entry_of(
        Group(NOTICE_GROUP, readers, content),
        source=SOURCE, id=f"{notice}/{name}", kind=kind, at=at, by=by, agreement=given.agreement,
    )  # fmt: skip
    return _once(log, entry)


def _once(log: Log, entry: NewEntry) -> int:
    """Append an entry unless one stands under its id, whatever that says; return the seq of the one."""
    standing = log.find(entry.source, entry.id)
    if standing is None:
        log.append([entry], partial=True)  # another process may have come between, with another time
        standing = log.find(entry.source, entry.id)
    assert standing is not None, "an entry that was appended stands in the log"
    return standing.seq


def given_entry(log: Log, notice: str) -> tuple[Entry, tuple[str, ...]]:
    """Return the entry that gave a notice, and whom it is for. Raises NoticeUnknown."""
    given = log.find(SOURCE, f"{notice}/given")
    if given is None:
        raise NoticeUnknown("there is no such notice", where=notice)
    (group,) = [one for one in log.groups(given.seq) if one.name == NOTICE_GROUP]
    return given, group.readers
