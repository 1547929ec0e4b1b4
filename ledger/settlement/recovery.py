"""What a party owes and its accounts can give, in the order of the document's returns clause.

A statement that would close below zero is recovered before it is carried forward: from what stands before
`next_settlement` in the order at once, from what stands behind it only what the statement before carried
forward already. Each account gives what it holds; a receivable takes what is left, as owed. The moves stay
within the party's own accounts, so nothing that anybody earned changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ledger.accounts import Account, Until, balance
from ledger.log import Log
from ledger.settlement.accounts import DEFAULT_PURPOSE
from ledger.settlement.books import run_postings
from ledger.settlement.carried import adjustments_since, carried_by, holds_at_run, stated_parties
from ledger.settlement.dues import RECOVERY, Due, DueMove, Side, stated_dues
from ledger.settlement.run import RunResult
from ledger.settlement.runs import StoredRun
from ledger.settlement.terms import VersionTerms
from policies.money import from_minor


def with_recoveries(log: Log, result: RunResult, last: StoredRun | None) -> RunResult:
    """Return a run with what it recovers; `last` is the run before."""
    version = _in_force(result)
    order = version.agreement.returns.recovery if version and version.agreement.returns else ()
    if version is None or not {"reserve", "deposit", "receivable"} & set(order):
        return result
    opening = {party: minor for party, (_, minor) in (carried_by(log, last) if last else {}).items()}
    closing = _closing(log, result, opening)
    available = _Available(log, result)
    # a correction states its period anew and is not the next settlement of what that period left
    same_period = result.before is not None and result.before.cutoff == result.point.cutoff
    moves: list[DueMove] = []
    for party in stated_parties(result.terms):
        if closing[party] < 0:
            owed = -closing[party]
            carried = 0 if same_period else max(0, -opening.get(party, 0))
            moves += _recovered(version, party, order, (owed, min(owed, carried)), available)
    return replace(result, dues=(*result.dues, *moves))


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


class _Available:
    """What accounts can give at the run: what was posted before it and what it posts, less what is held."""

    def __init__(self, log: Log, result: RunResult) -> None:
        self.log, self.result = log, result
        self.posted = run_postings(result)
        self.holds = holds_at_run(log, result)

    def of(self, owner: str, purpose: str) -> int:
        newest = self.result.terms.newest
        account = Account(owner, newest.id, purpose, newest.currency)
        there = balance(self.log.engine, account, Until(end=self.result.point.end))
        own = (one.amount_minor for one in self.posted if (one.owner, one.purpose) == (owner, purpose))
        return there + sum(own) - sum(one.held_minor for one in self.holds if one.account == account)


def _recovered(
    version: VersionTerms, party: str, order: Sequence[str], owed: tuple[int, int], available: _Available
) -> Iterator[DueMove]:
    """Yield what each account gives of what a party owes: in all, and of it what was carried forward."""
    agreement = version.agreement
    key = next((one for one in agreement.parties if agreement.party_id(one) == party), None)
    left, carried = owed
    for source in order if key is not None else ():
        if source == "next_settlement":
            left = min(left, carried)
        if source not in {"reserve", "deposit", "receivable"} or not left:
            continue
        there = left if source == "receivable" else max(0, available.of(party, source))
        given = min(left, there)
        if given:
            assert agreement.returns is not None, "the order is that of the returns clause"
            clause = agreement.returns.id
            figures = {"owed": from_minor(left, agreement.currency)}
            due = Due(
                version,
                "recovery",
                source,
                Side(f"{key}.{DEFAULT_PURPOSE}", clause, source, RECOVERY),
                Side(f"{key}.{source}", clause, source, RECOVERY),
                given,
                {"owed": 1},
                figures,
            )
            yield DueMove(due, 0, ("owed",))
            left -= given
            carried = min(carried, left)
