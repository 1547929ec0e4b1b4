"""All parties of the newest version end an agreement, once, and nothing follows.

Calls go to the contract itself, past the checks in Python.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from contracts.consent import PartySignature
from contracts.errors import (
    AgreementEnded,
    ChainReverted,
    RegistryConflict,
    SignatureMissing,
    SignatureReplayed,
)
from contracts.hashing import keccak256
from contracts.registry import Registry
from contracts.signing import SigningKey
from contracts.termination import AgreementTermination
from contracts.typed_data import AgreementVersion, Domain
from tests.integration.contracts.test_registry import A, B, C, D, first_version, next_version, signed, twin

END = 1_800_000_000
TERMS = keccak256(b"terms of the end")


def registered(registry: Registry, operator: SigningKey, name: str) -> AgreementVersion:
    version = first_version(name)
    call = [*version.fields().values(), signed(registry, version)]
    registry.contract.write("register", *call, key=operator)
    return version


def ending(version: AgreementVersion) -> AgreementTermination:
    return AgreementTermination(version.agreement, version.version, version.commitment, END, TERMS)


def call_of(
    registry: Registry, end: AgreementTermination, keys: tuple[SigningKey, ...] = (A, B, C)
) -> list[Any]:
    digest = end.digest(registry.domain)
    return [*end.fields().values(), [key.sign(digest) for key in keys]]


def reason(registry: Registry, operator: SigningKey, call: list[Any], function: str = "terminate") -> str:
    with pytest.raises(ChainReverted) as refused:
        registry.contract.write(function, *call, key=operator)
    return str(refused.value.data["reason"]).removeprefix("agreement_registry: ")


def test_all_parties_end_an_agreement_and_nothing_follows(registry: Registry, operator: SigningKey) -> None:
    version = registered(registry, operator, "ended")
    end = ending(version)
    receipt = registry.contract.write("terminate", *call_of(registry, end), key=operator)
    number, ends_at, at, block, terms, digest = registry.contract.read("termination", version.agreement)
    assert (number, ends_at, terms, digest) == (1, END, TERMS, end.digest(registry.domain))
    assert (at, block) == (receipt.block.timestamp, receipt.block.number)
    assert reason(registry, operator, call_of(registry, end)) == "agreement is terminated"
    second = next_version(version)
    late = [*second.fields().values(), signed(registry, second)]
    assert reason(registry, operator, late, "register") == "agreement is terminated"


def test_each_wrong_end_has_a_reason_of_its_own(registry: Registry, operator: SigningKey) -> None:
    version = registered(registry, operator, "not-ended")
    end = ending(version)
    whole = call_of(registry, end)
    a, b, c = whole[-1]
    digest = end.digest(registry.domain)
    elsewhere = [
        A.sign(end.digest(Domain(1, registry.address))),
        A.sign(end.digest(Domain(registry.domain.chain_id, "0x" + "ac" * 20))),
        A.sign(version.digest(registry.domain)),
    ]
    cases: list[tuple[list[bytes], str]] = [
        ([a, b], "signature missing"),
        ([a, b, c, c], "one signature too many"),
        ([b, a, c], "signed by another party"),
        ([a, b, D.sign(digest)], "not signed by the party"),
        ([twin(a), b, c], "signature s is too high"),
        ([a[:64], b, c], "signature is not 65 bytes"),
        *([([each, b, c], "not signed by the party") for each in elsewhere]),
    ]
    for signatures, expected in cases:
        assert reason(registry, operator, [*whole[:-1], signatures]) == expected
    assert registry.contract.read("termination", version.agreement)[2] == 0


def test_only_the_newest_version_as_it_stands_is_ended(registry: Registry, operator: SigningKey) -> None:
    version = registered(registry, operator, "newest")
    unsigned = call_of(registry, ending(version))[:-1]
    never = AgreementTermination(keccak256(b"never"), 1, version.commitment, END)
    assert reason(registry, operator, call_of(registry, never)) == "not the newest version"
    assert reason(registry, operator, [*unsigned[:1], 0, *unsigned[2:], []]) == "versions count from one"
    other = AgreementTermination(version.agreement, 1, TERMS, END)
    assert reason(registry, operator, call_of(registry, other)) == "terminates another commitment"
    second = next_version(version)
    call = [*second.fields().values(), signed(registry, second)]
    registry.contract.write("register", *call, key=operator)
    overtaken = call_of(registry, ending(version))
    assert reason(registry, operator, overtaken) == "not the newest version"
    registry.contract.write("terminate", *call_of(registry, ending(second)), key=operator)


def test_python_ends_an_agreement_once_and_says_so_to_who_comes_later(
    registry: Registry, operator: SigningKey
) -> None:
    version = registered(registry, operator, "by-python-ended")
    end = ending(version)

    def offered(message: AgreementTermination) -> list[PartySignature]:
        digest = message.digest(registry.domain)
        return [PartySignature(key.address, key.sign(digest)) for key in (C, B, A)]

    with pytest.raises(SignatureMissing):
        registry.terminate(end, offered(end)[:2], key=operator)
    old = PartySignature(A.address, A.sign(version.digest(registry.domain)))
    with pytest.raises(SignatureReplayed):
        registry.register(next_version(version), [old], key=operator)
    unknown = dataclasses.replace(end, commitment=TERMS)
    with pytest.raises(RegistryConflict, match="newest"):
        registry.terminate(unknown, offered(unknown), key=operator)
    record = registry.terminate(end, offered(end), key=operator)
    assert record == registry.termination(version.agreement) == registry.terminate(end, [], key=operator)
    other = dataclasses.replace(end, ends_at=END + 1)
    with pytest.raises(AgreementEnded, match="after version 1"):
        registry.terminate(other, offered(other), key=operator)
    with pytest.raises(AgreementEnded) as caught:
        registry.register(next_version(version), [], key=operator)
    assert caught.value.code == "registry.ended"
