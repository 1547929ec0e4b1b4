"""What is asked of a node through web3, with its errors as ours and its answers held to what was asked.

Knows one request at a time; what a chain is made of them is rpc.py's business. Imports web3, and is therefore
imported on use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import (
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.types import FilterParams, TxParams

from contracts.addresses import checksum_address
from contracts.chain import Log, Receipt
from contracts.contract import revert_reason, reverted
from contracts.errors import BlockUnknown, ChainError, NodeUnreachable, NodeUntrue
from contracts.node import Node
from contracts.rpc_answers import ReadBlock, Sought, read_block, read_logs, read_receipt

Answer = TypeVar("Answer")

UNREADABLE = (Web3Exception, ValueError, TypeError, LookupError, AttributeError, OverflowError)
"""What reading an answer raises that is not what it says to be."""


class Asking:
    """A node that is asked through web3. Threads may share it."""

    def __init__(self, node: Node) -> None:
        """Ask this node."""
        self.node = node
        # without the usual middleware: it would look up names, and refuse the headers of some chains
        self.eth = Web3(node, middleware=[]).eth

    @contextmanager
    def asking(self, method: str, *, refusal: type[ChainError] = NodeUnreachable) -> Iterator[None]:
        """Turn what web3 raises, and what reading an answer raises, into errors of this house.

        An error that the node answers with is a `refusal`, unless a contract refused.
        """
        try:
            yield
        except ContractLogicError as fault:
            raise reverted(self._reason(fault)) from None
        except (BlockNotFound, TransactionNotFound):
            raise _Missing(f"has not what {method} asks for", where=self.node.shown) from None
        except Web3RPCError as fault:
            error = (fault.rpc_response or {}).get("error")
            said = error.get("message") if isinstance(error, dict) else error
            raise refusal(f"answers {method} with: {self.node.words(said)}", where=self.node.shown) from None
        except NodeUntrue as fault:
            if fault.where is not None:
                raise
            raise NodeUntrue(fault.message, where=self.node.shown) from None
        except UNREADABLE as fault:
            raise NodeUntrue(
                f"its answer to {method} cannot be read ({type(fault).__name__})", where=self.node.shown
            ) from None

    def block(self, number: int | None) -> ReadBlock:
        """Return a block by number, or the newest; raises BlockUnknown."""
        try:
            with self.asking("eth_getBlockByNumber"):
                return read_block(self.eth.get_block("latest" if number is None else number), number)
        except _Missing:
            raise BlockUnknown("the chain has no such block", where=f"block {number}") from None

    def knows(self, transaction: str) -> bool:
        """Tell whether the node has a transaction, mined or waiting."""
        try:
            with self.asking("eth_getTransactionByHash"):
                self.eth.get_transaction(HexBytes(transaction))
        except _Missing:
            return False
        return True

    def receipt(self, transaction: str) -> Receipt | None:
        """Return the receipt of a mined transaction, None while no block holds it."""
        return _steady(lambda: self._receipt(transaction))

    def logs(self, sought: Sought) -> list[Log]:
        """Return the logs that are sought."""
        return _steady(lambda: self._logs(sought))

    def _receipt(self, transaction: str) -> Receipt | None:
        try:
            with self.asking("eth_getTransactionReceipt"):
                answer = cast("Mapping[str, Any]", self.eth.get_transaction_receipt(HexBytes(transaction)))
                # some nodes show what waits as a receipt without a block
                number = None if answer["blockNumber"] is None else int(answer["blockNumber"])
        except _Missing:
            return None
        if number is None:
            return None
        with self.asking("eth_getTransactionReceipt"):
            try:
                holder = self.block(number)
            except BlockUnknown:
                raise NodeUntrue(f"its receipt of {transaction} stands past its newest block") from None
            return read_receipt(answer, transaction, holder)

    def _logs(self, sought: Sought) -> list[Log]:
        asked = {"address": account(sought.address), "topics": [HexBytes(each) for each in sought.topics]}
        with self.asking("eth_getLogs"):
            answer = self.eth.get_logs(
                cast("FilterParams", asked | {"fromBlock": sought.first, "toBlock": sought.last})
            )
            numbers = {int(each["blockNumber"]) for each in answer}
            if any(not sought.first <= number <= sought.last for number in numbers):
                raise NodeUntrue(
                    f"asked for logs of blocks {sought.first} to {sought.last}, it answers with others"
                )
            return read_logs(answer, sought, {number: self.block(number).block for number in numbers})

    def _reason(self, fault: ContractLogicError) -> str:
        data = fault.data.get("data") if isinstance(fault.data, dict) else fault.data
        if isinstance(data, str) and data.startswith("0x"):
            return self.node.words(revert_reason(bytes.fromhex(data[2:])))
        return self.node.words(fault.message)


class _Missing(NodeUntrue):
    """The node has no such block or transaction."""


def account(address: str) -> ChecksumAddress:
    """Return an address as web3 wants it."""
    return cast("ChecksumAddress", checksum_address(address))


def parameters(to: str | None, data: bytes, sender: str) -> TxParams:
    """Return what a call is asked with."""
    asked: TxParams = {"from": account(sender), "data": HexBytes(data)}
    return asked if to is None else {**asked, "to": account(to)}


def _steady(read: Callable[[], Answer]) -> Answer:
    """Read again, once, what contradicts itself: a block may have been replaced between two answers."""
    try:
        return read()
    except NodeUntrue:
        return read()
