"""Requests to sign as files: what a version's signers are asked, with the document and salt that open its digests.

Signing itself is agreements.py's; who may take a file is decided before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.office.agreements import Held, request_for
from api.office.opening import Office
from contracts.signing_file import request_file
from policies.agreement import Agreement


def agreement_file(
    office: Office, one: Held, before: Agreement | None, before_is_readable: bool = True
) -> dict[str, Any]:
    """Return the request file of a version; of the version before, its digest alone where it stays closed."""
    opens: dict[str, Any] = {
        "commitment_salt": "0x" + one.salt.hex(),
        "document": one.agreement.canonical.decode(),
        "previous": None if before is None else _previous(before, before_is_readable),
    }
    given = {each.party for each in one.signatures}
    signers = [
        {"party": name, "address": address, "signed": name in given}
        for name, (_, address) in one.signers.items()
    ]
    return request_file(request_for(office, one), opens, signers)


def _previous(before: Agreement, readable: bool) -> Mapping[str, str]:
    return {"document": before.canonical.decode()} if readable else {"keccak256": before.keccak256}
