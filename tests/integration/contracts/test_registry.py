"""The registry takes a version only with every party's valid signature, and gives each refusal its reason.

Calls go to the contract itself here, past the checks in Python, unless a test says otherwise.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from contracts.artifacts import earlier_artifacts
from contracts.chain import Chain
from contracts.consent import PartySignature, sign_version
from contracts.contract import Contract
from contracts.errors import (
    ChainReverted,
    ContractEarlier,
    ContractUnknown,
    RegistryConflict,
    SignatureMissing,
    SignatureReplayed,
    SignedForOtherChain,
)
from contracts.hashing import keccak256
from contracts.registry import Registry
from contracts.signing import CURVE_ORDER, SigningKey
from contracts.typed_data import AgreementVersion, Domain
from tests.chains.mining import mine

A, B, C, D = sorted((SigningKey(bytes([n]) * 32) for n in (1, 2, 3, 4)), key=lambda k: int(k.address, 16))


def first_version(name: str, parties: tuple[SigningKey, ...] = (A, B, C)) -> AgreementVersion:
    return AgreementVersion.of(
        salt=b"\x5a" * 32,
        agreement_id=name,
        version=1,
        document_keccak256=keccak256(b"first"),
        effective_from=1_790_000_000,
        parties=[key.address for key in parties],
    )


def next_version(before: AgreementVersion, parties: tuple[SigningKey, ...] = (A, B, C)) -> AgreementVersion:
    return dataclasses.replace(
        before,
        version=before.version + 1,
        commitment=keccak256(before.commitment),
        supersedes=before.commitment,
        parties=tuple(key.address for key in parties),
    )


def signed(
    registry: Registry, version: AgreementVersion, keys: tuple[SigningKey, ...] = (A, B, C)
) -> list[bytes]:
    return [key.sign(version.digest(registry.domain)) for key in keys]


def arguments(version: AgreementVersion, signatures: list[bytes]) -> list[Any]:
    return [*version.fields().values(), signatures]


def refusal(registry: Registry, operator: SigningKey, call: list[Any]) -> str:
    """Return the contract's reason, and hold that it says the same when tried and when mined."""
    data = registry.contract.call_data("register", *call)
    chain = registry.contract.chain
    with pytest.raises(ChainReverted) as tried:
        chain.call(registry.address, data, sender=operator.address)
    with pytest.raises(ChainReverted) as mined:
        chain.transact(registry.address, data, key=operator)
    receipt = mine(chain, registry.address, data, operator)
    assert not receipt.succeeded
    assert receipt.logs == ()
    assert tried.value.data["reason"] == mined.value.data["reason"]
    module, _, reason = str(mined.value.data["reason"]).partition(": ")
    assert module == "agreement_registry"
    return reason


def twin(signature: bytes) -> bytes:
    s = CURVE_ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([55 - signature[64]])


def test_a_version_that_all_signed_is_recorded(registry: Registry, operator: SigningKey) -> None:
    version = first_version("all-signed")
    signatures = [sign_version(key, version, registry.domain) for key in (C, A, B)]
    record = registry.register(version, signatures, key=operator)
    assert record == registry.record(version.agreement, 1)
    assert record.version == version
    assert record.digest == version.digest(registry.domain)
    assert registry.latest_version(version.agreement) == 1
    receipt = registry.contract.chain.receipt(record.transaction)
    assert receipt is not None
    assert receipt.block.number == record.block
    assert receipt.block.timestamp == record.registered_at
    assert receipt.sender == operator.address


def test_registering_the_same_again_returns_the_record_and_makes_no_block(
    registry: Registry, operator: SigningKey
) -> None:
    version = first_version("twice")
    signatures = [sign_version(key, version, registry.domain) for key in (A, B, C)]
    first = registry.register(version, signatures, key=operator)
    head = registry.contract.chain.head()
    assert registry.register(version, signatures, key=operator) == first
    assert registry.contract.chain.head() == head


