"""Read models of exhibits, and what is asked for about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from litestar.datastructures import UploadFile

from api.reading import PartyName, Text
from api.to_sign import RequestFile


@dataclass(frozen=True, slots=True)
class HeldShown:
    """A step of the chain of custody. `entry_seq` where it was recorded and not only declared."""

    holder: str
    at: str
    how: str
    sha256: str | None
    same: bool
    entry_seq: int | None


@dataclass(frozen=True, slots=True)
class OrderShown:
    """What an arbiter ordered of an exhibit: sealed, unsealed or redacted, and why."""

    order: str
    at: str
    by: Text
    reason: str
    parties: tuple[PartyName, ...]
    sha256: str | None
    entry_seq: int


@dataclass(frozen=True, slots=True)
class ExhibitShown:
    """An exhibit as one viewer may see it.

    Where it is not `open` to them, its docket line is all there is; `title` and the like are None or empty.
    `sha256` is of what was filed and never changes; `shown_sha256` of the file that parties are given.
    """

    dispute: str
    number: int
    name: str
    kind: str
    by: PartyName
    sha256: str
    bytes: int
    captured_at: str
    filed_at: str
    entry_seq: int
    late: bool
    awaits_order: bool
    sealed_from: tuple[PartyName, ...]
    open: bool
    erased: bool
    supports: tuple[Text, ...]
    record: int | None
    shown_sha256: str
    redacted: bool
    destroyed: bool
    title: str | None
    description: str | None
    file: str | None
    signer: str | None
    custody: tuple[HeldShown, ...]
    unbroken: bool
    orders: tuple[OrderShown, ...]
    may_order: bool
    may_read_original: bool
    may_hand_on: bool


@dataclass(frozen=True, slots=True)
class ExhibitsShown:
    """The exhibits of a dispute, and the parties of the viewer that may file there."""

    dispute: str
    exhibits: tuple[ExhibitShown, ...]
    parties: tuple[PartyName, ...]
    filers: tuple[PartyName, ...]
    may_order: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitRequest:
    """What is to be signed for: the exhibit's words, and the digest and length of its file."""

    party: str
    kind: str
    title: str
    captured_at: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitToSign(RequestFile):
    """What a party signs for an exhibit; its `request` is the parameter of `eth_signTypedData_v4`."""


@dataclass(kw_only=True)
class ExhibitForm:
    """An exhibit as a form or a program sends it: its file, or `record`, the number of an entry of the log.

    `supports` are names of facts, parted by blanks; `held` has a line a holder: WHO | WHEN | HOW.
    `under_seal` is `yes` to keep it from the other side until an arbiter orders.
    """

    party: str
    kind: str
    title: str
    captured_at: str
    description: str = ""
    supports: str = ""
    under_seal: str = ""
    held: str = ""
    record: str = ""
    signature: str = ""
    file: UploadFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealRequest:
    """From whom an exhibit is to be kept, by key or id parted by blanks, and why; without: all others."""

    reason: str
    parties: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsealRequest:
    """Why an exhibit is opened to all of its case."""

    reason: str


@dataclass(kw_only=True)
class RedactionForm:
    """The redacted copy, why it takes the place of what was filed, and what becomes of that."""

    reason: str
    file: UploadFile
    original: Literal["kept", "destroyed"] = "kept"


@dataclass(kw_only=True)
class CustodyForm:
    """To whom an exhibit went, how and when; `file` is what the new holder found, where it is shown."""

    party: str
    to: str
    how: str
    at: str
    file: UploadFile | None = None
