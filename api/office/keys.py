"""Keys of signers: changed by signed messages or by two members, and which one signs for whom.

The same signed changes as the registry's (contracts/succession.py), kept in the log first and put on the
chain afterwards; a replacement cools off here before it counts. Whom the party deals with reads every
change and gets a notice. Who may act for a party is decided before. Entries: ledger/signing/keys.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from api.office.agreements import held_versions
from api.office.opening import Office
from contracts.addresses import checksum_address
from contracts.consent import PartySignature, require_signature
from contracts.errors import (
    KeyChangeNotEntitled,
    KeyChangeOutOfOrder,
    SignedByStranger,
    SignerKeyCooling,
    SignerKeyReplaced,
    SignerKeyRevoked,
)
from contracts.key_changes import (
    NOBODY,
    KeyChange,
    KeyRecovery,
    KeyRevocation,
    KeyRotation,
)
from contracts.key_changes import SignerKeys as Chained
from contracts.signing import Signer
from contracts.succession import SignedKeyChange, change_keys, change_record
from ledger.database import Session
from ledger.signing.errors import KeyRefused
from ledger.signing.keys import (
    CAUSES,
    NAMED,
    PROPOSED,
    REVOKED,
    ROTATED,
    Cause,
    SignerKeys,
    Word,
    all_keys,
    keys_of,
    keys_within,
    record_change,
)

COOLING = timedelta(hours=24)
"""How long after it was recorded a replacement counts. Its counterparties can object in that time."""


@dataclass(frozen=True, slots=True)
class Register:
    """A signer with what the register says of it now: whose it is, and who reads of it beside the party."""

    keys: SignerKeys
    party: str
    readers: tuple[str, ...]


def registers(office: Office) -> dict[str, Register]:
    """Return every signer of a signed version, by address, in the order in which they were first named.

    Whose a signer is follows from what it signed: a draft may name anybody's address as its own party's.
    """
    found = all_keys(office.log)
    parties: dict[str, str] = {}
    readers: dict[str, set[str]] = {}
    for one in held_versions(office).values():
        for party, address in one.signers.values() if one.is_signed else ():
            parties.setdefault(address, party)
            readers.setdefault(address, set()).update(one.concerned)
    return {
        address: Register(keys_of(found, address), party, tuple(sorted(readers[address] | {party})))
        for address, party in parties.items()
    }


def register_of(office: Office, signer: str) -> Register:
    """Return a signer with what the register says of it. Raises KeyRefused for one of no signed version."""
    known = registers(office)
    if signer not in known:
        raise KeyRefused("it has signed no version that is held here", where=signer[:60])
    return known[signer]


def signing_key(office: Office, signer: str) -> str:
    """Return the address of the key that signs for a signer now. Raises SignerKeyRevoked where none does."""
    keys, now = keys_of(all_keys(office.log), signer), office.clock()
    key = keys.key(now)
    _demand_usable(keys, key, now)
    return key


def keys_signing(office: Office, signers: Collection[str]) -> dict[str, str]:
    """Return for each of some signers the address of the key that signs for it now, revoked or not."""
    found, now = all_keys(office.log), office.clock()
    return {signer: keys_of(found, signer).key(now) for signer in signers}


def signs_for_any(office: Office, signers: Collection[str], key: str) -> bool:
    """Tell whether a key signs for one of some signers now."""
    found, now = all_keys(office.log), office.clock()
    return any(keys_of(found, signer).usable(key, now) for signer in signers)


def demand_key(session: Session, signer: str, key: str, at: datetime) -> None:
    """Refuse a key that does not sign for a signer at a time, as a transaction sees it.

    Raises SignerKeyRevoked, SignerKeyReplaced, SignerKeyCooling.
    """
    _demand_usable(keys_of(keys_within(session), signer), key, at)


def demand_known(office: Office, signer: str, key: str) -> None:
    """Refuse a key that signed for a signer, or will, and does not now; any other is left to the caller.

    Raises SignerKeyRevoked, SignerKeyReplaced, SignerKeyCooling.
    """
    _demand_usable(keys_of(all_keys(office.log), signer), key, office.clock())


@dataclass(frozen=True, slots=True)
class SignedFor:
    """That a key signed for a signer; with every signed change of its keys, where its own was replaced."""

    signer: str
    by: Signer
    key_changes: tuple[Any, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return what is recorded beside address and signature: nothing where the signer's own key signed."""
        if not self.key_changes:
            return {}
        changes = list(self.key_changes)
        return {"signer": self.signer, "public_key": "0x" + self.by.public_key.hex(), "key_changes": changes}


