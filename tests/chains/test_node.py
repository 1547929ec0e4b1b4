"""The node that other tests run against is what they take it for."""

from __future__ import annotations

from tests.chains.node import CHAIN_ID, ETHER, Node, running_node

SOMEBODY = "0x" + "5e" * 20


def test_the_node_of_the_run_answers_by_its_chain_id(anvil: Node) -> None:
    assert int(anvil.ask("eth_chainId"), 16) == anvil.chain_id == CHAIN_ID


def test_the_rules_are_those_of_cancun(anvil: Node) -> None:
    block = anvil.ask("eth_getBlockByNumber", "latest", False)
    assert "parentBeaconBlockRoot" in block, "Cancun brought it (EIP-4788)"
    assert "requestsHash" not in block, "Prague brought it (EIP-7685)"


def test_what_a_test_does_to_the_node_is_put_back(anvil: Node) -> None:
    before = anvil.ask("eth_blockNumber"), anvil.ask("eth_getBalance", SOMEBODY, "latest")
    with anvil.put_back():
        anvil.fund(SOMEBODY, 3 * ETHER)
        anvil.mine(5)
        assert int(anvil.ask("eth_getBalance", SOMEBODY, "latest"), 16) == 3 * ETHER
        assert int(anvil.ask("eth_blockNumber"), 16) == int(before[0], 16) + 5
    assert (anvil.ask("eth_blockNumber"), anvil.ask("eth_getBalance", SOMEBODY, "latest")) == before


def test_two_nodes_run_beside_each_other(anvil: Node) -> None:
    with running_node("--no-mining", chain_id=7) as other:
        assert other.url != anvil.url
        assert int(other.ask("eth_chainId"), 16) == 7
        other.mine(2)
        assert int(other.ask("eth_blockNumber"), 16) == 2
