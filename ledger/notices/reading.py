"""Notices as the log has them: in the order of giving, with what their readers did about them since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import msgspec

from ledger.database import reading
from ledger.errors import NoticeUnknown
from ledger.leaves import Opened, read_opened
from ledger.log import Log
from ledger.notices.giving import DISMISSED_KIND, FILED_KIND, GIVEN_KIND, NOTICE_GROUP
from ledger.notices.notice import Dismissal, Filing, NewNotice, Notice
from ledger.reading import Entry, read_told

_KINDS = (GIVEN_KIND, DISMISSED_KIND, FILED_KIND)


def notices(
    log: Log, *, agreement: str | None = None, readers: Collection[str] | None = None, end: int | None = None
) -> list[Notice]:
    """Return notices in the order of giving: those under an agreement (id, or id@version), for some readers.

    With `end`, as the log stood before that seq. None for `agreement` or `readers` leaves it open.
    """
    found: dict[str, Notice] = {}
    with reading(log.engine) as session:
        for entry, opened in read_told(session, _KINDS, NOTICE_GROUP, agreement):
            if end is not None and entry.seq >= end:
                break
            _take(found, entry, read_opened(opened))
    wanted = None if readers is None else frozenset(readers)
    return [one for one in found.values() if wanted is None or not wanted.isdisjoint(one.new.readers)]


def notice(log: Log, notice_id: str) -> Notice:
    """Return one notice. Raises NoticeUnknown."""
    for one in notices(log):
        if one.new.id == notice_id:
            return one
    raise NoticeUnknown("there is no such notice", where=notice_id)


def _take(found: dict[str, Notice], entry: Entry, group: Opened) -> None:
    content: dict[str, Any] = msgspec.json.decode(group.content)
    name = content["notice"]
    if entry.kind == GIVEN_KIND:
        found[name] = _given(entry, content, tuple(group.readers))
    elif name in found and entry.kind == DISMISSED_KIND:
        word = Dismissal(content["dismissed_by"], content["reason"], entry.occurred_at, entry.seq)
        found[name] = replace(found[name], dismissed=(*found[name].dismissed, word))
    elif name in found:
        filing = Filing(content["filed_by"], content["dispute"], entry.occurred_at, entry.seq)
        found[name] = replace(found[name], filed=filing)


def _given(entry: Entry, content: dict[str, Any], readers: tuple[str, ...]) -> Notice:
    new = NewNotice(
        id=content["notice"],
        code=content["code"],
        agreement=entry.agreement,
        clause=content["clause"],
        about=content["about"],
        cites=tuple(content["cites"]),
        figures=content["figures"],
        readers=readers,
        severity=content["severity"],
    )
    return Notice(entry.seq, new, entry.occurred_at, entry.recorded_us, entry.asserter)
