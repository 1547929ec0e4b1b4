"""The checklist of a month: what was looked at before it is closed, and what a second member overrode.

An item is derived from the log each time it is asked for, and says what it found in figures. What is open
stops the close until it is settled, or until somebody other than who closes lets it stand with a reason: an
entry `checklist.overridden`, which counts for as long as the item finds what it found then. The close records
the whole list. How each item is derived is in items.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ledger.entries import Group, NewEntry, require_plain
from ledger.errors import ChecklistOpen, OverrideRefused
from ledger.log import Log
from ledger.periods import CHECKLIST_GROUP, Calendar, Closing, Period
from policies.canonical import canonical_bytes
from policies.errors import did_you_mean

OVERRIDDEN_KIND = "checklist.overridden"
OVERRIDE_GROUP = "override"
SOURCE = "tallystick.checklists"
REASON_LIMIT = 2_000
_DIGEST_DIGITS = 12

State = Literal["ok", "open", "not_applicable"]
"""Nothing to do; something is; or there is nothing of the kind."""

Found = Mapping[str, int | str]
"""What an item found, as figures and short texts by name; the same found twice is the same state."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing looked at: how it stands, what of it (`why`, empty where it is plain), and what was found.

    `must` says that nobody can let it stand.
    """

    name: str
    state: State
    found: Found
    why: str = ""
    must: bool = False

    @property
    def digest(self) -> str:
        """What names this finding: equal while the item finds the same."""
        told = {"item": self.name, "state": self.state, "why": self.why, "found": dict(self.found)}
        return hashlib.sha256(canonical_bytes(told)).hexdigest()[:_DIGEST_DIGITS]


@dataclass(frozen=True, slots=True)
class Override:
    """That a member lets an open item stand as it was found, and why."""

    item: str
    finding: str
    by: str
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class Checklist:
    """A month's items in order, and what was said of them so far, oldest first; by whom it was closed."""

    agreement: str
    period: Period
    items: tuple[Item, ...]
    overrides: tuple[Override, ...]
    closed_by: str | None = None

    def override_of(self, item: Item, closer: str | None = None) -> Override | None:
        """Return the override under which an item stands as it is, by somebody other than who closes."""
        found = (one for one in self.overrides if (one.item, one.finding) == (item.name, item.digest))
        return next((one for one in found if one.by != (self.closed_by or closer)), None)

    def stopping(self, closer: str | None = None) -> tuple[Item, ...]:
        """Return what stops the close by somebody: what is open and not overridden by another member."""
        opened = (one for one in self.items if one.state == "open")
        return tuple(one for one in opened if one.must or self.override_of(one, closer) is None)

    def require_closable(self, closer: str) -> None:
        """Raise ChecklistOpen with the names of what stops the close."""
        stopping = self.stopping(closer)
        if stopping:
            names = ", ".join(one.name for one in stopping)
            raise ChecklistOpen(
                f"{len(stopping)} item(s) of the checklist are open: {names}; settle them, or have a second"
                " member override each with a reason",
                where=f"{self.agreement} {self.period}",
            )

    def content(self, closer: str) -> dict[str, Any]:
        """Return the list as a close records it."""
        return {"closed_by": closer, "items": [self._told(one, closer) for one in self.items]}

    def _told(self, item: Item, closer: str) -> dict[str, Any]:
        told = {"item": item.name, "state": item.state, "why": item.why, "found": dict(item.found)}
        override = self.override_of(item, closer) if item.state == "open" else None
        if override is None:
            return told
        return told | {"overridden": {"by": override.by, "reason": override.reason, "seq": override.seq}}


def recorded_checklist(log: Log, agreement: str, period: Period, seq: int) -> Checklist | None:
    """Return a month's checklist as its close, entry `seq`, records it.

    None where the close records none, as those of before there were checklists.
    """
    told = next((one.content for one in log.groups(seq) if one.name == CHECKLIST_GROUP), None)
    if told is None:
        return None
    items = [Item(one["item"], one["state"], one["found"], one["why"], must=False) for one in told["items"]]
    overrides = [
        Override(item.name, item.digest, **one["overridden"])
        for item, one in zip(items, told["items"], strict=True)
        if "overridden" in one
    ]
    return Checklist(agreement, period, tuple(items), tuple(overrides), told["closed_by"])


def overrides_of(log: Log, calendar: Calendar, period: Period) -> tuple[Override, ...]:
    """Return what was said of a month's items so far, oldest first."""
    found: list[Override] = []
    after = -1
    while entries := log.entries(after, kinds=[OVERRIDDEN_KIND], agreement=calendar.agreement):
        for entry in entries:
            (told,) = (one.content for one in log.groups(entry.seq) if one.name == OVERRIDE_GROUP)
            if told["period"] == str(period):
                found.append(Override(told["item"], told["finding"], told["by"], told["reason"], entry.seq))
        after = entries[-1].seq
    return tuple(found)


def override_item(  # noqa: PLR0913 -- which item of which list, who, for whom, why, when
    log: Log,
    calendar: Calendar,
    checklist: Checklist,
    name: str,
    closing: Closing,
    *,
    by: str,
    asserter: str,
    reason: str,
    now: datetime,
) -> Override:
    """Let an open item stand as it is found now, on the word of the member `by`; the same again adds nothing.

    Raises OverrideRefused for a name that is no item, an item that is not open or that nobody can let stand,
    and for a month that is closed; EntryInvalid for a reason that cannot be kept.
    """
    require_plain(reason, REASON_LIMIT, "override, reason")
    item = _named(checklist.items, name)
    if calendar.close_of(checklist.period) is not None:
        raise OverrideRefused("this month is closed", where=str(checklist.period))
    if item.state != "open":
        raise OverrideRefused("this item is not open, so there is nothing to override", where=name)
    if item.must:
        raise OverrideRefused("nobody can override this item: it has to be settled", where=name)
    standing = [one for one in checklist.overrides if (one.item, one.finding) == (name, item.digest)]
    for one in standing:
        if one.by == by:
            return one
    content = {
        "agreement": checklist.agreement,
        "period": str(checklist.period),
        "item": name,
        "why": item.why,
        "found": dict(item.found),
        "finding": item.digest,
        "by": by,
        "reason": reason,
    }
    entry = NewEntry(
        source=SOURCE,
        id=f"{checklist.agreement}/{checklist.period}/{name}/{item.digest}/{len(standing) + 1}",
        kind=OVERRIDDEN_KIND,
        occurred_at=now,
        asserter=asserter,
        agreement=closing.agreement,
        concerns=closing.keepers,
        groups=(Group(OVERRIDE_GROUP, closing.keepers, content),),
    )
    (seq,) = log.append([entry]).accepted
    return Override(name, item.digest, by, reason, seq)


def _named(items: Sequence[Item], name: str) -> Item:
    found = next((one for one in items if one.name == name), None)
    if found is None:
        hint = did_you_mean(name, [one.name for one in items])
        raise OverrideRefused(f"the checklist has no such item{hint}", where=name[:80])
    return found
