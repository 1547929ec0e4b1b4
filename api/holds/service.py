"""Holds as one viewer may see them, and placing and releasing for those who may.

An account's owner and the agreement's platform see its holds; so do arbiters and auditors. The house places
and releases: the operator, or an arbiter who acts for no party to the agreement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.access import Viewer, demand_arbiter, demand_read, may_read_under
from api.accounts.service import account_words
from api.holds.schemas import (
    Expired,
    HoldEventShown,
    HoldPage,
    HoldShown,
    HoldState,
    ReleaseRequest,
)
from api.office.agreements import held_versions
from api.office.holds import HoldAsked, expire, place, readers_of, release
from api.office.opening import OPERATOR, Office
from api.reading import Money
from api.worded import local_time
from ledger.hold_events import NEVER_US
from ledger.hold_history import HoldEvent, hold_history
from ledger.holds import Hold, holds
from ledger.leaves import instant_of
from policies.agreement import Agreement


class HoldService:
    """Shows, places and releases holds. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def holds(self, viewer: Viewer) -> tuple[HoldShown, ...]:
        """Return the holds the viewer may read, in the order of placing."""
        versions = self._versions()
        return self._shown(self._readable(viewer, versions), versions)

    def page(self, viewer: Viewer, after: int | None, limit: int) -> HoldPage:
        """Return the holds the viewer may read that were placed beyond entry `after`, at most so many."""
        versions = self._versions()
        found = [one for one in self._readable(viewer, versions) if after is None or one.seq > after]
        shown = self._shown(found[:limit], versions)
        return HoldPage(shown, found[limit - 1].seq if len(found) > limit else None)

    def _readable(self, viewer: Viewer, versions: Sequence[Agreement]) -> list[Hold]:
        found = holds(self.office.engine, self.office.clock())
        return [
            one for one in found if may_read_under(viewer, readers_of(versions, one), one.account.agreement)
        ]

    def place(self, viewer: Viewer, asked: HoldAsked) -> HoldShown:
        """Place a hold; the same again adds nothing."""
        by = self._house(viewer, asked.agreement)
        return self._shown([place(self.office, asked, by)], self._versions())[0]

    def release(self, viewer: Viewer, hold: str, asked: ReleaseRequest) -> HoldShown:
        """Release a hold, whole or in part; the same release again adds nothing."""
        found = holds(self.office.engine, self.office.clock(), hold=hold)
        by = self._house(viewer, found[0].account.agreement if found else "")
        if not found:
            demand_read(viewer, (), "hold")
        done = release(self.office, hold, asked.amount, name=asked.id, reason=asked.reason, by=by)
        return self._shown([done], self._versions())[0]

    def expire(self) -> Expired:
        """Write down the holds that have expired; what is held does not wait for it."""
        return Expired(tuple(expire(self.office, OPERATOR)))

    def _house(self, viewer: Viewer, agreement: str) -> str:
        """Return on whose word the viewer acts: the operator's, or that of an arbiter who is impartial."""
        if viewer.has("operator"):
            return OPERATOR
        mine = [one for one in self._versions() if one.id == agreement]
        sides = [one.party_id(key) for one in mine for key in one.parties]
        demand_arbiter(viewer, sides, under=agreement)
        return viewer.member

    def _versions(self) -> list[Agreement]:
        return [one.agreement for one in held_versions(self.office).values()]

    def _shown(self, found: Sequence[Hold], versions: Sequence[Agreement]) -> tuple[HoldShown, ...]:
        histories = hold_history(self.office.engine, [one.id for one in found])
        known = {one.id: one for one in versions}
        return tuple(_hold(one, histories[one.id], known) for one in found)


def _hold(one: Hold, history: Sequence[HoldEvent], known: Mapping[str, Agreement]) -> HoldShown:
    account, first = one.account, history[0]
    agreement = known.get(account.agreement)
    expires = None if one.expires_us == NEVER_US else _at(one.expires_us, agreement)
    return HoldShown(
        id=one.id,
        entry_seq=one.seq,
        agreement=account.agreement,
        owner=account.owner,
        purpose=account.purpose,
        amount=Money(one.amount_minor, account.currency),
        held=Money(one.held_minor, account.currency),
        placed_at=_at(one.placed_us, agreement),
        expires_at=expires,
        state=_state(one, history),
        label=account_words(agreement, account.owner, account.purpose),
        clause=first.clause,
        reason=first.reason,
        placed_by=first.by,
        case=first.case,
        events=tuple(
            HoldEventShown(
                event.seq,
                event.event,
                _at(event.occurred_us, agreement),
                Money(event.amount_minor, account.currency),
                event.reason,
                event.by,
            )
            for event in history
        ),
    )


def _state(one: Hold, history: Sequence[HoldEvent]) -> HoldState:
    if one.held_minor:
        return "open"
    released = sum(event.amount_minor for event in history if event.event == "released")
    return "released" if released >= one.amount_minor else "expired"


def _at(instant_us: int, agreement: Agreement | None) -> str:
    """Return an instant where the agreement counts its days."""
    text = instant_of(instant_us).isoformat()
    return text if agreement is None else local_time(agreement, text)
