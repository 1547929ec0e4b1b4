"""Points that the log gives rise to by itself: each entry of the kinds that a model's rules name, once.

The points of an entry have an id made of the rule and the entry's seq, and the entry's own time, so that
following again, or by two processes at once, adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledger.credit.points import points_within
from ledger.credit.record import NewPoints, giving
from ledger.database import Session, reading
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.reading import Entry, content_of, read_told
from policies.credit.model import CreditModel, Occasion, Rule

RULES = "rules"
"""On whose word points are given that follow from the log with nobody's help."""

Who = Callable[[str, str], tuple[str, str] | None]
"""From an agreement (id@version) and a party as told, the global ids of the party and of the keeper."""


def follow(log: Log, model: CreditModel, who: Who) -> int:
    """Give the points of every entry that a rule names and that has none yet; return how many.

    An entry that names no party to its agreement, or whose agreement has no platform, gives none.
    """
    with reading(log.engine) as session:
        known = points_within(session)
        entries = [
            giving(model, new, at=instant_of(entry.occurred_us), by=RULES)
            for rule in model.rules
            if rule.on is not None
            for entry, told, cites in _told(session, rule.on)
            if (new := _points(rule, rule.on, entry, told, cites, who)) and new.id not in known
        ]
    for one in entries:
        log.append([one])
    return len(entries)


def _told(session: Session, on: Occasion) -> Iterator[tuple[Entry, dict[str, Any], tuple[int, ...]]]:
    """Yield each entry of an occasion with what it and the one beside it say, and the seqs of both."""
    beside: dict[str, tuple[int, dict[str, Any]]] = {}
    if on.beside is not None:
        for entry, opened in read_told(session, [on.beside.kind], on.beside.group):
            told = _fields(opened)
            beside[str(told.get(on.beside.by))] = (entry.seq, told)
    for entry, opened in read_told(session, [on.kind], on.group):
        told = _fields(opened)
        seq, more = beside.get(str(told.get(on.beside.by)), (entry.seq, {})) if on.beside else (entry.seq, {})
        yield entry, {**more, **told}, tuple(sorted({seq, entry.seq}))


def _fields(opened: bytes) -> dict[str, Any]:
    content = content_of(opened)
    return {**content, **content.get("fields", {})}


def _points(  # noqa: PLR0913, PLR0917 -- the rule, what its occasion says, and who is meant
    rule: Rule,
    on: Occasion,
    entry: Entry,
    told: Mapping[str, Any],
    cites: tuple[int, ...],
    who: Who,
) -> NewPoints | None:
    if any(str(told.get(name)) not in values for name, values in on.where.items()):
        return None
    party = told.get(on.party)
    found = who(entry.agreement, str(party)) if entry.agreement and party else None
    if found is None or entry.agreement is None:
        return None
    severity = str(told.get(on.severity) or 1) if on.severity else "1"
    return NewPoints(
        id=f"{rule.id}-{entry.seq}",
        party=found[0],
        keeper=found[1],
        rule=rule.id,
        clause=str(told.get(on.clause) or rule.id),
        agreement=entry.agreement,
        reason=rule.text.en,
        severity=min(max(int(severity), 1), rule.severity_max) if severity.isdecimal() else 1,
        cites=cites,
    )
