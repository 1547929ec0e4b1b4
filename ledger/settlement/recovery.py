"""What a party owes and its accounts can give, in the order of the document's returns clause.

A statement that would close below zero is recovered before it is carried forward: from what stands before
`next_settlement` in the order at once, from what stands behind it only what the statement before carried
forward already. Each account gives what it holds; a receivable takes what is left, as owed, and is repaid
from what the party is to be paid later. The moves stay within the party's own accounts, so nothing that
anybody earned changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ledger.accounts import Account, Until, balance, balance_within
from ledger.database import Session
from ledger.entries import Posting
from ledger.holds import Hold
from ledger.log import Log
from ledger.settlement.accounts import DEFAULT_PURPOSE, RECEIVABLE, owner_and_purpose
from ledger.settlement.books import posted_by_runs, run_postings
from ledger.settlement.carried import (
    adjustments_since,
    carried_by,
    held_balances,
    holds_at_run,
    stated_parties,
)
from ledger.settlement.dues import RECOVERY, Due, DueMove, Side, stated_dues
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.run import RunResult
from ledger.settlement.runs import StoredRun
from ledger.settlement.terms import VersionTerms
from policies.money import from_minor

_GIVING = frozenset({"reserve", "deposit", RECEIVABLE})
_REPAID = frozenset({"next_settlement", RECEIVABLE})
"""Where the order names one of these, what stands as owed is repaid from what the party earns later."""


def with_recoveries(log: Log, result: RunResult, last: StoredRun | None) -> RunResult:
    """Return a run with what it recovers; `last` is the run before."""
    version = _in_force(result)
    order = version.agreement.returns.recovery if version and version.agreement.returns else ()
    if version is None or not (_GIVING | _REPAID) & set(order):
        return result
    opening = {party: minor for party, (_, minor) in (carried_by(log, last) if last else {}).items()}
    closing = _closing(log, result, opening)
    available = _Available(log, result)
    # a correction states its period anew and is not the next settlement of what that period left
    same_period = result.before is not None and result.before.cutoff == result.point.cutoff
    moves: list[DueMove] = []
    for party in stated_parties(result.terms):
        if closing[party] < 0 and _GIVING & set(order):
            owed = -closing[party]
            carried = 0 if same_period else max(0, -opening.get(party, 0))
            moves += _recovered(version, party, order, (owed, min(owed, carried)), available)
        elif closing[party] > 0 and _REPAID & set(order) and not same_period:
            moves += _repaid(version, party, closing[party], available)
    return replace(result, dues=(*result.dues, *moves))


def require_unmoved(session: Session, result: RunResult) -> None:
    """Ask, as a run is written, that nobody has moved what it recovers from or repays since it was computed.

    A debt that is written off meanwhile would be repaid too. Raises SettlementRefused.
    """
    newest, until = result.terms.newest, Until(end=result.point.end)
    for due in (move.due for move in result.dues if move.due.kind == "recovery"):
        owner, purpose = owner_and_purpose(due.version.agreement, due.funder.account)
        account = Account(owner, newest.id, purpose, newest.currency)
        if balance_within(session, account) != balance_within(session, account, until):
            raise SettlementRefused(
                f"the account {owner}.{purpose} was moved while the run was computed; settle again",
                where=newest.id,
            )


def _in_force(result: RunResult) -> VersionTerms | None:
    """Return the version in force at the cut-off."""
    having = [one for one in result.terms.versions if one.effective_us <= result.point.us]
    return having[-1] if having else None


def _closing(log: Log, result: RunResult, opening: Mapping[str, int]) -> dict[str, int]:
    """Return what each party's statement would close at."""
    adjustments = adjustments_since(log, result)
    found = {}
    for party in stated_parties(result.terms):
        lines = sum(
            result.total(part, move)
            for part in result.parts
            for move in part.moves
            if move.owner == party and move.stated
        )
        beside = sum(one.amount_minor for one in adjustments.get(party, []))
        dues = sum(one.amount_minor for one in stated_dues(result.dues, party))
        found[party] = opening.get(party, 0) + lines + beside + dues
    return found


