"""Changes of signers' keys come to the registry in the order in which they count, and no other does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.chain_worker.anchor_tasks import ask_for_anchor
from api.office.chain_worker.state import chain_state, chain_worker_faults
from api.office.chain_worker.work import work
from api.office.keys import change_by_signature, change_to_sign, confirm_revocation, propose_revocation
from api.office.opening import Office
from api.office.signing import give_signature
from api.office.terminating import terminate, termination_request
from contracts.artifacts import earlier_artifacts
from contracts.contract import Contract
from contracts.key_changes import NOBODY, KeyChange
from contracts.signing import SigningKey
from contracts.signing_file import read_request
from contracts.succession import SignedKeyChange
from ledger.checkpoints import make_checkpoint
from ledger.database import reading
from ledger.signing.key_registrations import KIND, REGISTRATION_GROUP, registered_changes
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, office_at
from tests.ledger_samples import FixedClock, sale
from tests.signing import sign_by_all

TEXT = AGREEMENT.read_text(encoding="utf-8")
KEYS = {
    name: SigningKey(bytes([place]) * 32)
    for place, name in enumerate(("mcn", "brand", "platform", "streamer", "leader"), 1)
}
NEW, RECOVERY = (SigningKey(bytes([place]) * 32) for place in (11, 12))
MCN = KEYS["mcn"].address
KEY = f"key/{MCN}"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def office(tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """An office with the example signed by all and not registered, under a clock that the test sets."""
    with under(clock, tmp_path / "data") as opened:
        sign_by_all(opened, load_agreement(TEXT, name="first"), KEYS)
        yield opened


@contextmanager
def under(clock: FixedClock, data: Path) -> Iterator[Office]:
    with office_at(data) as opened:
        opened.clock = opened.log._clock = clock
        opened.settings = replace(opened.settings, anchor_seconds=0)
        yield opened


def signed(
    office: Office, change: KeyChange, by: SigningKey, accepted: SigningKey | None = None
) -> SignedKeyChange:
    digest = change.digest(office.domain)
    return SignedKeyChange(change, by.address, by.sign(digest), accepted.sign(digest) if accepted else b"")


def rotate(office: Office) -> SignedKeyChange:
    made = signed(office, change_to_sign(office, MCN, new_key=NEW.address), KEYS["mcn"], NEW)
    change_by_signature(office, made, by="ada")
    return made


def sign_second(office: Office) -> None:
    """Propose the second version, which names the same addresses, and sign it with the keys of now."""
    text = TEXT.replace("version: 1\n", "version: 2\nsupersedes: {version: 1}\n", 1)
    text = text.replace("effective_from: 2026-02-01", "effective_from: 2099-01-01")
    document = load_agreement(text, name="second")
    ref = propose(
        office, document.with_signers({name: key.address for name, key in KEYS.items()})
    ).agreement.ref
    for name, key in (KEYS | {"mcn": NEW}).items():
        digest = version_to_sign(office, held(office, ref)).digest(office.domain)
        give_signature(office, ref, name, key.sign(digest))


def test_what_the_old_key_signed_goes_first_and_what_the_new_one_did_last(
    office: Office, clock: FixedClock
) -> None:
    rotate(office)
    clock.forward(hours=25)
    sign_second(office)
    waiting = [one.name for one in chain_state(office).tasks]
    assert waiting == ["register/head-streamer@1", f"{KEY}/1", "register/head-streamer@2"]
    assert work(office).recorded == tuple(waiting)
    assert office.registry.keys(MCN).key == NEW.address
    assert work(office).recorded == ()
    (entry,) = office.log.entries(kinds=[KIND])
    (group,) = [one for one in office.log.groups(entry.seq) if one.name == REGISTRATION_GROUP]
    assert group.content["block"] == 3, "after that of the first version, before that of the second"
    assert "mcn" in group.readers
    assert "brand" in group.readers


def test_an_end_that_the_old_key_signed_goes_before_its_replacement_and_its_revocation(
    office: Office, clock: FixedClock
) -> None:
    """The worker was away until the new key counted; the registry would refuse the end after it."""
    rotate(office)
    end = (office, "head-streamer", date(2099, 6, 1), "")
    asked = read_request(json.dumps(termination_request(*end)), "request")
    terminate(*end, {name: key.sign(asked.digest) for name, key in KEYS.items()})
    brand = KEYS["brand"]
    stopped = change_to_sign(office, brand.address, revoke=brand.address)
    change_by_signature(office, signed(office, stopped, brand), by="ben")
    clock.forward(hours=25)
    done = work(office).recorded
    assert done[:2] == ("register/head-streamer@1", "terminate/head-streamer")
    assert sorted(done[2:]) == sorted((f"{KEY}/1", f"key/{brand.address}/1"))
    assert list(chain_worker_faults(office)) == []


def test_what_others_brought_to_the_registry_first_leaves_an_older_signature_refused_and_sends_nothing(
    office: Office,
) -> None:
    """It binds all the same, for it was signed; only the registry, which has no cooling-off, holds it not."""
    made = rotate(office)
    office.registry.change_keys(made, key=office.chain_key)
    head = office.chain.head().number
    assert work(office).recorded == work(office, at_once=True).recorded == ()
    (waits,) = chain_state(office).tasks
    assert (waits.name, waits.state) == ("register/head-streamer@1", "refused")
    assert waits.fault is not None
    assert "not signed by the party" in waits.fault.message
    assert office.chain.head().number == head


def test_a_key_that_cools_off_is_not_brought_before_it_counts(office: Office, clock: FixedClock) -> None:
    rotate(office)
    assert work(office).recorded == ("register/head-streamer@1",)
    assert office.registry.keys(MCN).key == MCN
    clock.forward(hours=25)
    assert work(office).recorded == (f"{KEY}/1",)
    with reading(office.engine) as session:
        assert registered_changes(session, office.domain.chain_id) == {(MCN, 1): 3}
        assert registered_changes(session, 1) == {}


def test_what_was_objected_to_and_what_two_members_stopped_is_not_for_the_registry(
    office: Office, clock: FixedClock
) -> None:
    rotate(office)
    objected = change_to_sign(office, MCN, revoke=NEW.address)
    change_by_signature(office, signed(office, objected, KEYS["mcn"]), by="ada")
    propose_revocation(office, MCN, MCN, cause="lost", reason="a stolen bag", by="ada")
    confirm_revocation(office, MCN, MCN, by="ben")
    clock.forward(hours=25)
    assert work(office).recorded == ("register/head-streamer@1",)
    assert office.registry.keys(MCN).changes == 0


def test_a_recovery_and_what_it_revokes_follow_each_other(office: Office) -> None:
    named = change_to_sign(office, MCN, recovery=RECOVERY.address)
    change_by_signature(office, signed(office, named, KEYS["mcn"]), by="ada")
    lost = change_to_sign(office, MCN, revoke=MCN)
    change_by_signature(office, signed(office, lost, RECOVERY), by="ada", cause="lost")
    assert work(office).recorded == ("register/head-streamer@1", f"{KEY}/1", f"{KEY}/2")
    keys = office.registry.keys(MCN)
    assert (keys.recovery, keys.may_sign, keys.recovery != NOBODY) == (RECOVERY.address, False, True)


def test_what_an_earlier_registry_has_no_place_for_is_said_and_holds_nothing_up(
    tmp_path: Path, clock: FixedClock
) -> None:
    (earlier,) = earlier_artifacts("AgreementRegistry")
    with under(clock, tmp_path / "earlier") as office:
        standing = Contract.deploy(office.chain, earlier, key=office.chain_key)
        office.names.put("registry", standing.address)
        sign_by_all(office, load_agreement(TEXT, name="first"), KEYS)
        rotate(office)
        clock.forward(hours=25)
        sign_second(office)
        assert work(office).recorded == ("register/head-streamer@1",)
        state = chain_state(office)
        left = {one.name: one.fault and one.fault.code for one in state.tasks}
        assert left == dict.fromkeys((f"{KEY}/1", "register/head-streamer@2"), "chain.contract-earlier")
        assert (state.standing, [*chain_worker_faults(office)]) == ("idle", [])


def test_what_somebody_else_brought_is_found_by_its_event_and_recorded(
    office: Office, clock: FixedClock
) -> None:
    made = rotate(office)
    clock.forward(hours=25)
    work(office, at_once=True)
    assert len(office.log.entries(kinds=[KIND])) == 1
    named = change_to_sign(office, MCN, recovery=RECOVERY.address)
    brought = signed(office, named, NEW)
    change_by_signature(office, brought, by="ada")
    office.registry.change_keys(brought, key=office.chain_key)
    head = office.chain.head().number
    assert work(office).recorded == (f"{KEY}/2",)
    assert office.chain.head().number == head, "nothing was sent"
    assert made.change.number == 1


def test_a_change_of_ones_own_that_was_brought_instead_is_said(office: Office) -> None:
    taken = signed(office, change_to_sign(office, MCN, new_key=NEW.address), KEYS["mcn"], NEW)
    work(office)
    office.registry.change_keys(taken, key=office.chain_key)
    named = change_to_sign(office, MCN, recovery=RECOVERY.address)
    change_by_signature(office, signed(office, named, KEYS["mcn"]), by="ada")
    assert work(office).recorded == ()
    (fault,) = chain_worker_faults(office)
    assert (fault.code, fault.severity, fault.path) == ("registry.conflict", "error", f"{KEY}/1")


def test_a_lost_chain_is_given_versions_keys_and_the_anchor_again(tmp_path: Path, clock: FixedClock) -> None:
    data = tmp_path / "lost"

    with under(clock, data) as office:
        sign_by_all(office, load_agreement(TEXT, name="first"), KEYS)
        work(office)
        rotate(office)
        clock.forward(hours=25)
        sign_second(office)
        work(office)
        size = make_checkpoint(office.log, office.log_key).size
        ask_for_anchor(office, size)
        assert f"anchor/{size}" in work(office).recorded
        domain = office.domain
    (data / "chain.db").unlink()  # before anything of it was sealed
    with under(clock, data) as office:
        office.log.append([sale(agreement="other@1")])
        ask_for_anchor(office, make_checkpoint(office.log, office.log_key).size)
        work(office, at_once=True)
        assert chain_state(office).standing == "idle"
        assert office.domain == domain
        assert office.registry.keys(MCN).key == NEW.address
        found = [one.registration for one in held_versions(office).values()]
        assert [one is not None and office.chain.receipt(one.transaction) is not None for one in found] == [
            True
        ] * 2
        assert office.anchor.at(size) is not None
        assert work(office, at_once=True).recorded == ()
