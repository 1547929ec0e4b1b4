"""Whether what was told breaks a monitor: by the exact reader, on the fields as the document types them.

What is missing or cannot be read is unknown, and of what is unknown nothing is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from policies.errors import FormulaError, PolicyError
from policies.facts import read_fact, read_instant
from policies.formulas.exact import Facts, Unknown, Value, evaluate
from policies.formulas.tree import Node, names
from policies.grants import Wanted, access_verdict, data_grants
from policies.monitors.compiled import Compiled
from policies.monitors.declared import FieldType, Phrases, Told

BESIDE, WATCH = "beside", "watch"
ON, BY = "on", "by"
_KNOWN_MAX = 50_000
"""Combinations that are remembered at once: memory stays what it is, however long a log is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as monitors read it: when it was so, who said it, its fields as text, who may read them."""

    seq: int
    at: datetime
    by: str
    fields: Mapping[str, str]
    readers: frozenset[str]


@dataclass(slots=True)
class Judge:
    """Answers whether entries break conditions, each distinct combination of what a condition reads once."""

    _known: dict[tuple[int, tuple[str | None, ...]], bool] = field(default_factory=dict)
    _reads: dict[int, tuple[tuple[str, str, str], ...]] = field(default_factory=dict)

    def breaks(self, one: Compiled, watched: Entry, beside: Entry | None) -> bool:
        """Tell whether an entry, with what stands beside it, breaks a monitor that has a condition."""
        return self._holds(one, one.where, watched, beside) and self._holds(one, one.when, watched, beside)

    def _holds(self, one: Compiled, node: Node | None, watched: Entry, beside: Entry | None) -> bool:
        if node is None:
            return True
        reads = self._reads.get(id(node))
        if reads is None:
            reads = self._reads[id(node)] = tuple(_places(one, node))
        said = tuple(text_at(one, place, name, watched, beside) for _, place, name in reads)
        key = id(node), said
        found = self._known.get(key)
        if found is None:
            values: dict[str, Value] = dict(one.sides)
            values |= {
                fact: _value(one, place, name, text)
                for (fact, place, name), text in zip(reads, said, strict=True)
            }
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            found = self._known[key] = _true(node, Facts(values))
        return found


def _true(node: Node, facts: Facts) -> bool:
    try:
        return evaluate(node, facts) is True
    except FormulaError:  # such as a year that the calendar does not know: then nothing is said
        return False


def _places(one: Compiled, node: Node) -> list[tuple[str, str, str]]:
    """Return where each name that a condition reads is told: its fact, `watch` or `beside`, the field."""
    given = {fact: place for place, fact in one.monitor.facts.items()}
    found = []
    for fact in sorted(names(node) - one.sides.keys()):
        place = given.get(fact) or _by_prefix(one, fact)
        if place is not None:
            side, _, name = place.partition(".")
            found.append((fact, side, name))
    return found


def facts_shown(one: Compiled, watched: Entry, beside: Entry | None) -> dict[str, tuple[str, int]]:
    """Return the document's facts that a condition read, as text, each with the entry that says it."""
    found = {}
    for fact, place, name in _places(one, one.when) if one.when is not None else ():
        text = text_at(one, place, name, watched, beside)
        entry = watched if place == WATCH else beside
        if fact in one.agreement.document.facts and text is not None and entry is not None:
            found[fact] = text, entry.seq
    return found


def _by_prefix(one: Compiled, fact: str) -> str | None:
    prefix, _, name = fact.partition(".")
    for side, told in ((WATCH, one.monitor.watch), (BESIDE, one.monitor.beside)):
        if told is not None and (prefix in {side, told.prefix}) and (name in told.takes or name in {ON, BY}):
            return f"{side}.{name}"
    return None


def text_at(one: Compiled, place: str, name: str, watched: Entry, beside: Entry | None) -> str | None:
    """Return a field as told, an instant as its day in the agreement's time zone; None where it is not."""
    entry = watched if place == WATCH else beside
    if entry is None:
        return None
    if name == ON:
        return _day(one, entry.at).isoformat()
    if name == BY:
        return entry.by
    text = entry.fields.get(name)
    if text is None or _type(one, place, name) != "instant":
        return text
    try:
        return _day(one, read_instant(text)).isoformat()
    except PolicyError:
        return None


def _value(one: Compiled, place: str, name: str, text: str | None) -> Value:
    missing = Unknown(frozenset({f"{place}.{name}"}))
    if text is None:
        return missing
    kind = _type(one, place, name)
    if name == ON or kind == "instant":
        return date.fromisoformat(text)
    try:
        return text if name == BY or kind is None else read_fact(text, kind, one.agreement.currency)
    except PolicyError:
        return missing


def _type(one: Compiled, place: str, name: str) -> FieldType | None:
    told: Told | None = one.monitor.watch if place == WATCH else one.monitor.beside
    return None if told is None else told.takes.get(name)


def _day(one: Compiled, at: datetime) -> date:
    return at.astimezone(one.agreement.zone).date()


def beyond_grants(one: Compiled, watched: Entry, fields: Sequence[str], level: str) -> dict[str, str] | None:
    """Return why no data grant of the version covers what was shared, None where one does.

    Of several grants the monitor of the nearest speaks; where none names the recipient, that of the first.
    """
    agreement, recipient = one.agreement, watched.fields.get("recipient", "")
    keys = [key for key in agreement.parties if recipient in {key, agreement.party_id(key)}]
    wanted = Wanted(
        keys[0] if keys else recipient,
        watched.fields.get("purpose", ""),
        tuple(fields),
        "aggregate" if level == "aggregate" else "order",
        _day(one, watched.at),
    )
    verdict = access_verdict(agreement, wanted)
    speaks = verdict.clause or next(data_grants(agreement))
    if verdict.reason is None or speaks.id != one.clause:
        return None
    personal = {name for grant in data_grants(agreement) for name in grant.personal}
    named = {"fields": fields, "personal": sorted(personal.intersection(fields))}
    told = {"reason": str(verdict.reason), **{name: ", ".join(ones) for name, ones in named.items()}}
    return {name: text for name, text in told.items() if text}


def phrase_in(words: Phrases, text: str) -> str | None:
    """Return the first phrase that a text holds as a claim; None where what is around it denies it.

    What denies may stand up to four characters before it, or right after it.
    """
    said = text.casefold()
    for phrase in words.phrases:
        at = -1
        while (at := said.find(phrase.casefold(), at + 1)) >= 0:
            before, after = said[max(0, at - _NEAR) : at], said[at + len(phrase) :]
            denied = any(one in before for one in words.unless_before)
            if not denied and not after.startswith(words.unless_after):
                return phrase
    return None


_NEAR = 4
