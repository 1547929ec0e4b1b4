"""A version binds when all have signed it; a registry holds it later, and nobody waits for that."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from api.office.agreements import held, held_versions, propose, version_to_sign
from api.office.chain_worker.work import work
from api.office.errors import AgreementNotReady
from api.office.evidence import statement_bundle, trust_file
from api.office.opening import Office, open_office
from api.office.registered import REGISTERED_KIND
from api.office.registration import unregistered
from api.office.signing import give_signature
from api.settings import Settings
from contracts.artifacts import load_artifact
from contracts.deployments import Deployment, code_digest
from contracts.errors import ContractUnknown, SignatureReplayed
from contracts.registry import Registry
from contracts.signing import SigningKey
from ledger.entries import Group, NewEntry
from ledger.statements.reading import list_statements
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.command_line import AGREEMENT, office_at, tally
from tests.signing import sign_by_all
from verifier.checks import verify

REF = "head-streamer@1"
TEXT = AGREEMENT.read_text(encoding="utf-8")
SECOND = (
    ("effective_from: 2026-02-01", "effective_from: 2099-01-01"),
    (
        "version: 1\n",
        "version: 2\nsupersedes: {version: 1}\n",
    ),
)


def document(*changes: tuple[str, str]) -> Agreement:
    text = TEXT
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now, 1)
    return load_agreement(text, name="document.yaml")


def keys_for(agreement: Agreement) -> dict[str, SigningKey]:
    return {party: SigningKey(bytes([place]) * 32) for place, party in enumerate(agreement.parties, 1)}


def opens_no_chain(office: Office) -> bool:
    return not {"chain", "registry", "anchor"} & office.__dict__.keys()


def test_who_signs_knows_the_registry_before_it_stands(tmp_path: Path) -> None:
    with office_at(tmp_path) as office, office_at(tmp_path) as other:
        domain = office.domain
        assert opens_no_chain(office)
        assert other.domain == domain, "another process has it from the same file"
        assert other.anchor.address != domain.contract, "whatever else is deployed first"
        assert office.chain.code(domain.contract) == b""
        assert office.registry.domain == domain
        assert other.registry.domain == domain
    with office_at(tmp_path / "elsewhere") as office:
        assert office.domain != domain


def test_of_many_who_ask_first_all_are_told_the_same(tmp_path: Path) -> None:
    with office_at(tmp_path) as office, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: office.domain, range(24)))) == 1


def test_an_installation_that_recorded_its_registry_goes_on_with_it(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        deployed = Registry.deploy(office.chain, key=office.chain_key)
        (tmp_path / "chain.json").write_text(json.dumps({"registry": deployed.address}), encoding="utf-8")
    with office_at(tmp_path) as office:
        assert office.domain == deployed.domain
        assert office.registry.address == deployed.address
    (tmp_path / "chain.db").unlink()
    with office_at(tmp_path) as office, pytest.raises(ContractUnknown, match="no contract"):
        _ = office.registry.address


def test_signatures_stay_bound_to_the_deployment_that_was_committed_when_they_were_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = {"TALLYSTICK_CHAIN": "http://127.0.0.1:1", "TALLYSTICK_CHAIN_ID": "5"}
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(tmp_path), **chain})
    code = code_digest(load_artifact("AgreementRegistry"))
    for number in (1, 2):  # a later release commits another of the same code
        address = SigningKey(bytes([number]) * 32).address
        committed = Deployment("AgreementRegistry", address, address, "0x" + "00" * 32, number, code)
        monkeypatch.setattr("api.office.chains.deployed", lambda *_, one=committed: one)
        with open_office(settings) as office:
            assert office.domain.contract == SigningKey(b"\x01" * 32).address


def test_a_lost_chain_gets_the_same_registry_again(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        sign_by_all(office, document())
        work(office)
        domain = office.domain
    (tmp_path / "chain.db").unlink()
    with office_at(tmp_path) as office:
        assert (office.domain, office.registry.domain) == (domain, domain)


def test_a_version_binds_when_signed_and_is_registered_once_later(tmp_path: Path) -> None:
    with office_at(tmp_path) as office:
        one = sign_by_all(office, document())
        assert (one.is_signed, one.registration) == (True, None)
        assert opens_no_chain(office)
        assert [each.agreement.ref for each in unregistered(office)] == [REF]
        assert [work(office).recorded, work(office).recorded] == [(f"register/{REF}",), ()]
        record = held(office, REF).registration
        assert record is not None
        assert (record.chain_kind, record.registry) == ("embedded", office.domain.contract)
        receipt = office.chain.receipt(record.transaction)
        assert receipt is not None
        assert receipt.block.number == record.block
        (entry,) = office.log.entries(kinds=[REGISTERED_KIND])
        assert entry.seq == record.seq


def test_versions_are_registered_in_their_order_by_keys_of_both(tmp_path: Path) -> None:
    first, second = document(), document(*SECOND)
    keys = keys_for(first)
    with office_at(tmp_path) as office:
        sign_by_all(office, first, keys)
        leaving = SigningKey(b"\x77" * 32)
        one = propose(
            office, second.with_signers({p: (leaving if p == "mcn" else k).address for p, k in keys.items()})
        )
        assert [each.name for each in one.leaving] == ["mcn@1"]
        assert opens_no_chain(office)
        for name, key in {**keys, "mcn": leaving, "mcn@1": keys["mcn"]}.items():
            digest = version_to_sign(office, one).digest(office.domain)
            one = give_signature(office, one.agreement.ref, name, key.sign(digest))
        assert one.is_signed
        assert len(work(office).recorded) == 2
        assert [each.registration is not None for each in held_versions(office).values()] == [True, True]


def test_versions_that_wait_together_share_a_block(tmp_path: Path) -> None:
    others = [document(("agreement: head-streamer", f"agreement: season-{number}")) for number in (1, 2)]
    with office_at(tmp_path) as office:
        for one in (document(), *others):
            sign_by_all(office, one)
        _ = office.registry
        before = office.chain.head().number
        assert len(work(office).recorded) == 3
        found = [one.registration for one in held_versions(office).values()]
        assert {one.block for one in found if one is not None} == {before + 1}
        assert len({one.transaction for one in found if one is not None}) == 3


def test_a_version_is_not_signed_before_the_one_that_it_follows(tmp_path: Path) -> None:
    keys = keys_for(document())
    with office_at(tmp_path) as office:
        propose(office, document().with_signers({party: key.address for party, key in keys.items()}))
        with pytest.raises(AgreementNotReady, match="version 1 is not signed"):
            sign_by_all(office, document(*SECOND), keys)


def test_a_signature_of_the_version_before_is_known_for_what_it_is_without_a_chain(tmp_path: Path) -> None:
    keys = keys_for(document())
    with office_at(tmp_path) as office:
        first = sign_by_all(office, document(), keys)
        one = propose(office, document(*SECOND).with_signers({p: k.address for p, k in keys.items()}))
        replayed = next(each for each in first.signatures if each.party == "mcn").signature
        with pytest.raises(SignatureReplayed):
            give_signature(office, one.agreement.ref, "mcn", bytes.fromhex(replayed[2:]))
        assert opens_no_chain(office)


def test_a_log_of_before_tells_registration_with_the_signing(tmp_path: Path) -> None:
    keys = keys_for(document())
    with office_at(tmp_path) as office:
        one = propose(office, document().with_signers({party: key.address for party, key in keys.items()}))
        content = {"sha256": one.agreement.sha256, "version": 1, "block": 7, "transaction": "0x" + "ab" * 32}
        signing = {"chain_id": office.domain.chain_id, "registry": office.domain.contract}
        entry = NewEntry(
            source="tallystick.agreements", id=f"{REF}/signed", kind="agreement.signed", agreement=REF,
            occurred_at=office.clock(), asserter="operator", concerns=one.concerned,
            groups=(Group("agreement", one.concerned, content), Group("signing", one.concerned, signing)),
        )  # fmt: skip
        office.log.append([entry])
        record = held(office, REF).registration
        assert record is not None
        assert (record.chain_kind, record.block, record.transaction) == ("embedded", 7, "0x" + "ab" * 32)
        assert (record.seq, unregistered(office)) == (1, ())


def test_evidence_tells_where_the_version_is_registered(installation: Path) -> None:
    with office_at(installation) as office:
        statement = list_statements(office.log, party="mcn")[0]
        bundle = statement_bundle(office, statement)
        report = verify(bundle, trust_file(office, held_versions(office).values()))
        assert report.exit_code == 0, report.lines("en")
        assert "registration" in {check.name for check in report.checks}
        assert opens_no_chain(office)


def test_the_command_says_what_is_registered(installation: Path, tmp_path: Path) -> None:
    assert tally(installation, "agreement", "list", "--json").json[0]["registered"] is True
    with office_at(tmp_path / "other") as office:
        sign_by_all(office, document())
    assert tally(tmp_path / "other", "agreement", "list", "--json").json[0]["registered"] is False
    done = {row["duty"]: row["count"] for row in tally(tmp_path / "other", "tend", "--json").json}
    assert done["chain"] == 1
    assert tally(tmp_path / "other", "agreement", "list", "--json").json[0]["registered"] is True
