"""A signer's key is replaced and revoked by itself or the recovery it named, and by nobody else.

Calls go to the contract itself, past the checks in Python.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from contracts.chain import Chain
from contracts.consent import PartySignature, sign_version
from contracts.errors import ChainReverted, KeyChangeOutOfOrder, SignerKeyReplaced, SignerKeyRevoked
from contracts.key_changes import NOBODY, KeyRecovery, KeyRevocation, KeyRotation, own_key
from contracts.registry import Registry
from contracts.signing import SigningKey
from contracts.succession import SignedKeyChange, change_keys
from contracts.typed_data import Domain
from tests import wallets
from tests.integration.contracts.test_registry import first_version, next_version, refusal, twin

STRANGER = SigningKey(b"\x77" * 32)
_seeds = itertools.count(1)


def new_key() -> SigningKey:
    return SigningKey(next(_seeds).to_bytes(2) * 16)


class Signer:
    """A signer with his keys and the recovery that he may name, at one registry."""

    def __init__(self, registry: Registry, operator: SigningKey) -> None:
        self.registry, self.operator = registry, operator
        self.own, self.new, self.recovery = new_key(), new_key(), new_key()
        self.address = self.own.address

    def rotate(self, **changed: Any) -> list[Any]:
        """Return the call by which the own key hands over to the new one, or a variation of it."""
        old, new = changed.get("old", self.own), changed.get("new", self.new)
        by, number = changed.get("by", old), changed.get("number", 1)
        message = KeyRotation(self.address, old.address, new.address, number)
        signed = changed.get("signed", message), changed.get("accepted", message)
        domain = changed.get("domain", self.registry.domain)
        named = changed.get("named", by)
        return [
            *message.fields().values(),
            named.address,
            by.sign(signed[0].digest(domain)),
            changed.get("acceptor", new).sign(signed[1].digest(domain)),
        ]

    def name(
        self, recovery: str, number: int, by: SigningKey | None = None, consent: SigningKey | None = None
    ) -> list[Any]:
        message = KeyRecovery(self.address, recovery, number)
        digest = message.digest(self.registry.domain)
        consented = b"" if consent is None else consent.sign(digest)
        return [*message.fields().values(), (by or self.own).sign(digest), consented]

    def revoke(self, number: int, by: SigningKey, key: SigningKey | None = None) -> list[Any]:
        message = KeyRevocation(self.address, (key or self.own).address, number)
        digest = message.digest(self.registry.domain)
        return [*message.fields().values(), by.address, by.sign(digest)]

    def do(self, function: str, call: list[Any]) -> None:
        self.registry.contract.write(function, *call, key=self.operator)

    def reason(self, function: str, call: list[Any]) -> str:
        with pytest.raises(ChainReverted) as refused:
            self.do(function, call)
        return str(refused.value.data["reason"]).removeprefix("agreement_registry: ")

    @property
    def key(self) -> str:
        return str(self.registry.contract.read("key_of", self.address)).lower()


@pytest.fixture
def signer(registry: Registry, operator: SigningKey) -> Signer:
    return Signer(registry, operator)


def named_call(registry: Registry, name: str, *keys: SigningKey, by: tuple[SigningKey, ...]) -> list[Any]:
    version = first_version(name, tuple(sorted(keys, key=lambda key: int(key.address, 16))))
    digest = version.digest(registry.domain)
    return [*version.fields().values(), [key.sign(digest) for key in by]]


def test_the_new_key_signs_where_the_old_one_would_have_had_to(
    signer: Signer, registry: Registry, operator: SigningKey
) -> None:
    first = first_version(f"rotated-{signer.address}", (signer.own,))
    by_own = [signer.own.sign(first.digest(registry.domain))]
    registry.contract.write("register", *first.fields().values(), by_own, key=operator)
    signer.do("rotate_key", signer.rotate())
    assert signer.key == signer.new.address.lower()
    second = next_version(first, (signer.own,))
    digest = second.digest(registry.domain)
    old = [*second.fields().values(), [signer.own.sign(digest)]]
    assert refusal(registry, operator, old) == "not signed by the party"
    new = [signer.new.sign(digest)]
    registry.contract.write("register", *second.fields().values(), new, key=operator)
    assert registry.latest_version(first.agreement) == 2, "and the terms name whom they named"


def test_who_leaves_signs_with_the_key_he_has_now(
    signer: Signer, registry: Registry, operator: SigningKey
) -> None:
    first = first_version(f"leaves-{signer.address}", (signer.own,))
    by_own = [signer.own.sign(first.digest(registry.domain))]
    registry.contract.write("register", *first.fields().values(), by_own, key=operator)
    signer.do("rotate_key", signer.rotate())
    second = next_version(first, (STRANGER,))
    digest = second.digest(registry.domain)
    by_old = [*second.fields().values(), [STRANGER.sign(digest), signer.own.sign(digest)]]
    assert refusal(registry, operator, by_old) == "not signed by the party"
    by_new = [STRANGER.sign(digest), signer.new.sign(digest)]
    registry.contract.write("register", *second.fields().values(), by_new, key=operator)


def test_a_key_is_replaced_by_nobody_else(signer: Signer) -> None:
    other = Signer(signer.registry, signer.operator)
    rotation = KeyRotation(signer.address, signer.own.address, STRANGER.address, 1)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"by": STRANGER, "new": STRANGER}, "neither key nor recovery of the signer"),
        ({"by": STRANGER, "named": signer.own}, "not signed by who makes the change"),
        ({"by": signer.operator, "new": signer.operator}, "neither key nor recovery of the signer"),
        ({"old": STRANGER, "new": signer.new}, "old key does not sign for the signer"),
        ({"acceptor": STRANGER}, "not accepted by the new key"),
        ({"acceptor": signer.own}, "not accepted by the new key"),
        ({"signed": rotation}, "not signed by who makes the change"),
        ({"accepted": rotation}, "not accepted by the new key"),
        ({"domain": Domain(1, signer.registry.address)}, "not signed by who makes the change"),
        (
            {"domain": Domain(signer.registry.domain.chain_id, "0x" + "ac" * 20)},
            "not signed by who makes the change",
        ),
        ({"number": 2}, "key change skips ahead"),
    ]
    for changed, reason in cases:
        assert signer.reason("rotate_key", signer.rotate(**changed)) == reason, changed
    assert signer.key == signer.address.lower()
    other.do("rotate_key", other.rotate())
    assert signer.key == signer.address.lower(), "another's change is not his"


def test_malleable_and_cut_signatures_of_a_change_are_refused(signer: Signer) -> None:
    call = signer.rotate()
    for place in (5, 6):
        malleable, cut = list(call), list(call)
        malleable[place], cut[place] = twin(call[place]), call[place][:64]
        assert signer.reason("rotate_key", malleable) == "signature s is too high"
        assert signer.reason("rotate_key", cut) == "signature is not 65 bytes"


def test_a_change_serves_once(signer: Signer) -> None:
    call = signer.rotate()
    signer.do("rotate_key", call)
    assert signer.reason("rotate_key", call) == "old key does not sign for the signer"
    signer.do("rotate_key", signer.rotate(old=signer.new, new=signer.own, number=2))
    assert signer.reason("rotate_key", call) == "key change already made"
    naming = signer.name(signer.recovery.address, 3)
    signer.do("name_recovery", naming)
    assert signer.reason("name_recovery", naming) == "key change already made"


def test_what_may_not_become_a_key_is_refused(signer: Signer, registry: Registry) -> None:
    signer.do("name_recovery", signer.name(signer.recovery.address, 1))
    own, recovery = signer.own.address, signer.recovery.address
    for new, reason in (
        (NOBODY, "new key is empty"),
        (own, "new key is the old key"),
        (recovery, "new key is the recovery"),
    ):
        call = [signer.address, own, new, 2, own, bytes(65), bytes(65)]
        assert signer.reason("rotate_key", call) == reason
    empty = [NOBODY, NOBODY, own, 1, NOBODY, bytes(65), bytes(65)]
    assert signer.reason("rotate_key", empty) == "signer is empty"


def test_the_recovery_puts_a_new_key_in_place_of_a_lost_one(signer: Signer) -> None:
    signer.do("name_recovery", signer.name(signer.recovery.address, 1))
    signer.do("rotate_key", signer.rotate(by=signer.recovery, number=2))
    assert signer.key == signer.new.address.lower()


def test_a_thief_of_the_key_does_not_shake_off_the_recovery(signer: Signer) -> None:
    thief = new_key()
    signer.do("name_recovery", signer.name(signer.recovery.address, 1))
    assert signer.reason("name_recovery", signer.name(thief.address, 2)) == "recovery has not consented"
    by_thief = signer.name(thief.address, 2, consent=thief)
    assert signer.reason("name_recovery", by_thief) == "recovery has not consented"
    assert signer.reason("name_recovery", signer.name(NOBODY, 2)) == "recovery has not consented"
    signer.do("rotate_key", signer.rotate(new=thief, number=2))
    signer.do("revoke_key", signer.revoke(3, signer.recovery, thief))
    signer.do("rotate_key", signer.rotate(old=thief, by=signer.recovery, number=4))
    assert signer.key == signer.new.address.lower(), "the owner has his place again"
    back = signer.rotate(old=signer.new, new=thief, number=5)
    assert signer.reason("rotate_key", back) == "new key is revoked"


def test_the_recovery_alone_names_no_other_recovery(signer: Signer) -> None:
    signer.do("name_recovery", signer.name(signer.recovery.address, 1))
    alone = signer.name(STRANGER.address, 2, by=signer.recovery, consent=signer.recovery)
    assert signer.reason("name_recovery", alone) == "not signed by who makes the change"
    signer.do("name_recovery", signer.name(NOBODY, 2, consent=signer.recovery))
    late = signer.rotate(by=signer.recovery, number=3)
    assert signer.reason("rotate_key", late) == "neither key nor recovery of the signer"


def test_odd_recoveries_are_refused(signer: Signer) -> None:
    assert signer.reason("name_recovery", signer.name(signer.address, 1)) == "recovery is the key"
    assert signer.reason("name_recovery", signer.name(NOBODY, 1)) == "recovery is named already"
    needless = signer.name(signer.recovery.address, 1, consent=signer.recovery)
    assert signer.reason("name_recovery", needless) == "no recovery to consent"


def test_a_revoked_key_signs_nothing_and_what_it_signed_stands(
    signer: Signer, registry: Registry, operator: SigningKey
) -> None:
    before = named_call(registry, f"stands-{signer.address}", signer.own, by=(signer.own,))
    registry.contract.write("register", *before, key=operator)
    signer.do("revoke_key", signer.revoke(1, signer.own))
    after = named_call(registry, f"after-{signer.address}", signer.own, by=(signer.own,))
    assert refusal(registry, operator, after) == "key of the party is revoked"
    assert signer.reason("rotate_key", signer.rotate(number=2)) == "key is revoked"
    naming = signer.name(signer.recovery.address, 2)
    assert signer.reason("name_recovery", naming) == "key is revoked"
    again = signer.revoke(2, signer.own)
    assert signer.reason("revoke_key", again) == "key is revoked already"
    assert registry.record(before[0], 1) is not None
    assert registry.contract.read("revoked_at", signer.address, signer.address) > 0


def test_a_key_is_revoked_by_nobody_else(signer: Signer) -> None:
    by_other = signer.revoke(1, STRANGER)
    assert signer.reason("revoke_key", by_other) == "neither key nor recovery of the signer"
    of_other = signer.revoke(1, signer.own, STRANGER)
    assert signer.reason("revoke_key", of_other) == "old key does not sign for the signer"
    by_other[3] = signer.address
    assert signer.reason("revoke_key", by_other) == "not signed by who makes the change"


def test_a_wallet_may_be_key_and_recovery(chain: Chain, signer: Signer, operator: SigningKey) -> None:
    wallet = wallets.owned_wallet(chain, signer.new.address, operator)
    guardian = wallets.owned_wallet(chain, signer.recovery.address, operator)
    signer.do("name_recovery", signer.name(guardian, 1))
    rotation = KeyRotation(signer.address, signer.address, wallet, 2)
    digest = rotation.digest(signer.registry.domain)
    call = [*rotation.fields().values(), guardian, signer.recovery.sign(digest), signer.new.sign(digest)]
    refused = [*call[:5], STRANGER.sign(digest), call[6]]
    assert signer.reason("rotate_key", refused) == "wallet refused the signature"
    signer.do("rotate_key", call)
    assert signer.key == wallet.lower()


def test_keys_sign_for_who_names_them_and_places_stay_apart(
    signer: Signer, registry: Registry, operator: SigningKey
) -> None:
    """A key that also stands in its own name signs twice there, and its own place stays its own."""
    signer.do("rotate_key", signer.rotate())
    both = first_version(f"both-{signer.address}", tuple(_in_order(signer.own, signer.new)))
    digest = both.digest(registry.domain)
    call = [*both.fields().values(), [signer.new.sign(digest)] * 2]
    registry.contract.write("register", *call, key=operator)
    newer = new_key()
    signer.do("rotate_key", signer.rotate(old=signer.new, new=newer, number=2))
    assert str(registry.contract.read("key_of", signer.new.address)).lower() == signer.new.address.lower()


def _in_order(*keys: SigningKey) -> list[SigningKey]:
    return sorted(keys, key=lambda key: int(key.address, 16))


def test_python_changes_keys_once_and_registers_with_the_key_of_now(
    signer: Signer, registry: Registry, operator: SigningKey
) -> None:
    rotation = KeyRotation(signer.address, signer.address, signer.new.address, 1)
    digest = rotation.digest(registry.domain)
    change = SignedKeyChange(rotation, signer.address, signer.own.sign(digest), signer.new.sign(digest))
    assert registry.keys(signer.address) == own_key(signer.address)
    keys = registry.change_keys(change, key=operator)
    head = registry.contract.chain.head()
    assert registry.change_keys(change, key=operator) == keys == registry.keys(signer.address)
    assert registry.contract.chain.head() == head, "what is made already needs no block"
    assert keys == change_keys(own_key(signer.address), change, registry.domain)

    version = first_version(f"now-{signer.address}", (signer.own,))
    with pytest.raises(SignerKeyReplaced):
        registry.register(version, [sign_version(signer.own, version, registry.domain)], key=operator)
    by_new = PartySignature(signer.address, signer.new.sign(version.digest(registry.domain)))
    assert registry.register(version, [by_new], key=operator).version == version

    named = KeyRecovery(signer.address, signer.recovery.address, 2)
    naming = SignedKeyChange(named, signer.new.address, signer.new.sign(named.digest(registry.domain)))
    assert registry.change_keys(naming, key=operator).recovery == signer.recovery.address
    revoked = KeyRevocation(signer.address, signer.new.address, 3)
    by_recovery = signer.recovery.sign(revoked.digest(registry.domain))
    revocation = SignedKeyChange(revoked, signer.recovery.address, by_recovery)
    assert not registry.change_keys(revocation, key=operator).may_sign
    for each in (naming, change):
        with pytest.raises(KeyChangeOutOfOrder):
            registry.change_keys(each, key=operator)
    with pytest.raises(SignerKeyRevoked):
        registry.register(next_version(version), [by_new], key=operator)
