"""Keccak-256 and the salted digests, which are all of an agreement or a log that a chain ever sees.

It knows no message format (see typed_data.py). The hash backend is named here and nowhere else: left to
choose for itself, eth-hash takes the slower of the two that are installed.
"""

from __future__ import annotations

import os

# pysha3 is C; eth-hash reads the choice at its first hash, and an operator's own choice stands
os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")

from eth_hash.auto import keccak as _keccak

from contracts.errors import DigestError

SALT_BYTES = 32
"""Length of an agreement's or a log's salt."""

ZERO_DIGEST = bytes(32)
"""What version 1 supersedes."""


def keccak256(data: bytes) -> bytes:
    """Return the Keccak-256 digest that Ethereum uses (not FIPS 202 SHA3-256)."""
    return _keccak(data)


def agreement_key(salt: bytes, agreement_id: str) -> bytes:
    """Return the name of an agreement on a chain: keccak256(salt || UTF-8 id).

    The salt is 32 random bytes, made once an agreement id and known to its parties only; without it the
    key tells nobody which agreement it is. Raises DigestError for a salt of another length.
    """
    return keccak256(_salt(salt) + agreement_id.encode())


def commitment(salt: bytes, document_keccak256: bytes) -> bytes:
    """Return the salted digest of a document: keccak256(salt || keccak256(canonical bytes)).

    Raises DigestError where salt or digest are not 32 bytes.
    """
    if len(document_keccak256) != 32:
        raise DigestError("the document's keccak-256 is 32 bytes", where="document_keccak256")
    return keccak256(_salt(salt) + document_keccak256)


def log_key(salt: bytes, origin: str) -> bytes:
    """Return the name of a log on a chain: keccak256(salt || UTF-8 origin line of its checkpoints)."""
    return keccak256(_salt(salt) + origin.encode())


def _salt(salt: bytes) -> bytes:
    if len(salt) != SALT_BYTES:
        raise DigestError(f"a salt is {SALT_BYTES} random bytes, not {len(salt)}", where="salt")
    return salt
