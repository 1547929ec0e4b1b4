"""Exchange under the agreements the office keeps: by the terms of their fx clause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.office.agreements import signed_versions
from api.office.holds import account_named, moment
from api.office.opening import Office
from ledger.accounts import Account, balance
from ledger.errors import FxRefused, HoldRefused
from ledger.fx.books import (
    GAIN,
    UNREALISED,
    Conversion,
    Converted,
    Terms,
    convert_sum,
    foreign_currencies,
    position_of,
    revalue,
    terms_in_use,
    unrated_positions,
)
from ledger.fx.rates import record_rate
from ledger.periods import Calendar, Period
from policies.agreement import Agreement
from policies.clauses.templates import Templated
from policies.money import to_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionAsked:
    """A conversion: `amount` of `currency` from an account as the document names it, into another currency.

    `id` is its own for ever; conversions of one `sum` are its parts and share a rate. `source` is whose rate
    it is, where it is left out the one that the agreement's fx clause names.
    """

    id: str
    agreement: str
    account: str
    amount: str
    currency: str
    into: str
    sum: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class PositionShown:
    """What a bearer holds of a currency, what it cost, and what was gained so far over all currencies.

    `unrealised_minor` is what the last month's end states beyond that, until the next month takes it back.
    """

    bearer: str
    currency: str
    quantity_minor: int
    home: str
    cost_minor: int
    gain_minor: int
    unrealised_minor: int


def record(  # noqa: PLR0913 -- the pair, its rate, source and time, on whose word
    office: Office,
    agreement_id: str,
    rate: tuple[str, str, str],
    *,
    source: str | None,
    at: str | None,
    by: str,
) -> int:
    """Record a rate (base, quote, text) for an agreement; return its seq.

    Raises AgreementUnknown, FxRefused, MoneyError.
    """
    agreement = signed_versions(office, agreement_id)[-1].agreement
    base, quote, text = rate
    when = office.clock() if at is None else _as_of(at)
    parties = tuple(sorted({agreement.party_id(key) for key in agreement.parties}))
    named = source or terms_of(agreement).source
    return record_rate(
        office.log, base, quote, text, source=named, at=when, agreement=agreement.ref, readers=parties, by=by
    )


def _as_of(text: str) -> datetime:
    try:
        return moment(text)
    except HoldRefused as fault:
        raise FxRefused(
            "is no time with its offset, such as 2026-03-31T09:15:00+08:00", where="at"
        ) from fault


def convert(office: Office, asked: ConversionAsked, *, by: str) -> Converted:
    """Convert part of a balance by the fx clause of its agreement; the same again adds nothing.

    Raises AgreementUnknown, FxRefused, RateUnknown, MoneyError, SettlementRefused for an unknown account.
    """
    agreement = signed_versions(office, asked.agreement)[-1].agreement
    named = account_named(agreement, asked.account)
    wanted = Conversion(
        id=asked.id,
        account=Account(named.owner, named.agreement, named.purpose, asked.currency),
        amount_minor=to_minor(asked.amount, asked.currency),
        into=asked.into,
        sum=asked.sum,
    )
    return convert_sum(office.log, terms_of(agreement, asked.source), wanted, at=office.clock(), by=by)


def positions(office: Office, agreement_id: str) -> list[PositionShown]:
    """Return what is held of foreign currencies under an agreement. Raises AgreementUnknown."""
    agreement = signed_versions(office, agreement_id)[-1].agreement
    found = []
    for terms in terms_in_use(office.log, agreement.id, agreement.currency):
        gain, unrealised = (
            balance(office.engine, Account(terms.bearer, agreement.id, purpose, terms.home))
            for purpose in (GAIN, UNREALISED)
        )
        for currency in foreign_currencies(office.log, terms):
            held = position_of(office.log, terms, currency)
            at_home = terms.home, held.cost_minor, gain, unrealised
            found.append(PositionShown(terms.bearer, currency, held.quantity_minor, *at_home))
    return found


def revalue_month(office: Office, agreement: Agreement, calendar: Calendar, period: Period, by: str) -> None:
    """Post what open positions have gained at the end of a month, and take it back when the next begins."""
    for terms in terms_in_use(office.log, agreement.id, agreement.currency):
        revalue(office.log, terms, calendar, period, by=by)


def unrated(office: Office, agreement: Agreement, calendar: Calendar, period: Period) -> tuple[str, ...]:
    """Return the pairs whose rate at the end of a month is missing, such as USD/CNY: it cannot be closed."""
    missing = {
        f"{foreign}/{terms.home}"
        for terms in terms_in_use(office.log, agreement.id, agreement.currency)
        for foreign in unrated_positions(office.log, terms, calendar, period)
    }
    return tuple(sorted(missing))


def terms_of(agreement: Agreement, source: str | None = None) -> Terms:
    """Return the terms of exchange of a document's fx clause, by another source where one is given.

    Raises FxRefused where it has none.
    """
    clause = next(
        (one for one in agreement.document.clauses if isinstance(one, Templated) and one.kind == "fx"), None
    )
    if clause is None:
        raise FxRefused("it has no clause of the kind fx to say who bears exchange", where=agreement.ref)
    told = clause.model_dump(mode="json")
    return Terms(
        agreement=agreement.ref,
        home=agreement.currency,
        bearer=agreement.party_id(told["holder"]),
        source=source or told["source"]["en"],
        clause=clause.id,
    )
