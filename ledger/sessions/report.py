"""The report of a live session: its figures, what was sold, said and flagged, and what is kept of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from ledger.log import Log
from ledger.registers.declaration import register
from ledger.registers.items import Happened, Item, item
from ledger.registers.keeping import kept_until
from ledger.sessions.sales import REGISTER, Basis, Sold, basis_of, sold_in
from ledger.settlement.terms import Terms

COUNTED = ("views", "viewers", "peak", "interactions")
"""The figures that are counted of a session, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An item shown: its prices in the order in which they were told, and what was sold of it."""

    sku: str
    prices: tuple[str, ...]
    sold: Sold


@dataclass(frozen=True, slots=True)
class Said:
    """Something said on air: from and until which millisecond, and by whom; `text` is None once erased."""

    at_ms: int
    until_ms: int | None
    speaker: str
    text: str | None
    kind: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class SessionReport:
    """A session in figures. Rates are exact, None where they would divide by none; `sold` is by `basis`.

    `said` are what was spoken, claimed and flagged, by time code.
    """

    session: Item
    basis: Basis
    sold: Sold
    items: tuple[Listed, ...]
    seconds: int | None
    figures: Mapping[str, int]
    said: tuple[Said, ...]
    recording: str | None
    kept_until: str | None

    @property
    def conversion(self) -> Fraction | None:
        """Orders for each view."""
        return _ratio(len(self.sold.orders), self.figures.get("views"))

    @property
    def interaction(self) -> Fraction | None:
        """Interactions for each view."""
        return _ratio(self.figures.get("interactions", 0), self.figures.get("views"))


def session_report(log: Log, terms: Terms, session: str, end: int) -> SessionReport:
    """Return the report of a session under its agreement's terms, by entries before seq `end`.

    Raises ItemUnknown.
    """
    one = item(log, REGISTER, session, end)
    sold = sold_in(log, terms, end)[one.id]
    until = kept_until(register(REGISTER), one.happened)
    return SessionReport(
        session=one,
        basis=basis_of(terms),
        sold=sold,
        items=tuple(_items(one, sold)),
        seconds=_seconds(one),
        figures={name: int(one.text(name)) for name in COUNTED if one.text(name)},
        said=tuple(sorted(_said(one), key=lambda said: (said.at_ms, said.entry_seq))),
        recording=one.text("recording") or None,
        kept_until=until.isoformat() if until else None,
    )


def _items(one: Item, sold: Sold) -> Iterator[Listed]:
    prices: dict[str, list[str]] = {}
    for event in one.happened:
        sku, price = event.fields.get("sku"), event.fields.get("price")
        if event.event in {"item_listed", "price_changed"} and sku and price:
            prices.setdefault(sku, []).append(price)
    for sku in dict.fromkeys([*prices, *sold.by_sku]):
        yield Listed(sku, tuple(prices.get(sku, ())), sold.by_sku.get(sku, Sold()))


_WORDS = {"spoken": "said", "claim_made": "claim", "flagged": "rule"}
"""The field that holds the words of each event of a transcript."""


def _said(one: Item) -> Iterator[Said]:
    for event in one.happened:
        if event.event in _WORDS and event.fields.get("at_ms"):
            yield Said(
                at_ms=_number(event, "at_ms") or 0,
                until_ms=_number(event, "until_ms"),
                speaker=event.fields.get("speaker") or "",
                text=event.fields.get(_WORDS[event.event]),
                kind=event.event,
                entry_seq=event.seq,
            )


def _number(event: Happened, name: str) -> int | None:
    text = event.fields.get(name)
    return int(text) if text else None


def _seconds(one: Item) -> int | None:
    """Return how long it was on air: as told with its end or its recording, else from start to end."""
    if one.text("seconds"):
        return int(one.text("seconds"))
    started = next((event for event in one.happened if event.event == "started"), None)
    ended = one.last("ended")
    if started is None or ended is None:
        return None
    return (ended.occurred_us - started.occurred_us) // 1_000_000


def _ratio(part: int, whole: int | None) -> Fraction | None:
    return Fraction(part, whole) if whole else None
