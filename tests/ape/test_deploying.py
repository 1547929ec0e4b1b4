"""The deployment script deploys what is missing, records it, and believes the chain, not its record."""

from pathlib import Path

import click
import pytest
from ape.api import AccountAPI
from ape.managers.accounts import TestAccountManager
from ape.managers.chain import ChainManager
from ape.managers.project import ProjectManager

from contracts.artifacts import load_artifact
from contracts.deployments import Deployment, code_digest, deployments, record_deployment, shared_artifacts
from contracts.keystore import SCRYPT_LIGHT, create_keystore
from contracts.scripts.deploy import DeploymentRefused, chosen, deploy_missing, opened


@pytest.fixture
def operator(tmp_path: Path, accounts: TestAccountManager) -> AccountAPI:
    """An account from a keystore file of `tallystick key new`, with some ether."""
    (tmp_path / "password").write_text("smoke\n")
    create_keystore(tmp_path / "key.json", "smoke", work_factor=SCRYPT_LIGHT)
    account = opened(tmp_path / "key.json", tmp_path / "password")
    accounts[0].transfer(account, "1 ether")
    return account


def test_a_second_run_finds_what_the_first_deployed(
    operator: AccountAPI, chain: ChainManager, tmp_path: Path
) -> None:
    first = list(deploy_missing(operator, chain.chain_id, chosen(()), tmp_path))
    again = list(deploy_missing(operator, chain.chain_id, chosen(()), tmp_path))
    assert [is_new for _, is_new in first] == [True] * len(list(shared_artifacts()))
    assert [each for each, _ in again] == [each for each, _ in first]
    assert not any(is_new for _, is_new in again)
    assert deployments(chain.chain_id, tmp_path) == tuple(each for each, _ in first)


def test_a_recorded_address_without_the_code_is_refused(
    operator: AccountAPI, chain: ChainManager, tmp_path: Path
) -> None:
    artifact = load_artifact("LedgerAnchor")
    nowhere = Deployment("LedgerAnchor", operator.address, operator.address, "0x00", 1, code_digest(artifact))
    record_deployment(chain.chain_id, nowhere, tmp_path)
    with pytest.raises(DeploymentRefused, match="does not hold the code of LedgerAnchor"):
        list(deploy_missing(operator, chain.chain_id, [artifact], tmp_path))


def test_an_unknown_contract_is_named(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="'Registry' is none of AgreementRegistry"):
        chosen(["Registry"])


def test_the_anchor_answers(
    operator: AccountAPI, chain: ChainManager, project: ProjectManager, tmp_path: Path
) -> None:
    ((placed, _),) = deploy_missing(operator, chain.chain_id, [load_artifact("LedgerAnchor")], tmp_path)
    anchor = project.LedgerAnchor.at(placed.address)
    key, root = b"\x01" * 32, b"\x02" * 32
    anchor.anchor(key, 7, root, sender=operator)
    assert anchor.checkpoint_count(operator, key) == 1
    assert anchor.latest_checkpoint(operator, key).size == 7
