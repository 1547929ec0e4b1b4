"""The error tree of exhibits.

LedgerError
└─ ExhibitError                 refused of an exhibit
   ├─ ExhibitRefused            what is no exhibit, or what cannot be done with it as it stands
   ├─ ExhibitUnknown            no such exhibit, or none that this reader may see
   └─ ExhibitUnavailable        its file is not here, or not what was filed
"""

from __future__ import annotations

from ledger.errors import LedgerError


class ExhibitError(LedgerError):
    """Refused of an exhibit."""

    code = "exhibit"


class ExhibitRefused(ExhibitError):
    """What is no exhibit, or what cannot be done with it as it stands; nothing was recorded."""

    code = "exhibit.refused"


class ExhibitUnknown(ExhibitError):
    """No such exhibit, or none that this reader may see; the two are not told apart."""

    code = "exhibit.unknown"


class ExhibitUnavailable(ExhibitError):
    """The file of an exhibit is not kept here, was erased, or is not what was filed."""

    code = "exhibit.unavailable"
