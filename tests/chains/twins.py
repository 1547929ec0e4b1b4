"""The embedded chain and a real node side by side, given the very same signed bytes in the same order.

Both have the chain id, the fork, the gas limit, the base fee of zero and the block times of the embedded
chain, and begin empty. Whatever they say must be the same: outcome, gas, logs and reason of each transaction,
and at the end nonce, balance, code and storage of every account that was touched.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rlp  # type: ignore[import-untyped]
from trie import HexaryTrie  # type: ignore[import-untyped]

from contracts import embedded
from contracts.addresses import address_bytes, checksum_address
from contracts.artifacts import Artifact
from contracts.chain import Chain, Receipt
from contracts.contract import call_data, revert_reason
from contracts.embedded import CHAIN_ID, FREE, EmbeddedChain
from contracts.errors import ChainReverted
from contracts.filling import BLOCK_GAS, TRANSACTION_GAS
from contracts.hashing import keccak256
from contracts.rpc import Conduct, RpcChain
from contracts.signing import SigningKey
from contracts.transactions import Terms, sign_transaction
from contracts.typed_data import Domain
from tests.chains.mining import mined
from tests.chains.node import Node, running_node

STARTED = 1_790_000_000
OPTIONS = (
    "--accounts", "0", "--disable-default-create2-deployer", "--disable-min-priority-fee",
    "--block-base-fee-per-gas", "0", "--gas-price", "0", "--gas-limit", str(BLOCK_GAS),
    "--timestamp", str(STARTED),
)  # fmt: skip


@dataclass
class Clock:
    """What the time is, where a test lets it pass; blocks follow it and rise by a second at least."""

    now: int = STARTED + 1

    def __call__(self) -> float:
        return float(self.now)

    def pass_by(self, seconds: int) -> None:
        self.now += seconds


@dataclass
class Twins:
    """Both chains; each method does the same on both and holds that they say the same."""

    here: EmbeddedChain
    there: RpcChain
    node: Node
    clock: Clock
    sent: int = 0
    refused: int = 0
    gas_used: int = 0
    touched: set[str] = field(default_factory=set)

    def domain(self, contract: str) -> Domain:
        """Return what signatures for a contract are bound to, on both."""
        return Domain(CHAIN_ID, contract)

    def send(self, to: str | None, data: bytes, key: SigningKey) -> Receipt:
        """Have a transaction mined on both, refused or not, and return its receipt."""
        if to is not None:
            self.call(to, data, sender=key.address)
        terms = Terms(CHAIN_ID, self.here.nonce(key.address), TRANSACTION_GAS, FREE)
        signed = sign_transaction(to, data, terms, key=key)
        receipt = mined(self.here, self.here.send(signed.raw))
        self.node.ask("evm_setNextBlockTimestamp", receipt.block.timestamp)
        again = mined(self.there, self.there.send(signed.raw))
        assert _told(again) == _told(receipt)
        self._roots_agree(receipt.block.number)
        self.sent += 1
        self.refused += not receipt.succeeded
        self.gas_used += receipt.gas_used
        self.touched |= {each for each in (to, key.address, receipt.contract) if each}
        self.touched |= {log.address for log in receipt.logs}
        return receipt

    def call(self, to: str, data: bytes, *, sender: str) -> bytes | str:
        """Return what a call in the next block says on both: its output, or why it was refused."""
        try:
            said: bytes | str = self.here.call(to, data, sender=sender)
        except ChainReverted as refused:
            said = str(refused.data["reason"])
        head = self.here.head()
        at = {"number": hex(head.number + 1), "time": hex(max(head.timestamp + 1, self.clock.now))}
        asked = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(TRANSACTION_GAS)}
        answer = self.node.answer("eth_call", asked, "latest", {}, at)
        fault = answer.get("error")
        there = answer["result"] if fault is None else fault.get("data", "0x")
        told = bytes.fromhex(there[2:])
        assert said == (told if fault is None else revert_reason(told))
        return said

    def deploy(self, artifact: Artifact, key: SigningKey, arguments: bytes = b"") -> str:
        """Deploy a contract on both and return its address."""
        contract = self.send(None, artifact.code + arguments, key).contract
        assert contract is not None, artifact.name
        return contract

    def do(
        self, artifact: Artifact, to: str, name: str, arguments: Sequence[Any], key: SigningKey
    ) -> Receipt:
        """Send a call of a function to both."""
        return self.send(to, call_data(artifact, name, *arguments), key)

    def require_same_state(self) -> int:
        """Hold that every account is the same on both, slot by slot; return how many slots hold something."""
        state = json.loads(gzip.decompress(bytes.fromhex(self.node.ask("anvil_dumpState")[2:])))
        accounts = {
            checksum_address(address): each
            for address, each in state["accounts"].items()
            if each["storage"] or (each["nonce"], int(each["balance"], 16), each["code"]) != (0, 0, "0x")
        }
        assert accounts.keys() == self.touched, "nothing else came to be"
        total = 0
        for address in sorted(self.touched):
            assert _account(self.here, address) == _account(self.there, address), address
            slots = {int(slot, 16): int(value, 16) for slot, value in accounts[address]["storage"].items()}
            for slot, value in list(slots.items())[:3]:
                word = value.to_bytes(32)
                assert self.here.storage(address, slot) == self.there.storage(address, slot) == word
            assert self._storage_root(address) == _root_of(slots), (
                f"{address} has slots that the other has not"
            )
            total += sum(map(bool, slots.values()))
        return total

    def _roots_agree(self, number: int) -> None:
        """Hold two blocks to the same transactions and receipts, which hold outcome, gas, bloom and logs."""
        shown = self.node.ask("eth_getBlockByNumber", hex(number), False)
        with self.here._reading() as engine:
            header = embedded._header(engine, number)
        roots = "0x" + header.receipt_root.hex(), "0x" + header.transaction_root.hex()
        assert (shown["receiptsRoot"], shown["transactionsRoot"]) == roots
        assert int(shown["logsBloom"], 16) == header.bloom
        assert int(shown["timestamp"], 16) == header.timestamp

    def _storage_root(self, address: str) -> bytes:
        with self.here._reading() as opened:
            engine: Any = opened
            return bytes(engine.get_vm().state._account_db._get_storage_root(address_bytes(address)))


def _account(chain: Chain, address: str) -> tuple[int, int, bytes]:
    return chain.nonce(address), chain.balance(address), chain.code(address)


def _root_of(slots: dict[int, int]) -> bytes:
    """Return the root of the trie of some storage, as the Yellow Paper has it: without what is zero."""
    tree = HexaryTrie({})
    for slot, value in slots.items():
        if value:
            tree[keccak256(slot.to_bytes(32))] = rlp.encode(value)
    return bytes(tree.root_hash)


@contextmanager
def twins(folder: Path) -> Iterator[Twins]:
    """Run both, empty."""
    clock = Clock()
    with (
        running_node(*OPTIONS, chain_id=CHAIN_ID) as node,
        EmbeddedChain.open(folder / "chain.db", clock=clock) as here,
        RpcChain.open(node.url, chain_id=CHAIN_ID, conduct=Conduct(final_depth=0)) as there,
    ):
        yield Twins(here, there, node, clock)


def _told(receipt: Receipt) -> tuple[object, ...]:
    """Return all that a receipt says but the hash of its block, of which each chain makes its own."""
    logs = [(log.address, log.topics, log.data, log.transaction) for log in receipt.logs]
    block = receipt.block.number, receipt.block.timestamp
    outcome = receipt.succeeded, receipt.gas_used, receipt.contract
    return receipt.transaction, receipt.sender, block, outcome, logs
