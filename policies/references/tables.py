"""Whether tables read, the calendar is one that is shipped, and sets of events have names of their own."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.calendars import load_calendar
from policies.errors import Finding, FormulaError
from policies.references.scopes import RESERVED, RESERVED_OWNERS

_TAKEN = frozenset({"order", "case"})


def tables(agreement: Agreement) -> Iterator[Finding]:
    """Yield the tables and the calendar that no formula could be bound to."""
    for name, terms in (agreement.document.tables or {}).items():
        try:
            terms.read(name, agreement.currency)
        except FormulaError as fault:
            path = ("tables", name, *fault.data.get("at", ()))
            yield agreement.finding("table.invalid", f"in the table '{name}': {fault.message}", path)
    if agreement.document.calendar is not None:
        try:
            load_calendar(agreement.document.calendar)
        except FormulaError as fault:
            yield agreement.finding("calendar.unknown", fault.message, ("calendar",))
    yield from _uncounted(agreement)


def _uncounted(agreement: Agreement) -> Iterator[Finding]:
    """Yield windows in business days of a document that has no calendar to count them by."""
    process = agreement.process
    if process is None or agreement.document.calendar is not None:
        return
    index = agreement.document.clauses.index(process)
    for name, window in (("windows", process.windows), ("statements", process.statements)):
        if window is not None and window.counted_in == "business_days":
            yield agreement.finding(
                "calendar.missing",
                "business days are counted by a calendar, and the document names none: 'calendar: CN'",
                ("clauses", index, name, "counted_in"),
            )


def events(agreement: Agreement) -> Iterator[Finding]:
    """Yield sets of events whose name is taken."""
    for name in agreement.document.events or {}:
        if name in RESERVED | RESERVED_OWNERS | _TAKEN:
            message = f"'{name}' means something else in formulas; call the set by another name"
            yield agreement.finding("name.reserved", message, ("events", name))
