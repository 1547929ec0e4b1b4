"""Requests to sign as the API answers with them: each answer is itself a file for `tallystick sign`.

Not for what is signed (contracts/), nor for who may ask (each capability's service).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.office.keys import keys_signing
from api.office.opening import Office
from contracts.signing_file import REQUEST_FORMAT


@dataclass(frozen=True, slots=True)
class SignerAsked:
    """Who may sign a request: a party by its id or key, an address, and the key that signs for that now."""

    party: str
    address: str
    key: str


def signers_asked(office: Office, signers: Iterable[tuple[str, str]]) -> tuple[SignerAsked, ...]:
    """Return who may sign, of parties with an address each."""
    named = tuple(signers)
    keys = keys_signing(office, {address for _, address in named})
    return tuple(SignerAsked(party, address, keys[address]) for party, address in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFile:
    """A request to sign, whole.

    `request` is the EIP-712 parameter of `eth_signTypedData_v4`, `opens` what its digests are of.
    """

    request: Mapping[str, Any]
    opens: Mapping[str, Any]
    signers: tuple[SignerAsked, ...]
    format: str = REQUEST_FORMAT
