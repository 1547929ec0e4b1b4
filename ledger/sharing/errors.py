"""What giving data away refuses beside what a grant does not permit, which is an answer and no error.

LedgerError
└─ SharingRefused           a step that an answer is not ready for: returned twice, or never given
   └─ SharingUnusable       a request for data that cannot be looked up: too much, or no such field
"""

from __future__ import annotations

from ledger.errors import LedgerError


class SharingRefused(LedgerError):
    """A step that a sharing of data is not ready for, or was taken otherwise before."""

    code = "data.state"


class SharingUnusable(LedgerError):
    """A request for data that cannot be answered as it stands; `where` names the field."""

    code = "data.unusable"
