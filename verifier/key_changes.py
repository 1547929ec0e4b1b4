"""Who signs for an address that an agreement names, after the changes that a bundle holds, each signed.

A key is replaced by itself or by the recovery that it named, together with the new key; either revokes it.
Changes of one signer are numbered from 1 and all told. What a bundle leaves out at the end cannot be seen,
nor when a change was recorded, so neither whether the day was over in which others may object: nobody signs
times. Ask the registry of the chain named. A wallet contract's signature is decided on its chain alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from verifier.canonical import address_field, count_field, field, hex_field
from verifier.report import Check, Fault, result
from verifier.typed_data import KEY_MESSAGES, address_of, key_change_digest, signature_holds

_NOBODY = bytes(20)


@dataclass(frozen=True, slots=True)
class Keys:
    """A signer's key of now and the recovery that it named (20 bytes each), and how many changes led here."""

    key: bytes
    recovery: bytes = _NOBODY
    changes: int = 0
    revoked: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class _Change:
    """A change as a bundle tells it: the addresses it names, its number, what was signed, and its record."""

    kind: str
    named: dict[str, bytes]
    number: int
    digest: bytes
    record: Any


def follow(records: list[Any], chain_id: int, registry: bytes) -> dict[bytes, Keys]:
    """Return who signs for each signer whose keys were changed. Raises Fault where one does not count."""
    found: dict[bytes, Keys] = {}
    for record in records:
        change = _change(record, chain_id, registry)
        signer = change.named["signer"]
        try:
            found[signer] = _changed(found.get(signer, Keys(signer)), change)
        except Fault as fault:
            raise Fault(
                f"change {change.number} of the keys of 0x{signer.hex()}: {fault.en}",
                f"0x{signer.hex()} 的第 {change.number} 次密钥变更:{fault.zh}",
                unusable=fault.unusable,
            ) from fault
    return found


def key_of(signer: bytes, keys: dict[bytes, Keys]) -> bytes:
    """Return the key that signs for a signer. Raises Fault where it is revoked."""
    found = keys.get(signer, Keys(signer))
    if found.key in found.revoked:
        raise Fault(f"the key 0x{found.key.hex()} is revoked", f"密钥 0x{found.key.hex()} 已被吊销")
    return found.key


def changes_in(record: Any) -> list[Any]:
    """Return the changes of keys that a record tells, none where it tells none."""
    told = isinstance(record, dict) and "key_changes" in record
    return field(record, "key_changes", list) if told else []


def not_told(changes: list[Any], part: str) -> Check:
    """Return the note on what changes of keys do not tell."""
    en = (
        f"{len(changes)} changes of keys, each signed; when they were recorded, whether the day to object was"
        " over, and what followed is not in the bundle: ask the registry, or the log"
    )
    zh = f"密钥变更 {len(changes)} 次,均有签名;证据包未载明何时记录、异议期是否届满及后续变更,请查登记合约"
    return result("key-changes", "noted", en, zh, part)


def signed_by(record: Any, digest: bytes) -> bytes:
    """Return whose signature a record holds, by its public key. Raises Fault where it is not that key's.

    Where it is said to be a wallet contract's, the Fault says that it is undecided.
    """
    if isinstance(record, dict) and "wallet" in record:
        wallet = address_field(record, "wallet")
        raise Fault(
            f"0x{wallet.hex()} is a wallet contract: only its chain can say whether it signed (ERC-1271)",
            f"0x{wallet.hex()} 是合约钱包:是否签署只有链上才能判定(ERC-1271)",
            unusable=True,
        )
    public_key = hex_field(record, "public_key", 64, prefix="0x")
    named = address_field(record, "key" if "key" in record else "address")
    if address_of(public_key) != named:
        raise Fault("the address given is not that of the public key", "所列地址与公钥不符")
    if not signature_holds(digest, public_key, hex_field(record, "signature", 65, prefix="0x")):
        raise Fault(f"the signature of 0x{named.hex()} is wrong", f"0x{named.hex()} 的签名不符")
    return named


def _change(record: Any, chain_id: int, registry: bytes) -> _Change:
    kind, message = field(record, "type", str), field(record, "message", dict)
    if kind not in KEY_MESSAGES:
        raise Fault(f"knows no change of keys called '{kind}'", f"未知的密钥变更 {kind}")
    named = {name: address_field(message, name) for name in KEY_MESSAGES[kind]}
    number = count_field(message, "number")
    digest = key_change_digest(kind, tuple(named.values()), number, chain_id, registry)
    return _Change(kind, named, number, digest, record)


def _changed(before: Keys, change: _Change) -> Keys:
    if change.number != before.changes + 1:
        raise Fault(f"is not number {before.changes + 1}", f"应为第 {before.changes + 1} 次")
    by = signed_by(field(change.record, "authorization", dict), change.digest)
    recovers = by == before.recovery != _NOBODY and change.kind != "KeyRecovery"
    if not recovers and (by != before.key or before.key in before.revoked):
        raise Fault("is by neither the key nor its recovery", "既非该密钥亦非其恢复地址所为")
    after = replace(before, changes=change.number)
    if change.kind == "KeyRecovery":
        if before.recovery != _NOBODY:
            _require_accepted(change, before.recovery)
        return replace(after, recovery=change.named["recovery"])
    if change.named["oldKey" if change.kind == "KeyRotation" else "key"] != before.key:
        raise Fault("is not of the key that signs", "不是现行密钥")
    if change.kind == "KeyRevocation":
        return replace(after, revoked=(*before.revoked, before.key))
    new = change.named["newKey"]
    if new in before.revoked:
        raise Fault("brings back a revoked key", "恢复了已吊销的密钥")
    _require_accepted(change, new)
    return replace(after, key=new)


def _require_accepted(change: _Change, by: bytes) -> None:
    if signed_by(field(change.record, "acceptance", dict), change.digest) != by:
        raise Fault(f"is not accepted by 0x{by.hex()}", f"0x{by.hex()} 未同意")
