"""The error tree of payouts.

LedgerError
└─ PayoutError                  refused by payouts
   ├─ PayoutRefused             a batch, or a step of one, that cannot be made as asked
   ├─ PayoutUnknown             no such batch, or none that this reader may see
   ├─ PayoutSamePerson          the one who prepared a batch cannot release it
   ├─ PayoutChanged             what is payable has changed since a batch was prepared
   ├─ AccountRefused            a payee's account that cannot be recorded as given
   ├─ PayoutMappingRejected     a file's mapping that cannot be read, or is not known
   └─ PaymentFileRefused        a payment file that cannot be written, or a bank's that cannot be read
"""

from __future__ import annotations

from ledger.errors import LedgerError


class PayoutError(LedgerError):
    """Refused by payouts."""

    code = "payout"


class PayoutRefused(PayoutError):
    """A batch, or a step of one, that cannot be made as asked; nothing was written."""

    code = "payout.refused"


class PayoutUnknown(PayoutError):
    """No such batch, or none that this reader may see; the two are not told apart."""

    code = "payout.unknown"


class PayoutSamePerson(PayoutError):
    """The member who prepared a batch cannot release it; another member with the role `pay` does."""

    code = "payout.same-person"


class PayoutChanged(PayoutError):
    """The log has changed what is payable since the batch was prepared; it says what, and for whom."""

    code = "payout.changed"


class AccountRefused(PayoutError):
    """A payee's account that cannot be recorded as given; the message says what to change."""

    code = "payout.account-refused"


class PayoutMappingRejected(PayoutError):
    """A mapping of payment files that cannot be read, or that is not known."""

    code = "payout.mapping-rejected"


class PaymentFileRefused(PayoutError):
    """A payment file that cannot be written as its mapping asks, or a bank's file that cannot be read."""

    code = "payout.file-refused"
