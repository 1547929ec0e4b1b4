"""Relationships the office keeps: the stage of each agreement, how it came there, what the next one asks.

All is read from signed versions and the log. A move is a version that its parties sign; what stands against
it is told when it is proposed, and signed over by name where they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from api.office.agreements import Held, held_versions, newest_signed, signed_versions
from api.office.opening import Office
from api.office.readiness import MayRead
from ledger.accounts import balances
from ledger.cases.record import case_records
from ledger.leaves import instant_of
from ledger.registers.errors import RegisterUnknown
from ledger.registers.items import item, items
from ledger.relations.counting import Count, count
from ledger.relations.figures import relation_figures
from ledger.relations.terms import counted
from ledger.settlement.events import recorded_events
from policies.agreement import Agreement
from policies.checks.accepted import mark
from policies.document import Stage
from policies.errors import Finding
from policies.relations.entry import Assessed, assess
from policies.relations.moves import Stay, move_findings, stays
from policies.stages import after, features, unlocked_at
from policies.versions.timeline import Period, timeline


@dataclass(frozen=True, slots=True)
class Move:
    """A stage that an agreement came to: by which version, signed when and by whom, and how it was then.

    `conditions` are those of the stage as the record showed them when the version was proposed; the first
    stage of an agreement has none.
    """

    stay: Stay
    version: Held
    conditions: tuple[Assessed, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A version of an agreement whose parties are not those of the version before, by global id."""

    version: Held
    left: tuple[str, ...]
    joined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """The relationship of an agreement's parties as it stands; `stage` is None before its first day."""

    agreement: Agreement
    stage: Stage | None
    moves: tuple[Move, ...]
    changes: tuple[Change, ...]
    figures: Mapping[str, Fraction]
    following: Stage | None
    conditions: tuple[Assessed, ...]
    uses: Mapping[str, Stage]

    @property
    def ready(self) -> bool:
        """Whether every condition of the following stage holds."""
        return all(one.holds is True for one in self.conditions)


def relation(office: Office, agreement_id: str, *, history: bool = True) -> Relation:
    """Return the relationship of an agreement, an id with no version. Raises AgreementUnknown.

    Without `history` it has no moves and no changes: each move asks the log anew how things stood then.
    """
    versions = signed_versions(office, agreement_id)
    now = office.clock()
    found = _stays(office, versions)
    present = next((one for one in found if one.start <= now and (one.end is None or now < one.end)), None)
    newest = present.versions[-1] if present is not None else versions[-1].agreement
    figures = _figures(office, newest.id, found, now, None)
    following = after(present.stage) if present is not None else None
    return Relation(
        agreement=newest,
        stage=present.stage if present is not None else None,
        moves=tuple(_move(office, versions, found, one) for one in found) if history else (),
        changes=tuple(_changes(versions)) if history else (),
        figures=figures,
        following=following,
        conditions=assess(following, figures) if following is not None else (),
        uses={
            feature: unlocked_at(feature)
            for clause in newest.document.clauses
            for feature in features(clause)
        },
    )


def relations(office: Office) -> list[Relation]:
    """Return the relationship of every signed agreement, in the order in which they were proposed."""
    signed = dict.fromkeys(one.agreement.id for one in held_versions(office).values() if one.is_signed)
    return [relation(office, one) for one in signed]


def entry_findings(
    office: Office, agreement: Agreement, before: Agreement | None, may_read: MayRead
) -> tuple[Finding, ...]:
    """Return what the record says against a version that moves to another stage, as far as it does.

    What its parties sign over is marked so. Who may not read the version before is told nothing.
    """
    if before is None or not may_read(before) or before.document.stage == agreement.document.stage:
        return ()
    signed = [
        one for one in held_versions(office).values() if one.is_signed and one.agreement.id == agreement.id
    ]
    found = _stays(office, tuple(signed)) if signed else ()
    figures = _figures(office, agreement.id, found, office.clock(), None)
    return tuple(mark(agreement, move_findings(before, agreement, figures)))


