"""A forecast as it is shown: the rows of some parties, with what they rest on in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from api.explaining.schemas import ExpectedShown, ForecastShown, UndatedShown
from api.reading import Money, Text
from api.worded import both, party_by_id, rate_text
from ledger.settlement.forecast import Expected, Forecast
from policies.agreement import Agreement
from policies.money import round_minor


def forecast_shown(agreement: Agreement, found: Forecast, parties: frozenset[str] | None) -> ForecastShown:
    """Return a forecast as some parties (global ids) may read it, or with None as a whole."""
    days = [one for one in found.days if parties is None or one.party in parties]
    most: dict[str, int] = defaultdict(int)
    for one in days:
        most[one.party] = max(most[one.party], abs(one.payable_minor))
    return ForecastShown(
        found.agreement,
        agreement.version,
        found.at.isoformat(),
        found.as_of_seq,
        both("forecast.assumption"),
        str(found.rate) if found.rate is not None else None,
        _rate_words(found),
        tuple(_day(agreement, found, one, most[one.party]) for one in days),
        tuple(_undated(agreement, found, parties)),
    )


def _rate_words(found: Forecast) -> Text:
    if found.rate is None or found.history is None:
        return both("forecast.no-rate")
    past = found.history
    return both(
        "forecast.rate",
        rate=rate_text(found.rate),
        lines=f"{past.lines:,}",
        first=past.first or "—",
        last=past.last or "—",
    )


def _day(agreement: Agreement, found: Forecast, one: Expected, most: int) -> ExpectedShown:
    def money(minor: int) -> Money:
        return Money(minor, found.currency)

    until = one.day + timedelta(days=found.refundable_days)
    later = found.refundable_days > 0 and one.kept is not None
    return ExpectedShown(
        one.day.isoformat(),
        party_by_id(agreement, one.party),
        money(one.payable_minor),
        money(one.adds_minor),
        money(one.given_minor),
        money(one.taken_minor),
        one.lines,
        until.isoformat() if later else None,
        money(round_minor(one.kept, "floor")) if one.kept is not None else None,
        str(one.kept) if one.kept is not None else None,
        abs(one.payable_minor) * 1_000 // most if most else 0,
    )


def _undated(agreement: Agreement, found: Forecast, parties: frozenset[str] | None) -> Iterator[UndatedShown]:
    known = sorted(agreement.party_id(key) for key in agreement.parties)
    for one in found.undated:
        for party in known:
            amount = one.amounts.get(party, 0) if one.amounts is not None else None
            if (parties is None or party in parties) and amount != 0:
                yield UndatedShown(
                    one.because,
                    both(f"forecast.undated-{one.because}"),
                    party_by_id(agreement, party),
                    one.lines,
                    Money(amount, found.currency) if amount is not None else None,
                )
