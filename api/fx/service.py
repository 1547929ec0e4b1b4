"""Exchange as one viewer may see it, and recording rates and converting for who keeps the books.

Every party reads the rates; a conversion its account's owner and who bears exchange; gains and positions the
bearer. Auditors read all. The platform's role `pay` records and converts, or the operator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from api.access import AUDITOR, Viewer, sight_of
from api.accounts.service import account_words
from api.books import demand_party, keeper, may_keep, signed
from api.fx.schemas import (
    ConversionPage,
    ConversionShown,
    FxOverview,
    GainPage,
    GainShown,
    PositionShown,
    RatePage,
    RateRequest,
    RateShown,
)
from api.office import fx
from api.office.opening import Office
from api.reading import Money
from api.worded import party_by_id, who
from ledger.disclosed import Sight
from ledger.fx.reading import (
    ConversionTold,
    GainTold,
    RateTold,
    told_conversion,
    told_conversions,
    told_gains,
    told_rate,
    told_rates,
)
from policies.agreement import Agreement

ROWS_PER_PAGE = 20
_ROWS_AT_ONCE = 500
Row = TypeVar("Row")
Shown = TypeVar("Shown", RatePage, ConversionPage, GainPage)


@dataclass(frozen=True, slots=True)
class Newest:
    """What is asked of a table: of which agreement, before which cursor, how many rows at most."""

    agreement: str
    before: int | None
    limit: int


class FxService:
    """Shows and records exchange. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over the log of an office."""
        self.office = office

    def rates(self, viewer: Viewer, asked: Newest) -> RatePage:
        """Return rates under an agreement, newest first."""
        found, more = self._told(viewer, asked, told_rates)
        newest = self._newest(asked.agreement)
        return RatePage(tuple(_rate(one, newest) for one in found), more)

    def every_rate(self, viewer: Viewer, agreement: str) -> Iterator[RateShown]:
        """Return all rates, for a file."""
        return _every(lambda asked: self.rates(viewer, asked), lambda page: page.rates, agreement)

    def record(self, viewer: Viewer, asked: RateRequest) -> RateShown:
        """Record a rate; the same again adds nothing. Raises FxRefused, MoneyError."""
        by = keeper(viewer, signed(self.office, asked.agreement))
        pair = asked.base, asked.quote, asked.rate
        seq = fx.record(self.office, asked.agreement, pair, source=asked.source, at=asked.at, by=by)
        return _rate(told_rate(self.office.log, seq), self._newest(asked.agreement))

    def conversions(self, viewer: Viewer, asked: Newest) -> ConversionPage:
        """Return the conversions that the viewer may see, newest first."""
        found, more = self._told(viewer, asked, told_conversions)
        newest = self._newest(asked.agreement)
        return ConversionPage(tuple(_conversion(one, newest) for one in found), more)

    def every_conversion(self, viewer: Viewer, agreement: str) -> Iterator[ConversionShown]:
        """Return all conversions that the viewer may see, for a file."""
        return _every(lambda asked: self.conversions(viewer, asked), lambda page: page.conversions, agreement)

    def convert(self, viewer: Viewer, asked: fx.ConversionAsked) -> ConversionShown:
        """Convert part of a balance; the same again adds nothing. Raises what the office's convert raises."""
        by = keeper(viewer, signed(self.office, asked.agreement))
        done = fx.convert(self.office, asked, by=by)
        told = told_conversion(self.office.log, done.seq, _sight_of(viewer))
        return _conversion(told, self._newest(asked.agreement))

    def gains(self, viewer: Viewer, asked: Newest) -> GainPage:
        """Return the gains and losses that the viewer may see, newest first."""
        found, more = self._told(viewer, asked, told_gains)
        newest = self._newest(asked.agreement)
        return GainPage(tuple(_gain(one, newest) for one in found), more)

    def every_gain(self, viewer: Viewer, agreement: str) -> Iterator[GainShown]:
        """Return all gains and losses that the viewer may see, for a file."""
        return _every(lambda asked: self.gains(viewer, asked), lambda page: page.gains, agreement)

    def positions(self, viewer: Viewer, agreement: str) -> tuple[PositionShown, ...]:
        """Return what bearers whose books the viewer may see hold of foreign currencies."""
        self._sight(viewer, agreement)
        found, newest = fx.positions(self.office, agreement), self._newest(agreement)
        every = AUDITOR in viewer.roles
        return tuple(_position(one, newest) for one in found if every or one.bearer in viewer.parties)

    def overview(
        self, viewer: Viewer, agreement: str, continued: str | None, before: int | None
    ) -> FxOverview:
        """Return the newest of everything; the table named `continued` goes on before a cursor."""
        cursors = {continued: before}
        return FxOverview(
            self.positions(viewer, agreement),
            self.rates(viewer, Newest(agreement, cursors.get("rates"), ROWS_PER_PAGE)),
            self.conversions(viewer, Newest(agreement, cursors.get("conversions"), ROWS_PER_PAGE)),
            self.gains(viewer, Newest(agreement, cursors.get("gains"), ROWS_PER_PAGE)),
        )

    def may_keep(self, viewer: Viewer, agreement: str) -> bool:
        """Say whether the viewer may record and convert under an agreement."""
        return may_keep(viewer, signed(self.office, agreement))

    def _told(
        self, viewer: Viewer, asked: Newest, told: Callable[..., tuple[list[Row], int | None]]
    ) -> tuple[list[Row], int | None]:
        """Return what one of the log's readers tells the viewer, and where it goes on."""
        sight = self._sight(viewer, asked.agreement)
        return told(self.office.log, sight, asked.agreement, before=asked.before, limit=asked.limit)

    def _newest(self, agreement: str) -> Agreement:
        return signed(self.office, agreement)[-1]

    def _sight(self, viewer: Viewer, agreement: str) -> Sight | None:
        demand_party(viewer, signed(self.office, agreement))
        return _sight_of(viewer)


