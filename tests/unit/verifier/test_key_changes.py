"""A bundle signed by a key that took another's place holds if all changes to it were signed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from eth_account import Account

from contracts.hashing import keccak256
from contracts.key_changes import KeyChange, KeyRecovery, KeyRevocation, KeyRotation, SignerKeys, own_key
from contracts.signing import SigningKey
from contracts.succession import SignedKeyChange, change_keys, change_record
from contracts.typed_data import AgreementVersion, Domain
from tests.unit.verifier.bundle_maker import PARTIES, REGISTRY, Maker, edited
from verifier.checks import verify
from verifier.report import Check

DOMAIN = Domain(1337, REGISTRY.lower())
NEW, NEWER, RECOVERY, STRANGER = (SigningKey(bytes([n]) * 32) for n in (41, 42, 43, 44))
MAKER = Maker()
PARTS = MAKER.parts()
BRAND = SigningKey(bytes(MAKER.accounts["brand"].key))
SIGNING = json.loads(PARTS["signing.json"])
VERSION = AgreementVersion.of(
    salt=MAKER.salt,
    agreement_id=MAKER.agreement["agreement"],
    version=1,
    document_keccak256=keccak256(PARTS["agreement.json"].encode()),
    effective_from=SIGNING["effective_from"],
    parties=[account.address for account in MAKER.accounts.values()],
)


def signed(change: KeyChange, by: SigningKey, accepted: SigningKey | None = None) -> SignedKeyChange:
    raw = change.digest(DOMAIN)
    return SignedKeyChange(change, by.address, by.sign(raw), b"" if accepted is None else accepted.sign(raw))


NAMED = signed(KeyRecovery(BRAND.address, RECOVERY.address, 1), BRAND)
REVOKED = signed(KeyRevocation(BRAND.address, BRAND.address, 2), RECOVERY)
RECOVERED = signed(KeyRotation(BRAND.address, BRAND.address, NEW.address, 3), RECOVERY, NEW)
ROTATED = signed(KeyRotation(BRAND.address, NEW.address, NEWER.address, 4), NEW, NEWER)


def records(*changes: SignedKeyChange) -> list[dict[str, Any]]:
    keys: SignerKeys = own_key(BRAND.address)
    told = []
    for change in changes:
        told.append(change_record(change, keys, DOMAIN))
        keys = change_keys(keys, change, DOMAIN)
    return told


def checks(key_changes: list[dict[str, Any]], by: SigningKey, **changed: Any) -> list[Check]:
    """Return what is said of the signatures where the brand signed by a key, after changes."""
    report = verify(MAKER.seal(PARTS | {"signing.json": signing(key_changes, by, **changed)}), MAKER.trust)
    return [check for check in report.checks if check.name == "signatures"]


def signing(key_changes: list[dict[str, Any]], by: SigningKey, **changed: Any) -> str:
    listed = json.loads(json.dumps(SIGNING["signatures"]))
    own = next(each for each in listed if each["party"] == "brand")
    own |= {
        "key": by.address,
        "public_key": "0x" + by.public_key.hex(),
        "signature": "0x" + by.sign(VERSION.digest(DOMAIN)).hex(),
    } | changed
    return edited(PARTS["signing.json"], signatures=listed, key_changes=key_changes)


ALL = (NAMED, REVOKED, RECOVERED, ROTATED)


@pytest.mark.parametrize(("changes", "by"), [(ALL, NEWER), (ALL[:3], NEW), (ALL[:1], BRAND)])
def test_the_key_that_took_its_place_signs_for_the_party(
    changes: tuple[SignedKeyChange, ...], by: SigningKey
) -> None:
    found = checks(records(*changes), by)
    assert [check.status for check in found] == ["holds"] * len(PARTIES), found
    (brand,) = (check for check in found if check.detail.startswith("brand"))
    assert brand.detail.endswith("that took its place") == (by is not BRAND)


@pytest.mark.parametrize(
    ("told", "by"),
    [
        (records(*ALL), NEW),
        (records(*ALL), BRAND),
        (records(*ALL[:3]), NEWER),
        (records(*ALL[:2]), BRAND),
        (records(*ALL[:2]), RECOVERY),
        ([], NEW),
        (records(*ALL)[1:], NEWER),
        ([records(*ALL)[0], *records(*ALL)[2:]], NEWER),
    ],
)
def test_any_other_key_does_not(told: list[dict[str, Any]], by: SigningKey) -> None:
    assert "fails" in {check.status for check in checks(told, by)}


def _edited(place: int, **changed: Any) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(json.dumps(records(*ALL)))
    told[place] |= changed
    return told


BY_STRANGER = STRANGER.sign(RECOVERED.change.digest(DOMAIN))
STRANGERS = {
    "address": STRANGER.address,
    "public_key": "0x" + STRANGER.public_key.hex(),
    "signature": "0x" + BY_STRANGER.hex(),
}


@pytest.mark.parametrize(
    "told",
    [
        _edited(2, authorization=STRANGERS),
        _edited(2, acceptance=STRANGERS),
        _edited(2, authorization={**STRANGERS, "address": RECOVERY.address}),
        _edited(2, acceptance={}),
        _edited(2, type="KeyTheft"),
        _edited(1, message={**records(*ALL)[1]["message"], "number": 3}),
        _edited(2, message={**records(*ALL)[2]["message"], "newKey": STRANGER.address}),
    ],
)
def test_a_change_that_was_not_signed_fails(told: list[dict[str, Any]]) -> None:
    assert {check.status for check in checks(told, NEWER)} == {"fails"}


AGREED = signing(records(*ALL[:3]), NEW)
"""The brand signed the agreement by the key that its recovery put in the place of its own."""

Told = list[dict[str, Any]]


def settled(told: Told | None, by: SigningKey, agreed: str | None = None, **changed: Any) -> list[Check]:
    """Return what is said of a settlement for which the brand signed by a key, after changes."""
    maker = Maker()
    own = maker.accounts["brand"]
    maker.accounts["brand"] = Account.from_key(by.reveal())
    maker.settle()
    maker.accounts["brand"] = own
    one = maker.decision["settlement"]["signatures"][1]
    if told is not None:
        one |= {"signer": own.address, "key_changes": told}
    one |= changed
    parts = maker.parts()
    report = verify(maker.seal(parts if agreed is None else parts | {"signing.json": agreed}), maker.trust)
    return [check for check in report.checks if check.name in {"settlement", "key-changes"}]


@pytest.mark.parametrize(
    ("told", "by", "agreed"),
    [(None, BRAND, None), (records(*ALL[:3]), NEW, None), (records(*ALL), NEWER, None),
     (records(*ALL[:3]), NEW, AGREED), (records(*ALL), NEWER, AGREED)],
)  # fmt: skip
def test_a_settlement_is_signed_by_the_key_that_took_its_place(
    told: Told | None, by: SigningKey, agreed: str | None
) -> None:
    found = settled(told, by, agreed)
    noted = [one.part for one in found if one.status == "noted"]
    assert noted == ["signing.json"] * (agreed is not None) + ["decision.json"] * (told is not None)
    assert [one.status for one in found if one.name == "settlement"] == ["holds"]


@pytest.mark.parametrize(
    ("told", "by", "agreed"),
    [
        (None, NEW, None),  # by what changes, nobody says
        (None, BRAND, AGREED),  # replaced before the agreement was signed
        (records(*ALL[:1]), BRAND, AGREED),  # as if it had not been
        (None, NEW, AGREED),
        (records(*ALL), NEW, None),
        (records(*ALL), STRANGER, None),
        (records(*ALL[:2]), BRAND, None),  # revoked
        (records(*ALL)[1:], NEWER, None),
    ],
)
def test_a_settlement_by_any_other_key_fails(told: Told | None, by: SigningKey, agreed: str | None) -> None:
    assert [one.status for one in settled(told, by, agreed) if one.name == "settlement"] == ["fails"]


def test_a_settlement_under_anothers_name_or_public_key_fails() -> None:
    for changed in ({"signer": STRANGER.address}, {"public_key": "0x" + BRAND.public_key.hex()}):
        assert [one.status for one in settled(records(*ALL), NEWER, **changed)] == ["fails"]


def test_a_wallets_signature_is_undecided_without_its_chain() -> None:
    found = checks([], BRAND, wallet=BRAND.address)
    assert sorted(check.status for check in found) == ["holds", "holds", "unusable"]
    (undecided,) = (check for check in found if check.status == "unusable")
    assert "only its chain" in undecided.detail
    told = _edited(2, acceptance={"address": NEW.address, "wallet": NEW.address, "signature": "0x01"})
    assert {check.status for check in checks(told, NEWER)} == {"unusable"}
