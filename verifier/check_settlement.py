"""Checks that both sides of a decision by consent signed what it says and posts.

Both sign one EIP-712 message, with the keys by which they signed the agreement, or with those that took their
place since, by changes that the decision holds, each signed. Who pays is one of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import Any

from verifier import canonical
from verifier.canonical import address_field, count_field, field, hex_field
from verifier.evidence import Agreement, Evidence, Party, reached
from verifier.key_changes import changes_in, follow, key_of, not_told, signed_by
from verifier.report import Check, Fault, result
from verifier.typed_data import DisputeSettlement, address_of, signature_holds

_PART = "decision.json"
_SIDES = ("claimant", "respondent")
_WHOLE = frozenset({"JPY", "KRW", "VND"})
"""Currencies that the house knows and that have no minor unit; all others of it have two places."""
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,2}(_[0-9]{3})+|[1-9][0-9]{0,20})(\.[0-9]{1,12})?")
_COUNTED = re.compile(r"(:[^()]*)?(\([0-9]+\))?$")


def check_settlement(evidence: Evidence) -> Iterator[Check]:
    """Check the signatures under a decision of the outcome `agreed`, and that it posts what they cover."""
    if _PART not in evidence.bundle.parts:
        return
    group = canonical.parse(evidence.bundle.part(_PART))
    decision = field(group, "content", dict)
    if decision.get("outcome") != "agreed":
        return
    agreement = reached(evidence.agreement, "an agreement", "协议")
    if field(decision, "agreement", str) != agreement.ref:
        raise Fault("was agreed under another version", "并非依该版本协议达成")
    settled = field(decision, "settlement", dict)
    if "payments" not in settled:
        raise Fault("does not hold what was signed", "未载明所签署的内容", unusable=True)
    message, domain = _message(decision, settled), _domain(settled)
    signed = list(_signers(evidence, agreement, settled, message.digest(*domain)))
    _require_paid_by(agreement, signed, settled)
    _require_posted(agreement, group, settled)
    who = [party.key for party in signed]
    en = f"{' and '.join(who)} signed proposal {message.number} of {message.dispute}, and it posts that alone"
    zh = f"{'、'.join(who)} 签署了 {message.dispute} 的第 {message.number} 号和解方案,入账与之一致"
    yield result("settlement", "holds", en, zh, _PART)
    changes = [change for one in field(settled, "signatures", list) for change in changes_in(one)]
    if changes:
        yield not_told(changes, _PART)


def _message(decision: Any, settled: Any) -> DisputeSettlement:
    payments = [
        {name: field(one, name, str) for name in ("source", "target", "amount")}
        for one in field(settled, "payments", list)
    ]
    terms = canonical.encode({"payments": payments, "words": field(settled, "words", str)})
    currency = field(decision, "currency", str)
    paid = "\n".join(f"{one['source']} -> {one['target']} {one['amount']} {currency}" for one in payments)
    return DisputeSettlement(
        field(decision, "dispute", str),
        field(decision, "agreement", str),
        count_field(settled, "offer"),
        paid,
        sha256(terms.encode()).digest(),
    )


def _domain(settled: Any) -> tuple[int, bytes]:
    return count_field(settled, "chain_id"), address_field(settled, "registry")


def _signers(evidence: Evidence, agreement: Agreement, settled: Any, digest: bytes) -> Iterator[Party]:
    """Yield the party that signed for each side, with its key of the agreement or the one of since then."""
    signatures = field(settled, "signatures", list)
    sides = sorted(field(one, "side", str) for one in signatures)
    if sides != sorted(_SIDES) or len({address_field(one, "address") for one in signatures}) != len(_SIDES):
        raise Fault("is not signed by two sides, each for itself", "并非由双方各自签署")
    signing = canonical.parse(evidence.bundle.part("signing.json"))
    keys = _public_keys(signing)
    by_signer = {party.signer: party for party in agreement.parties}
    for one in signatures:
        address, side = address_field(one, "address"), field(one, "side", str)
        signer = address_field(one, "signer") if "signer" in one else address
        if signer not in by_signer or ("signer" not in one and address not in keys):
            raise Fault(
                f"{side}: 0x{signer.hex()} signed no part of the agreement",
                f"{side}:签署地址不属于协议任何一方",
            )
        if "signer" in one:
            _require_in_its_place(one, signer, _changes_of(signing, signer), digest, _domain(settled))
        elif not signature_holds(digest, keys[address], hex_field(one, "signature", 65, prefix="0x")):
            raise Fault(
                f"{side}: the signature of 0x{address.hex()} is wrong, or over other terms",
                f"{side}:0x{address.hex()} 的签名不符,或所签内容不同",
            )
        yield by_signer[signer]


def _require_in_its_place(
    one: Any, signer: bytes, before: list[Any], digest: bytes, domain: tuple[int, bytes]
) -> None:
    """Refuse a signature by any key but the one that took a signer's place, by changes of its keys.

    `before` are those that the agreement tells: these go on from there.
    """
    side, changes = field(one, "side", str), _changes_of(one, signer)
    if changes[: len(before)] != before:
        raise Fault(
            f"{side}: other changes of keys are told than the agreement was signed after",
            f"{side}:所列密钥变更与签署协议时的不一致",
        )
    try:
        key, by = key_of(signer, follow(changes, *domain)), signed_by(one, digest)
    except Fault as fault:
        raise Fault(f"{side}: {fault.en}", f"{side}:{fault.zh}", unusable=fault.unusable) from fault
    if by != key:
        raise Fault(
            f"{side}: 0x{by.hex()} is not the key that signs for 0x{signer.hex()}",
            f"{side}:0x{by.hex()} 并非 0x{signer.hex()} 的现行密钥",
        )


def _changes_of(record: Any, signer: bytes) -> list[Any]:
    return [
        change
        for change in changes_in(record)
        if address_field(field(change, "message", dict), "signer") == signer
    ]


def _public_keys(signing: Any) -> dict[bytes, bytes]:
    """Return the public keys that the agreement was signed with, by address; a wallet contract has none."""
    keys = [
        hex_field(one, "public_key", 64, prefix="0x")
        for one in field(signing, "signatures", list)
        if not (isinstance(one, dict) and "wallet" in one)
    ]
    return {address_of(key): key for key in keys}


def _require_paid_by(agreement: Agreement, signed: list[Party], settled: Any) -> None:
    """Refuse a payment by a party that did not sign; what payees pay their side signed for."""
    keys, mine = {party.key for party in agreement.parties}, {party.key for party in signed}
    for one in field(settled, "payments", list):
        source = field(one, "source", str).partition(".")[0]
        if source in keys - mine:
            raise Fault(f"{source} is to pay and has not signed", f"{source} 须付款而未签署")


def _require_posted(agreement: Agreement, group: Any, settled: Any) -> None:
    """Refuse postings that are not, account by account, the payments that were signed."""
    owner = {party.key: party.id for party in agreement.parties}
    wanted: Counter[str] = Counter()
    for one in field(settled, "payments", list):
        minor = _minor(field(one, "amount", str), agreement.currency)
        for name, amount in ((field(one, "source", str), -minor), (field(one, "target", str), minor)):
            key, _, purpose = _COUNTED.sub("", name, count=1).partition(".")
            wanted[f"{owner.get(key, key)}.{purpose or 'balance'}"] += amount
    found: Counter[str] = Counter()
    for posting in field(group, "postings", list):
        if (field(posting, "currency", str), field(posting, "agreement", str)) != (
            agreement.currency,
            agreement.id,
        ):
            raise Fault("posts under another agreement or currency", "入账的协议或币种不符")
        found[field(posting, "account", str)] += field(posting, "amount_minor", int)
    if {name: n for name, n in wanted.items() if n} != {name: n for name, n in found.items() if n}:
        raise Fault("posts other amounts than were signed", "入账金额与所签署的不一致")


def _minor(text: str, currency: str) -> int:
    if not _AMOUNT.fullmatch(text):
        raise Fault("an amount that was signed does not read", "所签署的金额无法读取")
    exact = Fraction(text.replace("_", "")) * (1 if currency in _WHOLE else 100)
    if exact.denominator != 1:
        raise Fault("an amount that was signed has too many places", "所签署的金额小数位过多")
    return exact.numerator
