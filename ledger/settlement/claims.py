"""Claims to order lines in suspense, as entries of the log: made, accepted by the others, or decided.

suspense.claimed    a party says that a line falls under its agreement, why, and who must accept that
suspense.accepted   one of these does
suspense.decided    where they do not: it stands, or fails, by a decided dispute

A claim settles its line from the entry on with which it stands; the first that stands does. Who must accept
is part of the claim, so that nothing is worked out again. Not here: who may claim (api.office.suspense).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import polars as pl

from ledger.database import Session, reading
from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.reading import Entry, read_entries, read_groups
from policies.canonical import canonical_bytes

CLAIMED, ACCEPTED, DECIDED = "suspense.claimed", "suspense.accepted", "suspense.decided"
CLAIM_KINDS = (CLAIMED, ACCEPTED, DECIDED)
CLAIM_GROUP = "claim"
SOURCE = "tallystick.suspense"
"""Source of the entries about suspense that Tallystick itself writes."""

_AT_ONCE = 100

GIVEN_SCHEMA: Mapping[str, Any] = {
    "order": pl.String,
    "line": pl.String,
    "seq:given": pl.Int64,
    "given": pl.Boolean,
}
"""Columns of lines that claims settled: from which seq on, and whether to the agreement itself."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim to a line: under which agreement (by id), on whose word, for whom, why, and what became of it.

    Parties go by global id. `needs` are those who must accept it, `accepted` who did and in which entry;
    `decided` is the entry of a decision, and `upheld` what it said.
    """

    id: str
    order: str
    line: str
    agreement: str
    payee: str
    reason: str
    needs: tuple[str, ...]
    readers: tuple[str, ...]
    seq: int
    accepted: Mapping[str, int] = field(default_factory=dict)
    decided: int | None = None
    upheld: bool = False

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who has still to accept it."""
        return tuple(one for one in self.needs if one not in self.accepted)

    @property
    def stands_from(self) -> int | None:
        """The entry with which it stands, None where it does not."""
        if self.decided is not None:
            return self.decided if self.upheld else None
        return None if self.waiting else max((self.seq, *self.accepted.values()))

    @property
    def is_open(self) -> bool:
        """Tell whether it may still be accepted or decided."""
        return self.decided is None and bool(self.waiting)


def claim_entry(  # noqa: PLR0913 -- which line of what, for whom and why, who must accept and may read
    agreement: str,
    line: tuple[str, str],
    *,
    payee: str,
    reason: str,
    needs: Iterable[str],
    readers: Iterable[str],
    at: datetime,
) -> NewEntry:
    """Return the `suspense.claimed` entry, not yet appended; `agreement` is a version, the claimant `payee`.

    Its id is made of what is claimed for whom, so that the same claim again is a repeat.
    """
    said = {"order": line[0], "line": line[1], "agreement": agreement.partition("@")[0], "payee": payee}
    claim = f"S-{hashlib.sha256(canonical_bytes(said)).hexdigest()[:10]}"
    content = {"claim": claim, **said, "reason": reason, "needs": sorted(needs)}
    return _entry(CLAIMED, f"{claim}/claimed", agreement, content, payee, tuple(sorted({*readers})), at)


def acceptance_entry(claim: Claim, agreement: str, party: str, reason: str, at: datetime) -> NewEntry:
    """Return the `suspense.accepted` entry by which a party accepts a claim."""
    content = {"claim": claim.id, "party": party, "reason": reason}
    return _entry(ACCEPTED, f"{claim.id}/accepted/{party}", agreement, content, party, claim.readers, at)


def ruling_entry(  # noqa: PLR0913 -- which claim, by whom, what of it and why
    claim: Claim, agreement: str, party: str, *, upheld: bool, case: str, reason: str, at: datetime
) -> NewEntry:
    """Return the `suspense.decided` entry that says what a decided dispute means for a claim."""
    content = {"claim": claim.id, "upheld": upheld, "case": case, "reason": reason}
    return _entry(DECIDED, f"{claim.id}/decided", agreement, content, party, claim.readers, at)


def _entry(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    kind: str,
    entry_id: str,
    agreement: str,
    content: dict[str, Any],
    party: str,
    readers: tuple[str, ...],
    at: datetime,
) -> NewEntry:
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=at,
        asserter=party,
        agreement=agreement,
        concerns=readers,
        groups=(Group(CLAIM_GROUP, readers, content),),
    )


def read_claims(log: Log, agreements: Iterable[str]) -> list[Claim]:
    """Return the claims made under some agreements (by id), oldest first."""
    with reading(log.engine) as session:
        return claims_within(session, agreements)


def claims_within(session: Session, agreements: Iterable[str]) -> list[Claim]:
    """Return claims as a transaction sees them; see read_claims."""
    found: dict[str, Claim] = {}
    for agreement in sorted(set(agreements)):
        after = -1
        while entries := _entries_beyond(session, after, agreement):
            for entry in entries:
                groups = read_groups(session, entry.seq, None)
                group = next(one for one in groups if one.name == CLAIM_GROUP)
                _take(found, entry.kind, entry.seq, group.content, group.readers)
            after = entries[-1].seq
    return sorted(found.values(), key=lambda one: one.seq)


def _entries_beyond(session: Session, after: int, agreement: str) -> list[Entry]:
    return read_entries(
        session, after=after, limit=_AT_ONCE, kinds=CLAIM_KINDS, agreement=agreement, newest_first=False
    )


def _take(
    found: dict[str, Claim], kind: str, seq: int, content: Mapping[str, Any], readers: tuple[str, ...]
) -> None:
    claim = content["claim"]
    if kind == CLAIMED:
        found[claim] = Claim(
            claim,
            content["order"],
            content["line"],
            content["agreement"],
            content["payee"],
            content["reason"],
            tuple(content["needs"]),
            tuple(readers),
            seq,
        )
    elif kind == ACCEPTED:
        accepted = {**found[claim].accepted, content["party"]: seq}
        found[claim] = replace(found[claim], accepted=accepted)
    else:
        found[claim] = replace(found[claim], decided=seq, upheld=content["upheld"])


def given_lines(claims: Iterable[Claim], agreement: str) -> pl.DataFrame:
    """Return, for an agreement (by id), the lines that claims settled: the first that stands of each line."""
    first: dict[tuple[str, str], tuple[int, bool]] = {}
    for one in claims:
        stands = one.stands_from
        if stands is not None:
            known = first.get((one.order, one.line))
            if known is None or stands < known[0]:
                first[one.order, one.line] = stands, one.agreement == agreement
    rows = [(*key, *told) for key, told in sorted(first.items())]
    return pl.DataFrame(rows, schema=dict(GIVEN_SCHEMA), orient="row")
