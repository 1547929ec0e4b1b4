"""Requests to sign as files: what signers are asked, with the document and salt that open its digests.

Signing itself is agreements.py's; who may take a file is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.office.agreements import Held, request_for
from api.office.keys import keys_signing
from api.office.opening import Office
from contracts.signing_file import request_file
from policies.agreement import Agreement


@dataclass(frozen=True, slots=True)
class Before:
    """The version that another follows: told whole, or by its digest alone where `readable` is not set."""

    agreement: Agreement
    readable: bool

    def told(self) -> Mapping[str, str]:
        """Return what a request file says of it."""
        agreement = self.agreement
        if self.readable:
            return {"document": agreement.canonical.decode()}
        return {"keccak256": agreement.keccak256}


def agreement_file(office: Office, one: Held, before: Before | None) -> dict[str, Any]:
    """Return the request file of a version, `before` being the one that it follows."""
    opens: dict[str, Any] = {
        "commitment_salt": "0x" + one.salt.hex(),
        "document": one.agreement.canonical.decode(),
        "previous": None if before is None else before.told(),
    }
    given = {each.party for each in one.signatures}
    keys = keys_signing(office, {address for _, address in one.signers.values()})
    signers = [
        {"party": name, "address": address, "key": keys[address], "signed": name in given}
        for name, (_, address) in one.signers.items()
    ]
    return request_file(request_for(office, one), opens, signers)
