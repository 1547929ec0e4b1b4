"""The message that the parties of a version sign, made from its document and salt alone.

Whoever holds both makes the same message: the office, the page, and a signer with no network.
"""

from __future__ import annotations

from datetime import UTC, datetime, time

from contracts.hashing import ZERO_DIGEST, commitment
from contracts.typed_data import AgreementVersion
from policies.agreement import Agreement


def version_message(agreement: Agreement, salt: bytes, supersedes: bytes = ZERO_DIGEST) -> AgreementVersion:
    """Return the message for a version; `supersedes` is the commitment of the version before, 32 bytes.

    It counts from the beginning of its first day in the document's time zone. Raises DigestError where a
    party names no signer.
    """
    starts = datetime.combine(agreement.document.effective_from, time(), tzinfo=agreement.zone)
    return AgreementVersion.of(
        salt=salt,
        agreement_id=agreement.id,
        version=agreement.version,
        document_keccak256=bytes.fromhex(agreement.keccak256[2:]),
        supersedes=supersedes,
        effective_from=int(starts.astimezone(UTC).timestamp()),
        parties=[party.signer or "" for party in agreement.parties.values()],
    )


def version_commitment(agreement: Agreement, salt: bytes) -> bytes:
    """Return the salted digest of a document, which the version after it supersedes."""
    return commitment(salt, bytes.fromhex(agreement.keccak256[2:]))
