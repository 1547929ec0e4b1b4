"""All parties end an agreement with a day to come: nothing follows, later orders are not taken."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.access import Grant, Viewer
from api.agreements.service import AgreementService
from api.office.agreements import held, propose, version_to_sign
from api.office.chain_worker.state import chain_state, chain_worker_faults
from api.office.chain_worker.work import work
from api.office.errors import AgreementNotReady, NotASigner
from api.office.keys import change_by_signature
from api.office.opening import Office, open_office
from api.office.orders import import_orders, intake_terms
from api.office.registration import unregistered
from api.office.signing import complete, give_signature, withdraw
from api.office.terminating import terminate, termination_of, termination_request
from api.settings import Settings
from contracts.artifacts import earlier_artifacts
from contracts.contract import Contract
from contracts.errors import (
    AgreementEnded,
    SignatureMissing,
    SignatureReplayed,
    SignedByOtherParty,
    SignerKeyReplaced,
    SigningFileAltered,
)
from contracts.key_changes import KeyRotation
from contracts.keystore import SCRYPT_LIGHT, write_keystore
from contracts.signing import SigningKey
from contracts.signing_file import read_request
from contracts.succession import SignedKeyChange
from ledger.settlement.events import recorded_events
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, EXAMPLES, office_at, tally
from tests.integration.office.test_registration import REF, SECOND, document, keys_for
from tests.signing import sign_by_all

ID = "head-streamer"
DAY = date(2099, 6, 1)
TERMS = "What is open on the last day is settled within 60 days.\n"


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    with office_at(tmp_path) as office:
        sign_by_all(office, document(), keys_for(document()))
    return tmp_path


def signatures(office: Office, day: date = DAY, terms: str = TERMS) -> dict[str, bytes]:
    asked = read_request(json.dumps(termination_request(office, ID, day, terms)), "request")
    return {party: key.sign(asked.digest) for party, key in keys_for(document()).items()}


def test_all_parties_end_it_once_and_a_registry_holds_it(signed: Path) -> None:
    with office_at(signed) as office:
        given = signatures(office)
        ended = terminate(office, ID, DAY, TERMS, given)
        assert (ended.ref, ended.ends_on, ended.registered) == (REF, DAY, None)
        size = office.log.size()
        assert terminate(office, ID, DAY, TERMS, given) == ended
        assert office.log.size() == size
        assert work(office).recorded == (f"register/{REF}", f"terminate/{ID}")
        assert work(office).recorded == ()
        registered = termination_of(office, ID)
        assert registered is not None
        assert registered.registered is not None
        version = version_to_sign(office, held(office, REF))
        record = office.registry.termination(version.agreement)
        assert record is not None
        assert registered.registered["transaction"] == record.transaction
        assert "0x" + record.digest.hex() == ended.content["digest"]
        with pytest.raises(AgreementEnded):
            terminate(office, ID, date(2099, 7, 1), TERMS, given)


def test_an_end_that_was_lost_with_the_chain_is_put_there_again_after_its_version(signed: Path) -> None:
    with office_at(signed) as office:
        terminate(office, ID, DAY, TERMS, signatures(office))
        work(office)
        before = termination_of(office, ID)
    (signed / "chain.db").unlink()
    with office_at(signed) as office:
        assert office.chain.head().number == 0
        work(office)
        version = version_to_sign(office, held(office, REF))
        assert office.registry.termination(version.agreement) is not None
        assert work(office).recorded == ()
        assert termination_of(office, ID) == before


def test_the_key_that_took_a_partys_place_ends_it_for_that_party(signed: Path) -> None:
    keys, new = keys_for(document()), SigningKey(b"\x66" * 32)
    brand, hours = keys["brand"], 0
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(signed)})
    with open_office(settings, clock=lambda: datetime.now(UTC) + timedelta(hours=hours)) as office:
        change = KeyRotation(brand.address, brand.address, new.address, 1)
        digest = change.digest(office.domain)
        rotation = SignedKeyChange(change, brand.address, brand.sign(digest), new.sign(digest))
        change_by_signature(office, rotation, by="operator")
        hours = 25
        given = signatures(office)
        with pytest.raises(SignerKeyReplaced):
            terminate(office, ID, DAY, TERMS, given)
        asked = read_request(json.dumps(termination_request(office, ID, DAY, TERMS)), "request")
        ended = terminate(office, ID, DAY, TERMS, {**given, "brand": new.sign(asked.digest)})
        told = {each["party"]: each.get("key") for each in ended.content["signatures"]}
        assert told == {**dict.fromkeys(keys), "brand": new.address}


def test_nothing_follows_an_end(signed: Path) -> None:
    keys = keys_for(document())
    signers = {party: key.address for party, key in keys.items()}
    second = document(*SECOND).with_signers(signers)
    with office_at(signed) as office:
        open_proposal = propose(office, second)
        terminate(office, ID, DAY, TERMS, signatures(office))
        digest = version_to_sign(office, open_proposal).digest(office.domain)
        with pytest.raises(AgreementEnded):
            give_signature(office, f"{ID}@2", "brand", keys["brand"].sign(digest))
        withdraw(office, f"{ID}@2", "it has ended")
        with pytest.raises(AgreementEnded):
            propose(office, second)


def test_a_version_that_was_about_to_bind_does_not_bind_after_the_end(
    signed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = keys_for(document())
    with office_at(signed) as office:
        second = document(*SECOND).with_signers({party: key.address for party, key in keys.items()})
        digest = version_to_sign(office, propose(office, second)).digest(office.domain)
        with (
            monkeypatch.context() as stopped
        ):  # a process that ends between the last signature and its record
            stopped.setattr("api.office.signing.complete", lambda _office, one: one)
            for party, key in keys.items():
                give_signature(office, f"{ID}@2", party, key.sign(digest))
        terminate(office, ID, DAY, TERMS, signatures(office))
        with pytest.raises(AgreementEnded):
            complete(office, held(office, f"{ID}@2"))
        assert work(office).recorded == (f"register/{REF}", f"terminate/{ID}"), (
            "what does not bind holds up none"
        )
        assert not held(office, f"{ID}@2").is_signed


def test_those_who_may_read_the_version_are_told_of_the_end(signed: Path) -> None:
    signers = {party: key.address for party, key in keys_for(document()).items()}
    brand = Viewer("bea", "Bea", frozenset({Grant("read", "brand"), Grant("sign", "brand")}))
    now = datetime.now(UTC)
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(signed)})
    with open_office(settings, clock=lambda: now) as office:
        service = AgreementService(office)
        propose(office, document(*SECOND).with_signers(signers))
        assert service.agreement(brand, ID, 1).ending is None
        assert service.agreement(brand, ID, 2).needs_signature_of
        terminate(office, ID, DAY, TERMS, signatures(office))
        shown = service.agreement(brand, ID, 1)
        assert shown.ending is not None
        assert (shown.ending.ends_on, shown.ending.terms) == (DAY.isoformat(), TERMS)
        assert shown.status == "in_force"
        assert service.agreement(brand, ID, 2).needs_signature_of == ()
        now = datetime.fromisoformat("2099-06-01T00:00:00+08:00")
        assert service.agreement(brand, ID, 1).status == "ended"


def test_each_wrong_end_is_refused(signed: Path) -> None:
    with office_at(signed) as office:
        given = signatures(office)
        digest = version_to_sign(office, held(office, REF)).digest(office.domain)
        size = office.log.size()
        cases: list[tuple[type[Exception], date, dict[str, bytes]]] = [
            (SignatureMissing, DAY, {party: raw for party, raw in given.items() if party != "mcn"}),
            (SignedByOtherParty, DAY, {**given, "mcn": given["brand"]}),
            (SignatureReplayed, DAY, {**given, "mcn": keys_for(document())["mcn"].sign(digest)}),
            (NotASigner, DAY, {**given, "nobody": given["brand"]}),
            (AgreementNotReady, datetime.now(UTC).date(), given),
            (AgreementNotReady, date(2026, 1, 1), given),
        ]
        for error, day, offered in cases:
            with pytest.raises(error):
                terminate(office, ID, day, TERMS, offered)
        with pytest.raises(AgreementNotReady, match="longer"):
            termination_request(office, ID, DAY, "x" * 20_001)
        assert office.log.size() == size


def test_an_end_before_any_version_starts_is_none(tmp_path: Path) -> None:
    later = load_agreement(
        AGREEMENT.read_text(encoding="utf-8").replace("2026-", "2098-"), name="a day long from now"
    )
    with office_at(tmp_path) as office:
        sign_by_all(office, later, keys_for(later))
        with pytest.raises(AgreementNotReady, match="no version is in force"):
            termination_request(office, later.id, date(2097, 1, 1), "")


def test_nothing_is_sold_under_it_from_that_day_on(signed: Path) -> None:
    with office_at(signed) as office:
        terminate(office, ID, DAY, TERMS, signatures(office))
        one = held(office, REF)
        terms = intake_terms((one,), recorded_events(office.log, one.agreement))
        last = datetime.fromisoformat("2099-05-31T23:59:59+08:00")
        first = datetime.fromisoformat("2099-06-01T00:00:00+08:00")
        before = terms.sold_under(last)
        assert before is not None
        assert before.reference == REF
        assert terms.sold_under(first) is None
        assert "have ended it" in terms.out_of_force(first)
        assert terms.version_at(first) == before, "what happens to what was sold goes on being taken"
        size = office.log.size()
        assert recorded_events(office.log, one.agreement, 1) == {}
        assert office.log.size() == size


def test_a_file_of_orders_says_of_each_that_came_too_late(signed: Path, tmp_path: Path) -> None:
    orders = EXAMPLES / "orders" / "autumn-week-1.csv"
    header, row, *_ = orders.read_text(encoding="utf-8").splitlines()
    late = row.replace("2026-10-15 19:32:09", "2099-06-01 00:00:00").replace("AW-0001", "AW-9999")
    assert "2099" in late
    file, rejects = tmp_path / "orders.csv", tmp_path / "rejects.csv"
    file.write_text(f"{header}\n{row}\n{late}\n", encoding="utf-8")
    with office_at(signed) as office:
        terminate(office, ID, DAY, "", signatures(office, terms=""))
        report = import_orders(office, file, "tallystick-orders", ID, rejects=rejects)
    assert (report.rows, report.rejected_rows) == (2, 1)
    assert "after the parties of head-streamer have ended it" in rejects.read_text(encoding="utf-8")


def test_an_earlier_registry_keeps_no_end_and_holds_up_nothing_else(tmp_path: Path) -> None:
    (earlier,) = earlier_artifacts("AgreementRegistry")
    with office_at(tmp_path) as office:
        address = Contract.deploy(office.chain, earlier, key=office.chain_key).address
        office.names.put("registry", address)
    with office_at(tmp_path) as office:
        assert office.domain.contract == address
        sign_by_all(office, document(), keys_for(document()))
        terminate(office, ID, DAY, "", signatures(office, terms=""))
        assert work(office).recorded == (f"register/{REF}",)
        assert unregistered(office) == ()
        assert termination_of(office, ID) is not None
        state = chain_state(office)
        assert [(one.name, one.state) for one in state.tasks] == [(f"terminate/{ID}", "refused")]
        assert (state.standing, [*chain_worker_faults(office)]) == ("idle", [])


def test_the_commands_end_an_agreement_from_request_files(signed: Path, tmp_path: Path) -> None:
    terms, password = tmp_path / "terms.txt", tmp_path / "password"
    terms.write_text(TERMS, encoding="utf-8")
    password.write_text("correct horse", encoding="utf-8")
    what = ("--ends-on", "2099-06-01", "--terms", terms)
    asked = tally(signed, "agreement", "termination", ID, *what)
    assert asked.code == 0, asked.err
    request = tmp_path / "request.json"
    request.write_text(asked.out, encoding="utf-8")
    files: list[Any] = []
    shown = []
    for party, key in keys_for(document()).items():
        keystore, out = tmp_path / f"{party}.key", tmp_path / f"{party}.json"
        write_keystore(keystore, key, "correct horse", work_factor=SCRYPT_LIGHT)
        by = ("--keystore", keystore, "--password-file", password)
        ran = tally(signed, "sign", request, *by, "--out", out, "--yes")
        shown.append(ran.out)
        assert ran.code == 0, ran.err
        files += ["--signature", out]
    assert TERMS.strip() in shown[0]
    assert "it applies no more" in shown[0]
    altered = tmp_path / "altered.json"
    altered.write_text(asked.out.replace("60 days", "90 days"), encoding="utf-8")
    by = ("--keystore", tmp_path / "brand.key", "--password-file", password)
    ran = tally(signed, "sign", altered, *by, "--out", tmp_path / "never.json", "--yes")
    assert ran.code == 2
    assert "'terms'" in ran.err
    other_day = tally(signed, "agreement", "terminate", ID, "--ends-on", "2099-07-01", *files)
    assert other_day.code == 2
    assert SigningFileAltered.code in other_day.err
    ran = tally(signed, "agreement", "terminate", ID, *what, *files, "--json")
    assert ran.json == {"agreement": ID, "after": REF, "ends_on": "2099-06-01", "registered": False}
    again = tally(signed, "agreement", "terminate", ID, *what, *files)
    assert "no order is taken" in again.out
    assert "2099-06-01" in tally(signed, "agreement", "list").out
