"""Items of registers in words: fields by their declared types, clocks, checks and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction

from api.pages import moment
from api.reading import Money, Text, plain
from api.registers.schemas import (
    CheckShown,
    ClockShown,
    ClockState,
    EventShown,
    FieldShown,
    FigureShown,
)
from api.worded import both, local_time, of_words, rate_text
from ledger.leaves import instant_of, occurred_text
from ledger.registers.declaration import Register
from ledger.registers.items import Clock, Happened, Item
from ledger.registers.terms import CHECKED, SHOWN_BY, FieldTerms
from ledger.registers.values import figures
from policies.agreement import Agreement
from policies.fields import Words
from policies.money import round_minor

Named = Callable[[str], Text]
"""Says what a party, or one of the house, is called."""


def field_shown(of: Register, name: str, text: str | None, agreement: Agreement | None) -> FieldShown:
    """Return one field as told, in words; `text` None is what is erased or withheld."""
    terms = of.all_fields.get(name)
    if terms is None:  # told under a declaration that had it
        return FieldShown(name, plain(name), text, None if text is None else plain(text), personal=False)
    words = None if text is None else value_text(terms, text, agreement)
    link = f"/registers/{of.links[name]}/{text}" if name in of.links and text else None
    return FieldShown(name, labelled(terms.text), text, words, terms.personal, link)


def labelled(words: Words) -> Text:
    """Return declared words as a label, which begins with a capital in English."""
    return Text(words.zh, words.en[:1].upper() + words.en[1:])


def value_text(terms: FieldTerms, text: str, agreement: Agreement | None) -> Text:
    """Return a field's text as people read it."""
    if terms.options is not None and text in terms.options:
        return of_words(terms.options[text].model_dump())
    if terms.type == "bool":
        return both(f"registers.{text}")
    if terms.type == "money" and agreement is not None:
        return plain(f"{text} {agreement.currency}")
    if terms.type == "time_code":
        return plain(time_code(int(text)))
    if terms.type == "count":
        return plain(f"{int(text):,}")
    if terms.type == "instant":
        return plain(moment(text if agreement is None else local_time(agreement, text)))
    return plain(text)


def time_code(milliseconds: int) -> str:
    """Write a time code as hours, minutes, seconds and milliseconds: 0:01:01.500."""
    seconds, rest = divmod(milliseconds, 1_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}.{rest:03}"


def event_shown(
    of: Register, one: Happened, agreement: Agreement | None, named: Named, *, personal: bool
) -> EventShown:
    """Return an event in words; personal fields are withheld without `personal`."""
    terms = of.all_events.get(one.event)
    told = {
        name: None if name in one.personal and not personal else text for name, text in one.fields.items()
    }
    fields = [field_shown(of, name, text, agreement) for name, text in told.items()]
    if one.event == CHECKED and one.fields.get(SHOWN_BY):
        fields = [_with_link(of, shown, one.fields) for shown in fields]
    return EventShown(
        one.event,
        of_words(terms.text.model_dump()) if terms is not None else plain(one.event),
        one.occurred_at if agreement is None else local_time(agreement, one.occurred_at),
        occurred_text(instant_of(one.recorded_us)),
        one.by,
        named(one.by),
        one.seq,
        tuple(fields),
        one.erased,
    )


def _with_link(of: Register, shown: FieldShown, fields: Mapping[str, str | None]) -> FieldShown:
    check = of.checks.get(fields.get("check") or "")
    if shown.name != SHOWN_BY or check is None or check.shown_by is None:
        return shown
    link = f"/registers/{check.shown_by.register_}/{shown.value}"
    return FieldShown(shown.name, shown.label, shown.value, shown.text, shown.personal, link)


def clocks_shown(
    of: Register, item: Item, now: datetime, agreement: Agreement | None
) -> Iterator[ClockShown]:
    """Yield the clocks that were started, in words."""
    words = {clock.id: clock.text for clock in of.clocks}
    for one in item.clocks:
        label = labelled(words[one.id])
        since = one.since if agreement is None else local_time(agreement, one.since)
        yield ClockShown(one.id, label, since, one.due, one.ended_at, _clock_state(one, now))


def _clock_state(one: Clock, now: datetime) -> ClockState:
    if one.ended_at is None:
        return "late" if one.is_late(now) else "running"
    return "missed" if one.is_late(now) else "kept"


def checks_shown(of: Register, item: Item, named: Named) -> Iterator[CheckShown]:
    """Yield every check of the register, ticked or open."""
    for name, terms in of.checks.items():
        one = item.checks.get(name)
        label = labelled(terms.text)
        yield CheckShown(name, label, one.seq if one else None, named(one.by) if one else None)


def figures_shown(of: Register, item: Item, agreement: Agreement | None) -> Iterator[FigureShown]:
    """Yield the figures that follow from an item's fields, in words."""
    found = figures(item, agreement) if of.figures else {}
    for name, terms in of.figures.items():
        value, text = found[name], None
        if isinstance(value, Fraction):
            text = _figure_text(value, terms.type, agreement)
        yield FigureShown(name, labelled(terms.text), text)


def _figure_text(value: Fraction, kind: str, agreement: Agreement | None) -> Text:
    if kind == "rate":
        return plain(rate_text(value))
    if kind == "money" and agreement is not None:
        minor = round_minor(value * agreement.scale, "half_up")
        return plain(f"{Money(minor, agreement.currency).decimal()} {agreement.currency}")
    if value.denominator == 1:
        return plain(str(value.numerator))
    return plain(Money(round_minor(value * 100, "half_up"), "CNY").decimal())
