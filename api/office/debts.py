"""Debts between parties of the agreements that the office keeps, and giving them up by two members."""

from __future__ import annotations

from api.office.agreements import signed_versions
from api.office.opening import Office
from ledger.settlement.errors import DebtRefused
from ledger.settlement.write_offs import WriteOff, confirm_write_off, owed, propose_write_off, write_offs
from policies.agreement import Agreement
from policies.errors import did_you_mean
from policies.money import to_minor


def debts_of(office: Office, agreement_id: str) -> tuple[dict[str, int], list[WriteOff]]:
    """Return what parties owe, in minor units by global id, and every write-off. Raises AgreementUnknown."""
    newest = newest_of(office, agreement_id)
    return owed(office.log, newest), write_offs(office.log, newest.id)


def newest_of(office: Office, agreement_id: str) -> Agreement:
    """Return the newest signed version of an agreement. Raises AgreementUnknown."""
    return signed_versions(office, agreement_id)[-1].agreement


def propose(  # noqa: PLR0913 -- what is given up, by whom, on whose word, why
    office: Office,
    agreement_id: str,
    name: str,
    *,
    debtor: str,
    bearer: str,
    amount: str,
    by: str,
    reason: str,
) -> WriteOff:
    """Propose to write off a debt; parties by their keys in the document, `amount` such as 500.00.

    Raises AgreementUnknown, MoneyError, and what `propose_write_off` raises.
    """
    newest = newest_of(office, agreement_id)
    return propose_write_off(
        office.log,
        newest,
        name,
        debtor=party_of(newest, debtor),
        bearer=party_of(newest, bearer),
        amount_minor=to_minor(amount, newest.currency),
        by=by,
        reason=" ".join(reason.split()),
        now=office.clock(),
    )


def confirm(office: Office, agreement_id: str, name: str, *, by: str) -> WriteOff:
    """Write off what another member proposed; see `confirm_write_off` for what it raises."""
    return confirm_write_off(office.log, newest_of(office, agreement_id), name, by=by, now=office.clock())


def party_of(agreement: Agreement, key: str) -> str:
    """Return the global id of a party by its key in the document. Raises DebtRefused."""
    if key not in agreement.parties:
        hint = did_you_mean(key, agreement.parties)
        raise DebtRefused(f"{agreement.ref} has no party of that key{hint}", where=key[:80])
    return agreement.party_id(key)
