"""Reconciliation for one viewer: each party reconciles its own, and nobody reads another's.

Members of a party may reconcile a file and read what its party recorded; recording and matching by hand need
the role `approve` or `pay`. Auditors read. The operator and the other parties see nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from api.access import Role, Viewer, demand_any_role, demand_read
from api.books import signed
from api.office.opening import Office
from api.office.reconciling import (
    day_given,
    demand_begun,
    match_rows,
    reconcile_file,
    record_made,
    withdraw_match,
)
from api.orders.service import shown_as
from api.reconciliation.schemas import (
    BookShown,
    LayoutShown,
    MatchRequest,
    MatchShown,
    ReconciliationDetail,
    ReconciliationShown,
    StepShown,
    WithdrawalRequest,
)
from api.reconciliation.shown import (
    book_shown,
    detail_of_made,
    detail_of_recorded,
    layouts_shown,
    match_shown,
    recorded_shown,
    step_shown,
)
from ledger.intake.errors import MappingUnknown
from ledger.reconciliation import recorded
from ledger.reconciliation.breaks import CLASSES, BreakClass
from ledger.reconciliation.errors import MatchRefused, ReconciliationUnknown
from ledger.reconciliation.layouts import load_layout, shipped_layouts
from ledger.reconciliation.making import Asked
from ledger.reconciliation.manual import MatchAsked
from ledger.reconciliation.recorded import Book
from ledger.reconciliation.three_ways import three_ways
from policies.agreement import Agreement
from policies.errors import did_you_mean

_ACTING: tuple[Role, ...] = ("approve", "pay")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAsked:
    """A file to reconcile, as it is asked for over HTTP: texts as they came."""

    agreement: str
    party: str
    layout: str
    tolerance: str | None = None
    days: int | None = None
    legs: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    record: bool = False


def acting_for(viewer: Viewer, party: str) -> str:
    """Return the member who acts for a party. Raises AccessDenied for who may not."""
    demand_any_role(viewer, _ACTING, (party,))
    return viewer.member


def class_named(name: str | None) -> BreakClass | None:
    """Return a class of breaks by its name. Raises MatchRefused."""
    if not name:
        return None
    found = next((one for one in CLASSES if one == name), None)
    if found is None:
        raise MatchRefused(f"'{name[:40]}' is no class{did_you_mean(name, CLASSES)}: {', '.join(CLASSES)}")
    return found


class ReconciliationService:
    """Reconciles for the viewer's own parties. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Work over the log and the line files of an office."""
        self.office = office

    def layouts(self) -> tuple[LayoutShown, ...]:
        """Return the layouts that are shipped."""
        return layouts_shown()

    def parties(self, viewer: Viewer, agreement: str) -> tuple[str, ...]:
        """Return the viewer's own parties to an agreement, sorted."""
        every = {one.party_id(key) for one in signed(self.office, agreement) for key in one.parties}
        return tuple(sorted(every & viewer.parties))

    def may_act(self, viewer: Viewer, party: str) -> bool:
        """Say whether the viewer may record and match for a party."""
        return any(viewer.has(role, party) for role in _ACTING)

    def demand(self, viewer: Viewer, asked: FileAsked) -> None:
        """Raise AccessDenied for who may not reconcile this, before its file is taken."""
        self._own(viewer, asked.agreement, asked.party)
        if asked.record:
            acting_for(viewer, asked.party)

    def run(self, viewer: Viewer, path: Path, name: str, asked: FileAsked) -> ReconciliationDetail:
        """Reconcile a file as it was laid down at a path, and record it where that is asked.

        Layouts are those that are shipped: no file of the server is read on a caller's word.
        """
        self.demand(viewer, asked)
        newest = signed(self.office, asked.agreement)[-1]
        if asked.layout not in shipped_layouts():
            hint = did_you_mean(asked.layout, shipped_layouts())
            raise MappingUnknown(f"no layout '{asked.layout[:64]}' is shipped{hint}")
        wanted = Asked(
            party=asked.party,
            path=path,
            layout=load_layout(asked.layout),
            tolerance=asked.tolerance or None,
            days=asked.days,
            legs=asked.legs,
            since=day_given(asked.since, "since"),
            until=day_given(asked.until, "until"),
        )
        with shown_as(name, path):
            made = reconcile_file(self.office, asked.agreement, wanted)
        found = detail_of_made(newest, made, self._today(newest))
        if not asked.record:
            return found
        kept = record_made(self.office, made, viewer.member)
        return replace(found, reconciliation=recorded_shown(newest, kept))

    def reconciliations(self, viewer: Viewer, agreement: str, party: str) -> tuple[ReconciliationShown, ...]:
        """Return what a party recorded under an agreement, newest first."""
        newest = self._readable(viewer, agreement, party)
        return tuple(
            recorded_shown(newest, one) for one in recorded.reconciliations(self.office.log, agreement, party)
        )

    def reconciliation(self, viewer: Viewer, wanted: str) -> ReconciliationDetail:
        """Return a recorded reconciliation with the breaks that were open after it."""
        try:
            one = recorded.reconciliation(self.office.log, wanted)
        except ReconciliationUnknown:
            demand_read(viewer, (), "reconciliation")
            raise
        demand_read(viewer, (one.book.party,), "reconciliation")
        newest = signed(self.office, one.book.agreement)[-1]
        opened = recorded.carried(self.office.log, one)
        return detail_of_recorded(newest, one, opened, self._today(newest))

    def books(self, viewer: Viewer, agreement: str, party: str) -> tuple[str, ...]:
        """Return the names of the books that a party began under an agreement, sorted."""
        self._readable(viewer, agreement, party)
        found = recorded.reconciliations(self.office.log, agreement, party)
        return tuple(sorted({one.book.name for one in found}))

    def book(self, viewer: Viewer, agreement: str, party: str, name: str, on: str | None = None) -> BookShown:
        """Return how a book stands on a day, else today."""
        newest = self._readable(viewer, agreement, party)
        book = Book(agreement, party, name)
        demand_begun(self.office, book)
        day = day_given(on, "on") or self._today(newest)
        log = self.office.log
        return book_shown(newest, book, recorded.state_of(log, book), recorded.matches(log, book), day)

    def three_ways(
        self, viewer: Viewer, agreement: str, party: str, bill: str, bank: str
    ) -> tuple[StepShown, ...]:
        """Return the steps from what a bill told to what a bank told, over the party's own ledger."""
        newest = self._readable(viewer, agreement, party)
        books = (Book(agreement, party, name) for name in (bill, bank))
        return tuple(step_shown(one, newest.currency) for one in three_ways(self.office.log, *books))

    def match(self, viewer: Viewer, asked: MatchRequest) -> MatchShown:
        """Match open rows by hand for a party."""
        newest = self._own(viewer, asked.agreement, asked.party)
        member = acting_for(viewer, asked.party)
        book = Book(asked.agreement, asked.party, asked.book)
        wanted = MatchAsked(asked.rows, asked.reason, class_named(asked.break_class))
        return match_shown(match_rows(self.office, book, wanted, member), newest.currency)

    def withdraw(self, viewer: Viewer, match: str, asked: WithdrawalRequest) -> MatchShown:
        """Withdraw a match by hand for a party; its rows are open again."""
        newest = self._own(viewer, asked.agreement, asked.party)
        member = acting_for(viewer, asked.party)
        book = Book(asked.agreement, asked.party, asked.book)
        return match_shown(withdraw_match(self.office, book, match, asked.reason, member), newest.currency)

    def _own(self, viewer: Viewer, agreement: str, party: str) -> Agreement:
        """Return the newest version of an agreement of which the viewer's party is one."""
        mine = party in self.parties(viewer, agreement)
        demand_read(viewer, (party,) if mine else (), "agreement")
        return signed(self.office, agreement)[-1]

    def _readable(self, viewer: Viewer, agreement: str, party: str) -> Agreement:
        versions = signed(self.office, agreement)
        every = {one.party_id(key) for one in versions for key in one.parties}
        demand_read(viewer, (party,) if party in every else (), "agreement")
        return versions[-1]

    def _today(self, agreement: Agreement) -> date:
        return self.office.clock().astimezone(agreement.zone).date()
