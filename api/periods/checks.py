"""The checklist of a month in words: how each item stands, what to do about it, and who let it stand."""

from __future__ import annotations

import re

from api.periods.schemas import CloseCheck, ItemOverridden
from api.worded import both
from ledger.month_end.checklist import Checklist, Item, Override

_TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.+-]+")


def checks_of(found: Checklist, closer: str | None = None) -> tuple[CloseCheck, ...]:
    """Return every item of a checklist, as it stands for somebody who would close the month."""
    return tuple(_check(found, one, closer) for one in found.items)


def _check(found: Checklist, item: Item, closer: str | None) -> CloseCheck:
    key = f"{item.name}-{item.why}" if item.why else item.name
    said = {name: _for_people(value) for name, value in item.found.items()}
    is_open = item.state == "open"
    by_another = found.override_of(item, closer) if is_open else None
    override = by_another or (found.override_of(item) if is_open else None)
    return CloseCheck(
        check=item.name,
        result=item.state,
        says=both(f"close-check.{key}", **said),
        todo=both(f"close-todo.{key}", **said) if is_open else None,
        found=dict(item.found),
        must=item.must,
        stops=is_open and by_another is None,
        overridden=shown_override(override) if override else None,
    )


def _for_people(value: object) -> object:
    """Return what was found as people read it: a time with a blank before its hour, all else as it is."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value.replace("T", " ")
    return value


def shown_override(one: Override) -> ItemOverridden:
    """Return an override as it is shown."""
    return ItemOverridden(one.item, one.by, one.reason, one.seq)
