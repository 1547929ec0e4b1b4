"""Conversions and revaluations as entries of the log, each currency summing to zero within each.

A conversion goes through the bearer's exchange account of the foreign currency, `fx_usd`: what it holds in
the foreign currency is the position, what it holds at home is what that cost. What a smaller position
realises moves on to `fx_gain`. Since every entry sums to zero per currency, those positions are all the
exposure that the books have.

fx.converted    the account's two postings, and in a group of the bearer's own the exchange's and the gain's
fx.revalued     at the end of a month, what open positions have gained beyond their cost: to `fx_unrealised`
fx.reversed     the same back at the beginning of the next month
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ledger.accounts import Account, Until, balance, balance_within, balances
from ledger.database import Session
from ledger.entries import Group, NewEntry, Posting
from ledger.errors import FxRefused, RateUnknown
from ledger.fx.arithmetic import Position, convert, trade, unrealised
from ledger.fx.rates import SOURCE, RecordedRate, rate_at, rate_of
from ledger.holds import available_within
from ledger.log import Log
from ledger.periods import Calendar, Period
from policies.money import Rounding

CONVERTED_KIND, REVALUED_KIND, REVERSED_KIND = "fx.converted", "fx.revalued", "fx.reversed"
CONVERSION_GROUP, EXCHANGE_GROUP = "conversion", "exchange"
GAIN, REVALUATION, UNREALISED = "fx_gain", "fx_revaluation", "fx_unrealised"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under which agreement version, at home in what, who bears it, of what source, rounded how."""

    agreement: str
    home: str
    bearer: str
    source: str
    clause: str
    rounding: Rounding = "half_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What is to be converted: its id for ever, of whose account, how much, into which currency.

    Conversions of one `sum` are its parts and share a rate, so they come to the sum converted at once.
    """

    id: str
    account: Account
    amount_minor: int
    into: str
    sum: str | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion gave, in minor units, at which rate, and what the bearer gained by it."""

    seq: int
    given_minor: int
    rate: str
    rate_as_of: str
    gain_minor: int


def position_of(log: Log, terms: Terms, foreign: str, until: Until | None = None) -> Position:
    """Return the bearer's position in a currency."""
    until = until or Until()
    return Position(
        balance(log.engine, _exchange(terms, foreign, foreign), until),
        -balance(log.engine, _exchange(terms, foreign, terms.home), until),
    )


def convert_sum(log: Log, terms: Terms, wanted: Conversion, *, at: datetime, by: str) -> Converted:
    """Convert between the home currency and another, at the rate that counts; the same again adds nothing.

    Raises FxRefused for more than is available, two foreign currencies, a conversion that came in between, or
    an id with a slash, which rates and revaluations have; RateUnknown.
    """
    if "/" in wanted.id:
        raise FxRefused("the id of a conversion has no slash", where=wanted.id[:80])
    entry_id = f"{terms.agreement.partition('@')[0]}/{wanted.id}"
    standing = log.find(SOURCE, entry_id)
    if standing is not None:
        return _standing(log, standing.seq, wanted)
    have, into = wanted.account.currency, wanted.into
    if (have == terms.home) == (into == terms.home):
        raise FxRefused(f"one side of a conversion is {terms.home}", where=f"{have} to {into}")
    before, rate = _so_far(log, terms, wanted, at)
    given = convert(rate.rate, before, wanted.amount_minor, terms.rounding)
    if wanted.amount_minor <= 0 or given <= 0:
        message = f"{wanted.amount_minor} minor units of {have} come to {given} of {into}"
        raise FxRefused(message, where=wanted.id)
    foreign = have if into == terms.home else into
    taken, cost = (wanted.amount_minor, given) if have == foreign else (-given, -wanted.amount_minor)
    position = position_of(log, terms, foreign)
    _, gain = trade(position, taken, cost, terms.rounding)

    def require(session: Session) -> None:
        there = available_within(session, wanted.account, at)
        if wanted.amount_minor > there.available_minor:
            raise FxRefused(f"{there.available_minor} minor units of {have} are available", where=wanted.id)
        held = balance_within(session, _exchange(terms, foreign, foreign))
        if held != position.quantity_minor:
            raise FxRefused("another conversion came in between; ask again", where=wanted.id)

    content = {
        "from": have, "into": into, "amount_minor": wanted.amount_minor, "given_minor": given,
        "rate": rate.text, "rate_as_of": rate.as_of, "rate_seq": rate.seq, "source": rate.source,
        "rounding": terms.rounding, "sum": wanted.sum, "before_minor": before,
    }  # fmt: skip
    entry = _converted(terms, wanted, (foreign, taken, cost, gain), content, entry_id, at, by)
    report = log.append([entry], require=require)
    return Converted(report.accepted[0], given, rate.text, rate.as_of, gain)


