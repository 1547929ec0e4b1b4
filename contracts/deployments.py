"""Where the contracts stand on shared chains, as committed: one file a chain id in `deployments/`.

A file lists every deployment in the order in which they were made; none is ever taken out, since signatures
and anchors name the contract that they were made for. The contract of this release on a chain is the newest
whose code is the artifact's. `scripts/deploy.py` writes these files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from contracts.addresses import checksum_address
from contracts.artifacts import ARTIFACTS, Artifact, load_artifact
from contracts.errors import DeploymentsUnreadable, DigestError
from contracts.hashing import keccak256

DEPLOYMENTS = Path(__file__).parent / "deployments"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A contract that was deployed: its name and address, who deployed it, in what transaction and block.

    `code_keccak256` is of the code that stands at the address; all digests are 0x hex.
    """

    contract: str
    address: str
    deployer: str
    transaction: str
    block: int
    code_keccak256: str


def shared_artifacts() -> Iterator[Artifact]:
    """Yield the artifacts of contracts that serve everybody on a chain: their constructors take nothing."""
    for path in sorted(ARTIFACTS.glob("*.json")):
        artifact = load_artifact(path.stem)
        if not any(each["type"] == "constructor" and each["inputs"] for each in artifact.abi):
            yield artifact


def code_digest(artifact: Artifact) -> str:
    """Return the digest by which a record names the code of an artifact."""
    return "0x" + keccak256(artifact.runtime).hex()


def deployments(chain_id: int, folder: Path = DEPLOYMENTS) -> tuple[Deployment, ...]:
    """Return every recorded deployment on a chain, oldest first; none where the chain has no file.

    Raises DeploymentsUnreadable for a file that is damaged or of another chain.
    """
    path = _file(chain_id, folder)
    if not path.exists():
        return ()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = tuple(Deployment(**each) for each in content["deployments"])
        if content["chain_id"] != chain_id:
            raise DeploymentsUnreadable(f"names chain {content['chain_id']}, not {chain_id}", where=path.name)
        for each in found:
            checksum_address(each.address)
    except (ValueError, KeyError, TypeError, DigestError) as fault:
        raise DeploymentsUnreadable("not a record of deployments; restore it", where=path.name) from fault
    return found


def deployed(chain_id: int, artifact: Artifact, folder: Path = DEPLOYMENTS) -> Deployment | None:
    """Return the newest recorded deployment of this very code on a chain, None where there is none."""
    digest = code_digest(artifact)
    fitting = [
        each
        for each in deployments(chain_id, folder)
        if each.contract == artifact.name and each.code_keccak256 == digest
    ]
    return fitting[-1] if fitting else None


def record_deployment(chain_id: int, deployment: Deployment, folder: Path = DEPLOYMENTS) -> None:
    """Add a deployment to a chain's file, whole or not at all."""
    content = {
        "chain_id": chain_id,
        "deployments": [asdict(each) for each in (*deployments(chain_id, folder), deployment)],
    }
    path = _file(chain_id, folder)
    fresh = path.with_suffix(".json.new")
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _file(chain_id: int, folder: Path) -> Path:
    return folder / f"{chain_id}.json"
