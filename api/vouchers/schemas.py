"""Accruals, expected returns and layouts of vouchers as they are shown."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, Text


@dataclass(frozen=True, slots=True)
class AccruedRow:
    """What an account has earned under a clause that is not settled; above zero it is owed to its owner."""

    owner: str
    purpose: str
    label: Text
    clause: str
    amount: Money


@dataclass(frozen=True, slots=True)
class PopulationShown:
    """Some order lines: how many, received from when to when, what was refundable and refunded of them."""

    lines: int
    first: str | None
    last: str | None
    refundable: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class ReturnsShown:
    """What returns are expected: `rate` of `history` as an exact fraction, and what it takes from accounts.

    `share` is how much of what is left of the lines in `running` windows is expected to come back.
    """

    months: int
    rate: str
    history: PopulationShown
    share: str
    running: PopulationShown
    rows: tuple[AccruedRow, ...]


@dataclass(frozen=True, slots=True)
class AccrualsShown:
    """The accruals of a month, of the accounts that the viewer may read; `as_of_seq` cuts the log.

    `returns` is for who keeps the books and auditors, None for others. `held_dues` could not be told.
    """

    agreement: str
    period: str
    closed: bool
    as_of_seq: int
    held_dues: int
    rows: tuple[AccruedRow, ...]
    returns: ReturnsShown | None


@dataclass(frozen=True, slots=True)
class LayoutShown:
    """A layout of vouchers, and what it rests on."""

    name: str
    title: Text
    form: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class VouchersAsked:
    """The account mapping of the caller, as YAML text."""

    accounts: str
