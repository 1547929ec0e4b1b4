"""Holds under the agreements the office keeps: by hand with a clause, and of what a dispute contests.

A document whose dispute process says `hold: contested_amount` has the amount claimed held on its respondent's
balance from filing to decision, also where less is there: what comes in meanwhile is then held too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.office.agreements import signed_versions
from api.office.opening import Office
from ledger.accounts import Account
from ledger.errors import HoldRefused, HoldUnknown
from ledger.holds import Hold, NewHold, holds, place_hold, record_expired, release_hold
from policies.agreement import Agreement
from policies.clauses.dispute_process import DisputeProcess
from policies.errors import did_you_mean
from policies.money import to_minor

CONTESTED = "contested"
"""Why an amount in dispute is held."""

_DAY_LENGTH = len("2026-03-17")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAsked:
    """A hold as people ask for it: the account as documents name it, the amount as decimal text.

    `until` is a day (its start, in the agreement's time zone) or a time with its offset, None for no end.
    """

    id: str
    agreement: str
    account: str
    amount: str
    clause: str
    reason: str
    until: str | None = None


def place(office: Office, asked: HoldAsked, by: str) -> Hold:
    """Place a hold on the word of `by`; the same again adds nothing.

    Raises AgreementUnknown, HoldRefused, HoldBeyondBalance, MoneyError, SettlementRefused for an account that
    the document does not know.
    """
    agreement = signed_versions(office, asked.agreement)[-1].agreement
    if asked.clause not in agreement.clauses:
        hint = did_you_mean(asked.clause, agreement.clauses)
        raise HoldRefused(f"{agreement.ref} has no clause '{asked.clause}'{hint}", where=asked.id)
    process = contested_process(agreement)
    new = NewHold(
        id=asked.id,
        account=account_named(agreement, asked.account),
        amount_minor=to_minor(asked.amount, agreement.currency),
        reason=asked.reason,
        clause=asked.clause,
        agreement=agreement.ref,
        readers=account_readers(agreement, asked.account.partition(".")[0]),
        expires_at=_until(asked.until, agreement),
    )
    beyond = process is not None and process.id == asked.clause
    place_hold(office.log, new, at=office.clock(), by=by, beyond_balance=beyond)
    return standing(office, asked.id)


def release(  # noqa: PLR0913 -- which, how much, by which name, why, on whose word
    office: Office, hold: str, amount: str | None, *, name: str, reason: str, by: str
) -> Hold:
    """Release part of a hold, or all that is left; the same release again adds nothing.

    Raises HoldUnknown, HoldRefused, MoneyError.
    """
    currency = standing(office, hold).account.currency
    release_hold(
        office.log,
        hold,
        None if amount is None else to_minor(amount, currency),
        release=name,
        at=office.clock(),
        by=by,
        reason=reason,
    )
    return standing(office, hold)


def standing(office: Office, hold: str) -> Hold:
    """Return one hold as it stands now. Raises HoldUnknown."""
    found = holds(office.engine, office.clock(), hold=hold)
    if not found:
        raise HoldUnknown("there is no such hold", where=hold)
    return found[0]


def expire(office: Office, by: str) -> list[int]:
    """Write down the holds that have expired; return the seqs of the new entries."""
    return record_expired(office.log, office.clock(), by)


def readers_of(versions: Iterable[Agreement], hold: Hold) -> tuple[str, ...]:
    """Return the global ids of who may read a hold: the account's owner, and its agreement's platform.

    `versions` are those of all agreements that the office holds.
    """
    mine = [one for one in versions if one.id == hold.account.agreement]
    platforms = {party for one in mine for party in _platforms(one)}
    return tuple(sorted({*platforms, hold.account.owner}))


def contested_process(agreement: Agreement) -> DisputeProcess | None:
    """Return the dispute process of a document that has contested amounts held, None where it does not."""
    found = (one for one in agreement.document.clauses if isinstance(one, DisputeProcess))
    return next((one for one in found if one.hold == "contested_amount"), None)


def contested_hold(
    agreement: Agreement, dispute: str, *, account: str, amount: str, readers: tuple[str, ...]
) -> NewHold | None:
    """Return the hold of what a dispute claims of an account; None where nothing is to be held.

    The document may say that nothing is, the amount may be nothing, the account nobody's of the document.
    """
    process, minor = contested_process(agreement), to_minor(amount, agreement.currency)
    known = account in agreement.parties or account in agreement.document.payees
    if process is None or not known or minor <= 0:
        return None
    return NewHold(
        id=dispute,
        account=account_named(agreement, account),
        amount_minor=minor,
        reason=CONTESTED,
        clause=process.id,
        agreement=agreement.ref,
        readers=readers,
        case=dispute,
    )


def account_named(agreement: Agreement, name: str) -> Account:
    """Return the account that a document names, in its currency. Raises SettlementRefused."""
    from ledger.settlement.accounts import owner_and_purpose  # noqa: PLC0415 (beside its only use)

    owner, purpose = owner_and_purpose(agreement, name)
    return Account(owner, agreement.id, purpose, agreement.currency)


def _platforms(agreement: Agreement) -> set[str]:
    return {agreement.party_id(key) for key, party in agreement.parties.items() if party.role == "platform"}


def account_readers(agreement: Agreement, key: str) -> tuple[str, ...]:
    """Return who may read a hold on the account of a party (by its key): its owner and the platform."""
    owner = {agreement.party_id(key)} if key in agreement.parties else set()
    everybody = {agreement.party_id(one) for one in agreement.parties}
    return tuple(sorted(owner | _platforms(agreement) or everybody))


def _until(text: str | None, agreement: Agreement) -> datetime | None:
    if text is None:
        return None
    return moment(text, agreement.zone if len(text) == _DAY_LENGTH else None)


def moment(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Read a time with its offset, or with a zone the start of a day in it. Raises HoldRefused."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is not None and zone is not None:
        return found.replace(tzinfo=zone)
    if found is None or found.tzinfo is None:
        raise HoldRefused("is no day such as 2026-05-01 and no time with its offset", where=text[:40])
    return found
