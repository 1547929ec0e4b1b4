"""How many days ahead a change of terms must be announced, as the packs say, and where that is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from policies.fields import Words
from policies.packs.pack import Pack


class Notice(NamedTuple):
    """The longest period that the law asks for, and the articles that ask for it."""

    days: int
    citation: Words


def notice_days(packs: Iterable[Pack], *, affects_many: bool, on: date) -> Notice | None:
    """Return the longest notice in force on a day, None where no pack asks for any.

    `affects_many` says that many users, or their major interests, are affected by the change.
    """
    found: list[Notice] = []
    for pack in packs:
        for period in pack.notice:
            cites = pack.in_force(period.cites, on)
            if cites and (affects_many or not period.affects_many):
                words = Words(zh=pack.cited(cites, "zh"), en=pack.cited(cites, "en"))
                found.append(Notice(period.days, words))
    return max(found, key=lambda one: one.days, default=None)