def _stays(office: Office, versions: tuple[Held, ...]) -> tuple[Stay, ...]:
    return stays(_periods(office, versions))


def _periods(office: Office, versions: tuple[Held, ...]) -> tuple[Period, ...]:
    agreements = [one.agreement for one in versions]
    return timeline(agreements, recorded_events(office.log, agreements[0]))


def _figures(
    office: Office, agreement_id: str, found: tuple[Stay, ...], now: datetime, end: int | None
) -> dict[str, Fraction]:
    """Return the figures of a relationship at a time: of none that has begun, there are no days."""
    begun = [one for one in found if one.start <= now]
    if not begun:
        return {}
    return relation_figures(
        office.log, agreement_id, stage_began=begun[-1].start, began=begun[0].start, now=now, end=end
    )


def _move(office: Office, versions: tuple[Held, ...], found: tuple[Stay, ...], stay: Stay) -> Move:
    first = stay.versions[0]
    version = next(one for one in versions if one.agreement == first)
    if stay is found[0]:
        return Move(stay, version, ())
    entry = office.log.entry(version.proposed_seq)
    earlier = tuple(one for one in found if one.start < stay.start)
    figures = _figures(office, first.id, earlier, instant_of(entry.recorded_us), entry.seq)
    return Move(stay, version, assess(stay.stage, figures))


def _changes(versions: tuple[Held, ...]) -> list[Change]:
    """Return the versions that put somebody in another's place, or took somebody in."""
    found = []
    for before, one in pairwise(versions):
        was, now = (
            {each.agreement.party_id(key) for key in each.agreement.parties} for each in (before, one)
        )
        if was != now:
            found.append(Change(one, tuple(sorted(was - now)), tuple(sorted(now - was))))
    return found


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a party who leaves an agreement still has under it: accounts not at zero, open disputes.

    `others` are the signed agreements that name the party beside the one who stays, by reference.
    """

    party: str
    balances: Mapping[str, int]
    disputes: tuple[str, ...]
    others: tuple[str, ...]


def leaving(office: Office, agreement: Agreement, key: str) -> Leaving:
    """Return what stays with a party, by its key, when somebody else takes its place."""
    party = agreement.party_id(key)
    found = balances(office.engine, owner=party, agreement=agreement.id)
    cases = [
        one.id
        for one in case_records(office.log).values()
        if one.agreement.partition("@")[0] == agreement.id
        and party in one.readers
        and one.last("decided", "withdrawn", "closed") is None
    ]
    newest = newest_signed(office)
    streamers = {
        agreement.party_id(one) for one, each in agreement.parties.items() if each.role == "streamer"
    }
    others = [
        one.ref
        for one in newest.values()
        if one.id != agreement.id
        and party in (ids := {one.party_id(each) for each in one.parties})
        and ids & streamers
    ]
    amounts = {account.purpose: amount for account, amount in found.items() if amount}
    return Leaving(party, amounts, tuple(cases), tuple(others))


def counts(office: Office, agreement: Agreement) -> list[Count]:
    """Return what the counted items of registers come to under an agreement, register by register."""
    day = office.clock().astimezone(agreement.zone).date()
    return [count(agreement, one, day) for name in counted() for one in items(office.log, name, agreement.id)]


def count_item(office: Office, register: str, item_id: str) -> tuple[Agreement, Count]:
    """Return what one item comes to, with the agreement's version that it is counted under.

    Raises RegisterUnknown for a register that is not counted, ItemUnknown, AgreementUnknown.
    """
    if register not in counted():
        known = ", ".join(counted())
        raise RegisterUnknown(f"nothing is counted of '{register[:40]}'; these are: {known}")
    one = item(office.log, register, item_id)
    agreement = relation(office, one.agreement or "").agreement
    return agreement, count(agreement, one, office.clock().astimezone(agreement.zone).date())
