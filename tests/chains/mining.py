"""Waiting for a block on every kind of chain, and mining a call that nobody tried first."""

from __future__ import annotations

import time

from contracts.chain import Chain, Receipt
from contracts.signing import SigningKey
from contracts.transactions import Terms, sign_transaction

GAS = 15_000_000
PATIENCE_SECONDS = 30


def mined(chain: Chain, transaction: str) -> Receipt:
    """Return the receipt of what was sent: a node has it a moment after it took the transaction."""
    until = time.monotonic() + PATIENCE_SECONDS
    while (receipt := chain.receipt(transaction)) is None:
        assert time.monotonic() < until, f"no block holds {transaction}"
        time.sleep(0.002)
    return receipt


def mine(chain: Chain, to: str, data: bytes, key: SigningKey) -> Receipt:
    """Send a call as it is and return its receipt, whether or not the contract refused."""
    terms = Terms(chain.chain_id, chain.nonce(key.address), GAS, chain.fees())
    return mined(chain, chain.send(sign_transaction(to, data, terms, key=key).raw))
