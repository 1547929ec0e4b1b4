"""An embedded chain with both contracts on it, and signers to use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.embedded import EmbeddedChain
from contracts.registry import Registry
from contracts.signing import SigningKey


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedChain]:
    path: Path = tmp_path_factory.mktemp("chain") / "chain.sqlite"
    with EmbeddedChain.open(path, clock=lambda: 1_790_000_000) as opened:
        yield opened


@pytest.fixture(scope="session")
def operator() -> SigningKey:
    return SigningKey(b"\x0f" * 32)


@pytest.fixture(scope="module")
def registry(chain: EmbeddedChain, operator: SigningKey) -> Registry:
    return Registry.deploy(chain, key=operator)
