"""Who gave a signature: which member, in which role and on what authority, as whom verified, how it was made.

It stands in the group `signatory` of the entry `signature.given`, read by everybody who signs the version.
Entries from before it was kept have none. What `method` says is the word of who handed the signature in: a
signature does not tell where its key lies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from ledger.entries import require_plain
from ledger.signing.errors import SigningRefused

SIGNATORY_GROUP = "signatory"

Method = Literal["browser-key", "keystore", "wallet", "offline", "wallet-contract"]
"""How a signature was made: by a key kept in a browser, a keystore file, a browser wallet, elsewhere over an
exported request, or by a wallet that is a contract (ERC-1271)."""

METHODS: tuple[Method, ...] = get_args(Method)
CAPACITY_LIMIT = 200
NAME_LIMIT = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Authority:
    """On what authority somebody signs for a party, as they say: their office, and a letter's SHA-256 (hex).

    `exhibit` names where the letter can be asked for, such as an exhibit of a case. Raises SigningRefused.
    """

    capacity: str = ""
    letter_sha256: str | None = None
    exhibit: str | None = None

    def __post_init__(self) -> None:
        for name, text in (("capacity", self.capacity), ("exhibit", self.exhibit)):
            if text:
                require_plain(text, CAPACITY_LIMIT, f"authority.{name}")
        if self.letter_sha256 is not None and not _DIGEST.fullmatch(self.letter_sha256):
            raise SigningRefused("is the SHA-256 of the letter: 64 hex digits", where="authority.letter")


@dataclass(frozen=True, slots=True)
class VerifiedAs:
    """How the party's identity stood when it signed: by which item and entry, verified by whom and how.

    `standing` is of ledger.identities; `valid_until` a date, `method` how it was verified.
    """

    standing: str
    item: str | None = None
    subject: str | None = None
    method: str | None = None
    verified_by: str | None = None
    valid_until: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who gave a signature for a party. `member` is None where the operator's command line handed it in.

    `key` is the address that signed, which a rotation may have put in the place of the document's.
    """

    member: str | None
    name: str | None
    role: str
    method: Method
    key: str
    authority: Authority
    identity: VerifiedAs

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise SigningRefused(f"a signature is made by one of {', '.join(METHODS)}", where="method")
        if self.name is not None:
            require_plain(self.name, NAME_LIMIT, "signatory.name")

    def as_json(self) -> dict[str, Any]:
        """Return it as the entry holds it."""
        return asdict(self)


def signatory_of(content: Mapping[str, Any] | None) -> Signatory | None:
    """Read a signatory back, None for an entry from before it was kept."""
    if content is None:
        return None
    return Signatory(
        **{
            **content,
            "authority": Authority(**content["authority"]),
            "identity": VerifiedAs(**content["identity"]),
        }
    )
