"""Registration of signed versions on the chain: not what makes them bind, but what nobody can take back.

agreement.registered   a registry on a chain holds the version, in a block that the chain calls final

What is to be registered follows from the log: what is signed and not registered. No request waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.office.agreements import (
    SOURCE,
    Held,
    complete,
    domain_of,
    held_versions,
    version_to_sign,
)
from api.office.opening import OPERATOR, Office
from api.office.registered import REGISTERED_KIND
from contracts.consent import PartySignature
from ledger.appending import append_once
from ledger.entries import Group, NewEntry

if TYPE_CHECKING:
    from contracts.registry import VersionRecord

REGISTRATION_GROUP = "registration"
"""The group of the entry that says where a version is registered."""


def unregistered(office: Office) -> tuple[Held, ...]:
    """Return the signed versions for which no registration is on record, in order of proposal."""
    return tuple(one for one in held_versions(office).values() if one.is_signed and one.registration is None)


def register_signed(office: Office) -> int:
    """Register what is signed with the registry, and record it; return how many were. A duty."""
    for one in held_versions(office).values():
        if not one.is_signed and not one.waiting_for:
            complete(office, one)  # the process ended between the last signature and this
    done = 0
    for one in unregistered(office):
        if domain_of(one) == office.domain:
            register(office, one)
            done += 1
    return done


def register(office: Office, one: Held) -> None:
    """Register one signed version, waiting for the chain, and record it; again adds nothing."""
    assert one.consent is not None, "every signature of the version is there"
    offered = [
        PartySignature(each["address"], bytes.fromhex(each["signature"][2:]))
        for each in (*one.consent["signatures"], *one.consent["leaving"])
    ]
    record = office.registry.register(version_to_sign(office, one), offered, key=office.chain_key)
    record_registration(office, one, record)


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
        id=f"{agreement.ref}/registered",
        kind=REGISTERED_KIND,
        occurred_at=office.clock(),
        asserter=OPERATOR,
        groups=(Group(REGISTRATION_GROUP, one.concerned, content),),
        agreement=agreement.ref,
        concerns=one.concerned,
    )
    append_once(office.log, entry)