@dataclass
class _Available:
    """What accounts hold at the run: what was posted before it and what it posts, less what is held."""

    log: Log
    result: RunResult

    def of(self, owner: str, purpose: str) -> int:
        """Return what an account can give."""
        account = self.account(owner, purpose)
        there = balance(self.log.engine, account, Until(end=self.result.point.end))
        held = sum(one.held_minor for one in self._holds if one.account == account)
        return there + self._own(account) - held

    def owed(self, owner: str) -> int:
        """Return what stands on a party's receivable by the cut-off, above zero where it owes.

        No more than still stands: what was written off after the cut-off is not taken back as well.
        """
        account, point = self.account(owner, RECEIVABLE), self.result.point
        limits = Until(occurred=point.cutoff, end=point.end), Until(end=point.end)
        there = max(balance(self.log.engine, account, until) for until in limits)
        return max(0, -there - self._own(account))

    def held(self, party: str) -> int:
        """Return what is held of what a party would be paid."""
        return self._held.get(party, 0)

    def recovered(self, owner: str, purpose: str) -> int:
        """Return what earlier runs recovered from an account, less what they repaid."""
        return -posted_by_runs(self.log, self.account(owner, purpose), self.result.point, recovery=True)

    def account(self, owner: str, purpose: str) -> Account:
        newest = self.result.terms.newest
        return Account(owner, newest.id, purpose, newest.currency)

    def _own(self, account: Account) -> int:
        place = account.owner, account.purpose
        return sum(one.amount_minor for one in self._posted if (one.owner, one.purpose) == place)

    @cached_property
    def _posted(self) -> tuple[Posting, ...]:
        return run_postings(self.result)

    @cached_property
    def _holds(self) -> list[Hold]:
        return holds_at_run(self.log, self.result)

    @cached_property
    def _held(self) -> dict[str, int]:
        return held_balances(self.log, self.result)


def _recovered(
    version: VersionTerms, party: str, order: Sequence[str], owed: tuple[int, int], available: _Available
) -> Iterator[DueMove]:
    """Yield what each account gives of what a party owes: in all, and of it what was carried forward."""
    left, carried = owed
    for source in order if _key(version, party) is not None else ():
        if source == "next_settlement":
            left = min(left, carried)
        if source not in _GIVING or not left:
            continue
        there = left if source == RECEIVABLE else max(0, available.of(party, source))
        given = min(left, there)
        if given:
            yield _move(version, party, source, (given, "owed", left), available)
            left -= given
            carried = min(carried, left)


def _repaid(version: VersionTerms, party: str, closing: int, available: _Available) -> Iterator[DueMove]:
    """Yield what a party repays of its receivable out of what it would be paid."""
    owed = available.owed(party) if _key(version, party) is not None else 0
    repaid = min(owed, closing - available.held(party)) if owed else 0
    if repaid > 0:
        yield _move(version, party, RECEIVABLE, (-repaid, "repaid", owed), available)


def _key(version: VersionTerms, party: str) -> str | None:
    agreement = version.agreement
    return next((one for one in agreement.parties if agreement.party_id(one) == party), None)


def _move(
    version: VersionTerms, party: str, source: str, moved: tuple[int, str, int], available: _Available
) -> DueMove:
    """Return what an account gives to its owner's balance: how much, why, and what was owed at the time."""
    given, cause, owed = moved
    agreement, key = version.agreement, _key(version, party)
    assert agreement.returns is not None, "the order is that of the returns clause"
    clause, before = agreement.returns.id, available.recovered(party, source)
    due = Due(
        version,
        "recovery",
        source,
        Side(f"{key}.{DEFAULT_PURPOSE}", clause, source, RECOVERY),
        Side(f"{key}.{source}", clause, source, RECOVERY),
        before + given,
        {cause: 1},
        {"owed": from_minor(owed, agreement.currency)},
    )
    return DueMove(due, before, (cause,))
