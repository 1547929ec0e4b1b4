"""The versions of one agreement, and what settlement reads of each: clearing, returns, the facts it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from ledger.leaves import microseconds
from ledger.settlement.errors import SettlementRefused
from policies.agreement import Agreement
from policies.clauses.core import Clause
from policies.document import FactType
from policies.dues.reads import OWN_FACTS, due_names
from policies.formulas.tree import Node, names
from policies.links import Feed, fed_by, feed_between
from policies.splits.line import SplitPlan, no_split, split_plan
from policies.splits.settled import not_settled
from policies.versions.timeline import NO_EVENTS, Events, timeline


@dataclass(frozen=True)
class VersionTerms:
    """One version as settlement sees it. Day counts are calendar days of the agreement's time zone.

    `starts` is when it takes effect, in UTC, as `policies.versions.timeline` has it. With `waits_for_cases` a
    line with an open after-sale case waits until none is open any more. `feed` is what brings its whole,
    where another agreement does. A version with no commission clause has a plan of no steps. `known_from` is
    the entry with which a version beside an agreement was signed: it says nothing of what was settled before.
    """

    agreement: Agreement
    starts: datetime
    plan: SplitPlan
    refundable: Node | None
    window_days: int
    clearing_days: int
    waits_for_cases: bool = False
    feed: Feed | None = None
    known_from: int = 0

    @property
    def version(self) -> int:
        """The version's number."""
        return self.agreement.version

    @cached_property
    def fact_names(self) -> tuple[str, ...]:
        """The order facts that split and reversal read, sorted."""
        declared = self.agreement.fact_types("order").keys()
        of_returns = names(self.refundable) & declared if self.refundable is not None else frozenset()
        return tuple(sorted(self.plan.fact_names() | of_returns))

    @cached_property
    def due_clauses(self) -> tuple[Clause, ...]:
        """The clauses that fall due at settlement, as core clauses, in the order of the document."""
        return tuple(one for one in self.agreement.clauses.values() if one.falls_due is not None)

    @cached_property
    def read_names(self) -> tuple[str, ...]:
        """The order facts that a run reads of the log: those of the split, and those of what falls due."""
        declared = self.agreement.fact_types("order").keys()
        of_dues = {name for one in self.due_clauses for name in due_names(self.agreement, one.id)}
        return tuple(sorted({*self.fact_names, *((of_dues & declared) - OWN_FACTS)}))

    @cached_property
    def effective_us(self) -> int:
        """When the version takes effect, in microseconds since 1970 UTC."""
        return microseconds(self.starts)

    @property
    def effective_from(self) -> datetime:
        """When the version takes effect, in the agreement's time zone."""
        return self.starts.astimezone(self.agreement.zone)


@dataclass(frozen=True)
class Terms:
    """Every version of one agreement that is ever in force, oldest first, by `policies.versions.timeline`.

    A line goes by the version in force when it was sold. `feeding` are the terms of the agreement whose legs
    are what this one shares out; `beside` are others that may say that a line is theirs (attributing_terms).
    """

    versions: tuple[VersionTerms, ...]
    feeding: Terms | None = None
    beside: tuple[Terms, ...] = ()

    @property
    def attributes(self) -> bool:
        """Tell whether some version says by an attribution clause which lines are its own."""
        return any(one.agreement.attribution is not None for one in self.versions)

    @property
    def newest(self) -> Agreement:
        """The newest version, whose time zone and reference the run bears."""
        return self.versions[-1].agreement

    @property
    def id(self) -> str:
        """The agreement's id."""
        return self.newest.id

    @property
    def root(self) -> Terms:
        """The terms under which the money of its lines first comes in: its own, where nothing feeds it."""
        return self if self.feeding is None else self.feeding.root

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which days begin and end."""
        return self.newest.zone

    def local(self, instant: datetime) -> datetime:
        """Return an instant in the agreement's time zone. Raises SettlementRefused for one with no offset."""
        if instant.tzinfo is None:
            raise SettlementRefused(f"{instant.isoformat()} has no offset; write 2026-03-17T00:00:00+08:00")
        return instant.astimezone(UTC).astimezone(self.zone)

    def clearing_days(self, version: VersionTerms) -> int:
        """Return how many days after its receipt a line is earned at the earliest, by what feeds it too."""
        above = self.feeding
        longest = max((above.clearing_days(one) for one in above.versions), default=0) if above else 0
        return max(version.clearing_days, longest)

    def may_wait(self, version: VersionTerms) -> bool:
        """Tell whether a line may wait for an after-sale case to be closed, by what feeds it too."""
        above = self.feeding
        return version.waits_for_cases or (above is not None and any(map(above.may_wait, above.versions)))

    def fact_types(self) -> dict[str, FactType]:
        """Return the facts that any version's split, reversal or dues read, by declared type."""
        found: dict[str, FactType] = {}
        for terms in self.versions:
            for name in terms.read_names:
                kind = terms.agreement.document.facts[name].type
                if found.setdefault(name, kind) != kind:
                    raise SettlementRefused(
                        f"'{name}' is {found[name]} in one version and {kind} in another; give it a new name",
                        where=terms.agreement.ref,
                    )
        return found

    def party_ids(self) -> tuple[str, ...]:
        """Return the global ids of every party of every version, sorted."""
        return tuple(
            sorted({one.agreement.party_id(key) for one in self.versions for key in one.agreement.parties})
        )

    def keepers(self) -> tuple[str, ...]:
        """Return who may read the escrow's side: parties in the role platform, or all where there is none."""
        found = {
            one.agreement.party_id(key)
            for one in self.versions
            for key, party in one.agreement.parties.items()
            if party.role == "platform"
        }
        return tuple(sorted(found)) or self.party_ids()