def _standing(log: Log, seq: int, wanted: Conversion) -> Converted:
    """Return a conversion that stands. Raises FxRefused for another one under its id."""
    groups = {one.name: one for one in log.groups(seq)}
    told = groups[CONVERSION_GROUP].content
    same = (told["from"], told["into"], told["amount_minor"], told["sum"]) == (
        wanted.account.currency, wanted.into, wanted.amount_minor, wanted.sum,
    )  # fmt: skip
    owners = {one["account"] for one in groups[CONVERSION_GROUP].postings}
    if not same or owners != {f"{wanted.account.owner}.{wanted.account.purpose}"}:
        raise FxRefused(f"another conversion stands under this id, as entry {seq}", where=wanted.id)
    gain = groups[EXCHANGE_GROUP].content["gain_minor"]
    return Converted(seq, told["given_minor"], told["rate"], told["rate_as_of"], gain)


def _so_far(log: Log, terms: Terms, wanted: Conversion, at: datetime) -> tuple[int, RecordedRate]:
    """Return how much of the sum was converted before, and the rate: that of the sum's first part."""
    have, into = wanted.account.currency, wanted.into
    agreement = terms.agreement.partition("@")[0]
    total, after = 0, -1
    first: int | None = None
    while wanted.sum and (entries := log.entries(after, 1_000, kinds=[CONVERTED_KIND], agreement=agreement)):
        for entry in entries:
            (told,) = (one.content for one in log.groups(entry.seq) if one.name == CONVERSION_GROUP)
            if told["sum"] == wanted.sum:
                if (told["from"], told["into"]) != (have, into):
                    raise FxRefused(f"the sum is of {told['from']} into {told['into']}", where=wanted.sum)
                total += told["amount_minor"]
                first = first or told["rate_seq"]
        after = entries[-1].seq
    if first is not None:
        return total, rate_of(log, first, have, into)
    return total, rate_at(log, agreement, have, into, terms.source, at)


def _converted(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    terms: Terms,
    wanted: Conversion,
    moved: tuple[str, int, int, int],
    content: dict[str, Any],
    entry_id: str,
    at: datetime,
    by: str,
) -> NewEntry:
    foreign, taken, cost, gain = moved
    account = wanted.account
    own = (
        _posting(terms, account.owner, account.purpose, account.currency, -wanted.amount_minor, "fx_given"),
        _posting(terms, account.owner, account.purpose, wanted.into, content["given_minor"], "fx_taken"),
    )
    purpose = _purpose(foreign)
    exchange = [
        _posting(terms, terms.bearer, purpose, foreign, taken, "fx_position"),
        _posting(terms, terms.bearer, purpose, terms.home, -cost, "fx_cost"),
    ]
    if gain:
        exchange += [
            _posting(terms, terms.bearer, purpose, terms.home, -gain, "fx_realised"),
            _posting(terms, terms.bearer, GAIN, terms.home, gain, "fx_realised"),
        ]
    readers = tuple(sorted({account.owner, terms.bearer}))
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=CONVERTED_KIND,
        occurred_at=at,
        asserter=by,
        agreement=terms.agreement,
        concerns=readers,
        groups=(
            Group(CONVERSION_GROUP, readers, content, own),
            Group(EXCHANGE_GROUP, (terms.bearer,), {"gain_minor": gain}, tuple(exchange)),
        ),
    )


def unrated_positions(log: Log, terms: Terms, calendar: Calendar, period: Period) -> list[str]:
    """Return the currencies that a bearer holds at the end of a month and that have no rate then."""
    end = period.end(calendar.zone) - _TICK
    found = []
    for foreign in foreign_currencies(log, terms):
        if position_of(log, terms, foreign, Until(occurred=end)) == Position():
            continue
        try:
            rate_at(log, calendar.agreement, foreign, terms.home, terms.source, end)
        except RateUnknown:
            found.append(foreign)
    return found


