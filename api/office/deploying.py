"""Deploying registry and anchor to the chain behind a node, once, and keeping where they stand.

What was deployed is kept as soon as it stands. A run cut short before that is run again: what the key
deployed last is looked for where it must stand, so that nothing is paid for twice. Contracts that stand
already, of others say, are named instead of deployed: they are used where their code is this release's.
Not for the embedded chain, which deploys by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.errors import SettingUnusable
from api.office.chain_worker.turn import turn
from api.office.opening import Office
from contracts.addresses import checksum_address
from contracts.artifacts import Artifact, load_artifact
from contracts.contract import Contract
from contracts.deployments import deployed
from contracts.errors import TransactionSlow
from contracts.transactions import created_address

ARTIFACTS = {"registry": "AgreementRegistry", "anchor": "LedgerAnchor"}
"""What an installation needs on its chain, by the name under which its address is kept."""


SEARCHED = 50
"""How many of a key's last transactions are looked at for what they deployed."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A contract that this installation uses: its name here, artifact and address, and whether it is new."""

    name: str
    artifact: str
    address: str
    is_new: bool


def place_contracts(office: Office, given: Mapping[str, str]) -> tuple[Placed, ...]:
    """Have every contract stand and keep its address; `given` names those that stand already.

    Raises SettingUnusable on the embedded chain, or where another address is kept already; ContractUnknown
    where other code stands at an address, ChainBusy, and whatever the chain refuses.
    """
    if not office.settings.chain.url:
        raise SettingUnusable(
            "the embedded chain deploys what it needs by itself; name a node to deploy elsewhere",
            where="TALLYSTICK_CHAIN",
        )
    with turn(office):
        return tuple(_place(office, name, given.get(name)) for name in ARTIFACTS)


def _place(office: Office, name: str, given: str | None) -> Placed:
    artifact = load_artifact(ARTIFACTS[name])
    kept = office.names.get(name)
    if kept is not None and given is not None and checksum_address(given, where=f"--{name}") != kept:
        raise SettingUnusable(
            f"{kept} is used here already, and what was signed is bound to it; leave it as it is",
            where=f"--{name}",
        )
    committed = deployed(office.chain.chain_id, artifact)
    standing = kept or given or (committed.address if committed else _deployed_before(office, artifact))
    if standing is None:
        contract = Contract.deploy(office.chain, artifact, key=office.chain_key)
    else:
        contract = Contract.open(office.chain, artifact, standing)
    office.names.put(name, contract.address)
    return Placed(name, artifact.name, contract.address, is_new=standing is None)


def _deployed_before(office: Office, artifact: Artifact) -> str | None:
    """Return where the key deployed this code before, which nothing but its address tells."""
    chain, sender = office.chain, office.chain_key.address
    mined = chain.nonce(sender)
    if chain.nonce(sender, pending=True) > mined:
        raise TransactionSlow(
            "a transaction of this account waits for its block; run this again when it has one",
            where=sender,
        )
    places = (created_address(sender, nonce) for nonce in range(mined - 1, max(-1, mined - 1 - SEARCHED), -1))
    return next((place for place in places if chain.code(place) == artifact.runtime), None)
