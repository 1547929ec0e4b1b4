"""An installation on a chain that others run: deployed to once, bound by its id, no word of secrets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.office.opening import Office, open_office
from api.settings import Settings
from contracts.errors import ContractUnknown
from contracts.hashing import keccak256
from contracts.keystore import SCRYPT_LIGHT, create_keystore
from tests.chains.node import Node, running_node
from tests.command_line import Ran, tally

SECRET = "a1b2c3d4-key-of-a-provider"


@dataclass(frozen=True)
class Ground:
    """A data directory, the settings of a command in it, and the node that they name."""

    data: Path
    node: Node
    settings: dict[str, str]
    sender: str

    def run(self, *arguments: str, **changed: str) -> Ran:
        return tally(self.data, *arguments, **{**self.settings, **changed})

    def office(self) -> Office:
        given = {"TALLYSTICK_DATA": str(self.data), **self.settings}
        return open_office(Settings.from_environment(given))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """An installation that the tests of this file take further, in their order."""
    folder = tmp_path_factory.mktemp("behind")
    (folder / "password").write_text("open sesame\n", encoding="utf-8")
    sender = create_keystore(folder / "sender.json", "open sesame", work_factor=SCRYPT_LIGHT)
    with running_node(chain_id=4242) as node:
        settings = {
            "TALLYSTICK_CHAIN": f"http://user:{SECRET}@{node.url.removeprefix('http://')}/?key={SECRET}",
            "TALLYSTICK_CHAIN_ID": "4242",
            "TALLYSTICK_CHAIN_FINAL_BLOCKS": "0",
            "TALLYSTICK_CHAIN_KEYSTORE": str(folder / "sender.json"),
            "TALLYSTICK_CHAIN_PASSWORD_FILE": str(folder / "password"),
        }
        yield Ground(folder / "data", node, settings, sender)


def test_nothing_is_bound_to_a_registry_that_nobody_deployed(ground: Ground) -> None:
    with ground.office() as office, pytest.raises(ContractUnknown, match="tallystick chain deploy"):
        _ = office.domain


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"TALLYSTICK_CHAIN": ""}, "setting.unusable", "deploys what it needs by itself"),
        ({"TALLYSTICK_CHAIN": "ftp://node"}, "setting.unusable", "no address of a node"),
        ({"TALLYSTICK_CHAIN": f"http://[{SECRET}"}, "setting.unusable", "no address of a node"),
        ({"TALLYSTICK_CHAIN_ID": ""}, "setting.unusable", "whole number"),
        ({"TALLYSTICK_CHAIN_ID": "0"}, "setting.unusable", "name the chain"),
        ({"TALLYSTICK_CHAIN_ID": "1"}, "chain.other-id", "serves chain 4242, not 1"),
        ({"TALLYSTICK_CHAIN_KEYSTORE": ""}, "setting.unusable", "name the keystore"),
        ({"TALLYSTICK_CHAIN_PASSWORD_FILE": ""}, "setting.unusable", "name the file"),
        ({"TALLYSTICK_CHAIN_PASSWORD_FILE": "/no/such/file"}, "setting.unusable", "cannot be read"),
        ({"TALLYSTICK_CHAIN_KEYSTORE": "/no/such/file"}, "keystore.unreadable", "cannot be read"),
        ({}, "chain.funds", "holds 0"),
    ],
)
def test_what_is_missing_is_named_and_no_secret_is(
    ground: Ground, changed: dict[str, str], code: str, words: str
) -> None:
    ran = ground.run("chain", "deploy", **changed)
    assert ran.code == 2
    assert f"[{code}]" in ran.err
    assert words in ran.err
    assert SECRET not in ran.err + ran.out
    assert not (ground.data / "chain.json").exists()


def test_without_the_extra_the_command_says_what_to_install(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "web3", None)
    for loaded in [name for name in sys.modules if name.startswith("contracts.rpc")] + ["contracts.node"]:
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    ran = ground.run("chain", "show")
    assert ran.code == 2
    assert "pip install 'tallystick[evm]'" in ran.err
    assert "[chain.library-missing]" in ran.err


def test_contracts_are_deployed_once_and_kept_under_the_chains_id(ground: Ground) -> None:
    ground.node.fund(ground.sender)
    first = ground.run("chain", "deploy")
    assert (first.code, first.err) == (0, "")
    assert first.out.count("deployed") == 2
    assert f"chain 4242; {ground.sender} sends" in first.out
    head = ground.node.ask("eth_blockNumber")
    again = ground.run("chain", "deploy", "--json").json
    assert {one["deployed"] for one in again["contracts"].values()} == {False}
    assert all(one["address"] in first.out for one in again["contracts"].values())
    assert ground.node.ask("eth_blockNumber") == head
    assert '"4242/registry"' in (ground.data / "chain.json").read_text(encoding="utf-8")


def test_what_a_run_cut_short_deployed_is_found_and_not_paid_for_twice(ground: Ground) -> None:
    kept = ground.run("chain", "deploy", "--json").json["contracts"]
    forgetful = ground.data.with_name("forgetful")
    again = tally(forgetful, "chain", "deploy", "--json", **ground.settings).json["contracts"]
    assert {name: one["address"] for name, one in again.items()} == {
        name: one["address"] for name, one in kept.items()
    }
    assert {one["deployed"] for one in again.values()} == {False}


def test_while_a_transaction_waits_nothing_is_deployed(ground: Ground) -> None:
    with ground.office() as office, ground.node.put_back():
        ground.node.ask("evm_setAutomine", False)
        office.chain.send(office.chain.prepare(ground.sender, b"", key=office.chain_key).raw)
        ran = tally(ground.data.with_name("impatient"), "chain", "deploy", **ground.settings)
        ground.node.ask("anvil_dropAllTransactions")
        ground.node.ask("evm_setAutomine", True)
    assert ran.code == 2
    assert "[chain.slow]" in ran.err


def test_an_address_in_use_is_not_replaced_and_another_contract_not_taken(ground: Ground) -> None:
    kept = ground.run("chain", "deploy", "--json").json["contracts"]
    other = kept["anchor"]["address"]
    refused = ground.run("chain", "deploy", "--registry", other)
    assert refused.code == 2
    assert "is used here already" in refused.err
    fresh = ground.data.with_name("elsewhere")
    assert (
        "[chain.contract-unknown]"
        in tally(fresh, "chain", "deploy", "--registry", other, **ground.settings).err
    )
    taken = tally(
        fresh,
        "chain",
        "deploy",
        "--registry",
        kept["registry"]["address"],
        "--anchor",
        other,
        **ground.settings,
    )
    assert taken.out.count("stood already") == 2


def test_signatures_are_bound_to_the_recorded_registry_and_no_chain_is_opened(ground: Ground) -> None:
    with ground.office() as office:
        kept = ground.run("chain", "deploy", "--json").json["contracts"]
        assert (office.domain.chain_id, office.domain.contract) == (4242, kept["registry"]["address"])
        assert "chain" not in office.__dict__
        assert office.registry.domain == office.domain


def test_the_log_is_anchored_in_the_name_of_the_key(ground: Ground) -> None:
    with ground.office() as office:
        placed = office.anchor.anchor(3, keccak256(b"root"), key=office.chain_key)
        assert office.anchor.publisher == ground.sender
        assert office.chain.kind == "rpc"
        assert office.chain.finalized().number >= placed.block
    with ground.office() as office:
        assert office.anchor.latest() == placed
        assert not (ground.data / "chain.db").stat().st_size, "no embedded chain was begun"


def test_the_embedded_chain_keeps_names_of_its_own(ground: Ground) -> None:
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(ground.data)})
    with open_office(settings) as embedded, ground.office() as behind:
        assert embedded.domain.chain_id != behind.domain.chain_id
        assert embedded.domain.contract != behind.domain.contract


def test_a_node_that_refuses_is_said_by_its_host_alone(ground: Ground) -> None:
    ran = ground.run("chain", "show", TALLYSTICK_CHAIN=f"{ground.node.url}/{SECRET}")
    assert ran.code == 2
    assert f"{ground.node.url}: answers HTTP 404" in ran.err
    assert "[chain.unreachable]" in ran.err
    assert SECRET not in ran.err
