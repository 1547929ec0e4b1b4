"""Scores on record: one entry a party, agreement and period, with the facts that clauses read of it.

score.recorded   the card by digest, every part with its figure, weights, total, tier; on the platform's word

Recorded again because something changed, a score is a further entry: the last one counts, with its facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.database import reading
from ledger.entries import Group, NewEntry
from ledger.log import Log
from ledger.measures.shown import decimal
from ledger.reading import Entry, content_of, read_told
from ledger.scores.working import Score

SOURCE = "tallystick.scores"
KIND = "score.recorded"
GROUP = "score"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A score as the log has it: of whom (global id), under which agreement (id@version), of which period."""

    seq: int
    occurred_at: str
    party: str
    agreement: str
    period: str
    content: dict[str, Any]

    @property
    def total(self) -> str:
        """The total, to two places."""
        return str(self.content["total"])

    @property
    def tier(self) -> str:
        """The tier that it reached."""
        return str(self.content["tier"])


def score_content(score: Score, party: str, period: str, credit: int) -> dict[str, Any]:
    """Return what the entry of a score says."""
    return {
        "party": party,
        "period": period,
        "scorecard": score.card.scorecard,
        "card_sha256": score.card.digest,
        "credit": credit,
        "components": [
            {
                "component": one.name,
                "weight": str(one.weight),
                "score": str(one.score),
                "parts": [
                    {
                        "part": part.terms.name,
                        "value": str(part.value),
                        "items": part.items,
                        "score": str(part.score),
                    }
                    for part in one.parts
                ],
            }
            for one in score.components
        ],
        "total": decimal(score.total, 2),
        "tier": score.tier.id,
    }


def record(  # noqa: PLR0913 -- of whom, what, with which facts, on whose word, when
    log: Log,
    agreement: str,
    content: dict[str, Any],
    facts: NewEntry | None,
    *,
    by: str,
    at: datetime,
) -> Recorded:
    """Record a score with the facts that follow from it; what the last one of the period says adds nothing.

    `agreement` is id@version, `by` the platform that keeps it.
    """
    party, period = content["party"], content["period"]
    known = [one for one in scores(log, agreement.partition("@")[0], party) if one.period == period]
    if known and known[-1].content == content:
        return known[-1]
    readers = (party, by)
    entry = NewEntry(
        source=SOURCE,
        id=f"{agreement}/{party}/{period}/{len(known) + 1}",
        kind=KIND,
        occurred_at=at,
        asserter=by,
        agreement=agreement,
        concerns=readers,
        groups=(Group(GROUP, readers, content),),
    )
    log.append([entry] if facts is None else [entry, facts])
    return scores(log, agreement.partition("@")[0], party)[-1]


def scores(log: Log, agreement: str | None = None, party: str | None = None) -> Sequence[Recorded]:
    """Return recorded scores in order of the log, of an agreement (id) and a party where they are named."""
    with reading(log.engine) as session:
        found = [_recorded(*one) for one in read_told(session, [KIND], GROUP, agreement)]
    return [one for one in found if party in {None, one.party}]


def _recorded(entry: Entry, opened: bytes) -> Recorded:
    content = content_of(opened)
    return Recorded(
        entry.seq, entry.occurred_at, content["party"], entry.agreement or "", content["period"], content
    )
