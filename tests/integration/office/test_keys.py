"""Keys of signers: replaced with a cooling-off, recovered, revoked by two; and what each then signs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.office.agreements import held, propose, version_to_sign
from api.office.bank_accounts import account_request, change_account, signers_of
from api.office.chain_worker.work import work
from api.office.evidence import trust_file
from api.office.keys import (
    COOLING,
    change_by_signature,
    change_to_sign,
    confirm_revocation,
    propose_revocation,
    signing_key,
)
from api.office.opening import Office
from api.office.signing import consent_to, decline, give_signature
from api.office.signing_notices import watch_signing
from contracts.consent import PartySignature
from contracts.errors import (
    KeyChangeNotEntitled,
    KeyChangeOutOfOrder,
    KeyChangeUnsuitable,
    SignedByStranger,
    SignerKeyCooling,
    SignerKeyReplaced,
    SignerKeyRevoked,
)
from contracts.key_changes import KeyChange, KeyRotation
from contracts.signing import SigningKey
from contracts.succession import SignedKeyChange
from ledger.notices.reading import notices
from ledger.payouts.accounts import ACCOUNT_GROUP, Details
from ledger.signing.errors import KeyRefused
from ledger.signing.keys import all_keys
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, office_at
from tests.ledger_samples import FixedClock
from tests.signing import sign_by_all
from verifier.key_changes import follow

TEXT = AGREEMENT.read_text(encoding="utf-8")
KEYS = {
    name: SigningKey(bytes([place]) * 32)
    for place, name in enumerate(("mcn", "brand", "platform", "streamer", "leader"), 1)
}
NEW, THIEF, RECOVERY = (SigningKey(bytes([place]) * 32) for place in (11, 12, 13))
MCN = KEYS["mcn"].address


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def office(tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """An office with the example signed by all, under a clock that the test sets."""
    with office_at(tmp_path / "data") as opened:
        opened.clock = opened.log._clock = clock
        sign_by_all(opened, load_agreement(TEXT, name="first"), KEYS)
        yield opened


def signed(
    office: Office, change: KeyChange, by: SigningKey, accepted: SigningKey | None = None
) -> SignedKeyChange:
    digest = change.digest(office.domain)
    return SignedKeyChange(change, by.address, by.sign(digest), accepted.sign(digest) if accepted else b"")


def rotate(office: Office, to: SigningKey = NEW, by: SigningKey = KEYS["mcn"]) -> int:
    change = change_to_sign(office, MCN, new_key=to.address)
    return change_by_signature(office, signed(office, change, by, to), by="ada")


def name_recovery(office: Office) -> None:
    change = change_to_sign(office, MCN, recovery=RECOVERY.address)
    change_by_signature(office, signed(office, change, KEYS["mcn"]), by="ada")


def second(office: Office) -> str:
    """Propose the second version, which names the same addresses."""
    text = TEXT.replace("version: 1\n", "version: 2\nsupersedes: {version: 1}\n", 1)
    text = text.replace("effective_from: 2026-02-01", "effective_from: 2099-01-01")
    document = load_agreement(text, name="second")
    return propose(
        office, document.with_signers({name: key.address for name, key in KEYS.items()})
    ).agreement.ref


def sign(office: Office, ref: str, name: str, key: SigningKey) -> None:
    give_signature(
        office, ref, name, key.sign(version_to_sign(office, held(office, ref)).digest(office.domain))
    )


def test_an_account_signed_by_the_key_of_now_says_by_which_changes(office: Office, clock: FixedClock) -> None:
    def told(by: SigningKey, number: str) -> dict[str, Any]:
        details = Details("bank", "MCN", number, "A bank")
        asked = account_request(office, "mcn", "brand", details, bytes(32))
        made = change_account(office, "mcn", "brand", details, bytes(32), by.sign(asked.digest), by="ada")
        (group,) = [one for one in office.log.groups(made.seq) if one.name == ACCOUNT_GROUP]
        return dict(group.content)

    assert "signer" not in told(KEYS["mcn"], "62220001"), "its own key says it all"
    rotate(office)
    clock.forward(hours=25)
    content = told(NEW, "62220002")
    assert (content["address"], content["signer"]) == (NEW.address, MCN)
    domain = office.domain
    keys = follow(content["key_changes"], domain.chain_id, bytes.fromhex(domain.contract[2:]))
    assert keys[bytes.fromhex(MCN[2:])].key == bytes.fromhex(NEW.address[2:])


def test_a_replaced_key_signs_on_while_the_new_one_cools_off_and_then_the_new_one_does(
    office: Office, clock: FixedClock
) -> None:
    rotate(office)
    ref = second(office)
    with pytest.raises(SignerKeyCooling, match="until then"):
        sign(office, ref, "mcn", NEW)
    clock.forward(hours=25)
    assert signing_key(office, MCN) == NEW.address
    with pytest.raises(SignerKeyReplaced):
        sign(office, ref, "mcn", KEYS["mcn"])
    for name, key in (KEYS | {"mcn": NEW}).items():
        sign(office, ref, name, key)
    one = held(office, ref)
    assert one.is_signed
    assert one.agreement.parties["mcn"].signer == MCN, "no term changed"
    assert one.consent is not None
    (mcn,) = [each for each in one.consent["signatures"] if each["party"] == "mcn"]
    assert (mcn["address"], mcn["key"]) == (MCN, NEW.address)
    assert [each["type"] for each in one.consent["key_changes"]] == ["KeyRotation"]
    registry = bytes.fromhex(one.consent["registry"][2:])
    followed = follow(one.consent["key_changes"], one.consent["chain_id"], registry)
    assert followed[bytes.fromhex(MCN[2:])].key == bytes.fromhex(NEW.address[2:]), "as the verifier reads it"
    assert MCN in trust_file(office, [one])


def test_a_signature_before_everybody_has_signed_counts_no_more_once_its_key_does_not(
    office: Office, clock: FixedClock
) -> None:
    ref = second(office)
    sign(office, ref, "mcn", KEYS["mcn"])
    rotate(office)
    assert "mcn" not in held(office, ref).waiting_for
    clock.forward(hours=25)
    assert "mcn" in held(office, ref).waiting_for
    sign(office, ref, "mcn", NEW)
    assert [one.key for one in held(office, ref).signatures] == [NEW.address]


def test_what_was_signed_stands_whatever_becomes_of_the_key(office: Office, clock: FixedClock) -> None:
    rotate(office)
    clock.forward(hours=25)
    first = held(office, "head-streamer@1")
    assert first.is_signed
    offered = [PartySignature(one.address, bytes.fromhex(one.signature[2:])) for one in first.signatures]
    assert len(consent_to(office, first, offered).signatures) == 5


def test_who_objects_in_time_undoes_a_thiefs_replacement(office: Office, clock: FixedClock) -> None:
    name_recovery(office)
    rotate(office, THIEF)
    change = signed(office, change_to_sign(office, MCN, recovery=THIEF.address), KEYS["mcn"])
    with pytest.raises(KeyRefused, match="cools off until"):
        change_by_signature(office, change, by="thief")
    objection = change_to_sign(office, MCN, revoke=THIEF.address)
    with pytest.raises(KeyChangeNotEntitled):
        change_by_signature(office, signed(office, objection, NEW), by="ada")
    change_by_signature(office, signed(office, objection, RECOVERY), by="ada")
    clock.forward(days=3)
    assert signing_key(office, MCN) == MCN
    with pytest.raises(KeyChangeUnsuitable, match="revoked"):
        rotate(office, THIEF)
    rotate(office, NEW, RECOVERY)
    clock.forward(days=2)
    assert signing_key(office, MCN) == NEW.address


def test_a_lost_key_is_stopped_by_two_members_and_replaced_by_its_recovery_alone(
    office: Office, clock: FixedClock
) -> None:
    name_recovery(office)
    watch_signing(office)
    (told,) = [one.new for one in notices(office.log)]
    assert (told.code, told.figures["key"]) == ("key-recovery", RECOVERY.address)
    assert set(told.readers) == set(KEYS), "a thief of the key may name one too"
    propose_revocation(office, MCN, MCN, cause="lost", reason="left in a taxi", by="ada")
    with pytest.raises(KeyRefused, match="another member confirms"):
        confirm_revocation(office, MCN, MCN, by="ada")
    with pytest.raises(KeyRefused, match="of another key by now"):
        confirm_revocation(office, MCN, THIEF.address, by="bob")
    confirm_revocation(office, MCN, MCN, by="bob")
    ref = second(office)
    with pytest.raises(SignerKeyRevoked):
        sign(office, ref, "mcn", KEYS["mcn"])
    with pytest.raises(KeyChangeNotEntitled, match="only the recovery"):
        rotate(office)
    rotate(office, NEW, RECOVERY)
    with pytest.raises(SignerKeyRevoked):
        sign(office, ref, "mcn", KEYS["mcn"])
    clock.forward(hours=25)
    sign(office, ref, "mcn", NEW)
    assert held(office, "head-streamer@1").is_signed


def test_a_draft_that_names_anothers_address_makes_no_key_ones_own(office: Office) -> None:
    text = TEXT.replace("agreement: head-streamer", "agreement: a-draft", 1)
    document = load_agreement(text, name="draft")
    signers = {name: key.address for name, key in KEYS.items()} | {"brand": THIEF.address}
    propose(office, document.with_signers(signers))
    with pytest.raises(KeyRefused, match="signed no version"):
        propose_revocation(office, THIEF.address, THIEF.address, cause="lost", reason="x", by="ada")


def test_the_newest_version_says_who_signs_an_account_whichever_was_proposed_first(tmp_path: Path) -> None:
    later = TEXT.replace("version: 1\n", "version: 2\nsupersedes: {version: 1}\n", 1)
    later = later.replace("effective_from: 2026-02-01", "effective_from: 2099-01-01")
    signers = {name: key.address for name, key in KEYS.items()}
    second, after = load_agreement(later, name="second"), KEYS | {"mcn": NEW}
    with office_at(tmp_path / "later") as office:
        propose(office, second.with_signers(signers | {"mcn": NEW.address}))
        sign_by_all(office, load_agreement(TEXT, name="first"), KEYS)
        for name, key in (*after.items(), ("mcn@1", KEYS["mcn"])):
            sign(office, second.ref, name, key)
        assert held(office, second.ref).is_signed
        assert signers_of(office, "mcn", "platform") == {NEW.address}, "not who signed before it"


def test_nobody_else_takes_a_signers_place(office: Office, clock: FixedClock) -> None:
    for by in (THIEF, KEYS["brand"], NEW):
        with pytest.raises(KeyChangeNotEntitled):
            rotate(office, NEW, by)
    with pytest.raises(KeyRefused, match="key of another signer"):
        rotate(office, KEYS["brand"])
    with pytest.raises(KeyRefused, match="signed no version"):
        change_to_sign(office, THIEF.address, new_key=NEW.address)
    unaccepted = change_to_sign(office, MCN, new_key=NEW.address)
    with pytest.raises(SignedByStranger):
        change_by_signature(office, signed(office, unaccepted, KEYS["mcn"], THIEF), by="ada")
    rotate(office)
    clock.now += COOLING + timedelta(minutes=1)
    again = KeyRotation(MCN, MCN, NEW.address, 1)
    with pytest.raises(KeyChangeOutOfOrder):
        change_by_signature(office, signed(office, again, KEYS["mcn"], NEW), by="ada")
    assert len(all_keys(office.log)[MCN].events) == 1


def test_a_signature_that_stopped_counting_is_given_again_and_counts_once(
    office: Office, clock: FixedClock
) -> None:
    ref = second(office)
    sign(office, ref, "mcn", KEYS["mcn"])
    rotate(office)
    clock.forward(hours=25)
    for name, key in (KEYS | {"mcn": NEW}).items():
        sign(office, ref, name, key)
    one = held(office, ref)
    assert one.is_signed
    assert len(one.signatures) == len(one.signers)


def test_a_key_that_comes_back_brings_back_nothing_that_it_signed_before(
    office: Office, clock: FixedClock
) -> None:
    ref = second(office)
    for name, key in KEYS.items():
        if name != "brand":
            sign(office, ref, name, key)
    rotate(office)
    clock.forward(hours=25)
    sign(office, ref, "brand", KEYS["brand"])
    decline(office, ref, "mcn", "the rate is not what we agreed")
    rotate(office, KEYS["mcn"], NEW)
    clock.forward(hours=25)
    one = held(office, ref)
    assert signing_key(office, MCN) == MCN
    assert (one.ended(clock()), one.waiting_for) == ("declined", ("mcn",))
    work(office)
    assert not held(office, ref).is_signed, "a version that was declined does not bind"
