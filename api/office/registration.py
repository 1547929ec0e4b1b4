"""Registration of signed versions on the chain: not what makes them bind, but what nobody can take back.

agreement.registered   a registry on a chain holds the version, in a block that the chain calls final

What is to be registered follows from the log: what is signed and not registered. The chain worker does it
(chain_worker/); here is what that rests on and leaves in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.office.agreements import Held, domain_of, held_versions
from api.office.opening import OPERATOR, Office
from api.office.registered import REGISTERED_KIND
from ledger.appending import append_once
from ledger.entries import Group, NewEntry
from ledger.signing.proposals import SOURCE

if TYPE_CHECKING:
    from contracts.registry import VersionRecord

REGISTRATION_GROUP = "registration"
"""The group of the entry that says where a version is registered."""


def unregistered(office: Office) -> tuple[Held, ...]:
    """Return the signed versions for which no registration is on record, in order of proposal."""
    return tuple(one for one in held_versions(office).values() if one.is_signed and one.registration is None)


def record_registration(office: Office, one: Held, record: VersionRecord) -> None:
    """Record where the registry holds a version; again adds nothing."""
    agreement, domain = one.agreement, domain_of(one)
    content = {
        "agreement": agreement.id,
        "version": agreement.version,
        "sha256": agreement.sha256,
        "chain_kind": office.chain.kind,
        "chain_id": domain.chain_id,
        "registry": domain.contract,
        "block": record.block,
        "transaction": record.transaction,
        "digest": "0x" + record.digest.hex(),
    }
    entry = NewEntry(
        source=SOURCE,
        id=f"{agreement.ref}/registered/{record.block}/{record.transaction}",
        kind=REGISTERED_KIND,
        occurred_at=office.clock(),
        asserter=OPERATOR,
        groups=(Group(REGISTRATION_GROUP, one.concerned, content),),
        agreement=agreement.ref,
        concerns=one.concerned,
    )
    append_once(office.log, entry)
