"""What a version changes of the same orders, as causes: one for each change of its terms, party by party.

The orders are replayed under every document on the way from the old version to the new one
(policies.diff.steps); what a change is worth is what it adds to the document before it. So the changes come
to the whole difference exactly. Nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import LineBook
from ledger.settlement.simulation import Replay, Simulation
from ledger.settlement.state import Point
from ledger.settlement.terms import Terms
from policies.agreement import Agreement
from policies.diff.steps import Step, StepChange, steps_between


@dataclass(frozen=True, slots=True)
class VersionCause:
    """Some changed terms and what they change for each party (by global id), in minor units.

    `changes` is empty for what is left besides those named before it.
    """

    changes: tuple[StepChange, ...]
    by_party: dict[str, int]


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What the orders give each party under both versions, and causes that come to the difference.

    `lines` were compared, `left_out` could not be, under one of the documents at least.
    """

    old: str
    new: str
    currency: str
    lines: int
    left_out: int
    before: dict[str, int]
    after: dict[str, int]
    causes: tuple[VersionCause, ...]


def version_change(book: LineBook, terms: Terms, new: Agreement, point: Point) -> VersionChange:
    """Return what a version changes of orders that all go by the one version of `terms`.

    Raises SettlementRefused for a document whose lines no run can settle, or where the documents on the way
    leave out other lines than the versions themselves.
    """
    (old,) = terms.versions
    found: list[tuple[Step, Simulation]] = []
    for step in steps_between(old.agreement, new):
        replay = Replay(terms, step.agreement, point)
        replay.take(book)
        found.append((step, replay.found))
    whole = found[-1][1]
    before = {party: one.before for party, one in whole.by_party().items()}
    after = {party: one.after for party, one in whole.by_party().items()}
    if any((one.lines, one.left_out) != (whole.lines, whole.left_out) for _, one in found):
        raise SettlementRefused(
            "some orders lack facts that only one of the versions needs; simulate the version instead",
            where=new.ref,
        )
    causes, standing = [], before
    for step, simulation in found:
        now = {party: one.after for party, one in simulation.by_party().items()}
        moved = {party: now.get(party, 0) - standing.get(party, 0) for party in sorted({*now, *standing})}
        if any(moved.values()):
            causes.append(VersionCause(step.changes, {key: value for key, value in moved.items() if value}))
        standing = now
    return VersionChange(
        old.agreement.ref, new.ref, new.currency, whole.lines, whole.left_out, before, after, tuple(causes)
    )
