"""Scores as one viewer may see them: a party's own, what a platform recorded, all for auditors."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from api.access import Viewer, demand_read, demand_role, may_read
from api.office.agreements import held_versions
from api.office.credit import keeper_of
from api.office.opening import Office
from api.office.scores import record_score
from api.reading import PartyName, Text, plain
from api.scores.schemas import ComponentShown, PartShown, ScoreRequest, ScoreShown
from api.worded import both, local_time, of_words, party_by_id
from ledger.measures.declaration import reports
from ledger.measures.shown import decimal, shown
from ledger.measures.working import Measured
from ledger.scores.record import Recorded, scores
from ledger.scores.scorecard import scorecards
from policies.agreement import Agreement


class ScoreService:
    """Shows recorded scores, and records one for who approves for the platform."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def scores(self, viewer: Viewer) -> tuple[ScoreShown, ...]:
        """Return the recorded scores that the viewer may read, newest first."""
        versions = {ref: one.agreement for ref, one in held_versions(self.office).items()}
        return tuple(
            _shown(one, versions[one.agreement])
            for one in reversed(scores(self.office.log))
            if may_read(viewer, _readers(one, versions[one.agreement]))
        )

    def record(self, viewer: Viewer, asked: ScoreRequest) -> ScoreShown:
        """Record a score; the same again adds nothing. Needs `approve` for the platform."""
        mine = [one.agreement for one in held_versions(self.office).values() if one.is_signed]
        mine = [one for one in mine if one.id == asked.agreement]
        demand_read(viewer, [one.party_id(key) for one in mine for key in one.parties], "agreement")
        demand_role(viewer, "approve", keeper_of(mine[-1]) or "")
        return _shown(record_score(self.office, asked.agreement, asked.party, asked.period), mine[-1])

    def scored(self, viewer: Viewer) -> tuple[tuple[str, tuple[PartyName, ...]], ...]:
        """Return the agreements under which the viewer may record scores, with the parties scored."""
        roles = {one.role for one in scorecards().values()}
        newest = {
            one.agreement.id: one.agreement
            for one in held_versions(self.office).values()
            if one.is_signed and viewer.has("approve", keeper_of(one.agreement) or "")
        }
        return tuple(
            (name, tuple(party_by_id(one, one.party_id(key)) for key in _of_roles(one, roles)))
            for name, one in newest.items()
        )


def _of_roles(agreement: Agreement, roles: set[str]) -> list[str]:
    return [key for key, one in agreement.parties.items() if one.role in roles]


def _readers(one: Recorded, agreement: Agreement) -> tuple[str, ...]:
    return one.party, keeper_of(agreement) or one.party


def _shown(one: Recorded, agreement: Agreement) -> ScoreShown:
    content = one.content
    card = scorecards().get(content["scorecard"])
    tiers = {tier.id: of_words(tier.text.model_dump()) for tier in card.tiers} if card else {}
    words = {name: of_words(part.text.model_dump()) for name, part in card.components.items()} if card else {}
    return ScoreShown(
        entry_seq=one.seq,
        at=local_time(agreement, one.occurred_at),
        agreement=one.agreement,
        party=party_by_id(agreement, one.party),
        period=one.period,
        scorecard=content["scorecard"],
        total=one.total,
        tier=one.tier,
        tier_text=tiers.get(one.tier, plain(one.tier)),
        credit=content["credit"],
        components=tuple(_component(part, words, agreement) for part in content["components"]),
    )


def _component(told: Mapping[str, Any], words: Mapping[str, Text], agreement: Agreement) -> ComponentShown:
    name = told["component"]
    return ComponentShown(
        component=name,
        text=words.get(name, plain(name)),
        weight=f"{decimal(Fraction(told['weight']) * 100, 0)}%",
        score=decimal(Fraction(told["score"]), 2),
        parts=tuple(_part(one, agreement) for one in told["parts"]),
    )


def _part(told: Mapping[str, Any], agreement: Agreement) -> PartShown:
    """Return a part in the words and the unit of its measure; a share of sales in percent."""
    value, items = Fraction(told["value"]), int(told["items"])
    name, _, measure = told["part"].partition(".")
    found = reports().get(name)
    terms = {one.id: one for one in found.measures}.get(measure) if found else None
    if found is not None and terms is not None:
        said = shown(Measured(terms, value, items), agreement.currency, found.register_)
        text = of_words(terms.text.model_dump())
    else:
        said, text = f"{decimal(value * 100, 2)}%", both("scores.growth")
    score = decimal(Fraction(told["score"]), 0)
    return PartShown(told["part"], text, told["value"], said, items, score)
