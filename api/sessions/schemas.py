"""Read models of sessions in figures: what was sold and said, who bears a promotion, how a draw was made."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, Text


@dataclass(frozen=True, slots=True)
class SoldShown:
    """What was sold: orders and lines, paid by buyers, refunded of it, and what is left."""

    orders: int
    lines: int
    gross: Money
    refunded: Money
    net: Money


@dataclass(frozen=True, slots=True)
class ItemSold:
    """An item that was shown or sold: its prices in the order in which they were told, and its sales."""

    sku: str
    prices: tuple[str, ...]
    sold: SoldShown


@dataclass(frozen=True, slots=True)
class CountShown:
    """A figure that was counted of a session, such as views."""

    name: str
    label: Text
    count: int


@dataclass(frozen=True, slots=True)
class SaidShown:
    """Something said, claimed or flagged on air: its time code, who spoke, the words (None once erased)."""

    at_ms: int
    time_code: str
    kind: str
    label: Text
    speaker: str
    text: str | None
    entry_seq: int


@dataclass(frozen=True, slots=True)
class SessionShown:
    """The report of a session. Rates are exact fractions as text, with words beside them.

    `basis` says by what orders are told to be its own; `sold` is None where they are another agreement's.
    """

    session: str
    agreement: str
    state: Text
    host: Text
    basis: str
    sold: SoldShown | None
    items: tuple[ItemSold, ...]
    seconds: int | None
    counts: tuple[CountShown, ...]
    conversion: str | None
    conversion_text: str | None
    interaction: str | None
    interaction_text: str | None
    said: tuple[SaidShown, ...]
    recording: str | None
    kept_until: str | None
    promotion: str | None


@dataclass(frozen=True, slots=True)
class ShareShown:
    """What a role bears of a promotion, what it paid, and what it has to receive (below zero: to pay)."""

    role: str
    rate: str
    bears: Money
    paid: Money
    due: Money


@dataclass(frozen=True, slots=True)
class ChannelShown:
    """What a channel cost and what came of it."""

    channel: str
    label: Text
    cost: Money
    impressions: int
    clicks: int
    bookings: int


@dataclass(frozen=True, slots=True)
class SessionSold:
    """What a session of a promotion sold."""

    session: str
    sold: SoldShown


@dataclass(frozen=True, slots=True)
class PromotionShown:
    """The report of a promotion. `roi` is net sales for each unit of cost, an exact fraction as text."""

    promotion: str
    agreement: str
    name: str
    state: Text
    cost: Money
    budget: Money | None
    gross: Money
    net: Money
    roi: str | None
    roi_text: str | None
    shares: tuple[ShareShown, ...]
    channels: tuple[ChannelShown, ...]
    sessions: tuple[SessionSold, ...]


@dataclass(frozen=True, slots=True)
class RedrawRequest:
    """The list of entrants, by which a draw is done again."""

    entrants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """The list of entrants that is fixed, in whose name."""

    entrants: tuple[str, ...]
    by: str = ""


@dataclass(frozen=True, slots=True)
class DrawRequest:
    """The seed and the list of entrants by which a lottery is drawn, in whose name."""

    seed: str
    entrants: tuple[str, ...]
    by: str = ""
