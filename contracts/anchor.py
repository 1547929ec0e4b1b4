"""A log's checkpoints on a chain: size and root, which only grow.

The contract is vyper/LedgerAnchor.vy. It knows bytes, not entries: what is anchored was hashed elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from contracts.artifacts import load_artifact
from contracts.chain import Chain
from contracts.contract import Contract
from contracts.errors import AnchorConflict, AnchorError, AnchorShrinks, ChainReverted
from contracts.hashing import ZERO_DIGEST
from contracts.signing import SigningKey

ARTIFACT = "LedgerAnchor"


@dataclass(frozen=True, slots=True)
class AnchoredCheckpoint:
    """A checkpoint that stands on a chain: entries, root of 32 bytes, and where it stands.

    `anchored_at` is the block's time in seconds since 1970, which may run ahead of the clock.
    """

    size: int
    root: bytes
    anchored_at: int
    block: int
    transaction: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """One publisher's log in a deployed anchor contract.

    `log` is the log's salted key (hashing.log_key) and `publisher` the address that anchors it.
    """

    contract: Contract
    log: bytes
    publisher: str

    @classmethod
    def deploy(cls, chain: Chain, log: bytes, *, key: SigningKey) -> Self:
        """Deploy an anchor contract and return this key's log in it."""
        return cls(Contract.deploy(chain, load_artifact(ARTIFACT), key=key), log, key.address)

    @classmethod
    def open(cls, chain: Chain, address: str, log: bytes, publisher: str) -> Self:
        """Return a publisher's log in the contract at an address; raises ContractUnknown."""
        return cls(Contract.open(chain, load_artifact(ARTIFACT), address), log, publisher)

    @classmethod
    def open_or_deploy(cls, chain: Chain, address: str | None, log: bytes, *, key: SigningKey) -> Self:
        """Return this key's log in the contract at a recorded address, or in a new one."""
        return cls.open(chain, address, log, key.address) if address else cls.deploy(chain, log, key=key)

    @property
    def address(self) -> str:
        """The contract's address, to be recorded."""
        return self.contract.address

    def latest(self) -> AnchoredCheckpoint | None:
        """Return the newest checkpoint of the log, None where nothing is anchored."""
        return self._checkpoint(self.contract.read("latest_checkpoint", self.publisher, self.log))

    def at(self, size: int) -> AnchoredCheckpoint | None:
        """Return the checkpoint anchored at a size, None where that size was not anchored."""
        return self._checkpoint(self.contract.read("checkpoint_of_size", self.publisher, self.log, size))

    def anchor(self, size: int, root: bytes, *, key: SigningKey) -> AnchoredCheckpoint:
        """Anchor a size and root; the same again returns the checkpoint that stands.

        `key` must be the publisher's. Raises AnchorConflict where another root stands at this size,
        AnchorShrinks where a larger size does, AnchorError for an empty log or another key.
        """
        if key.address != self.publisher:
            raise AnchorError(f"{key.address} cannot anchor a log of {self.publisher}")
        if size < 1 or len(root) != 32 or root == ZERO_DIGEST:
            raise AnchorError(
                "a checkpoint is at least one entry and a root of 32 bytes", where=f"size {size}"
            )
        standing = self._standing(size, root)
        if standing is None:
            try:
                self.contract.write("anchor", self.log, size, root, key=key)
            except ChainReverted:
                # another process of this publisher may have been first: then its checkpoint decides
                standing = self._standing(size, root)
                if standing is None:
                    raise
            else:
                standing = self._standing(size, root)
        assert standing is not None, "a checkpoint that did not revert stands"
        return standing

    def inclusion_call(self, size: int, index: int, leaf_hash: bytes, path: Sequence[bytes]) -> bytes:
        """Return the data of the call that checks an entry's place in the log as anchored at a size.

        The contract answers nothing where the path leads to the anchored root, and refuses it with its reason
        where it does not. Raises ContractEarlier.
        """
        return self.contract.call_data(
            "verify_inclusion", self.publisher, self.log, size, index, leaf_hash, list(path)
        )

    def record(self, checkpoint: AnchoredCheckpoint) -> dict[str, Any]:
        """Return where a checkpoint stands as an evidence bundle holds it, the root as plain hex."""
        chain = self.contract.chain
        return {
            "block": checkpoint.block,
            "chain": {"chain_id": chain.chain_id, "kind": chain.kind},
            "contract": self.address,
            "root": checkpoint.root.hex(),
            "size": checkpoint.size,
            "transaction": checkpoint.transaction,
        }

    def _standing(self, size: int, root: bytes) -> AnchoredCheckpoint | None:
        standing = self.at(size)
        if standing is not None and standing.root != root:
            raise AnchorConflict(
                f"root 0x{standing.root.hex()} stands there since block {standing.block}, "
                f"not 0x{root.hex()}: one of the two logs was rewritten",
                where=f"size {size}",
            )
        newest = self.latest()
        if standing is None and newest is not None and newest.size > size:
            raise AnchorShrinks(
                f"the log is anchored at {newest.size} entries since block {newest.block}; no log shrinks",
                where=f"size {size}",
            )
        return standing

    def _checkpoint(self, read: tuple[int, int, int, bytes]) -> AnchoredCheckpoint | None:
        size, anchored_at, block, root = read
        if root == ZERO_DIGEST:
            return None
        publisher = bytes(12) + bytes.fromhex(self.publisher[2:])
        topics = (publisher, self.log, size.to_bytes(32))
        log = self.contract.event_of("CheckpointAnchored", topics, block=block)
        return AnchoredCheckpoint(size, root, anchored_at, block, log.transaction)
