"""A run of the monitors over what is new in the log: batch by batch, each notice with its clause and entries.

What is found has an id made of the monitor and of what it is about, so that the same is said once, however
often and by however many processes it is found, and whatever was remembered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from ledger.database import Session, reading
from ledger.leaves import instant_of, microseconds
from ledger.log import Log
from ledger.monitors.days import ComesNear, Overdue, coming_near, overdue
from ledger.monitors.memory import Memory, Told
from ledger.monitors.plan import Keep, Plan, remembered
from ledger.monitors.returns import Beyond, count_lines
from ledger.monitors.stream import BATCH, Read, as_texts, read_batch
from ledger.notices.giving import give_notices
from ledger.notices.notice import TEXT_LIMIT, NewNotice
from ledger.reading import read_entry, tip
from policies.money import from_minor
from policies.monitors.compiled import Compiled
from policies.monitors.judging import Entry, Judge, beyond_grants, phrase_in, text_at

MONITORS = "monitors"
"""Who gives the notices of monitors."""

Given = tuple[NewNotice, datetime]


class Ran(NamedTuple):
    """What a run did: how many entries it looked at, how many things it found, how many were not said yet."""

    entries: int
    found: int
    given: int


def run_monitors(log: Log, plan: Plan, memory: Memory, now: datetime) -> Ran:
    """Read what is new since what is remembered, and give notices of what is found; `memory` moves along."""
    entries = found = given = 0
    judge = Judge()
    while True:
        with reading(log.engine) as session:
            first, stop = memory.position, min(tip(session)[0], memory.position + BATCH)
            batch = list(_batch(session, plan, memory, judge, first, stop)) if stop > first else []
            last = read_entry(session, stop - 1).leaf_hash.hex() if stop > first else memory.last_hash
        given += give_notices(log, batch, by=MONITORS)
        entries, found = entries + stop - first, found + len(batch)
        if stop == first:
            break
        memory.position, memory.last_hash = stop, last
    with reading(log.engine) as session:
        days = [_ends(one) for one in coming_near(plan, now)]
        days += [_late(one) for one in overdue(session, plan, now, memory.looked_on)]
    return Ran(entries, found + len(days), given + give_notices(log, days, by=MONITORS))


def still_there(session: Session, memory: Memory) -> bool:
    """Tell whether the log still holds what was read: not where an older copy of it was put back."""
    if not memory.position:
        return True
    size = tip(session)[0]
    return (
        memory.position <= size
        and read_entry(session, memory.position - 1).leaf_hash.hex() == memory.last_hash
    )


def _batch(  # noqa: PLR0913, PLR0917 -- what is read, for what, with what is remembered
    session: Session, plan: Plan, memory: Memory, judge: Judge, first: int, stop: int
) -> Iterator[Given]:
    for read in read_batch(session, first, stop, plan.kinds, plan.groups):
        fields = as_texts(read.fields)
        for one in plan.watching.get((read.agreement, read.kind), ()):
            yield from _watched(one, read, fields, memory, judge)
        for keep in plan.remembering.get((read.agreement.partition("@")[0], read.kind), ()):
            _remember(keep, read, fields, memory)
    for beyond in count_lines(session, plan, memory, first, stop):
        yield from _returned(beyond, session)


def _remember(keep: Keep, read: Read, fields: Mapping[str, str], memory: Memory) -> None:
    if keep.item is not None:
        before = memory.last(keep.item, tuple(fields.get(name, "") for name in keep.item.by))
        fields = {**(before.fields if before is not None else {}), **fields}
    values = tuple(fields.get(name, "") for name in keep.what.by)
    if all(values):
        kept = {name: fields[name] for name in keep.takes if name in fields}
        told = Told(read.seq, microseconds(read.at), read.by, kept, sorted(read.readers))
        memory.remember(keep.what, values, told)


def _watched(
    one: Compiled, read: Read, fields: Mapping[str, str], memory: Memory, judge: Judge
) -> Iterator[Given]:
    monitor = one.monitor
    if not one.counts_on(read.at.astimezone(one.agreement.zone).date()):
        return
    watched = Entry(read.seq, read.at, read.by, fields, read.readers)
    beside = _beside(one, fields, memory)
    more: dict[str, str] = {}
    if monitor.words is not None:
        phrase = phrase_in(monitor.words, fields.get(monitor.words.in_, ""))
        if phrase is None:
            return
        more = {"phrase": phrase}
    elif monitor.permitted:
        shared = read.fields.get("fields")
        named = [name for name in shared if isinstance(name, str)] if isinstance(shared, list) else []
        why = beyond_grants(one, watched, named, fields.get("level", "order"))
        if why is None:
            return
        more = why
    elif not judge.breaks(one, watched, beside):
        return
    rests_on = [watched] if beside is None else [watched, beside]
    readers = frozenset(one.readers).intersection(*(each.readers for each in rests_on))
    if not readers:
        return
    cites = {each.seq for each in rests_on}
    once = [text_at(one, *_place(place), watched, beside) or "" for place in monitor.once] or [str(read.seq)]
    told = {
        name: {
            each: text
            for each, place in places.items()
            if (text := _plain(text_at(one, *_place(place), watched, beside))) is not None
        }
        for name, places in (("about", monitor.about), ("figures", monitor.figures))
    }
    new = _notice(one, once, told["about"], {**told["figures"], **more}, cites)
    yield replace(new, readers=tuple(sorted(readers))), read.at


def _beside(one: Compiled, fields: Mapping[str, str], memory: Memory) -> Entry | None:
    beside = one.monitor.beside
    if beside is None:
        return None
    told = memory.last(remembered(one, beside), tuple(fields.get(name, "") for name in beside.by))
    if told is None:
        return None
    return Entry(told.seq, instant_of(told.at_us), told.by, told.fields, frozenset(told.readers))


def _returned(one: Beyond, session: Session) -> Iterator[Given]:
    figures = {"returned": str(one.returned), "sold": str(one.sold), "month": one.month}
    rate = one.monitor.monitor.rate
    assert rate is not None, "it counted"
    told = _notice(
        one.monitor, [one.item, one.month], {"sku": one.item}, {**figures, "ceiling": rate.above},
        {one.seq, one.sale_seq},
    )  # fmt: skip
    readers = tuple(sorted({*told.readers}.intersection(one.readers)))
    if readers:
        yield replace(told, readers=readers), instant_of(read_entry(session, one.seq).occurred_us)


def _ends(one: ComesNear) -> Given:
    day = one.day.isoformat()
    return _notice(one.monitor, [day], {}, {"ends_on": day}, set()), one.at


def _late(one: Overdue) -> Given:
    payable = one.payable
    amount = f"{from_minor(payable.payable_minor, payable.currency)} {payable.currency}"
    about = {"party": payable.payee, "statement": one.statement}
    figures = {"payable": amount, "due_on": one.due_on.isoformat()}
    new = _notice(one.monitor, [one.statement], about, figures, {one.seq})
    return replace(new, readers=tuple(sorted((payable.payer, payable.payee)))), one.at


def _notice(
    one: Compiled, once: list[str], about: dict[str, str], figures: dict[str, str], cites: set[int]
) -> NewNotice:
    said = "\x1f".join((one.agreement.id, one.clause or "", *once))
    return NewNotice(
        id=f"{one.monitor.code}-{hashlib.sha256(said.encode()).hexdigest()[:16]}",
        code=one.monitor.code,
        agreement=one.agreement.ref,
        clause=one.clause,
        about=about,
        cites=tuple(sorted(cites)),
        figures={**figures, **({"rule": one.rule} if one.rule else {})},
        readers=one.readers,
        severity=one.monitor.severity,
    )


def _place(place: str) -> tuple[str, str]:
    side, _, name = place.partition(".")
    return side, name


def _plain(text: str | None) -> str | None:
    """Return a text as a notice may tell it: on one line, and not too long; None where nothing is left."""
    words = (
        "" if text is None else " ".join("".join(one if one.isprintable() else " " for one in text).split())
    )
    return words[:TEXT_LIMIT] or None
