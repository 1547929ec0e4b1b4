"""Keys follow each other by signed changes, in their order, and each that does not count says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.consent import History, PartySignature, gather_consent
from contracts.errors import (
    KeyChangeNotEntitled,
    KeyChangeOutOfOrder,
    KeyChangeRefused,
    KeyChangeUnsuitable,
    SignatureRefused,
    SignedByStranger,
    SignedForOtherChain,
    SignerKeyReplaced,
    SignerKeyRevoked,
    WalletUndecided,
)
from contracts.key_changes import (
    NOBODY,
    KeyChange,
    KeyRecovery,
    KeyRevocation,
    KeyRotation,
    SignerKeys,
    own_key,
)
from contracts.signing import SigningKey
from contracts.succession import SignedKeyChange, change_keys, change_record, follow_keys
from contracts.typed_data import AgreementVersion, Domain

OWN, NEW, RECOVERY, STRANGER, B = (SigningKey(bytes([n]) * 32) for n in (11, 12, 13, 14, 15))
DOMAIN = Domain(1_413_565_529, "0x" + "ab" * 20)


def signed(
    change: KeyChange, by: SigningKey, accepted: SigningKey | None = None, domain: Domain = DOMAIN
) -> SignedKeyChange:
    digest = change.digest(domain)
    acceptance = b"" if accepted is None else accepted.sign(digest)
    return SignedKeyChange(change, by.address, by.sign(digest), acceptance)


ROTATED = signed(KeyRotation(OWN.address, OWN.address, NEW.address, 1), OWN, NEW)
NAMED = signed(KeyRecovery(OWN.address, RECOVERY.address, 1), OWN)
REVOKED = signed(KeyRevocation(OWN.address, OWN.address, 2), RECOVERY)
RECOVERED = signed(KeyRotation(OWN.address, OWN.address, NEW.address, 3), RECOVERY, NEW)


def test_changes_lead_from_the_own_key_to_the_one_that_signs_now() -> None:
    keys = follow_keys((NAMED, REVOKED, RECOVERED), DOMAIN)[OWN.address]
    assert (keys.key, keys.changes, keys.recovery) == (NEW.address, 3, RECOVERY.address)
    assert keys.former == keys.revoked == (OWN.address,)
    assert keys.may_sign
    assert not follow_keys((NAMED, REVOKED), DOMAIN)[OWN.address].may_sign


def test_a_recovery_is_replaced_with_its_own_consent() -> None:
    change = KeyRecovery(OWN.address, NOBODY, 2)
    keys = follow_keys((NAMED, signed(change, OWN, RECOVERY)), DOMAIN)[OWN.address]
    assert keys.recovery == NOBODY
    with pytest.raises(SignedByStranger):
        follow_keys((NAMED, signed(change, OWN, STRANGER)), DOMAIN)


@pytest.mark.parametrize(
    ("before", "change", "error"),
    [
        ((), replace(ROTATED, change=replace(ROTATED.change, number=2)), KeyChangeOutOfOrder),
        ((ROTATED,), ROTATED, KeyChangeOutOfOrder),
        ((), replace(ROTATED, changed_by=STRANGER.address), KeyChangeNotEntitled),
        ((), replace(ROTATED, changed_by=NOBODY), KeyChangeNotEntitled),
        ((NAMED,), signed(KeyRecovery(OWN.address, STRANGER.address, 2), RECOVERY), KeyChangeNotEntitled),
        (
            (NAMED, REVOKED),
            signed(KeyRotation(OWN.address, OWN.address, NEW.address, 3), OWN, NEW),
            KeyChangeNotEntitled,
        ),
        ((), signed(KeyRotation(OWN.address, B.address, NEW.address, 1), B, NEW), KeyChangeUnsuitable),
        ((), signed(KeyRevocation(OWN.address, B.address, 1), B), KeyChangeUnsuitable),
        ((), signed(KeyRecovery(OWN.address, OWN.address, 1), OWN), KeyChangeUnsuitable),
        ((), signed(KeyRecovery(OWN.address, B.address, 1), OWN, B), KeyChangeUnsuitable),
        (
            (NAMED, REVOKED),
            signed(KeyRevocation(OWN.address, OWN.address, 3), RECOVERY),
            KeyChangeUnsuitable,
        ),
        (
            (NAMED,),
            signed(KeyRotation(OWN.address, OWN.address, RECOVERY.address, 2), OWN, RECOVERY),
            KeyChangeUnsuitable,
        ),
        (
            (NAMED, REVOKED, RECOVERED),
            signed(KeyRotation(OWN.address, NEW.address, OWN.address, 4), NEW, OWN),
            KeyChangeUnsuitable,
        ),
        ((), replace(ROTATED, acceptance=ROTATED.authorization), SignedByStranger),
        ((), signed(ROTATED.change, OWN, NEW, Domain(1, DOMAIN.contract)), SignedForOtherChain),
    ],
)
def test_each_change_that_does_not_count_says_why_not(
    before: tuple[SignedKeyChange, ...],
    change: SignedKeyChange,
    error: type[KeyChangeRefused | SignatureRefused],
) -> None:
    keys = follow_keys(before, DOMAIN).get(OWN.address, own_key(OWN.address))
    with pytest.raises(error) as caught:
        change_keys(keys, change, DOMAIN)
    assert type(caught.value) is error


def test_a_version_is_signed_by_the_key_of_now_and_evidence_says_by_which() -> None:
    version = AgreementVersion.of(
        salt=bytes(32),
        agreement_id="rotated",
        version=1,
        document_keccak256=bytes(32),
        effective_from=0,
        parties=[OWN.address],
    )
    keys = follow_keys((NAMED, REVOKED, RECOVERED), DOMAIN)
    digest = version.digest(DOMAIN)

    def offer(key: SigningKey) -> list[PartySignature]:
        return [PartySignature(OWN.address, key.sign(digest))]

    consent = gather_consent(version, DOMAIN, offer(NEW), History(keys=keys))
    records = [
        change_record(each, before, DOMAIN)
        for each, before in zip(
            (NAMED, REVOKED, RECOVERED),
            (own_key(OWN.address), *(_after(n) for n in (1, 2))),
            strict=True,
        )
    ]
    told = consent.record(bytes(32), {OWN.address: "brand"}, records)
    (one,) = told["signatures"]
    assert (one["address"], one["key"]) == (OWN.address, NEW.address)
    assert [each["type"] for each in told["key_changes"]] == ["KeyRecovery", "KeyRevocation", "KeyRotation"]
    with pytest.raises(SignerKeyRevoked):
        gather_consent(version, DOMAIN, offer(OWN), History(keys=keys))
    rotated = follow_keys((ROTATED,), DOMAIN)
    with pytest.raises(SignerKeyReplaced):
        gather_consent(version, DOMAIN, offer(OWN), History(keys=rotated))
    with pytest.raises(SignerKeyRevoked):
        gather_consent(version, DOMAIN, offer(OWN), History(keys=follow_keys((NAMED, REVOKED), DOMAIN)))
    with pytest.raises(SignedByStranger):
        gather_consent(version, DOMAIN, offer(STRANGER), History(keys=keys))


def _after(count: int) -> SignerKeys:
    return follow_keys((NAMED, REVOKED)[:count], DOMAIN)[OWN.address]


def test_without_a_chain_nobody_says_whether_a_wallet_signed() -> None:
    by_wallet = replace(ROTATED, from_wallets=frozenset({NEW.address}))
    with pytest.raises(WalletUndecided, match="chain 1413565529"):
        change_keys(own_key(OWN.address), by_wallet, DOMAIN)
    record = change_record(by_wallet, own_key(OWN.address), DOMAIN)
    assert "public_key" not in record["acceptance"]
    assert record["authorization"]["public_key"] == "0x" + OWN.public_key.hex()
