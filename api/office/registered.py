"""Where a signed version stands in a registry on a chain, as the log tells it.

Who has it registered, and when that is said, is registration.py's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.embedded import CHAIN_ID
from ledger.reading import Entry

REGISTERED_KIND = "agreement.registered"
"""Kind of the entry which says that a registry on a chain holds a version for good."""


@dataclass(frozen=True)
class Registration:
    """Where a version stands in a registry on a chain, as entry `seq` of the log says."""

    chain_kind: str
    chain_id: int
    registry: str
    transaction: str
    block: int
    seq: int
    recorded_at: str


def registered(entry: Entry, told: Mapping[str, Any]) -> Registration:
    """Return where a version stands, as its entry of registration tells."""
    at = (told["registry"], told["transaction"], told["block"], entry.seq, entry.occurred_at)
    return Registration(told["chain_kind"], told["chain_id"], *at)


def registered_as_signed(entry: Entry, content: Mapping[str, Any]) -> Registration:
    """Return where a version stands that was registered before it was said to be signed, as once was done."""
    kind = "embedded" if content["signing"]["chain_id"] == CHAIN_ID else "rpc"
    told = {**content["signing"], **content["agreement"], "chain_kind": kind}
    return registered(entry, told)
