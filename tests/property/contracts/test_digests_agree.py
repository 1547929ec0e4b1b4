"""Three makers of the signed digest agree on any version: ours, eth-account's and the contract's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from eth_account.messages import encode_typed_data
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.consent import gather_consent, sign_version
from contracts.eip712 import typed_data_digest
from contracts.embedded import EmbeddedChain
from contracts.registry import Registry
from contracts.signing import CURVE_ORDER, SigningKey, recover_signer
from contracts.typed_data import AgreementVersion, Domain, signing_request

words = st.binary(min_size=32, max_size=32)
some_words = words.filter(lambda word: word != bytes(32))
addresses = st.integers(1, (1 << 160) - 1).map(lambda value: f"0x{value:040x}")
private_keys = st.integers(1, CURVE_ORDER - 1).map(lambda value: SigningKey(value.to_bytes(32)))


@st.composite
def versions(draw: st.DrawFn) -> AgreementVersion:
    number = draw(st.integers(1, (1 << 256) - 1))
    parties = draw(st.lists(addresses, min_size=1, max_size=16, unique=True))
    return AgreementVersion(
        agreement=draw(words),
        version=number,
        commitment=draw(words),
        supersedes=bytes(32) if number == 1 else draw(some_words),
        effective_from=draw(st.integers(0, (1 << 64) - 1)),
        parties=tuple(sorted(parties)),
    )


domains = st.builds(Domain, st.integers(1, (1 << 256) - 1), addresses)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    path = tmp_path_factory.mktemp("chain") / "chain.sqlite"
    with EmbeddedChain.open(path) as chain:
        yield Registry.deploy(chain, key=SigningKey(b"\x0f" * 32))


@given(version=versions(), domain=domains)
def test_our_digest_is_that_of_eth_account(version: AgreementVersion, domain: Domain) -> None:
    signable = encode_typed_data(full_message=signing_request(version, domain))
    assert typed_data_digest(signable.header, signable.body) == version.digest(domain)


@settings(max_examples=40)
@given(version=versions())
def test_our_digest_is_that_of_the_contract(registry: Registry, version: AgreementVersion) -> None:
    on_chain = registry.contract.read("digest_to_sign", *version.fields().values())
    assert on_chain == version.digest(registry.domain)


@given(key=private_keys, digest=words)
def test_a_signature_is_strict_and_recovers_to_its_maker(key: SigningKey, digest: bytes) -> None:
    signature = key.sign(digest)
    assert int.from_bytes(signature[32:64]) <= CURVE_ORDER // 2
    assert signature[64] in {27, 28}
    signer = recover_signer(digest, signature)
    assert (signer.address, signer.public_key) == (key.address, key.public_key)


@settings(max_examples=20)
@given(data=st.data(), count=st.integers(1, 6))
def test_the_order_in_which_parties_sign_does_not_matter(data: st.DataObject, count: int) -> None:
    keys = [SigningKey(bytes([n + 1]) * 32) for n in range(count)]
    version = AgreementVersion.of(
        salt=bytes(32),
        agreement_id="any",
        version=1,
        document_keccak256=bytes(32),
        effective_from=0,
        parties=[key.address for key in keys],
    )
    domain = Domain(1, "0x" + "ab" * 20)
    shuffled = data.draw(st.permutations([sign_version(key, version, domain) for key in keys]))
    consent = gather_consent(version, domain, shuffled)
    assert [signer.address for signer in consent.signers] == list(version.parties)
