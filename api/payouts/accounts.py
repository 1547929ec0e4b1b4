"""Accounts of payees as one viewer may see them, and recording one with the payee's signature.

A payee's members and the payer's see that there is an account, and its end; what it is in full goes into
payment files alone.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from api.access import Viewer, demand_role, may_read
from api.errors import RequestUnusable
from api.office.bank_accounts import (
    account_request,
    accounts_of,
    change_account,
    fresh_salt,
    salt_of,
)
from api.office.opening import Office
from api.office.payouts import versions_of
from api.payouts.schemas import AccountAsked, AccountShown, AccountSigned, AccountToSign
from api.to_sign import signers_asked
from api.worded import local_time
from ledger.leaves import instant_of
from ledger.payouts.accounts import MEANS, Details, PayeeAccount, cooled_at, usable
from ledger.payouts.errors import AccountRefused
from ledger.payouts.terms import PayoutTerms, in_force, payout_terms
from policies.agreement import Agreement

_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A payee and a payer: the terms that hold back the longest, and the agreement that they stand in."""

    terms: PayoutTerms
    agreement: Agreement


class PayeeAccountService:
    """Shows and records accounts. Raises AccessDenied for who may not."""

    def __init__(self, office: Office) -> None:
        """Work over an office."""
        self.office = office

    def accounts(self, viewer: Viewer) -> tuple[AccountShown, ...]:
        """Return the accounts that the viewer's parties recorded, and those recorded for them to pay to."""
        return tuple(one for one in self.every_account() if may_read(viewer, (one.payee, one.payer)))

    def every_account(self) -> tuple[AccountShown, ...]:
        """Return every account, for who runs the installation: payee by payee, the newest first."""
        pairs = sorted(self._pairs().items(), key=lambda one: one[0])
        return tuple(one for (payee, payer), pair in pairs for one in self._shown(payee, payer, pair))

    def cooling(self, viewer: Viewer) -> tuple[AccountShown, ...]:
        """Return the changes of the viewer's own parties that are not paid to yet."""
        mine = self.accounts(viewer)
        return tuple(one for one in mine if one.state == "cooling" and one.payee in viewer.parties)

    def pairs(self, viewer: Viewer) -> tuple[tuple[str, str], ...]:
        """Return the payees that the viewer may sign for, each with who pays it."""
        return tuple(sorted(pair for pair in self._pairs() if viewer.has("sign", pair[0])))

    def to_sign(self, viewer: Viewer, asked: AccountAsked) -> AccountToSign:
        """Return what is to be signed for an account. Needs `sign` or `pay` for the payee."""
        self._demand(viewer, asked.payee)
        details = details_of(asked)
        made = account_request(self.office, asked.payee, asked.payer, details, fresh_salt())
        salt = "0x" + made.salt.hex()
        return AccountToSign(
            request=made.request,
            opens={"details": asdict(details), "salt": salt},
            signers=signers_asked(self.office, [(asked.payee, address) for address in made.signers]),
            salt=salt,
        )

    def record(self, viewer: Viewer, signed: AccountSigned) -> AccountShown:
        """Record an account that the payee signed for. Needs `sign` or `pay` for the payee."""
        asked = signed.account
        self._demand(viewer, asked.payee)
        if not _SIGNATURE.fullmatch(signed.signature):
            raise RequestUnusable("a signature is 0x and 130 hex digits (r, s, v)", where="signature")
        made = change_account(
            self.office,
            asked.payee,
            asked.payer,
            details_of(asked),
            salt_of(signed.salt),
            bytes.fromhex(signed.signature[2:]),
            by=viewer.member,
        )
        pair = self._pairs()[asked.payee, asked.payer]
        return next(one for one in self._shown(asked.payee, asked.payer, pair) if one.entry_seq == made.seq)

    def _demand(self, viewer: Viewer, payee: str) -> None:
        if not viewer.has("pay", payee):
            demand_role(viewer, "sign", payee)

    def _pairs(self) -> dict[tuple[str, str], _Pair]:
        """Return who is paid by whom, a payer by itself too, with the terms that hold back the longest."""
        found: dict[tuple[str, str], _Pair] = {}
        for versions in versions_of(self.office).values():
            agreement = in_force(versions, self.office.clock())
            terms = payout_terms(agreement)
            for payee in _payees(agreement) if terms.payer else ():
                pair = payee, terms.payer or ""
                if pair not in found or found[pair].terms.cooling < terms.cooling:
                    found[pair] = _Pair(terms, agreement)
        return found

    def _shown(self, payee: str, payer: str, pair: _Pair) -> list[AccountShown]:
        standing = accounts_of(self.office, payee, payer)
        used = usable(standing, pair.terms, self.office.clock())
        return [_account(one, standing, used, pair) for one in reversed(standing)]


def details_of(asked: AccountAsked) -> Details:
    """Read an account as asked for. Raises AccountRefused, naming the field and not what it holds."""
    means = next((one for one in MEANS if one == asked.means), None)
    if means is None:
        raise AccountRefused(f"an account is kept with one of {', '.join(MEANS)}", where="means")
    holder, bank, code = (" ".join(text.split()) for text in (asked.holder, asked.bank, asked.bank_code))
    return Details(means, holder, "".join(asked.number.split()), bank, code)


def _payees(agreement: Agreement) -> list[str]:
    passive = {"arbiter", "auditor"}
    return [agreement.party_id(key) for key, one in agreement.parties.items() if one.role not in passive]


def _account(
    one: PayeeAccount, standing: list[PayeeAccount], used: PayeeAccount | None, pair: _Pair
) -> AccountShown:
    newest = one is standing[-1]
    if one.details is None:
        state = "erased"
    elif one is used:
        state = "used"
    else:
        state = "cooling" if newest else "replaced"
    from_ = cooled_at(one, pair.terms) if one.number > 1 else instant_of(one.recorded_us)
    return AccountShown(
        payee=one.payee,
        payer=one.payer,
        number=one.number,
        means=one.means,
        ending=one.masked,
        state=state,
        recorded_at=local_time(pair.agreement, instant_of(one.recorded_us).isoformat()),
        used_from=local_time(pair.agreement, from_.isoformat()),
        changed_by=one.changed_by,
        entry_seq=one.seq,
    )
