"""What is refused before a file of vouchers is written.

VoucherError (code "voucher")       anything below
├─ AccountsRejected                 an account mapping with findings that stop it
├─ AccountsUnmapped                 accounts of the month for which the mapping has no code
└─ VoucherRefused                   a month, layout, currency or text that cannot be written so
"""

from __future__ import annotations

from collections.abc import Sequence

from policies.errors import Finding, TallystickError


class VoucherError(TallystickError):
    """No file of vouchers was written."""

    code = "voucher"


class AccountsRejected(VoucherError):
    """An account mapping that cannot be used, with every finding that stops it."""

    code = "voucher.accounts-rejected"

    def __init__(self, name: str, findings: tuple[Finding, ...]) -> None:
        """Word the refusal from its first finding."""
        first = findings[0]
        line = f"line {first.line}, " if first.line is not None else ""
        super().__init__(f"{len(findings)} finding(s); {line}{first.path}: {first.message}", where=name)
        self.name = name
        self.findings = findings


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
