"""Read models of the chart of accounts: accounts with their balances, and movements of one."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account and its balance. `account` is OWNER.PURPOSE; `side` is where it stands in books."""

    account: str
    owner: PartyName
    agreement: str
    purpose: str
    label: Text
    side: str
    balance: Money


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Some accounts, sorted; `next_after` is the cursor of the next page, None at the end.

    `occurred` and `recorded` repeat the limits that were asked for.
    """

    accounts: tuple[AccountRow, ...]
    occurred: str | None
    recorded: str | None
    next_after: str | None


@dataclass(frozen=True, slots=True)
class MovementRow:
    """One posting, and the balance after it. `kind` is the entry's, `posting` the posting's own.

    `late_from` is the closed month that it came too late for, `reverses` what it takes back, as SEQ.N.
    """

    seq: int
    n: int
    occurred_at: str
    recorded_at: str
    late_from: str | None
    kind: str
    clause: str
    posting: str
    label: Text
    amount: Money
    balance: Money
    reverses: str | None


@dataclass(frozen=True, slots=True)
class MovementPage:
    """Some movements of one account in order of the log: opening + movements = closing, to the minor unit."""

    account: AccountRow
    opening: Money
    movements: tuple[MovementRow, ...]
    closing: Money
    next_after: str | None
