"""What contests of a statement hold: what is contested of it and above zero, and never more than it pays.

A statement has room on each account that it pays from: what it comes to there, in all what it pays. What the
contests that stand hold together on an account is what they contest there, as far as there is room; it is
placed by the contest that adds to it. When a contest ends, what others of them still need stays held.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledger.accounts import Account
from ledger.holds import NewHold, left_of
from ledger.log import Log
from ledger.statements.life import contest_id
from ledger.statements.reading import Statement
from policies.agreement import Agreement

CONTEST_REASON = "contested"

ByPurpose = Mapping[str, int]
"""Minor units by the purpose of one of the party's accounts."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A contest as it counts for others: what it contests by purpose, and whether nothing has ended it.

    `left` is what is held of each hold that it placed, by the hold's id, which ends in the purpose.
    """

    number: int
    is_open: bool
    contests: ByPurpose
    left: Mapping[str, int]


def room(whole: ByPurpose, payable_minor: int) -> dict[str, int]:
    """Return how much can be held by purpose: what a statement comes to there, in all what it pays."""
    found: dict[str, int] = {}
    left = max(payable_minor, 0)
    for purpose, amount in sorted(whole.items()):
        found[purpose] = min(max(amount, 0), left)
        left -= found[purpose]
    return {purpose: amount for purpose, amount in found.items() if amount}


def to_hold(rooms: ByPurpose, contests: ByPurpose, before: Sequence[Standing]) -> dict[str, int]:
    """Return what a new contest holds by purpose, beside what those before it hold."""
    held = _held(before)
    need = _needed(rooms, [*_open(before), contests])
    return {purpose: more for purpose, amount in need.items() if (more := amount - held.get(purpose, 0)) > 0}


def to_release(rooms: ByPurpose, number: int, standing: Sequence[Standing]) -> dict[str, int]:
    """Return what is released of each hold when a contest ends: all that those that stay open do not need.

    It is released of contests that ended first, so that a contest which stands keeps what it placed.
    """
    staying = [one for one in standing if one.is_open and one.number != number]
    need = _needed(rooms, [one.contests for one in staying])
    free = {purpose: amount - need.get(purpose, 0) for purpose, amount in _held(standing).items()}
    found: dict[str, int] = {}
    for one in sorted(standing, key=lambda one: (one.number != number, one in staying)):
        for hold, left in one.left.items():
            purpose = hold.partition(".")[2]
            amount = min(left, max(free[purpose], 0))
            if amount:
                found[hold] = amount
                free[purpose] -= amount
    return found


def holds_placed(
    statement: Statement, agreement: Agreement, number: int, amounts: ByPurpose, readers: tuple[str, ...]
) -> list[NewHold]:
    """Return the holds that a contest places, by account; nothing where the document has nothing held."""
    process = agreement.process
    if process is None or process.hold != "contested_amount":
        return []
    name = hashlib.sha256(contest_id(statement.id, number).encode()).hexdigest()[:10]
    return [
        NewHold(
            id=f"C-{name}.{purpose}",
            account=Account(statement.party, statement.agreement, purpose, agreement.currency),
            amount_minor=amount,
            reason=CONTEST_REASON,
            clause=process.id,
            agreement=agreement.ref,
            readers=readers,
        )
        for purpose, amount in sorted(amounts.items())
    ]


def left_by_hold(log: Log, holds: Sequence[Mapping[str, object]], at: datetime) -> dict[str, int]:
    """Return what is held now of the holds that a contest's entry names."""
    return {str(one["hold"]): left_of(log, str(one["hold"]), at) for one in holds}


def _open(standing: Sequence[Standing]) -> Iterator[ByPurpose]:
    yield from (one.contests for one in standing if one.is_open)


def _needed(rooms: ByPurpose, contested: Sequence[ByPurpose]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for one in contested:
        for purpose, amount in one.items():
            sums[purpose] += max(amount, 0)
    return {purpose: min(amount, rooms.get(purpose, 0)) for purpose, amount in sums.items()}


def _held(standing: Sequence[Standing]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for one in standing:
        for hold, left in one.left.items():
            sums[hold.partition(".")[2]] += left
    return sums
