"""What the log says of exchange, for people who page through it: rates, conversions, gains and losses.

Newest first and by page, each with the seq to continue before, None at the end; as far as one reader may see:
a conversion its account's owner and the bearer, what it gained the bearer alone. Nothing is computed here;
arithmetic and bookings are in books.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.disclosed import Disclosed, Sight, disclosed_entries, disclosed_entry
from ledger.errors import EntryUnknown
from ledger.fx.books import (
    CONVERSION_GROUP,
    CONVERTED_KIND,
    EXCHANGE_GROUP,
    REVALUED_KIND,
    REVERSED_KIND,
)
from ledger.fx.rates import RATE_GROUP, RATE_KIND
from ledger.log import Log
from ledger.reading import StoredGroup


@dataclass(frozen=True, slots=True)
class RateTold:
    """A rate as somebody told it: one `base` is worth `rate` of `quote`, of a source, as of an instant."""

    seq: int
    base: str
    quote: str
    rate: str
    source: str
    as_of: str
    asserter: str


@dataclass(frozen=True, slots=True)
class ConversionTold:
    """A conversion: of whose account, what was given for what, at which rate.

    `bearer` and `gain_minor`, in the home currency, are None for who may not see the bearer's books.
    """

    seq: int
    id: str
    occurred_at: str
    owner: str
    purpose: str
    given_minor: int
    given_currency: str
    taken_minor: int
    taken_currency: str
    rate: str
    rate_as_of: str
    rate_seq: int
    source: str
    sum: str | None
    bearer: str | None
    gain_minor: int | None
    home: str


@dataclass(frozen=True, slots=True)
class GainTold:
    """What a bearer gained (a loss is below zero), in `home`: realised, or stated at a month's end.

    `kind` is the entry's: fx.converted realises, fx.revalued states what `period` ends with, fx.reversed
    takes that back as the next month begins.
    """

    seq: int
    kind: str
    occurred_at: str
    bearer: str
    currency: str
    home: str
    gain_minor: int
    rate: str | None
    period: str | None


def told_rates(
    log: Log, sight: Sight | None, agreement: str, *, before: int | None = None, limit: int = 100
) -> tuple[list[RateTold], int | None]:
    """Return rates recorded under an agreement (by id), newest first."""
    found = disclosed_entries(log, sight, before=before, limit=limit, kinds=[RATE_KIND], agreement=agreement)
    return [_rate(one) for one in found], _next(found, limit)


def told_rate(log: Log, seq: int) -> RateTold:
    """Return the rate that an entry records. Raises EntryUnknown."""
    return _rate(_entry(log, seq))


def told_conversions(
    log: Log, sight: Sight | None, agreement: str, *, before: int | None = None, limit: int = 100
) -> tuple[list[ConversionTold], int | None]:
    """Return conversions under an agreement (by id) that the reader may see, newest first."""
    found = disclosed_entries(
        log, sight, before=before, limit=limit, kinds=[CONVERTED_KIND], agreement=agreement
    )
    return [_conversion(one, sight) for one in found], _next(found, limit)


def told_conversion(log: Log, seq: int, sight: Sight | None) -> ConversionTold:
    """Return the conversion that an entry records, its gain as far as the reader may see.

    Raises EntryUnknown.
    """
    return _conversion(_entry(log, seq), sight)


def told_gains(
    log: Log, sight: Sight | None, agreement: str, *, before: int | None = None, limit: int = 100
) -> tuple[list[GainTold], int | None]:
    """Return gains and losses under an agreement (by id) that the reader may see, newest first.

    Conversions that realised nothing are left out, so there may be fewer than `limit` before the end.
    """
    kinds = [CONVERTED_KIND, REVALUED_KIND, REVERSED_KIND]
    found = disclosed_entries(log, sight, before=before, limit=limit, kinds=kinds, agreement=agreement)
    rows = [gain for one in found if (gain := _gain(one, sight)) is not None]
    return rows, _next(found, limit)


def _entry(log: Log, seq: int) -> Disclosed:
    found = disclosed_entry(log, seq, None)
    if found is None:
        raise EntryUnknown(f"the log has no entry {seq}", where="log")
    return found


def _next(found: list[Disclosed], limit: int) -> int | None:
    return found[-1].entry.seq if len(found) == limit else None


def _group(one: Disclosed, name: str) -> StoredGroup:
    return next(group for group in one.groups if group.name == name)


def _rate(one: Disclosed) -> RateTold:
    content = _group(one, RATE_GROUP).content
    return RateTold(
        one.entry.seq,
        content["base"],
        content["quote"],
        content["rate"],
        content["source"],
        one.entry.occurred_at,
        one.entry.asserter,
    )


def _conversion(one: Disclosed, sight: Sight | None) -> ConversionTold:
    group, exchange = _group(one, CONVERSION_GROUP), _group(one, EXCHANGE_GROUP)
    content: dict[str, Any] = group.content
    owner, _, purpose = str(group.postings[0]["account"]).rpartition(".")
    seen = sight is None or sight.opens(exchange)
    return ConversionTold(
        seq=one.entry.seq,
        id=one.entry.id.partition("/")[2],
        occurred_at=one.entry.occurred_at,
        owner=owner,
        purpose=purpose,
        given_minor=content["amount_minor"],
        given_currency=content["from"],
        taken_minor=content["given_minor"],
        taken_currency=content["into"],
        rate=content["rate"],
        rate_as_of=content["rate_as_of"],
        rate_seq=content["rate_seq"],
        source=content["source"],
        sum=content["sum"],
        bearer=exchange.readers[0] if seen else None,
        gain_minor=exchange.content["gain_minor"] if seen else None,
        home=_home(exchange),
    )


def _gain(one: Disclosed, sight: Sight | None) -> GainTold | None:
    exchange = _group(one, EXCHANGE_GROUP)
    if sight is not None and not sight.opens(exchange):
        return None
    content, converted = exchange.content, one.entry.kind == CONVERTED_KIND
    gain = content["gain_minor"] if converted else content["unrealised_minor"]
    if not gain:
        return None
    return GainTold(
        seq=one.entry.seq,
        kind=one.entry.kind,
        occurred_at=one.entry.occurred_at,
        bearer=exchange.readers[0],
        currency=str(exchange.postings[0]["currency"]) if converted else content["currency"],
        home=_home(exchange),
        gain_minor=-gain if one.entry.kind == REVERSED_KIND else gain,
        rate=None if converted else content["rate"],
        period=None if converted else content["period"],
    )


def _home(exchange: StoredGroup) -> str:
    """Return the home currency: of a conversion the second posting's, of a revaluation every one's."""
    return str(exchange.postings[1]["currency"])
