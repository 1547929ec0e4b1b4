"""Accounts on which payees are paid: recorded by the payee for one payer, with the payee's signature.

bank_account.changed   group `bank_account`: the masked number and what was signed
                       group `account_details`: number, holder, bank and salt; personal, and erasable

What is signed commits to the details by a salted digest, so it shows no number. An account other than the
first is paid to once the cooling-off period of the agreement is over. Verifying signatures is not ledger's:
who records one has verified it (api/office/bank_accounts.py).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal

from ledger.database import Session
from ledger.entries import Group, NewEntry
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.payouts.errors import AccountRefused
from ledger.payouts.terms import PayoutTerms
from ledger.reading import find_entry, read_groups
from policies.canonical import canonical_bytes

CHANGED_KIND = "bank_account.changed"
SOURCE = "tallystick.bank_accounts"
ACCOUNT_GROUP = "bank_account"
DETAILS_GROUP = "account_details"

Means = Literal["bank", "alipay", "wechat"]
MEANS: tuple[Means, ...] = ("bank", "alipay", "wechat")
"""What an account is kept with: a bank, or a payment provider."""

SALT_BYTES = 32
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z@._+-]{3,63}")
_TEXT_MAX = 120
_SHOWN = 4
_FORMULA_STARTS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Details:
    """An account as a payment file needs it. `number` has no blanks; `bank_code` is a clearing number.

    Raises AccountRefused, naming the field and never its content.
    """

    means: Means
    holder: str
    number: str
    bank: str = ""
    bank_code: str = ""

    def __post_init__(self) -> None:
        if self.means not in MEANS:
            raise AccountRefused(f"an account is kept with one of {', '.join(MEANS)}", where="means")
        if not _NUMBER.fullmatch(self.number):
            raise AccountRefused("is 4 to 64 letters and digits, or an address of mail", where="number")
        for name in ("holder", "bank", "bank_code"):
            text = getattr(self, name)
            if len(text) > _TEXT_MAX or (text and not text.isprintable()) or text != text.strip():
                raise AccountRefused(f"is plain text of at most {_TEXT_MAX} letters", where=name)
            if text.startswith(_FORMULA_STARTS):
                raise AccountRefused("begins as a formula does, which spreadsheets would run", where=name)
        if not self.holder:
            raise AccountRefused("names in whose name the account is kept", where="holder")
        if self.means == "bank" and not self.bank:
            raise AccountRefused("names the bank", where="bank")

    @property
    def masked(self) -> str:
        """The number as pages show it: its last four characters."""
        return mask(self.number)

    def commitment(self, salt: bytes) -> bytes:
        """Return the 32 bytes that are signed in place of the details: SHA-256 of salt and canonical JSON."""
        return hashlib.sha256(salt + canonical_bytes(asdict(self))).digest()


@dataclass(frozen=True, slots=True)
class PayeeAccount:
    """An account as recorded: whose, to be paid on by whom, the how manyth, and since when the log has it.

    `commitment` is 0x hex; `details` is None once they were erased.
    """

    seq: int
    payee: str
    payer: str
    number: int
    means: str
    masked: str
    commitment: str
    recorded_us: int
    changed_by: str
    details: Details | None


@dataclass(frozen=True, slots=True)
class Signed:
    """What a payee signed: the commitment, by which address, the signature; `salt` opens the commitment.

    `instead` says for which signer, where that was not its own key: `signer`, `public_key` and `key_changes`,
    the signed changes by which the key took its place.
    """

    commitment: bytes
    address: str
    signature: bytes
    salt: bytes
    instead: Mapping[str, Any]


def mask(number: str) -> str:
    """Return an account's number with all but its end hidden."""
    return "•" * _SHOWN + number[-_SHOWN:]


