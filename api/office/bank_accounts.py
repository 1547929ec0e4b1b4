"""Accounts of payees under the agreements the office keeps: what is to be signed, and recording it signed.

The payee signs with the key by which it signed an agreement with the payer. Who may ask is decided before.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api.office.agreements import newest_signed
from api.office.keys import demand_signed_by
from api.office.opening import Office
from contracts.hashing import ZERO_DIGEST
from contracts.payee_account import PayeeAccount as ToSign
from contracts.signing import recover_signer
from ledger.database import reading
from ledger.payouts.accounts import (
    SALT_BYTES,
    Details,
    PayeeAccount,
    Signed,
    account_changed,
    accounts_within,
    record_account,
)
from ledger.payouts.errors import AccountRefused
from policies.agreement import Agreement

_SALT = re.compile(r"0x[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """What a payee is asked to sign: the EIP-712 request, and the salt to hand back with the signature.

    Any one of `signers`, addresses of the payee, signs it.
    """

    request: dict[str, Any]
    digest: bytes
    salt: bytes
    signers: tuple[str, ...]


def fresh_salt() -> bytes:
    """Return a salt for an account that is to be signed for."""
    return secrets.token_bytes(SALT_BYTES)


def salt_of(text: str) -> bytes:
    """Read a salt as the request gave it. Raises AccountRefused."""
    if not _SALT.fullmatch(text):
        raise AccountRefused("is 0x and 64 hex digits, as the request gave it", where="salt")
    return bytes.fromhex(text[2:])


def accounts_of(office: Office, payee: str, payer: str) -> list[PayeeAccount]:
    """Return the accounts that a payee recorded for a payer, oldest first."""
    with reading(office.engine) as session:
        return accounts_within(session, payee, payer)


def account_request(office: Office, payee: str, payer: str, details: Details, salt: bytes) -> AccountRequest:
    """Return what the payee signs for its next account. Raises AccountRefused; see signers_of."""
    signers = signers_of(office, payee, payer)
    message = _to_sign(office, payee, payer, details, salt)
    domain = office.domain
    return AccountRequest(message.request(domain), message.digest(domain), salt, tuple(sorted(signers)))


def change_account(  # noqa: PLR0913, PLR0917 -- whose, for whom, which, what opens it, the signature, by whom
    office: Office, payee: str, payer: str, details: Details, salt: bytes, signature: bytes, *, by: str
) -> PayeeAccount:
    """Record an account that the payee signed for; the same again, while it stands, adds nothing.

    Raises AccountRefused, and the SignatureRefused that says what is wrong with the signature.
    """
    signers = signers_of(office, payee, payer)
    standing = accounts_of(office, payee, payer)
    if standing and standing[-1].commitment == "0x" + details.commitment(salt).hex():
        return standing[-1]
    message = _to_sign(office, payee, payer, details, salt)
    signer = recover_signer(message.digest(office.domain), signature)
    wrong = f"the signature is not by a key of {payee}, or over another account; sign what was asked for"
    instead = demand_signed_by(office, sorted(signers), signer, wrong).told()
    signed = Signed(message.commitment, signer.address, signature, salt, instead)
    entry = account_changed(payee, payer, message.number, details, signed, by=by, at=office.clock())
    record_account(office.log, entry, payee, payer, message.number)
    return accounts_of(office, payee, payer)[-1]


def signers_of(office: Office, payee: str, payer: str) -> frozenset[str]:
    """Return the addresses of a payee in the newest signed versions that the payer is a party to as well.

    Raises AccountRefused where there is none.
    """
    found = frozenset(
        party.signer
        for agreement in newest_signed(office).values()
        if payer in _ids(agreement)
        for key, party in agreement.parties.items()
        if agreement.party_id(key) == payee and party.signer
    )
    if not found:
        raise AccountRefused("payee and payer are parties to no signed agreement", where="payer")
    return found


def _ids(agreement: Agreement) -> Iterable[str]:
    return [agreement.party_id(key) for key in agreement.parties]


def _to_sign(office: Office, payee: str, payer: str, details: Details, salt: bytes) -> ToSign:
    standing = accounts_of(office, payee, payer)
    previous = bytes.fromhex(standing[-1].commitment[2:]) if standing else ZERO_DIGEST
    return ToSign(payee, payer, len(standing) + 1, details.masked, details.commitment(salt), previous)
