"""Deploy the contracts to a chain with eth-ape, and record where they stand.

    ape run deploy --network URL --keystore FILE [--contract NAME]

What is deployed is the committed artifact, never what happens to compile here. A contract whose code stands
already at a recorded address is left alone, so that a run cut short is run again. Only eth-ape imports this
file; docs/how-to/deploy-the-contracts.md is its manual.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from ape import networks
from ape.api import AccountAPI
from ape.cli import ConnectedProviderCommand
from ape.contracts import ContractContainer
from ape_accounts.accounts import InvalidPasswordError, KeyfileAccount
from ethpm_types import ContractType

from contracts.artifacts import Artifact
from contracts.deployments import (
    DEPLOYMENTS,
    Deployment,
    code_digest,
    deployed,
    record_deployment,
    shared_artifacts,
)


class DeploymentRefused(click.ClickException):
    """What stands on the chain is not what was recorded or sent."""

    exit_code = 1


@click.command(cls=ConnectedProviderCommand)
@click.option("--keystore", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--contract", "names", multiple=True, help="Deploy this one only; may be repeated.")
@click.option("--records", default=DEPLOYMENTS, type=click.Path(file_okay=False, path_type=Path))
def cli(keystore: Path, password_file: Path | None, names: tuple[str, ...], records: Path) -> None:
    """Deploy what is missing on the chosen network and add it to the chain's record."""
    account = opened(keystore, password_file)
    chain_id = answering_chain()
    click.echo(f"chain {chain_id}, deployer {account.address}, balance {account.balance} wei")
    for deployment, is_new in deploy_missing(account, chain_id, chosen(names), records):
        how = f"deployed in block {deployment.block}" if is_new else "stands already"
        click.echo(f"{deployment.contract:<20} {deployment.address}  {how}")


def opened(keystore: Path, password_file: Path | None) -> AccountAPI:
    """Return the account of a keystore file, opened with the password of a file or asked for."""
    password = (
        password_file.read_text(encoding="utf-8").rstrip("\n")
        if password_file
        else click.prompt("Keystore password", hide_input=True, err=True)
    )
    account = KeyfileAccount(keyfile_path=keystore)
    try:
        account.unlock(passphrase=password)
    except InvalidPasswordError:
        raise click.BadParameter("the password does not open it", param_hint="--keystore") from None
    account.set_autosign(enabled=True, passphrase=password)
    return account


def answering_chain() -> int:
    """Return the id of the chain that answers; refuses one that is not the named network's."""
    answering = int(networks.provider.make_request("eth_chainId", []), 16)
    named = networks.provider.chain_id
    if answering != named:
        raise DeploymentRefused(
            f"the node is of chain {answering}, the network named has {named}; give the URL"
        )
    return answering


def chosen(names: Sequence[str]) -> tuple[Artifact, ...]:
    """Return the artifacts of the names given, or all that serve everybody; refuses an unknown name."""
    known = {artifact.name: artifact for artifact in shared_artifacts()}
    for name in names:
        if name not in known:
            raise click.BadParameter(f"'{name}' is none of {', '.join(known)}", param_hint="--contract")
    return tuple(known[name] for name in names or known)


def deploy_missing(
    account: AccountAPI, chain_id: int, artifacts: Sequence[Artifact], records: Path
) -> Iterator[tuple[Deployment, bool]]:
    """Deploy each artifact that no recorded address holds; yield where each stands and whether it is new."""
    for artifact in artifacts:
        standing = deployed(chain_id, artifact, records)
        if standing is None:
            fresh = _deploy(account, artifact)
            record_deployment(chain_id, fresh, records)
            yield fresh, True
        else:
            _demand_code(artifact, standing.address)
            yield standing, False


def _deploy(account: AccountAPI, artifact: Artifact) -> Deployment:
    kind = ContractType.model_validate(
        {
            "contractName": artifact.name,
            "abi": list(artifact.abi),
            "deploymentBytecode": {"bytecode": "0x" + artifact.code.hex()},
            "runtimeBytecode": {"bytecode": "0x" + artifact.runtime.hex()},
        }
    )
    contract = account.deploy(ContractContainer(kind))
    receipt = contract.creation_metadata.receipt
    _demand_code(artifact, contract.address)
    return Deployment(
        contract=artifact.name,
        address=contract.address,
        deployer=account.address,
        transaction=receipt.txn_hash,
        block=receipt.block_number,
        code_keccak256=code_digest(artifact),
    )


def _demand_code(artifact: Artifact, address: str) -> None:
    if bytes(networks.provider.get_code(address)) != artifact.runtime:
        raise DeploymentRefused(
            f"{address} does not hold the code of {artifact.name}: another chain answers under this id, or "
            "it was reset; look at the network before deploying again"
        )
