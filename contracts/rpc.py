"""A chain behind a node that others may run, asked over JSON-RPC by web3.py. Any EVM chain with a fee market.

The node is not trusted further than needs be: its answers must agree with what was asked and with each other,
and what it called final must stay. What it leaves out, one node alone cannot show. Nothing is signed by it.
Imports web3 (over a second), and is therefore imported on use; its extra is named `evm`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

from hexbytes import HexBytes

from contracts.chain import Block, ChainKind, Log, Receipt
from contracts.contract import revert_reason, reverted
from contracts.errors import (
    ChainOther,
    ChainRefused,
    ChainReverted,
    FeesAboveLimit,
    FeesTooLow,
    FundsMissing,
    NodeUntrue,
    NonceTaken,
    TransactionSlow,
)
from contracts.node import Node, Patience
from contracts.rpc_answers import Sought, read_hash
from contracts.rpc_web3 import Asking, account, parameters
from contracts.signing import SigningKey
from contracts.transactions import (
    Fees,
    SignedTransaction,
    Terms,
    created_address,
    read_transaction,
    sign_transaction,
)

GWEI = 10**9
NOBODY = "0x" + "00" * 20
"""Who calls where nobody is named."""

GAS_MOST = 15_000_000
"""The most gas that a transaction is given: no call of ours comes near, so a node that asks more is wrong."""

LOG_BLOCKS = 2_000
"""How many blocks are searched for logs in one request: providers refuse more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long `transact` waits for a block, and how often it looks; all in seconds."""

    most: float = 180.0
    look: float = 0.25
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Conduct:
    """How a chain behind a node is dealt with.

    A block is final with `final_depth` blocks on top of it. At most `wei_most` wei are offered a unit of gas:
    a node that asks more, by error or to have the account emptied, is refused.
    """

    final_depth: int = 64
    wei_most: int = 500 * GWEI
    patience: Patience = field(default_factory=Patience)
    waiting: Waiting = field(default_factory=Waiting)


CONDUCT = Conduct()


class RpcChain:
    """A chain behind one node; see chain.Chain for its methods. Threads may share it.

    All of them may raise NodeUnreachable and NodeUntrue.
    """

    kind: ChainKind = "rpc"

    def __init__(self, node: Node, chain_id: int, conduct: Conduct) -> None:
        """Use a node; `open` is the way in."""
        self.chain_id = chain_id
        self._node = node
        self._conduct = conduct
        self._web = Asking(node)
        self._lock = threading.Lock()
        self._final: Block | None = None

    @classmethod
    def open(cls, url: str, *, chain_id: int, conduct: Conduct = CONDUCT) -> Self:
        """Return the chain behind a node's address; raises ChainOther where the node serves another."""
        node = Node(url, conduct.patience)
        chain = cls(node, chain_id, conduct)
        try:
            chain.demand_chain()
        except BaseException:
            node.close()
            raise
        return chain

    def close(self) -> None:
        """Close the connections."""
        self._node.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def where(self) -> str:
        """The node's scheme, host and port, which may be shown."""
        return self._node.shown

    def demand_chain(self) -> None:
        """Ask the node which chain it serves; raises ChainOther unless it is this one."""
        with self._web.asking("eth_chainId"):
            answered = int(self._web.eth.chain_id)
        if answered != self.chain_id:
            raise ChainOther(
                f"it serves chain {answered}, not {self.chain_id}; see TALLYSTICK_CHAIN and …_ID",
                where=self.where,
                chain_id=answered,
            )

    def head(self) -> Block:
        """Return the newest block; raises NodeUntrue where it is older than one that was final."""
        head = self._web.block(None).block
        with self._lock:
            final = self._final
        if final is not None and head.number < final.number:
            raise NodeUntrue(
                f"its newest block is {head.number}, though block {final.number} was final", where=self.where
            )
        return head

    def finalized(self) -> Block:
        """Return the newest block with enough on top; raises NodeUntrue where an earlier one changed."""
        self.demand_chain()
        number = max(0, self.head().number - self._conduct.final_depth)
        with self._lock:
            known = self._final
        found = self.block(max(number, known.number) if known else number)
        if known is not None and self.block(known.number) != known:
            raise NodeUntrue(
                f"block {known.number} was final as {known.block_hash} and is another now; whether the chain "
                "took it back or the node lies, look before anything is sent again",
                where=self.where,
            )
        with self._lock:
            if self._final is None or found.number > self._final.number:
                self._final = found
        return found

    def block(self, number: int) -> Block:
        """Return a block by number; raises BlockUnknown past the head."""
        return self._web.block(number).block

    def nonce(self, address: str, *, pending: bool = False) -> int:
        """Return the nonce of an account's next transaction, after those that wait at this node if asked."""
        with self._web.asking("eth_getTransactionCount"):
            return int(
                self._web.eth.get_transaction_count(account(address), "pending" if pending else "latest")
            )

    def balance(self, address: str) -> int:
        """Return what an account holds, in wei."""
        with self._web.asking("eth_getBalance"):
            return int(self._web.eth.get_balance(account(address)))

    def storage(self, address: str, slot: int) -> bytes:
        """Return the 32 bytes in a slot of a contract's storage."""
        with self._web.asking("eth_getStorageAt"):
            return int.from_bytes(self._web.eth.get_storage_at(account(address), slot)).to_bytes(32)

    def fees(self) -> Fees:
        """Return fees for the next blocks: twice the newest base fee, so that a rise is paid, and the tip.

        Raises FeesAboveLimit where even the next block would cost more than is offered here.
        """
        base = self._web.block(None).base_fee
        if base is None:
            raise ChainRefused(
                "the chain has no fee market (EIP-1559), and no other is paid", where=self.where
            )
        with self._web.asking("eth_maxPriorityFeePerGas"):
            tip = int(self._web.eth.max_priority_fee)
        if base + tip > self._conduct.wei_most:
            raise self._too_dear(base + tip)
        return Fees(most=min(2 * base + tip, self._conduct.wei_most), tip=tip)

    def code(self, address: str) -> bytes:
        """Return the code at an address, empty where no contract stands."""
        with self._web.asking("eth_getCode"):
            return bytes(self._web.eth.get_code(account(address)))

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        """Run a call against the newest block and keep nothing; raises ChainReverted."""
        with self._web.asking("eth_call"):
            return bytes(self._web.eth.call(parameters(to, data, sender or NOBODY)))

    def prepare(
        self,
        to: str | None,
        data: bytes,
        *,
        key: SigningKey,
        nonce: int | None = None,
        fees: Fees | None = None,
    ) -> SignedTransaction:
        """Sign a call, or a deployment where `to` is None; send nothing. Raises ChainReverted."""
        with self._web.asking("eth_estimateGas", refusal=ChainRefused):
            needed = int(self._web.eth.estimate_gas(parameters(to, data, key.address)))
        if needed > GAS_MOST:
            raise ChainRefused(
                f"the node asks {needed} gas, and no call of ours needs {GAS_MOST}", where=self.where
            )
        offered = fees or self.fees()
        if offered.most > self._conduct.wei_most:
            raise self._too_dear(offered.most)
        terms = Terms(
            chain_id=self.chain_id,
            nonce=self.nonce(key.address, pending=True) if nonce is None else nonce,
            # the state may be another when it is mined
            gas=min(needed * 6 // 5, GAS_MOST),
            fees=offered,
        )
        return sign_transaction(to, data, terms, key=key)

    def send(self, raw: bytes) -> str:
        """Hand in a signed transaction and return its hash; see chain.Chain."""
        signed = read_transaction(raw)
        if signed.terms.chain_id != self.chain_id:
            raise ChainRefused(f"it is signed for chain {signed.terms.chain_id}, and this is {self.chain_id}")
        try:
            with self._web.asking("eth_sendRawTransaction", refusal=ChainRefused):
                answered = read_hash(self._web.eth.send_raw_transaction(HexBytes(raw)))
        except ChainRefused as refused:
            if not self._web.knows(signed.transaction):
                raise self._refusal(signed, refused) from None
            answered = signed.transaction
        if answered != signed.transaction:
            raise NodeUntrue(f"it names {signed.transaction} otherwise: {answered}", where=self.where)
        return answered

    def send_all(self, raws: Sequence[bytes]) -> list[ChainRefused | None]:
        """Hand in signed transactions one after another; see chain.Chain."""
        return [self._refused(raw) for raw in raws]

    def deploy(self, code: bytes, *, key: SigningKey) -> Receipt:
        """Create a contract and wait for its block; raises ChainReverted, TransactionSlow."""
        return self._settled(None, code, key)

    def transact(self, to: str, data: bytes, *, key: SigningKey) -> Receipt:
        """Send a call and wait for its block; raises ChainReverted with the reason, TransactionSlow."""
        return self._settled(to, data, key)

    def receipt(self, transaction: str) -> Receipt | None:
        """Return the receipt of a mined transaction, None while no block holds it."""
        return self._web.receipt(transaction)

    def logs(self, address: str, topics: Sequence[bytes], *, first: int, last: int) -> tuple[Log, ...]:
        """Return a contract's logs in a range of blocks whose topics begin with those given."""
        newest = min(last, self.head().number)
        found: list[Log] = []
        for start in range(first, newest + 1, LOG_BLOCKS):
            stop = min(start + LOG_BLOCKS - 1, newest)
            found += self._web.logs(Sought(address, tuple(topics), start, stop))
        return tuple(found)

    def _too_dear(self, wei: int) -> FeesAboveLimit:
        most = self._conduct.wei_most
        return FeesAboveLimit(
            f"a unit of gas would cost {wei} wei, and at most {most} are offered (TALLYSTICK_CHAIN_GWEI)",
            where=self.where,
        )

    def _refused(self, raw: bytes) -> ChainRefused | None:
        try:
            self.send(raw)
        except ChainRefused as refused:
            return refused
        return None

    def _settled(self, to: str | None, data: bytes, key: SigningKey) -> Receipt:
        signed = self.prepare(to, data, key=key)
        receipt = self._mined(self.send(signed.raw))
        if not receipt.succeeded:
            raise reverted(self._why(to, data, receipt), transaction=receipt.transaction)
        if to is None and receipt.contract != created_address(signed.sender, signed.terms.nonce):
            raise NodeUntrue(
                f"it says that {receipt.transaction} made {receipt.contract}, which it cannot have",
                where=self.where,
            )
        return receipt

    def _mined(self, transaction: str) -> Receipt:
        waiting = self._conduct.waiting
        until = waiting.clock() + waiting.most
        while (receipt := self.receipt(transaction)) is None:
            if waiting.clock() > until:
                raise TransactionSlow(
                    f"{transaction} is in no block after {waiting.most:g} s; it may still come into one",
                    where=self.where,
                    transaction=transaction,
                )
            waiting.sleep(waiting.look)
        return receipt

    def _why(self, to: str | None, data: bytes, receipt: Receipt) -> str:
        """Return why a mined call was refused, as far as running it again before its block tells."""
        try:
            with self._web.asking("eth_call"):
                self._web.eth.call(parameters(to, data, receipt.sender), receipt.block.number - 1)
        except ChainReverted as again:
            return str(again.data["reason"])
        return revert_reason(b"")

    def _refusal(self, signed: SignedTransaction, refused: ChainRefused) -> ChainRefused:
        """Return why the node takes no transaction: by what it tells of the account before what it says."""
        sender, terms = signed.sender, signed.terms
        nonce, balance = self.nonce(sender), self.balance(sender)
        if nonce > terms.nonce:
            return NonceTaken(
                f"the account's next transaction has nonce {nonce}, not {terms.nonce}; prepare it anew",
                where=sender,
            )
        if balance < terms.gas * terms.fees.most:
            return FundsMissing(
                f"this may cost {terms.gas * terms.fees.most} wei, and the account holds {balance}",
                where=sender,
                address=sender,
                balance=balance,
            )
        if "underpriced" in refused.message or "fee" in refused.message.lower():
            return FeesTooLow(f"{refused.message}; prepare it anew, with higher fees", where=self.where)
        return refused
