"""Items and events of registers as flat rows, for CSV: a register's fields are its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, make_dataclass
from functools import cache
from typing import Any

from api.reading import Text
from api.registers.schemas import EventShown, ItemRow
from ledger.registers.declaration import register

_OF_ITEM = ("item", "agreement", "party", "state", "opened_at", "late", "entry_seq")
EVENT_COLUMNS = (
    "entry_seq", "event", "label_zh", "label_en", "occurred_at", "recorded_at", "by", "field", "value",
    "erased",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventRow:
    """A field told by an event, or an event that told none."""

    entry_seq: int
    event: str
    label: Text
    occurred_at: str
    recorded_at: str
    by: str
    field: str | None
    value: str | None
    erased: bool


def item_columns(name: str) -> tuple[str, ...]:
    """Return the columns of a register's items. Raises RegisterUnknown."""
    taken = [f"field_{one}" if one in _OF_ITEM else one for one in register(name).all_fields]
    return (*_OF_ITEM, *taken)


def item_rows(name: str, rows: Iterable[ItemRow]) -> Iterator[Any]:
    """Yield items as flat read models with these columns."""
    columns, fields = item_columns(name), tuple(register(name).all_fields)
    kind = _row_class(columns)
    for one in rows:
        own = (one.item, one.agreement, one.party, one.state, one.opened_at, one.late, one.entry_seq)
        yield kind(*own, *(one.fields.get(field) for field in fields))


def event_rows(events: Iterable[EventShown]) -> Iterator[EventRow]:
    """Yield a row for each field that an event told, one for an event that told none."""
    for one in events:
        told: list[tuple[str | None, str | None]] = [(field.name, field.value) for field in one.fields]
        for name, value in told or [(None, None)]:
            yield EventRow(
                one.entry_seq, one.event, one.label, one.occurred_at, one.recorded_at, one.by, name, value,
                one.erased,
            )  # fmt: skip


@cache
def _row_class(columns: tuple[str, ...]) -> Any:
    return make_dataclass("RegisterRow", [(name, Any) for name in columns], frozen=True)
