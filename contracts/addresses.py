"""Account addresses as text: 0x, forty hex digits, with the mixed-case checksum of EIP-55."""

from __future__ import annotations

import re

from contracts.errors import DigestError
from contracts.hashing import keccak256

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def checksum_address(address: str, *, where: str | None = None) -> str:
    """Return an address with its EIP-55 checksum.

    All-lower and all-upper digits carry no checksum and are accepted; a mixed-case address must carry the
    right one. Raises DigestError for anything else.
    """
    if not _ADDRESS.fullmatch(address):
        raise DigestError(f"{address!r} is not an address of 0x and 40 hex digits", where=where)
    digits = address[2:].lower()
    mask = keccak256(digits.encode()).hex()
    checked = "0x" + "".join(d.upper() if int(m, 16) >= 8 else d for d, m in zip(digits, mask, strict=False))
    if address[2:] not in {digits, digits.upper(), checked[2:]}:
        raise DigestError(f"{address} has a wrong checksum: a digit is mistyped", where=where)
    return checked


def address_from_bytes(raw: bytes) -> str:
    """Return the checksummed text of a 20 byte address, or of a 32 byte word that holds one."""
    return checksum_address("0x" + raw[-20:].hex())


def address_bytes(address: str) -> bytes:
    """Return the 20 bytes of an address."""
    return bytes.fromhex(checksum_address(address)[2:])


def address_of_public_key(public_key: bytes) -> str:
    """Return the address of an uncompressed public key of 64 bytes (x and y)."""
    return address_from_bytes(keccak256(public_key))
