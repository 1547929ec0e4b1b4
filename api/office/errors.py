"""What the office refuses.

TallystickError
└─ OfficeError
   ├─ AgreementUnknown      no such agreement version is proposed or signed here
   ├─ AgreementNotReady     a document that cannot be signed as it stands
   ├─ AgreementTaken        another document was already proposed under this id and version
   ├─ NotASigner            somebody who need not sign this version
   ├─ CutoffAhead           a settlement up to a time that has not come
   ├─ DisputeUnknown        no such dispute
   ├─ DisputeState          a step that the dispute is not ready for
   ├─ VaultUnknown          no such deposit vault is on record
   ├─ VaultDiffers          a deposit vault with other terms than its document
   ├─ VaultNotReady         a step that a deposit vault, or what it rests on, is not ready for
   ├─ ChainBusy             another sends by the operator's key, or what it sent waits for its block
   ├─ NoticeRefused         a notice of which no case can be made
   └─ EvidenceNotReady      evidence that cannot be put together yet
"""

from __future__ import annotations

from policies.errors import TallystickError


class OfficeError(TallystickError):
    """Refused by the office."""

    code = "office"


class AgreementUnknown(OfficeError):
    """No such agreement version is proposed or signed here."""

    code = "agreement.unknown"


class AgreementNotReady(OfficeError):
    """A document that cannot be signed as it stands."""

    code = "agreement.not-ready"


class AgreementTaken(OfficeError):
    """Another document was already proposed under this id and version."""

    code = "agreement.taken"


class NotASigner(OfficeError):
    """Somebody who need not sign this version."""

    code = "agreement.not-a-signer"


class CutoffAhead(OfficeError):
    """A settlement up to a time that has not come: what is still to happen would be left out for good."""

    code = "settlement.cutoff-ahead"


class NoticeRefused(OfficeError):
    """A notice of which a party can make no case: it is about no clause, or that has no other side."""

    code = "notice.refused"


class EvidenceNotReady(OfficeError):
    """Evidence that cannot be put together yet."""

    code = "evidence.not-ready"


class VaultUnknown(OfficeError):
    """No deposit vault of this address is on record."""

    code = "vault.unknown"


class VaultDiffers(OfficeError):
    """A deposit vault on the chain with other terms than the signed document has."""

    code = "vault.other-terms"


class ChainBusy(OfficeError):
    """Another sends by the operator's key now, or what it sent waits for its block: nothing was sent."""

    code = "chain.busy"


class VaultNotReady(OfficeError):
    """A step that a deposit vault, or what it rests on, is not ready for."""

    code = "vault.not-ready"
