"""What is refused before a file of vouchers is written.

VoucherError (code "voucher")       anything below
├─ AccountsUnmapped                 accounts of the month for which the mapping has no code
└─ VoucherRefused                   a month, layout, currency or text that cannot be written so

A mapping with findings that stop it is MappingRejected, as of any document that declares a file (intake).
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.errors import TallystickError


class VoucherError(TallystickError):
    """No file of vouchers was written."""

    code = "voucher"


class AccountsUnmapped(VoucherError):
    """Accounts of the month have no code in the mapping; `accounts` names them all."""

    code = "voucher.unmapped"

    def __init__(self, name: str, accounts: Sequence[str]) -> None:
        """Name every account, so that a mapping is mended in one go."""
        listed = ", ".join(accounts)
        super().__init__(
            f"{len(accounts)} account(s) have no code: {listed}; add each to 'accounts'", where=name
        )
        self.accounts = tuple(accounts)


class VoucherRefused(VoucherError):
    """A month that is not closed, a layout that is not there, or what the layout cannot write."""

    code = "voucher.refused"