def _sight_of(viewer: Viewer) -> Sight | None:
    return None if AUDITOR in viewer.roles else sight_of(viewer)


def _every(
    read: Callable[[Newest], Shown], rows: Callable[[Shown], Iterable[Row]], agreement: str
) -> Iterator[Row]:
    """Return the rows of every page, from the newest on; a refusal comes before the first row."""
    page = read(Newest(agreement, None, _ROWS_AT_ONCE))

    def following(page: Shown) -> Iterator[Row]:
        yield from rows(page)
        while page.next_before is not None:
            page = read(Newest(agreement, page.next_before, _ROWS_AT_ONCE))
            yield from rows(page)

    return following(page)


def _rate(one: RateTold, agreement: Agreement) -> RateShown:
    name = who(agreement, one.asserter)
    return RateShown(one.seq, one.base, one.quote, one.rate, one.source, one.as_of, one.asserter, name)


def _conversion(one: ConversionTold, agreement: Agreement) -> ConversionShown:
    return ConversionShown(
        entry_seq=one.seq,
        id=one.id,
        occurred_at=one.occurred_at,
        owner=one.owner,
        purpose=one.purpose,
        label=account_words(agreement, one.owner, one.purpose),
        given=Money(one.given_minor, one.given_currency),
        taken=Money(one.taken_minor, one.taken_currency),
        rate=one.rate,
        rate_as_of=one.rate_as_of,
        rate_seq=one.rate_seq,
        source=one.source,
        sum=one.sum,
        bearer=None if one.bearer is None else party_by_id(agreement, one.bearer),
        gain=None if one.gain_minor is None else Money(one.gain_minor, one.home),
    )


def _gain(one: GainTold, agreement: Agreement) -> GainShown:
    return GainShown(
        entry_seq=one.seq,
        kind=one.kind,
        occurred_at=one.occurred_at,
        bearer=party_by_id(agreement, one.bearer),
        foreign_currency=one.currency,
        amount=Money(one.gain_minor, one.home),
        rate=one.rate,
        period=one.period,
    )


def _position(one: fx.PositionShown, agreement: Agreement) -> PositionShown:
    return PositionShown(
        party_by_id(agreement, one.bearer),
        Money(one.quantity_minor, one.currency),
        Money(one.cost_minor, one.home),
        Money(one.gain_minor, one.home),
        Money(one.unrealised_minor, one.home),
    )
