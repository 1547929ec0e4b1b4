"""What a chain is to the rest of the project: one small protocol, and the records it returns.

Each kind of chain is one adapter file (embedded.py runs one inside the process). The protocol speaks
addresses, call data and receipts; what the data means is contract.py's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from contracts.errors import ChainRefused
from contracts.signing import SigningKey
from contracts.transactions import Fees, SignedTransaction

ChainKind = Literal["embedded", "rpc"]


@dataclass(frozen=True, slots=True)
class Block:
    """A block by number, its hash and its parent's (0x hex), and time.

    The time is in seconds since 1970; it only rises, and may run ahead of the clock.
    """

    number: int
    block_hash: str
    parent_hash: str
    timestamp: int


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract wrote in a transaction: its address, indexed topics and data, and where it stands."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes
    transaction: str
    block: Block


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction, by hash (0x hex). `contract` is the address of what it deployed, if anything.

    A reverted transaction is mined too: then `succeeded` is false and nothing else happened.
    """

    transaction: str
    block: Block
    sender: str
    succeeded: bool
    gas_used: int
    contract: str | None
    logs: tuple[Log, ...]


class Chain(Protocol):
    """A chain that contracts live on. Every method may raise ChainError.

    What `deploy` and `transact` return stands in a block; up to `finalized` nothing changes any more.
    Addresses are checksummed text, hashes 0x hex.
    """

    @property
    def kind(self) -> ChainKind:
        """Which kind of chain this is, as evidence names it."""

    @property
    def chain_id(self) -> int:
        """The EIP-155 chain id, which every signature for this chain names."""

    def head(self) -> Block:
        """Return the newest block."""

    def finalized(self) -> Block:
        """Return the newest block that the chain will not take back, as far as it is asked to wait."""

    def block(self, number: int) -> Block:
        """Return a block of the chain; raises BlockUnknown past the head."""

    def nonce(self, address: str, *, pending: bool = False) -> int:
        """Return the nonce of an account's next transaction: after those mined, or those waiting too."""

    def balance(self, address: str) -> int:
        """Return what an account holds for its fees, in wei."""

    def storage(self, address: str, slot: int) -> bytes:
        """Return the 32 bytes in a slot of a contract's storage."""

    def fees(self) -> Fees:
        """Return what a transaction had better offer now."""

    def code(self, address: str) -> bytes:
        """Return the code at an address, empty where no contract stands."""

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        """Run a call against the newest state, keep nothing, return its output; raises ChainReverted.

        The time that a contract sees is the newest block's behind a node, where blocks come by themselves,
        and the next one's on the embedded chain, where none does.
        """

    def prepare(
        self,
        to: str | None,
        data: bytes,
        *,
        key: SigningKey,
        nonce: int | None = None,
        fees: Fees | None = None,
    ) -> SignedTransaction:
        """Sign a call, or a deployment where `to` is None, with gas enough for it; send nothing.

        Nonce and fees are the chain's next ones unless given: the same nonce with higher fees replaces what
        waits. Raises ChainReverted where the chain already sees that the contract refuses.
        """

    def send(self, raw: bytes) -> str:
        """Hand in a signed transaction and return its hash, without waiting for a block: see `receipt`.

        One that waits already, or is mined, may be handed in again at no harm. Raises ChainRefused, of it
        NonceTaken where another transaction of its nonce is mined, FeesTooLow, FundsMissing.
        """

    def send_all(self, raws: Sequence[bytes]) -> list[ChainRefused | None]:
        """Hand in transactions in their order, each as `send` does; return why each was refused, None if not.

        A chain that makes its blocks when it is sent something puts them into as few as hold them.
        """

    def deploy(self, code: bytes, *, key: SigningKey) -> Receipt:
        """Create a contract and wait for its block; raises ChainReverted when its constructor refuses."""

    def transact(self, to: str, data: bytes, *, key: SigningKey) -> Receipt:
        """Send a call as a transaction and wait for its block; raises ChainReverted, with the reason."""

    def receipt(self, transaction: str) -> Receipt | None:
        """Return the receipt of a mined transaction, None where the chain has no such transaction."""

    def logs(self, address: str, topics: Sequence[bytes], *, first: int, last: int) -> tuple[Log, ...]:
        """Return a contract's logs in blocks `first` to `last` whose topics begin with those given."""

    def close(self) -> None:
        """Let go of the file or the connections."""
