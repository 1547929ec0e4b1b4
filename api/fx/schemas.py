"""Exchange as it is shown, and rates as they are recorded; a conversion is the office's `ConversionAsked`.

A rate is text, 7.1234 or 50000/7021: how much of `quote` one `base` is worth.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class RateRequest:
    """A rate to record: `at` is a time with its offset, now where it is left out.

    `source` is whose rate it is, where it is left out the one that the agreement's fx clause names.
    """

    agreement: str
    base: str
    quote: str
    rate: str
    at: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class RateShown:
    """A rate on record: who said it, of what source, as of when."""

    entry_seq: int
    base: str
    quote: str
    rate: str
    source: str
    as_of: str
    asserter: str
    asserter_name: Text


@dataclass(frozen=True, slots=True)
class RatePage:
    """Some rates, newest first; `next_before` is the cursor of the next page, None at the end."""

    rates: tuple[RateShown, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class ConversionShown:
    """A conversion on record: what the account gave and took, and at which rate.

    `bearer` and `gain`, below zero for a loss, are there for who may see the bearer's books.
    """

    entry_seq: int
    id: str
    occurred_at: str
    owner: str
    purpose: str
    label: Text
    given: Money
    taken: Money
    rate: str
    rate_as_of: str
    rate_seq: int
    source: str
    sum: str | None
    bearer: PartyName | None
    gain: Money | None


@dataclass(frozen=True, slots=True)
class ConversionPage:
    """Some conversions, newest first; `next_before` is the cursor of the next page, None at the end."""

    conversions: tuple[ConversionShown, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class GainShown:
    """What a bearer gained, below zero for a loss.

    Of the kinds, `fx.converted` realised it, `fx.revalued` states it at the end of `period`, and
    `fx.reversed` takes that back as the next month begins.
    """

    entry_seq: int
    kind: str
    occurred_at: str
    bearer: PartyName
    foreign_currency: str
    amount: Money
    rate: str | None
    period: str | None


@dataclass(frozen=True, slots=True)
class GainPage:
    """Some gains and losses, newest first; `next_before` is the cursor of the next page, None at the end."""

    gains: tuple[GainShown, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class PositionShown:
    """What a bearer holds of a currency and what it cost; below zero for one that is owed.

    `realised` and `unrealised` are the bearer's over all currencies, so far.
    """

    bearer: PartyName
    held: Money
    cost: Money
    realised: Money
    unrealised: Money


@dataclass(frozen=True, slots=True)
class FxOverview:
    """What the page of exchange shows of one agreement."""

    positions: tuple[PositionShown, ...]
    rates: RatePage
    conversions: ConversionPage
    gains: GainPage