def demand_signed_by(office: Office, signers: Collection[str], by: Signer, otherwise: str) -> SignedFor:
    """Return for which of some signers a key signs now; refuse a stranger's in the words `otherwise`.

    Raises SignerKeyRevoked, SignerKeyReplaced, SignerKeyCooling, SignedByStranger.
    """
    found, now = all_keys(office.log), office.clock()
    for signer in signers:
        keys = keys_of(found, signer)
        if keys.usable(by.address, now):
            replaced = bool(keys.at(now).replaced)
            changes = key_change_records(found, [signer], now) if replaced else ()
            return SignedFor(signer, by, tuple(changes))
        _demand_usable(keys, by.address, now)
    raise SignedByStranger(otherwise)


def _demand_usable(keys: SignerKeys, key: str, at: datetime) -> None:
    state = keys.state(key, at)
    if state == "revoked":
        raise SignerKeyRevoked(f"{key} is revoked; what it signed before stands, and it signs no more")
    if state == "replaced":
        raise SignerKeyReplaced(f"{keys.key(at)} has replaced {key}; sign with that key")
    if state == "cooling":
        assert keys.pending is not None, "what cools off is pending"
        until = keys.pending.usable_from.isoformat(timespec="minutes")
        raise SignerKeyCooling(f"{key} signs from {until} on; until then {keys.key(at)} does")


def chained(keys: SignerKeys, at: datetime) -> Chained:
    """Return what signs for a signer at a time as the checks of signatures take it."""
    one = keys.at(at)
    revoked = tuple(key for key, why in keys.revoked.items() if why.at <= at)
    return Chained(
        signer=keys.signer,
        key=keys.key(at),
        changes=len(one.numbered),
        recovery=one.recovery or NOBODY,
        former=tuple(one.replaced),
        revoked=revoked,
    )


def signing_keys(office: Office, at: datetime, end: int | None = None) -> dict[str, Chained]:
    """Return who signs for each signer whose keys were changed, at a time, by the entries before `end`."""
    return {signer: chained(keys, at) for signer, keys in all_keys(office.log, end).items()}


def key_change_records(keys: Mapping[str, SignerKeys], signers: Collection[str], at: datetime) -> list[Any]:
    """Return the signed changes by which other keys sign for some signers, in the order of recording."""
    events = [event for signer in signers for event in keys_of(keys, signer).at(at).numbered]
    return [event.content["record"] for event in sorted(events, key=lambda one: one.seq)]


# ---- changes


def change_to_sign(
    office: Office, signer: str, *, new_key: str | None = None, recovery: str | None = None,
    revoke: str | None = None,
) -> KeyChange:  # fmt: skip
    """Return the message of the next change of a signer's keys, one of the three. Raises KeyRefused."""
    keys, now = register_of(office, signer).keys, office.clock()
    number = keys.at(now).next_number
    if new_key is not None:
        _demand_unused(office, signer, checksum_address(new_key, where="new_key"))
        return KeyRotation(signer, keys.key(now), new_key, number)
    if recovery is not None:
        return KeyRecovery(signer, recovery, number)
    assert revoke is not None, "one change is asked for"
    return KeyRevocation(signer, revoke, number)