def test_two_who_send_the_same_version_at_once_agree_on_one_record(
    registry: Registry, operator: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = first_version("at-once")
    signatures = [sign_version(key, version, registry.domain) for key in (A, B, C)]
    first = registry.register(version, signatures, key=operator)
    answers = iter([None])
    real = Registry.record
    monkeypatch.setattr(Registry, "record", lambda self, *which: next(answers, real(self, *which)))
    assert registry.register(version, signatures, key=D) == first, "it looked free, and was taken"


def test_other_content_under_a_taken_number_is_a_conflict(registry: Registry, operator: SigningKey) -> None:
    version = first_version("conflict")
    registry.register(version, [sign_version(k, version, registry.domain) for k in (A, B, C)], key=operator)
    other = dataclasses.replace(version, commitment=keccak256(b"other"))
    with pytest.raises(RegistryConflict, match="needs version 2") as caught:
        registry.register(other, [sign_version(k, other, registry.domain) for k in (A, B, C)], key=operator)
    assert caught.value.code == "registry.conflict"


def test_versions_follow_each_other(registry: Registry, operator: SigningKey) -> None:
    version = first_version("sequence")
    for _ in range(3):
        signatures = [sign_version(key, version, registry.domain) for key in (A, B, C)]
        registry.register(version, signatures, key=operator)
        version = next_version(version)
    assert registry.latest_version(version.agreement) == 3
    assert registry.record(version.agreement, 4) is None


def test_the_domain_separator_is_that_of_the_typed_data(registry: Registry) -> None:
    assert registry.contract.read("domain_separator") == registry.domain.separator()


@pytest.mark.parametrize("count", [1, 2, 16])
def test_up_to_sixteen_parties_sign_one_version(registry: Registry, operator: SigningKey, count: int) -> None:
    keys = sorted((SigningKey(bytes([100 + n]) * 32) for n in range(count)), key=lambda k: int(k.address, 16))
    version = first_version(f"parties-{count}", tuple(keys))
    signatures = [sign_version(key, version, registry.domain) for key in keys]
    assert len(registry.register(version, signatures, key=operator).version.parties) == count


def test_each_wrong_signature_has_a_reason_of_its_own(registry: Registry, operator: SigningKey) -> None:
    version = first_version("refusals")
    a, b, c = signed(registry, version)
    stranger = D.sign(version.digest(registry.domain))
    other_chain = A.sign(version.digest(Domain(1, registry.address)))
    other_contract = A.sign(version.digest(Domain(registry.domain.chain_id, "0x" + "ac" * 20)))
    cases: list[tuple[list[bytes], str]] = [
        ([a, b], "signature missing"),
        ([], "signature missing"),
        ([a, b, c, stranger], "one signature too many"),
        ([a, b, stranger], "not signed by the party"),
        ([a, b, b], "signed by another party"),
        ([b, a, c], "signed by another party"),
        ([twin(a), b, c], "signature s is too high"),
        ([a[:64], b, c], "signature is not 65 bytes"),
        ([b"", b, c], "signature is not 65 bytes"),
        ([a[:64] + bytes([a[64] - 27]), b, c], "signature v is not 27 or 28"),
        ([bytes(32) + a[32:], b, c], "signature recovers nobody"),
        ([other_chain, b, c], "not signed by the party"),
        ([other_contract, b, c], "not signed by the party"),
    ]
    for signatures, reason in cases:
        assert refusal(registry, operator, arguments(version, signatures)) == reason
    assert registry.record(version.agreement, 1) is None


def test_python_tells_the_other_chain_apart_before_the_contract_is_asked(
    registry: Registry, operator: SigningKey
) -> None:
    version = first_version("named-early")
    signatures = [sign_version(key, version, registry.domain) for key in (B, C)]
    foreign = sign_version(A, version, Domain(1, registry.address))
    head = registry.contract.chain.head()
    with pytest.raises(SignedForOtherChain, match="chain 1,"):
        registry.register(version, [foreign, *signatures], key=operator)
    with pytest.raises(SignatureMissing):
        registry.register(version, signatures, key=operator)
    assert registry.contract.chain.head() == head


def test_each_misuse_of_the_sequence_has_a_reason_of_its_own(
    registry: Registry, operator: SigningKey
) -> None:
    version = first_version("misuse")
    assert refusal(registry, operator, _changed(registry, version, 0, bytes(32))) == "versions count from one"
    assert refusal(registry, operator, _changed(registry, version, 2, bytes(32))) == "version skips ahead"
    wrong = _changed(registry, version, 1, b"\x01" * 32)
    assert refusal(registry, operator, wrong) == "supersedes another commitment"

    registry.register(version, [sign_version(k, version, registry.domain) for k in (A, B, C)], key=operator)
    replay = arguments(version, signed(registry, version))
    assert refusal(registry, operator, replay) == "version already registered"
    unlinked = _changed(registry, version, 2, bytes(32))
    assert refusal(registry, operator, unlinked) == "supersedes another commitment"


def _changed(registry: Registry, version: AgreementVersion, number: int, supersedes: bytes) -> list[Any]:
    fields = {**version.fields(), "version": number, "supersedes": supersedes}
    digest = registry.contract.read("digest_to_sign", *fields.values())
    return [*fields.values(), [key.sign(digest) for key in (A, B, C)]]


def test_a_signature_of_an_earlier_version_does_not_carry_over(
    registry: Registry, operator: SigningKey
) -> None:
    version = first_version("replay")
    registry.register(version, [sign_version(k, version, registry.domain) for k in (A, B, C)], key=operator)
    second = next_version(version)
    old, (_, b, c) = signed(registry, version)[0], signed(registry, second)
    assert refusal(registry, operator, arguments(second, [old, b, c])) == "signed for the version before"
    third_partys = D.sign(version.digest(registry.domain))
    refused = refusal(registry, operator, arguments(second, [third_partys, b, c]))
    assert refused == "not signed by the party"
    offered = [PartySignature(key.address, raw) for key, raw in zip((A, B, C), (old, b, c), strict=True)]
    with pytest.raises(SignatureReplayed):
        registry.register(second, offered, key=operator)


def test_parties_unsorted_repeated_or_empty_are_refused(registry: Registry, operator: SigningKey) -> None:
    version = first_version("order")
    cases: list[tuple[list[str], str]] = [
        ([B.address, A.address, C.address], "parties not strictly ascending"),
        ([A.address, A.address, C.address], "parties not strictly ascending"),
        (["0x" + "00" * 20, A.address, B.address], "parties not strictly ascending"),
        ([], "no parties"),
    ]
    for parties, reason in cases:
        call = [*{**version.fields(), "parties": parties}.values(), [bytes(65)] * len(parties)]
        assert refusal(registry, operator, call) == reason


def test_empty_digests_are_refused(registry: Registry, operator: SigningKey) -> None:
    version = first_version("empty")
    signatures = signed(registry, version)
    fields = version.fields()
    no_key = [*{**fields, "agreement": bytes(32)}.values(), signatures]
    assert refusal(registry, operator, no_key) == "agreement key is empty"
    no_commitment = [*{**fields, "commitment": bytes(32)}.values(), signatures]
    assert refusal(registry, operator, no_commitment) == "commitment is empty"


def test_more_parties_than_sixteen_are_refused(registry: Registry, operator: SigningKey) -> None:
    version = first_version("too-many")
    call = [*{**version.fields(), "parties": [f"0x{n:040x}" for n in range(1, 18)]}.values(), []]
    with pytest.raises(ChainReverted):
        registry.contract.chain.call(registry.address, registry.contract.call_data("register", *call))


def test_nobody_is_written_out_of_an_agreement_without_signing(
    registry: Registry, operator: SigningKey
) -> None:
    version = first_version("leaving")
    registry.register(version, [sign_version(k, version, registry.domain) for k in (A, B, C)], key=operator)
    second = next_version(version, (A, D))
    needed = registry.contract.read("required_signers", second.agreement, 2, second.parties)
    assert [int(each, 16) for each in needed] == [int(k.address, 16) for k in (A, D, B, C)]
    assert (
        refusal(registry, operator, arguments(second, signed(registry, second, (A, D))))
        == "signature missing"
    )
    wrong_order = signed(registry, second, (A, D, C, B))
    assert refusal(registry, operator, arguments(second, wrong_order)) == "signed by another party"
    signatures = [sign_version(key, second, registry.domain) for key in (B, D, C, A)]
    assert registry.register(second, signatures, key=operator).version.parties == (A.address, D.address)

    third = next_version(second, (A, D))
    signatures = [sign_version(key, third, registry.domain) for key in (A, D)]
    assert registry.register(third, signatures, key=operator).version.version == 3


def test_sixteen_may_leave_for_sixteen_others(registry: Registry, operator: SigningKey) -> None:
    keys = sorted((SigningKey(bytes([50 + n]) * 32) for n in range(32)), key=lambda k: int(k.address, 16))
    old, new = tuple(keys[::2]), tuple(keys[1::2])
    version = first_version("all-change", old)
    registry.register(version, [sign_version(k, version, registry.domain) for k in old], key=operator)
    second = next_version(version, new)
    signatures = [sign_version(key, second, registry.domain) for key in keys]
    assert len(registry.register(second, signatures, key=operator).version.parties) == 16


def test_anyone_may_send_what_everyone_signed(registry: Registry) -> None:
    version = first_version("sender")
    signatures = [sign_version(key, version, registry.domain) for key in (A, B, C)]
    assert registry.register(version, signatures, key=D).version == version


def test_a_second_registry_refuses_signatures_made_for_the_first(
    chain: Chain, registry: Registry, operator: SigningKey
) -> None:
    second = Registry.deploy(chain, key=operator)
    assert second.address != registry.address
    version = first_version("two-registries")
    call = arguments(version, signed(registry, version))
    assert refusal(second, operator, call) == "not signed by the party"


def test_a_registry_opens_at_its_recorded_address_and_nowhere_else(
    chain: Chain, registry: Registry, operator: SigningKey
) -> None:
    assert Registry.open_or_deploy(chain, registry.address, key=operator) == registry
    assert Registry.open_or_deploy(chain, None, key=operator).address != registry.address
    with pytest.raises(ContractUnknown, match="no contract"):
        Registry.open(chain, "0x" + "ac" * 20)


def test_the_registry_of_an_earlier_release_goes_on_and_names_what_it_lacks(
    chain: Chain, operator: SigningKey
) -> None:
    (earlier,) = earlier_artifacts("AgreementRegistry")
    address = Contract.deploy(chain, earlier, key=operator).address
    registry = Registry.open_or_deploy(chain, address, key=operator)
    version = first_version("earlier")
    signatures = [sign_version(key, version, registry.domain) for key in (A, B, C)]
    assert registry.register(version, signatures, key=operator) == registry.record(version.agreement, 1)
    assert not registry.contract.has("terminate")
    with pytest.raises(ContractEarlier, match="has no terminate") as caught:
        registry.contract.read("terminate")
    assert caught.value.code == "chain.contract-earlier"
