"""What each field of a request to sign is, worked out from what its signer reads, with no network.

The signing page does the same in the browser (static/signing/checks.js). A field of which nothing here says
what it ought to be, such as a number that the server counted, is left open and told so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from contracts.agreement_message import version_commitment, version_message
from contracts.errors import SigningFileAltered, SigningFileUnusable
from contracts.hashing import ZERO_DIGEST, commitment, keccak256
from contracts.signing_file import SigningRequest
from policies.agreement import Agreement
from policies.canonical import canonical_bytes
from policies.loading import agreement_from_canonical

_SHOWN = 4
_CONVEYS = {
    "AgreementTermination": ("commitment_salt", "terms"),
    "AgreementVersion": ("commitment_salt", "document"),
    "DisputeSettlement": ("payments", "words", "currency"),
    "PayeeAccount": ("details", "salt"),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A field of a message: its value, and whether it `fits` what is read; None where nothing says."""

    field: str
    value: Any
    fits: bool | None

    @property
    def state(self) -> Literal["fits", "does not fit", "not checked"]:
        """What is said of it."""
        return "not checked" if self.fits is None else "fits" if self.fits else "does not fit"


def document_of(asked: SigningRequest) -> Agreement | None:
    """Return the document that a request is of, None for a message about none. Raises AgreementRejected."""
    if asked.primary_type != "AgreementVersion":
        return None
    _require_open(asked)
    return agreement_from_canonical(str(asked.opens["document"]).encode(), name="document")


def checks_of(asked: SigningRequest, document: Agreement | None, evidence: bytes | None) -> list[Checked]:
    """Return every field of a request with what was found of it.

    `document` is the agreement that a version is of (document_of), `evidence` the file that an exhibit is.
    Raises SigningFileUnusable where the request lacks what opens it.
    """
    _require_open(asked)
    expected = _expected(asked, document, evidence)
    return [
        Checked(field, value, value == expected[field] if field in expected else None)
        for field, value in asked.message.items()
    ]


def require_sound(checks: list[Checked], where: str) -> None:
    """Refuse a request with a field that does not fit. Raises SigningFileAltered, which names it."""
    bad = next((one for one in checks if one.fits is False), None)
    if bad is not None:
        raise SigningFileAltered(
            f"'{bad.field}' is not what you read says; do not sign it before that is explained", where=where
        )


def _expected(asked: SigningRequest, document: Agreement | None, evidence: bytes | None) -> dict[str, Any]:
    match asked.primary_type:
        case "AgreementVersion":
            assert document is not None, "a version is of a document"
            return _version(asked.opens, document)
        case "AgreementTermination":
            terms, salt = str(asked.opens["terms"]), _bytes(asked.opens["commitment_salt"])
            return {"terms": commitment(salt, keccak256(terms.encode())) if terms else ZERO_DIGEST}
        case "Exhibit" if evidence is not None:
            return {"sha256": hashlib.sha256(evidence).digest(), "bytes": len(evidence)}
        case "DisputeSettlement":
            return _settlement(asked.opens)
        case "PayeeAccount":
            details, salt = asked.opens["details"], _bytes(asked.opens["salt"])
            masked = "\N{BULLET}" * _SHOWN + details["number"][-_SHOWN:]
            digest = hashlib.sha256(salt + canonical_bytes(details)).digest()
            return {"commitment": digest, "ending": masked}
    return {}


def _version(opens: Mapping[str, Any], document: Agreement) -> dict[str, Any]:
    salt, previous = _bytes(opens["commitment_salt"]), opens.get("previous")
    known = document.version == 1
    supersedes = ZERO_DIGEST
    if not known and isinstance(previous, Mapping):
        if "document" in previous:
            before = agreement_from_canonical(str(previous["document"]).encode(), name="previous")
            supersedes, known = version_commitment(before, salt), True
        else:  # told by its digest alone: who joins may not read it
            supersedes = commitment(salt, _bytes(previous["keccak256"]))
    expected = version_message(document, salt, supersedes).fields()
    return expected if known else {name: one for name, one in expected.items() if name != "supersedes"}


def _settlement(opens: Mapping[str, Any]) -> dict[str, Any]:
    payments, words, currency = opens["payments"], opens["words"], opens["currency"]
    lines = [f"{each['source']} -> {each['target']} {each['amount']} {currency}" for each in payments]
    terms = hashlib.sha256(canonical_bytes({"payments": payments, "words": words})).digest()
    return {"payments": "\n".join(lines), "terms": terms}


def _require_open(asked: SigningRequest) -> None:
    missing = [name for name in _CONVEYS.get(asked.primary_type, ()) if name not in asked.opens]
    if missing:
        raise SigningFileUnusable(f"does not hold what opens its digests: {', '.join(missing)}")


def _bytes(text: Any) -> bytes:
    try:
        return bytes.fromhex(str(text).removeprefix("0x"))
    except ValueError:
        raise SigningFileUnusable("holds a digest or salt that is not hexadecimal") from None
