"""The chains that the suite holds to one protocol, each with an anchor contract on it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest

from contracts.anchor import Anchor
from contracts.chain import Chain
from contracts.hashing import log_key
from contracts.signing import SigningKey

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Ground:
    """A chain, somebody who can pay on it, and a fresh log that nothing was anchored to."""

    chain: Chain
    payer: SigningKey
    log: Anchor

    def anchoring(self, size: int) -> bytes:
        """Return the data of a call that anchors a checkpoint of this size."""
        return self.log.contract.call_data("anchor", self.log.log, size, size.to_bytes(32))


@pytest.fixture(scope="module")
def anchor(chain: Chain, operator: SigningKey) -> Anchor:
    return Anchor.deploy(chain, log_key(bytes(32), "chain suite"), key=operator)


@pytest.fixture
def ground(chain: Chain, operator: SigningKey, anchor: Anchor) -> Ground:
    fresh = log_key(bytes(32), f"chain suite {next(_numbers)}")
    return Ground(chain, operator, Anchor.open(chain, anchor.address, fresh, operator.address))