def change_by_signature(
    office: Office, signed: SignedKeyChange, *, by: str, cause: Cause = "retired", reason: str | None = None
) -> int:
    """Record a change that the signer's key, or its recovery, has signed; return the seq of its entry.

    `by` is the member who brought it, or the operator. Raises KeyRefused, KeyChangeRefused, SignatureRefused.
    """
    change, now = signed.change, office.clock()
    register = register_of(office, change.signer)
    keys = register.keys.at(now)
    objecting = keys.pending is not None
    before = chained(keys, now)
    if keys.pending is not None:
        if not isinstance(change, KeyRevocation) or change.key != keys.pending.key:
            raise KeyRefused(
                f"another key cools off until {keys.pending.usable_from.isoformat(timespec='minutes')};"
                " wait, or object by revoking that one",
                where=change.signer,
            )
        _require_objection(before, signed, office)
    else:
        change_keys(before, signed, office.domain)
    says: dict[str, Any] = {
        "word": _word(before, signed),
        "reason": reason,
        "record": change_record(signed, before, office.domain),
        "changed_by": signed.changed_by,
    }
    if isinstance(change, KeyRotation):
        _demand_unused(office, change.signer, change.new_key)
        usable = (now + COOLING).isoformat()
        kind, told = ROTATED, {"old_key": change.old_key, "new_key": change.new_key, "usable_from": usable}
    elif isinstance(change, KeyRecovery):
        kind, told = NAMED, {"recovery": change.recovery}
    else:
        kind, told = REVOKED, {"key": change.key, "cause": "objected" if objecting else cause}
    return record_change(
        office.log, register.keys, kind, says | told, party=register.party, readers=register.readers,
        by=by, at=now,
    )  # fmt: skip


def propose_revocation(  # noqa: PLR0913 -- which key, why, by whom
    office: Office, signer: str, key: str, *, cause: Cause, reason: str, by: str
) -> int:
    """Ask, as a member of the party, that a key be revoked; another member confirms. Raises KeyRefused."""
    if cause not in CAUSES:
        raise KeyRefused(f"a key is revoked as one of {', '.join(CAUSES)}", where="cause")
    register, now = register_of(office, signer), office.clock()
    if register.keys.state(key, now) not in {"current", "cooling"}:
        raise KeyRefused("no key of this signer that signs, or will", where=key[:60])
    says = {"key": key, "cause": cause, "reason": " ".join(reason.split())}
    return record_change(
        office.log, register.keys, PROPOSED, says, party=register.party, readers=(), by=by, at=now
    )


def confirm_revocation(office: Office, signer: str, key: str, *, by: str) -> int:
    """Revoke, as another member of the party, the key that one asked about. Raises KeyRefused.

    `key` is the one that the member was shown: another may have been asked about since.
    """
    register, now = register_of(office, signer), office.clock()
    asked = register.keys.asked
    if asked is None:
        raise KeyRefused("nobody has asked that a key of this signer be revoked", where=signer)
    if asked.content["by"] == by:
        raise KeyRefused("another member confirms", where=signer)
    if asked.content["key"] != key:
        raise KeyRefused(f"a member asks it of another key by now: {asked.content['key']}", where=key[:60])
    if register.keys.state(key, now) not in {"current", "cooling"}:
        raise KeyRefused("the key signs no more already", where=key)
    says = {name: asked.content[name] for name in ("key", "cause", "reason")}
    says |= {"word": "members", "asked_by": asked.content["by"]}
    return record_change(
        office.log, register.keys, REVOKED, says, party=register.party, readers=register.readers,
        by=by, at=now,
    )  # fmt: skip


def _require_objection(before: Chained, signed: SignedKeyChange, office: Office) -> None:
    """Hold that a revocation of a key that cools off is signed by the key before it, or the recovery.

    Raises KeyChangeOutOfOrder, KeyChangeNotEntitled, SignatureRefused.
    """
    number = signed.change.number
    if number != before.changes + 2:
        raise KeyChangeOutOfOrder(f"the objection is number {before.changes + 2}, not {number}")
    by_key = signed.changed_by == before.key and before.may_sign
    if not by_key and not signed.changed_by == before.recovery != NOBODY:
        raise KeyChangeNotEntitled(f"{signed.changed_by} is neither the key nor the recovery")
    require_signature(signed.change, office.domain, PartySignature(signed.changed_by, signed.authorization))


def _word(before: Chained, signed: SignedKeyChange) -> Word:
    return "key" if signed.changed_by == before.key else "recovery"


def _demand_unused(office: Office, signer: str, key: str) -> None:
    """Refuse a key that is another signer's: a signature of it would not tell for whom it is."""
    for address, one in registers(office).items():
        if address != signer and one.keys.state(key, office.clock()) != "unknown":
            raise KeyRefused("is a key of another signer; make one of its own", where=key)