def revalue(log: Log, terms: Terms, calendar: Calendar, period: Period, *, by: str) -> list[int]:
    """Post what open positions have gained at the end of a month, and take it back when the next begins.

    Once a month and currency: again adds nothing. Returns the seqs of the new entries. Raises RateUnknown.
    """
    end = period.end(calendar.zone)
    entries: list[NewEntry] = []
    for foreign in foreign_currencies(log, terms):
        entry_id = f"{calendar.agreement}/{period}/{foreign}"
        if log.find(SOURCE, f"{entry_id}/revalued") is not None:
            continue
        position = position_of(log, terms, foreign, Until(occurred=end - _TICK))
        if position == Position():
            continue
        rate = rate_at(log, calendar.agreement, foreign, terms.home, terms.source, end - _TICK)
        gain = unrealised(position, rate.rate, terms.rounding)
        if gain:
            told = {
                "period": str(period), "currency": foreign, "quantity_minor": position.quantity_minor,
                "cost_minor": position.cost_minor, "unrealised_minor": gain, "rate": rate.text,
                "rate_as_of": rate.as_of, "rate_seq": rate.seq, "source": rate.source,
                "rounding": terms.rounding,
            }  # fmt: skip
            for kind, word, when, amount in (
                (REVALUED_KIND, "revalued", end - _TICK, gain),
                (REVERSED_KIND, "reversed", end, -gain),
            ):
                entries.append(_revaluation(terms, kind, f"{entry_id}/{word}", when, told, amount, by))
    return list(log.append(entries).accepted) if entries else []


def terms_in_use(log: Log, agreement: str, home: str) -> list[Terms]:
    """Return the terms of the newest conversion of each bearer under an agreement (by id)."""
    found: dict[str, Terms] = {}
    after = -1
    while entries := log.entries(after, 1_000, kinds=[CONVERTED_KIND], agreement=agreement):
        for entry in entries:
            groups = {one.name: one for one in log.groups(entry.seq)}
            told, (bearer,) = groups[CONVERSION_GROUP].content, groups[EXCHANGE_GROUP].readers
            found[bearer] = Terms(
                agreement=entry.agreement or agreement,
                home=home,
                bearer=bearer,
                source=told["source"],
                clause=groups[EXCHANGE_GROUP].postings[0]["clause"],
                rounding=told["rounding"],
            )
        after = entries[-1].seq
    return [found[bearer] for bearer in sorted(found)]


def _revaluation(  # noqa: PLR0913, PLR0917 -- the parts of one entry
    terms: Terms, kind: str, entry_id: str, at: datetime, told: dict[str, Any], amount: int, by: str
) -> NewEntry:
    postings = (
        _posting(terms, terms.bearer, REVALUATION, terms.home, -amount, UNREALISED),
        _posting(terms, terms.bearer, UNREALISED, terms.home, amount, UNREALISED),
    )
    return NewEntry(
        source=SOURCE,
        id=entry_id,
        kind=kind,
        occurred_at=at,
        asserter=by,
        agreement=terms.agreement,
        concerns=(terms.bearer,),
        groups=(Group(EXCHANGE_GROUP, (terms.bearer,), told, postings),),
    )


def foreign_currencies(log: Log, terms: Terms) -> list[str]:
    """Return the currencies in which the bearer has an exchange account, sorted."""
    agreement = terms.agreement.partition("@")[0]
    found = balances(log.engine, owner=terms.bearer, agreement=agreement)
    return sorted({
        one.currency for one in found if one.currency != terms.home and one.purpose == _purpose(one.currency)
    })  # fmt: skip


def _purpose(foreign: str) -> str:
    return f"fx_{foreign.lower()}"


def _exchange(terms: Terms, foreign: str, currency: str) -> Account:
    return Account(terms.bearer, terms.agreement.partition("@")[0], _purpose(foreign), currency)


def _posting(  # noqa: PLR0913, PLR0917 -- the parts of one posting
    terms: Terms, owner: str, purpose: str, currency: str, amount_minor: int, kind: str
) -> Posting:
    return Posting(
        owner=owner,
        purpose=purpose,
        agreement=terms.agreement.partition("@")[0],
        currency=currency,
        amount_minor=amount_minor,
        clause=terms.clause,
        kind=kind,
    )
