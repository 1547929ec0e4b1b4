"""Facts that dues rest on, as entries of the log: who told them, of which period or case, and who contests.

A fact counts by what each party last said of it. Where the source that the document lets prevail told it,
its value counts as proven; otherwise one party's word is asserted, two that agree prove it, and two that
differ, or a party that contests it, leave it contested. Not here: what follows from facts (dues.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.entries import Group, NewEntry
from ledger.leaves import instant_of, occurred_text
from ledger.log import Log
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.dues.facts import FactTold

FACTS_KIND = "facts.recorded"
FACTS_GROUP = "facts"

Subject = tuple[str, str, str]
"""What facts are of: a clause or none, a set of rows or none, and the period, case or row, or none."""


@dataclass(frozen=True, slots=True)
class FactsGiven:
    """What a party says: `facts` by name as text, and the names of those that it contests.

    `about` is a period (2026-05), a case under `clause`, or a row of `rows`; without it the facts are of the
    agreement as a whole. `sha256` is the digest of the file they rest on.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    contested: Sequence[str] = ()
    about: str | None = None
    clause: str | None = None
    rows: str | None = None
    sha256: str | None = None


def facts_entry(
    agreement: Agreement, given: FactsGiven, *, source: str, asserter: str, occurred_at: datetime
) -> NewEntry:
    """Return the `facts.recorded` entry of what a party says, not yet appended; every party reads it.

    Its id is made of what it says, by whom and when, so that the same again is a repeat.
    """
    readers = tuple(agreement.party_id(key) for key in agreement.parties)
    content: dict[str, Any] = {"agreement": agreement.id, "facts": dict(given.facts)}
    if given.contested:
        content["contested"] = sorted(given.contested)
    content |= {
        name: value
        for name in ("about", "clause", "rows", "sha256")
        if (value := getattr(given, name)) is not None
    }
    said = {**content, "asserter": asserter, "occurred_at": occurred_text(occurred_at)}
    digest = hashlib.sha256(canonical_bytes(said)).hexdigest()[:32]
    return NewEntry(
        source=source,
        id=f"{agreement.id}/facts/{digest}",
        kind=FACTS_KIND,
        occurred_at=occurred_at,
        asserter=asserter,
        agreement=agreement.ref,
        concerns=readers,
        groups=(Group(FACTS_GROUP, readers, content),),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What one entry says of one fact: its text, None where the party contests it."""

    seq: int
    occurred_us: int
    source: str
    asserter: str
    text: str | None


@dataclass(frozen=True, slots=True)
class FactStanding:
    """What counts of one fact, and all that was said of it, oldest first."""

    subject: Subject
    name: str
    told: FactTold
    said: tuple[Said, ...]


@dataclass(frozen=True)
class RecordedFacts:
    """What was said of facts before a point, by what they are of and by name, in order of the log."""

    said: Mapping[Subject, Mapping[str, tuple[Said, ...]]]
    first_us: Mapping[Subject, int]

    def of(self, agreement: Agreement, clause: str, about: str) -> dict[str, FactTold]:
        """Return what counts of each fact for a clause on an occasion: the nearest that was said of it.

        What is said of a case under the clause goes before what is said of a period, and that before what is
        said of the clause or of the agreement as a whole.
        """
        found: dict[str, FactTold] = {}
        for subject in dict.fromkeys(((clause, "", about), ("", "", about), (clause, "", ""), ("", "", ""))):
            for name, said in self.said.get(subject, {}).items():
                found.setdefault(name, _told(said, agreement.document.prevailing_source))
        return found

    def seqs(self, clause: str, about: str) -> dict[str, tuple[Said, ...]]:
        """Return what was said of each fact that counts for a clause on an occasion, entry by entry."""
        found: dict[str, tuple[Said, ...]] = {}
        for subject in ((clause, "", about), ("", "", about), (clause, "", ""), ("", "", "")):
            for name, said in self.said.get(subject, {}).items():
                found.setdefault(name, said)
        return found

    def standing(self, agreement: Agreement) -> Iterator[FactStanding]:
        """Yield what counts of every fact, sorted by what it is of and by name, with all that was said."""
        prevailing = agreement.document.prevailing_source
        for subject in sorted(self.said):
            for name, said in sorted(self.said[subject].items()):
                yield FactStanding(subject, name, _told(said, prevailing), said)

    def cases(self, clause: str) -> dict[str, datetime]:
        """Return the cases recorded under a clause, with the time at which each was first told of."""
        return {
            about: instant_of(self.first_us[clause, rows, about])
            for of, rows, about in sorted(self.said)
            if of == clause and about and not rows
        }

    def rows(self, agreement: Agreement, of: str) -> Iterator[tuple[datetime, dict[str, FactTold]]]:
        """Yield the rows recorded of a set: when each was first told of, and what counts of its facts."""
        for subject in sorted(self.said):
            if subject[1] == of:
                told = {
                    name: _told(said, agreement.document.prevailing_source)
                    for name, said in self.said[subject].items()
                }
                yield instant_of(self.first_us[subject]), told


def read_recorded_facts(log: Log, agreement: str, end: int) -> RecordedFacts:
    """Read what was said of the facts of an agreement (by id) before seq `end`, whenever it was so."""
    said: dict[Subject, dict[str, tuple[Said, ...]]] = {}
    first: dict[Subject, int] = {}
    after = -1
    while entries := log.entries(after, kinds=[FACTS_KIND], agreement=agreement):
        for entry in entries:
            if entry.seq >= end:
                continue
            for group in log.groups(entry.seq):
                if group.name != FACTS_GROUP or group.opened is None:
                    continue
                content = group.content
                clause, rows, about = (str(content.get(name) or "") for name in ("clause", "rows", "about"))
                subject = (clause, rows, about)
                told = {**content.get("facts", {}), **dict.fromkeys(content.get("contested", ()))}
                known = said.setdefault(subject, {})
                first[subject] = min(first.get(subject, entry.occurred_us), entry.occurred_us)
                for name, text in told.items():
                    one = Said(entry.seq, entry.occurred_us, entry.source, entry.asserter, text)
                    known[name] = (*known.get(name, ()), one)
        after = entries[-1].seq
    return RecordedFacts(said, first)


def _told(said: Sequence[Said], prevailing: str | None) -> FactTold:
    """Return what counts of a fact by what each party last said of it."""
    last = {one.asserter: one for one in said}
    prevails = [one for one in said if one.source == prevailing and one.text is not None]
    if prevails:
        return FactTold(prevails[-1].text, "proven")
    texts = {one.text for one in last.values()}
    if None in texts or len(texts) > 1:
        return FactTold(None, "disputed")
    return FactTold(texts.pop(), "proven" if len(last) > 1 else "asserted")
