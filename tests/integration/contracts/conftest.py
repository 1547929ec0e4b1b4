"""A chain of each kind with both contracts on it, and signers to use them: one suite holds for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.chain import Chain
from contracts.embedded import EmbeddedChain
from contracts.registry import Registry
from contracts.rpc import Conduct, RpcChain, Waiting
from contracts.signing import SigningKey
from tests.chains.node import Node


@pytest.fixture(scope="session")
def operator() -> SigningKey:
    return SigningKey(b"\x0f" * 32)


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedChain]:
    path: Path = tmp_path_factory.mktemp("chain") / "chain.sqlite"
    with EmbeddedChain.open(path, clock=lambda: 1_790_000_000) as opened:
        yield opened


@pytest.fixture(scope="session")
def paid_node(anvil: Node) -> Node:
    """The node, where the keys that tests make of one repeated byte can pay."""
    for each in range(1, 255):
        anvil.fund(SigningKey(bytes([each]) * 32).address)
    return anvil


@pytest.fixture(scope="module")
def behind_a_node(paid_node: Node) -> Iterator[RpcChain]:
    conduct = Conduct(final_depth=3, waiting=Waiting(look=0.01))
    with RpcChain.open(paid_node.url, chain_id=paid_node.chain_id, conduct=conduct) as opened:
        yield opened


@pytest.fixture(scope="module", params=["embedded", "behind_a_node"])
def chain(request: pytest.FixtureRequest) -> Chain:
    """A chain of each kind in turn: what is asserted of one is asserted of both."""
    opened: Chain = request.getfixturevalue(request.param)
    return opened


@pytest.fixture(scope="module")
def registry(chain: Chain, operator: SigningKey) -> Registry:
    return Registry.deploy(chain, key=operator)
