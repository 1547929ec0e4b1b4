"""Credit as one viewer may see it: a party's own, what a platform keeps of others, and all for auditors.

A platform's `approve` gives points; the party's `approve` appeals. The appeal is decided by another member of
the platform than gave them, or by an arbiter who acts for neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import get_args

from api.access import Viewer, demand_arbiter, demand_read, demand_role, may_read
from api.credit.schemas import (
    Act,
    CreditShown,
    PointsShown,
    PointsTyped,
    StepRequest,
    StepShown,
    StepTyped,
)
from api.office.agreements import held_versions
from api.office.credit import PointsRequest, credit, give_points, keeper_of
from api.office.opening import Office
from api.reading import PartyName, plain
from api.worded import local_time, of_words, party_by_id, who
from ledger.credit.errors import CreditRefused
from ledger.credit.points import Points, Standing, Step, all_points
from ledger.credit.record import Said, appeal, remove, restore, uphold
from ledger.leaves import instant_of
from policies.agreement import Agreement
from policies.credit.model import standard_model
from policies.money import exact_decimal, round_minor


class CreditService:
    """Shows credit, takes points and steps. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def credit(self, viewer: Viewer) -> tuple[CreditShown, ...]:
        """Return every standing the viewer may read, by party and keeper."""
        versions = self._versions()
        return tuple(
            _shown(viewer, one, versions)
            for one in credit(self.office)
            if may_read(viewer, (one.party, one.keeper)) or self._judges(viewer, one)
        )

    def give(self, viewer: Viewer, asked: PointsRequest) -> PointsShown:
        """Give points; the same again adds nothing. Needs `approve` for the platform that keeps them."""
        held = held_versions(self.office).get(asked.agreement)
        parties = [held.agreement.party_id(key) for key in held.agreement.parties] if held else []
        demand_read(viewer, parties, "agreement")
        assert held is not None
        demand_role(viewer, "approve", keeper_of(held.agreement) or "")
        return self._points(viewer, give_points(self.office, asked, viewer.member))

    def give_typed(self, viewer: Viewer, typed: PointsTyped) -> PointsShown:
        """Give points as typed on the page. Raises CreditRefused for numbers that are none."""
        numbers = (typed.severity, *typed.cites.split())
        if not all(one.isascii() and one.isdigit() and len(one) < 16 for one in numbers):
            raise CreditRefused("the severity and the entries cited are whole numbers", where=typed.id)
        severity, *cites = map(int, numbers)
        return self.give(
            viewer,
            PointsRequest(
                id=typed.id, agreement=typed.agreement, party=typed.party, rule=typed.rule,
                clause=typed.clause, reason=typed.reason, severity=severity, cites=tuple(cites),
            ),
        )  # fmt: skip

    def step(self, viewer: Viewer, points: str, asked: StepRequest) -> PointsShown:
        """Appeal, uphold, remove or restore; the same again adds nothing."""
        found = all_points(self.office.log).get(points)
        if found is None or not (may_read(viewer, found.readers) or viewer.has("arbiter")):
            demand_read(viewer, (), "points")
        assert found is not None
        if asked.step == "appeal":
            demand_role(viewer, "approve", found.party)
            said = Said(asked.reason, found.party, self.office.clock())
            return self._points(viewer, appeal(self.office.log, standard_model(), points, said))
        if not viewer.has("approve", found.keeper):
            demand_arbiter(viewer, found.readers)
        said = Said(asked.reason, viewer.member, self.office.clock())
        act = {"uphold": uphold, "remove": remove, "restore": restore}[asked.step]
        return self._points(viewer, act(self.office.log, points, said))

    def step_typed(self, viewer: Viewer, typed: StepTyped) -> PointsShown:
        """Take a step as typed on the page."""
        step = next((one for one in get_args(Act) if one == typed.step), None)
        if step is None:
            raise CreditRefused(f"the step is one of {', '.join(get_args(Act))}", where=typed.points)
        return self.step(viewer, typed.points, StepRequest(step, typed.reason))

    def kept(self, viewer: Viewer) -> tuple[tuple[str, tuple[PartyName, ...]], ...]:
        """Return the signed agreements under which the viewer may give points, with their parties."""
        return tuple(
            (ref, tuple(party_by_id(one.agreement, party) for party in _kept(one.agreement)))
            for ref, one in held_versions(self.office).items()
            if one.is_signed and viewer.has("approve", keeper_of(one.agreement) or "")
        )

    def _judges(self, viewer: Viewer, one: Standing) -> bool:
        """Tell whether the viewer is an arbiter who may be asked about it."""
        appealed = any(points.was_appealed for points, _ in one.points)
        return viewer.has("arbiter") and appealed and viewer.parties.isdisjoint({one.party, one.keeper})

    def _points(self, viewer: Viewer, one: Points) -> PointsShown:
        found = next(
            standing for standing in credit(self.office)
            if (standing.party, standing.keeper) == (one.party, one.keeper)
        )  # fmt: skip
        shown = _shown(viewer, found, self._versions())
        return next(points for points in shown.points if points.id == one.id)

    def _versions(self) -> dict[str, Agreement]:
        return {ref: one.agreement for ref, one in held_versions(self.office).items()}


def _kept(agreement: Agreement) -> list[str]:
    ids = [agreement.party_id(key) for key in agreement.parties]
    return [one for one in ids if one != keeper_of(agreement)]


def _shown(viewer: Viewer, one: Standing, versions: Mapping[str, Agreement]) -> CreditShown:
    ids = {one.party, one.keeper}
    among = [
        agreement
        for agreement in versions.values()
        if ids <= {agreement.party_id(key) for key in agreement.parties}
    ]
    agreement = among[-1] if among else None
    return CreditShown(
        party=_named(agreement, one.party),
        keeper=_named(agreement, one.keeper),
        score=one.score.points,
        exact=str(one.score.exact),
        band=one.score.band.id,
        band_text=of_words(one.score.band.text.model_dump()),
        points=tuple(
            _of_points(viewer, points, exact_decimal(_cents(worth), 2), versions.get(points.agreement))
            for points, worth in one.points
        ),
    )


def _cents(worth: Fraction) -> Fraction:
    return Fraction(round_minor(worth * 100, "half_up"), 100)


def _named(agreement: Agreement | None, party: str) -> PartyName:
    if agreement is None:
        return PartyName(party, party, "party", plain(party))
    return party_by_id(agreement, party)


def _of_points(viewer: Viewer, one: Points, worth: str, agreement: Agreement | None) -> PointsShown:
    rules = {rule.id: rule.text for rule in standard_model().rules}
    text = rules.get(one.rule)
    judge = viewer.has("arbiter") and viewer.parties.isdisjoint(one.readers)
    keeper = viewer.has("approve", one.keeper) and viewer.member != one.given.by
    return PointsShown(
        id=one.id,
        rule=one.rule,
        rule_text=of_words(text.model_dump()) if text else plain(one.rule),
        points=one.points,
        worth=worth,
        severity=one.severity,
        agreement=one.agreement,
        clause=one.clause,
        cites=one.cites,
        state=one.state,
        steps=tuple(_step(step, agreement) for step in one.steps),
        may_appeal=one.state == "standing" and not one.was_appealed and viewer.has("approve", one.party),
        may_decide=judge or keeper,
    )


def _step(step: Step, agreement: Agreement | None) -> StepShown:
    at = instant_of(step.occurred_us).isoformat()
    return StepShown(
        step.seq,
        step.kind,
        at if agreement is None else local_time(agreement, at),
        plain(step.by) if agreement is None else who(agreement, step.by),
        step.reason,
    )