def account_changed(  # noqa: PLR0913 -- whose, for whom, which, what was signed, by whom, when
    payee: str, payer: str, number: int, details: Details, signed: Signed, *, by: str, at: datetime
) -> NewEntry:
    """Return the entry by which a payee records the account on which a payer is to pay it."""
    assert signed.commitment == details.commitment(signed.salt), "what was signed commits to the details"
    readers = tuple(sorted({payee, payer}))
    content = {
        "payee": payee,
        "payer": payer,
        "number": number,
        "means": details.means,
        "masked": details.masked,
        "commitment": "0x" + signed.commitment.hex(),
        "address": signed.address,
        "signature": "0x" + signed.signature.hex(),
        "changed_by": by,
        **signed.instead,
    }
    private = {**asdict(details), "salt": "0x" + signed.salt.hex()}
    return NewEntry(
        source=SOURCE,
        id=account_id(payee, payer, number),
        kind=CHANGED_KIND,
        occurred_at=at,
        asserter=payee,
        concerns=readers,
        groups=(Group(ACCOUNT_GROUP, readers, content), Group(DETAILS_GROUP, readers, private)),
    )


def account_id(payee: str, payer: str, number: int) -> str:
    """Return the id of the entry of a payee's account, which names nobody, for leaves are open.

    Numbers count from 1.
    """
    return f"{hashlib.sha256(f'{payee}/{payer}'.encode()).hexdigest()[:32]}/{number}"


def accounts_within(session: Session, payee: str, payer: str, end: int | None = None) -> list[PayeeAccount]:
    """Return the accounts that a payee recorded for a payer, oldest first, before entry `end`."""
    found: list[PayeeAccount] = []
    while entry := find_entry(session, SOURCE, account_id(payee, payer, len(found) + 1)):
        if end is not None and entry.seq >= end:
            break
        groups = {one.name: one for one in read_groups(session, entry.seq, None)}
        told = groups[ACCOUNT_GROUP].content
        private = groups[DETAILS_GROUP]
        details = _details(private.content) if private.erased_by is None else None
        found.append(
            PayeeAccount(
                entry.seq, payee, payer, told["number"], told["means"], told["masked"], told["commitment"],
                entry.recorded_us, told["changed_by"], details,
            )
        )  # fmt: skip
    return found


def usable(accounts: list[PayeeAccount], terms: PayoutTerms, at: datetime) -> PayeeAccount | None:
    """Return the account that a payee is paid on at a time; None where there is none, or a change waits.

    The first account needs no cooling-off: nothing was there for it to take the place of. One that another
    took the place of before its cooling-off was over is never paid to: its owner may have objected to it.
    """
    if not accounts:
        return None
    newest = accounts[-1]
    if _cooled(newest, terms, at):
        return newest
    if terms.meanwhile == "wait":
        return None
    stood = [one for one, after in pairwise(accounts) if _cooled(one, terms, instant_of(after.recorded_us))]
    return stood[-1]


def _cooled(account: PayeeAccount, terms: PayoutTerms, at: datetime) -> bool:
    return account.number == 1 or cooled_at(account, terms) <= at


def cooled_at(account: PayeeAccount, terms: PayoutTerms) -> datetime:
    """Return when the cooling-off of an account is over, as counted from when the log took it."""
    return instant_of(account.recorded_us) + terms.cooling


def _details(content: dict[str, Any]) -> Details:
    return Details(**{name: content[name] for name in ("means", "holder", "number", "bank", "bank_code")})


def record_account(log: Log, entry: NewEntry, payee: str, payer: str, number: int) -> int:
    """Append the entry of a payee's account; return its seq. Raises AccountRefused where another came first.

    `number` is the one that was signed: the next after those that stand.
    """

    def require(session: Session) -> None:
        if len(accounts_within(session, payee, payer)) + 1 != number:
            raise AccountRefused("another account was recorded meanwhile; sign anew", where="number")

    (seq,) = log.append([entry], require=require).seqs
    assert seq is not None, "the number is free"
    return seq
