"""Checks that the agreement is the one its parties signed, each with the key that the reader trusts."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from verifier import canonical
from verifier.canonical import address_field, count_field, field, hex_field
from verifier.evidence import Agreement, Evidence, Party, reached
from verifier.keccak import keccak256
from verifier.key_changes import Keys, changes_in, follow, key_of, not_told, signed_by
from verifier.report import Check, Fault, result
from verifier.trust import Trust
from verifier.typed_data import AgreementVersion

_ZERO = bytes(32)


def check_agreement(evidence: Evidence) -> Iterator[Check]:
    """Check that the agreement's bytes are canonical, and that each party names a signer of its own."""
    text = evidence.bundle.part("agreement.json")
    document = canonical.parse(text)
    data = text.encode()
    agreement = Agreement(
        id=field(document, "agreement", str),
        version=count_field(document, "version"),
        currency=field(document, "currency", str),
        parties=tuple(_party(key, one) for key, one in sorted(field(document, "parties", dict).items())),
        canonical=data,
        sha256=sha256(data).hexdigest(),
    )
    if not agreement.parties or len({party.signer for party in agreement.parties}) != len(agreement.parties):
        raise Fault("two parties share a signer, or there is none", "签署地址缺失或重复")
    evidence.agreement = agreement
    digests = f"SHA-256 {agreement.sha256}, keccak-256 0x{keccak256(data).hex()}"
    en, zh = f"{agreement.ref}, canonical, {digests}", f"{agreement.ref},规范字节,{digests}"
    yield result("agreement", "holds", en, zh, "agreement.json")


def check_signatures(evidence: Evidence) -> Iterator[Check]:
    """Check that each party signed this version once, by the signer it names there and the reader pins."""
    agreement = reached(evidence.agreement, "an agreement", "协议")
    signing = canonical.parse(evidence.bundle.part("signing.json"))
    version = AgreementVersion(
        agreement=agreement.id,
        version=agreement.version,
        canonical=agreement.canonical,
        salt=hex_field(signing, "commitment_salt", 32, prefix="0x"),
        supersedes=hex_field(signing, "supersedes", 32, prefix="0x"),
        effective_from=count_field(signing, "effective_from"),
        signers=tuple(party.signer for party in agreement.parties),
        chain_id=count_field(signing, "chain_id"),
        registry=address_field(signing, "registry"),
    )
    if (agreement.version == 1) != (version.supersedes == _ZERO):
        raise Fault("version 1 supersedes nothing, a later one supersedes another", "取代关系与版本号不符")
    signatures = field(signing, "signatures", list)
    named, expected = [field(one, "party", str) for one in signatures], [p.key for p in agreement.parties]
    if named != expected:
        raise Fault(
            f"is signed by {', '.join(named)}; the agreement's parties are, in order, {', '.join(expected)}",
            f"签署方为 {', '.join(named)};协议各方依次为 {', '.join(expected)}",
        )
    digest = version.digest()
    changes = changes_in(signing)
    keys = follow(changes, version.chain_id, version.registry)
    commitment = version.commitment.hex()
    en, zh = f"the parties signed the commitment 0x{commitment}", f"各方签署的承诺值为 0x{commitment}"
    yield result("commitment", "noted", en, zh, "signing.json")
    if changes:
        yield not_told(changes, "signing.json")
    for party, signature in zip(agreement.parties, signatures, strict=True):
        try:
            yield _signature(party, signature, digest, keys, evidence.trust)
        except Fault as fault:
            yield fault.as_check("signatures", "signing.json")
    for signature in field(signing, "leaving", list) if "leaving" in signing else ():
        yield _leaver(signature, digest, version, keys)


def _party(key: str, record: Any) -> Party:
    signer = address_field(record, "signer")
    return Party(key, field(record, "id", str) if "id" in record else f"0x{signer.hex()}", signer)


def _leaver(record: Any, digest: bytes, version: AgreementVersion, keys: dict[bytes, Keys]) -> Check:
    address = address_field(record, "address")
    if address in version.signers or signed_by(record, digest) != key_of(address, keys):
        raise Fault(
            f"0x{address.hex()} has not signed as one who leaves", f"0x{address.hex()} 的退出签名不符"
        )
    en, zh = f"0x{address.hex()} leaves with this version and signed it", f"0x{address.hex()} 退出并已签署"
    return result("leaving", "noted", en, zh, "signing.json")


def _signature(
    party: Party, record: Any, digest: bytes, keys: dict[bytes, Keys], trust: Trust | None
) -> Check:
    signer = f"0x{party.signer.hex()}"
    try:
        key, by = key_of(party.signer, keys), signed_by(record, digest)
    except Fault as fault:
        raise Fault(f"{party.key}: {fault.en}", f"{party.key}:{fault.zh}", unusable=fault.unusable) from fault
    if by != key or address_field(record, "address") != party.signer:
        raise Fault(
            f"{party.key}: not the key of its signer {signer}", f"{party.key}:并非签署地址 {signer} 的密钥"
        )
    signers = {} if trust is None else trust.signers
    pins = {signers[name] for name in (party.key, party.id) if name in signers}
    if not pins:
        raise Fault(
            f"{party.key}: the signature is whole, but its signer {signer} is unpinned",
            f"{party.key}:签名完整,但签署地址 {signer} 未固定",
            unusable=True,
        )
    if pins != {signer}:
        raise Fault(
            f"{party.key}: signed by {signer}, but the trust file pins {', '.join(sorted(pins - {signer}))}",
            f"{party.key}:由 {signer} 签署,而信任文件固定的是 {', '.join(sorted(pins - {signer}))}",
        )
    en, zh = f"{party.key} signed as {signer}", f"{party.key} 以 {signer} 签署"
    if key != party.signer:
        en += f", by the key 0x{key.hex()} that took its place"
        zh += f",由接替的密钥 0x{key.hex()} 签署"
    return result("signatures", "holds", en, zh, "signing.json")
