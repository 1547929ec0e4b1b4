"""Which clauses stand or fall together: exceptions with what they are from, followers with what they follow.

A family is what one claim can set in motion, in the order in which its clauses are evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from policies.clauses.core import Clause
from policies.clauses.payment import Draw


def family(clauses: Mapping[str, Clause], root: str) -> tuple[Clause, ...]:
    """Return a clause with its exceptions, then those that follow it, each with its own behind it."""
    return tuple(_members(clauses, clauses[root], set()))


def _members(clauses: Mapping[str, Clause], clause: Clause, seen: set[str]) -> Iterator[Clause]:
    if clause.id in seen:
        return
    seen.add(clause.id)
    yield clause
    for link in ("exception_of", "follows"):
        for other in clauses.values():
            if getattr(other, link) == clause.id:
                yield from _members(clauses, other, seen)


def root_of(clauses: Mapping[str, Clause], clause: Clause) -> Clause:
    """Return the clause a claim must invoke for this one to be evaluated; itself where it stands alone."""
    at, seen = clause, {clause.id}
    while at.parent is not None and at.parent in clauses and at.parent not in seen:
        at = clauses[at.parent]
        seen.add(at.id)
    return at


def followed(clauses: Mapping[str, Clause], clause: Clause) -> tuple[Clause, ...]:
    """Return the clauses that a clause follows, the first one first: where it applies, all of them do."""
    found, seen, at = [], {clause.id}, clause
    while at.follows is not None and at.follows in clauses and at.follows not in seen:
        at = clauses[at.follows]
        seen.add(at.id)
        found.append(at)
    return tuple(reversed(found))


def pool_owners(clauses: Mapping[str, Clause]) -> dict[str, Clause]:
    """Return the clause that declares each pool, by the pool's name."""
    return {name: clause for clause in clauses.values() for name in clause.pools or ()}


def lending(clauses: Mapping[str, Clause], members: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return the clauses whose pools a family pays into, with their exceptions, where they stand outside."""
    owners = pool_owners(clauses)
    used = dict.fromkeys(owners[one.into].id for each in members for one in each.remedies if one.into)
    found = {one.id: one for owner in used for one in family(clauses, owner)}
    return tuple(one for one in found.values() if one not in members)


def sources_named(clauses: Mapping[str, Clause]) -> frozenset[str]:
    """Return every account that remedies and pools of a document draw from, a row's order left off."""
    found: set[str] = set()
    for clause in clauses.values():
        found |= {source for source in _sources(clause) if isinstance(source, str)}
        found |= {draw.account for draw in draws_of(clause)}
    return frozenset(one.removesuffix(":order") for one in found)


def draws_of(clause: Clause) -> Iterator[Draw]:
    """Yield every draw of the remedies and pools of a clause."""
    for source in _sources(clause):
        if not isinstance(source, str):
            yield from source or ()


def _sources(clause: Clause) -> Iterator[str | tuple[Draw, ...] | None]:
    yield from (remedy.from_ for remedy in clause.remedies)
    yield from (pool.from_ for pool in (clause.pools or {}).values())
