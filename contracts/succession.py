"""How the keys of a signer follow each other: signed changes, checked one after the other.

The registry keeps the same on the chain and refuses the same. Messages are in key_changes.py; whether a
signature counts is said in consent.py. No chain is asked, unless `wallets` are passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from contracts.addresses import checksum_address
from contracts.consent import NO_HISTORY, PartySignature, Wallets, require_signature
from contracts.errors import KeyChangeNotEntitled, KeyChangeOutOfOrder, KeyChangeUnsuitable
from contracts.key_changes import (
    NOBODY,
    KeyChange,
    KeyRecovery,
    KeyRevocation,
    KeyRotation,
    SignerKeys,
    own_key,
)
from contracts.signing import Signer
from contracts.typed_data import Domain, json_fields


@dataclass(frozen=True, slots=True)
class SignedKeyChange:
    """A change of a signer's keys with the signatures that it needs.

    `authorization` is that of `changed_by`, the key or the recovery. `acceptance` is the new key's of a
    rotation, the earlier recovery's of a naming that replaces it, and empty otherwise. Which of them are a
    wallet contract's is for `wallets` to say; `from_wallets` says so where there are none.
    """

    change: KeyChange
    changed_by: str
    authorization: bytes
    acceptance: bytes = b""
    from_wallets: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "changed_by", checksum_address(self.changed_by, where="changed_by"))

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the registry's function of this change is called with."""
        fields = tuple(self.change.fields().values())
        if isinstance(self.change, KeyRecovery):
            return (*fields, self.authorization, self.acceptance)
        if isinstance(self.change, KeyRevocation):
            return (*fields, self.changed_by, self.authorization)
        return (*fields, self.changed_by, self.authorization, self.acceptance)

    @property
    def function(self) -> str:
        """The registry's function of this change."""
        named = {KeyRotation: "rotate_key", KeyRecovery: "name_recovery", KeyRevocation: "revoke_key"}
        return named[type(self.change)]


def follow_keys(
    changes: Iterable[SignedKeyChange], domain: Domain, wallets: Wallets | None = None
) -> dict[str, SignerKeys]:
    """Return who signs for each signer after changes in their order; raises what `change_keys` raises."""
    found: dict[str, SignerKeys] = {}
    for each in changes:
        signer = each.change.signer
        found[signer] = change_keys(found.get(signer) or own_key(signer), each, domain, wallets)
    return found


def change_keys(
    keys: SignerKeys, signed: SignedKeyChange, domain: Domain, wallets: Wallets | None = None
) -> SignerKeys:
    """Return a signer's keys after a change, once everything that the registry demands of it holds.

    Raises KeyChangeOutOfOrder, KeyChangeNotEntitled, KeyChangeUnsuitable, or the SignatureRefused of a
    signature that does not count.
    """
    change = signed.change
    _require_suitable(keys, change)
    _require_entitled(keys, signed)
    _signer(signed, signed.changed_by, signed.authorization, domain, wallets)
    after = replace(keys, changes=change.number)
    if isinstance(change, KeyRotation):
        _signer(signed, change.new_key, signed.acceptance, domain, wallets)
        former = tuple(dict.fromkeys((*keys.former, keys.key)))
        return replace(
            after, key=change.new_key, former=tuple(key for key in former if key != change.new_key)
        )
    if isinstance(change, KeyRevocation):
        return replace(after, revoked=(*keys.revoked, change.key))
    if keys.recovery != NOBODY:
        _signer(signed, keys.recovery, signed.acceptance, domain, wallets)
    elif signed.acceptance:
        raise KeyChangeUnsuitable("no recovery is named that could consent; leave its signature out")
    return replace(after, recovery=change.recovery)


def change_record(signed: SignedKeyChange, keys: SignerKeys, domain: Domain) -> dict[str, Any]:
    """Return a change as an evidence bundle holds it; `keys` are those before it. Bytes are 0x hex."""
    change = signed.change
    accepted_by = change.new_key if isinstance(change, KeyRotation) else keys.recovery
    told = {
        "type": change.primary_type,
        "message": json_fields(change.fields()),
        "authorization": _signature_record(signed, signed.changed_by, signed.authorization, domain),
    }
    if signed.acceptance:
        told["acceptance"] = _signature_record(signed, accepted_by, signed.acceptance, domain)
    return told


def _require_suitable(keys: SignerKeys, change: KeyChange) -> None:
    if change.number != keys.changes + 1:
        raise KeyChangeOutOfOrder(
            f"the keys of {keys.signer} were changed {keys.changes} times; the next change is number "
            f"{keys.changes + 1}, not {change.number}"
        )
    if isinstance(change, KeyRecovery):
        if change.recovery in {keys.key, keys.recovery}:
            raise KeyChangeUnsuitable(f"{change.recovery} is the key, or the recovery already")
        return
    named = change.old_key if isinstance(change, KeyRotation) else change.key
    if named != keys.key:
        raise KeyChangeUnsuitable(f"{keys.key} signs for {keys.signer}, not {named}")
    if isinstance(change, KeyRevocation) and not keys.may_sign:
        raise KeyChangeUnsuitable(f"{named} is revoked already")
    if isinstance(change, KeyRotation) and change.new_key in {keys.recovery, *keys.revoked}:
        raise KeyChangeUnsuitable(f"{change.new_key} is the recovery, or was revoked; take another key")


def _require_entitled(keys: SignerKeys, signed: SignedKeyChange) -> None:
    recovers = signed.changed_by == keys.recovery != NOBODY and not isinstance(signed.change, KeyRecovery)
    if recovers:
        return
    if signed.changed_by != keys.key:
        raise KeyChangeNotEntitled(
            f"{signed.changed_by} is neither the key nor the recovery of {keys.signer}"
        )
    if not keys.may_sign:
        raise KeyChangeNotEntitled(f"{keys.key} is revoked; only the recovery of {keys.signer} may change it")


def _signer(
    signed: SignedKeyChange, address: str, signature: bytes, domain: Domain, wallets: Wallets | None
) -> Signer:
    offered = PartySignature(address, signature, wallet=address in signed.from_wallets)
    return require_signature(signed.change, domain, offered, NO_HISTORY, wallets)


def _signature_record(
    signed: SignedKeyChange, address: str, signature: bytes, domain: Domain
) -> dict[str, str]:
    told = {"address": address, "signature": "0x" + signature.hex()}
    if address in signed.from_wallets:
        return told | {"wallet": address}
    signer = _signer(signed, address, signature, domain, None)
    return told | {"public_key": "0x" + signer.public_key.hex()}
