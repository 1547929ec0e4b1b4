"""Records of deployments: appended to, read back, and refused where they are damaged or of another chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.artifacts import load_artifact
from contracts.deployments import (
    DEPLOYMENTS,
    Deployment,
    code_digest,
    deployed,
    deployments,
    record_deployment,
    shared_artifacts,
)
from contracts.errors import DeploymentsUnreadable

ANCHOR = load_artifact("LedgerAnchor")
PLACED = Deployment(
    contract="LedgerAnchor",
    address="0x5FbDB2315678afecb367f032d93F642f64180aa3",
    deployer="0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    transaction="0x" + "ab" * 32,
    block=1,
    code_keccak256=code_digest(ANCHOR),
)


def test_the_newest_deployment_of_this_code_counts_and_none_is_taken_out(tmp_path: Path) -> None:
    older = replace(PLACED, code_keccak256="0x" + "00" * 32)
    moved = replace(PLACED, address="0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", block=2)
    for each in (older, PLACED, moved, older):
        record_deployment(31337, each, tmp_path)
    assert deployments(31337, tmp_path) == (older, PLACED, moved, older)
    assert deployed(31337, ANCHOR, tmp_path) == moved
    assert deployed(31337, load_artifact("AgreementRegistry"), tmp_path) is None
    assert deployed(1, ANCHOR, tmp_path) is None


@pytest.mark.parametrize(
    "damage",
    ["", "{", '{"chain_id": 31337}', '{"chain_id": 31337, "deployments": [{"address": "0x0"}]}', "[]"],
)
def test_a_damaged_record_is_refused_by_name_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    (tmp_path / "31337.json").write_text(damage)
    with pytest.raises(DeploymentsUnreadable, match=r"31337\.json"):
        record_deployment(31337, PLACED, tmp_path)
    assert (tmp_path / "31337.json").read_text() == damage


def test_the_record_of_another_chain_is_refused(tmp_path: Path) -> None:
    record_deployment(31337, PLACED, tmp_path)
    (tmp_path / "31337.json").rename(tmp_path / "1.json")
    with pytest.raises(DeploymentsUnreadable, match="names chain 31337, not 1"):
        deployments(1, tmp_path)


def test_what_is_committed_reads_and_names_whole_addresses() -> None:
    for path in DEPLOYMENTS.glob("*.json"):
        assert all(len(each.address) == 42 for each in deployments(int(path.stem)))


def test_contracts_of_one_agreement_are_not_shared() -> None:
    names = {artifact.name for artifact in shared_artifacts()}
    assert {"AgreementRegistry", "LedgerAnchor"} <= names