def read_terms(
    agreements: Iterable[Agreement],
    events: Events = NO_EVENTS,
    feeding: Terms | None = None,
    beside: tuple[Terms, ...] = (),
) -> Terms:
    """Return the terms of the versions of one agreement, given in any order.

    `events` are the recorded days of events that versions wait for; one that still waits is left out.
    `feeding` are the terms of the agreement that feeds it, where one does, `beside` others that attribute.

    Raises SettlementRefused when there is none, when they are of several agreements or currencies, or when
    what feeds one was not given.
    """
    ordered = sorted(agreements, key=lambda one: one.version)
    if not ordered:
        raise SettlementRefused("no version of the agreement was given")
    if len({(one.id, one.currency, one.document.time_zone) for one in ordered}) != 1:
        raise SettlementRefused(
            "the versions differ in agreement, currency or time zone; settle them one by one",
            where=ordered[0].ref,
        )
    if len({one.version for one in ordered}) != len(ordered):
        raise SettlementRefused("a version was given twice", where=ordered[0].ref)
    stated = [one.document.effective_from for one in ordered if _is_plain(one)]
    if stated != sorted(set(stated)):
        raise SettlementRefused("each version must take effect after the one before", where=ordered[-1].ref)
    return Terms(
        tuple(
            version_terms(one.agreement, one.start, _feed(one.agreement, feeding))
            for one in timeline(ordered, events)
        ),
        feeding,
        beside,
    )


def attributing_terms(agreements: Iterable[Agreement], events: Events = NO_EVENTS) -> Terms:
    """Return what is read of an agreement for its attribution alone, whether or not a run settles it."""
    ordered = sorted(agreements, key=lambda one: one.version)
    periods = timeline(ordered, events)
    return Terms(
        tuple(VersionTerms(one.agreement, one.start, no_split(one.agreement), None, 0, 0) for one in periods)
    )


def _feed(agreement: Agreement, feeding: Terms | None) -> Feed | None:
    """Return what brings the whole of a version. Raises SettlementRefused, and LinksRejected for a misfit."""
    link = fed_by(agreement)
    if link is None:
        return None
    given = {one.agreement.ref: one.agreement for one in feeding.versions} if feeding is not None else {}
    if link.ref not in given:
        raise SettlementRefused(
            f"{link.ref} brings what it shares out, and was not given or is not signed; settle it with every"
            " signed version of what feeds it",
            where=agreement.ref,
        )
    return feed_between(agreement, given[link.ref])


def _is_plain(agreement: Agreement) -> bool:
    """Tell whether a version starts on the day it states, so that another cannot overtake it unsaid."""
    follows = agreement.document.supersedes
    return follows is None or (follows.transition == "by_order_time" and follows.notice is None)


def _require_carried(agreement: Agreement) -> None:
    """Refuse by name what a run does not settle, rather than settle it otherwise than the document says."""
    for one in not_settled(agreement):
        raise SettlementRefused(one.message, where=agreement.ref)


def version_terms(agreement: Agreement, starts: datetime, feed: Feed | None = None) -> VersionTerms:
    """Return what settlement reads of a version that starts at an aware time. Raises SettlementRefused."""
    _require_carried(agreement)
    returns, clearing = agreement.returns, agreement.clearing
    return VersionTerms(
        agreement,
        starts,
        no_split(agreement) if agreement.commission is None else split_plan(agreement),
        agreement.formula(returns.refundable) if returns else None,
        returns.window_days if returns else 0,
        clearing.days if clearing else 0,
        clearing is not None and clearing.open_after_sale == "waits",
        feed,
    )
