"""A node's answers as records of this house, each held to what was asked.

Knows the shapes of JSON-RPC as web3 gives them and asks nothing itself (rpc.py). What cannot be read raises
the errors of reading (ValueError, TypeError, LookupError); what contradicts the question raises NodeUntrue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.addresses import checksum_address
from contracts.chain import Block, Log, Receipt
from contracts.errors import NodeUntrue


@dataclass(frozen=True, slots=True)
class ReadBlock:
    """A block with the hashes of its transactions and its base fee in wei, None where the chain has none."""

    block: Block
    transactions: tuple[str, ...]
    base_fee: int | None


@dataclass(frozen=True, slots=True)
class Sought:
    """Which logs were asked for: a contract's, whose topics begin so, in blocks `first` to `last`."""

    address: str
    topics: tuple[bytes, ...]
    first: int
    last: int


def read_hash(value: Any) -> str:
    """Return a hash as 0x hex; raises ValueError unless it has 32 bytes."""
    raw = bytes(value)
    if len(raw) != 32:
        raise ValueError(f"a hash has 32 bytes, not {len(raw)}")
    return "0x" + raw.hex()


def read_block(answer: Mapping[str, Any], number: int | None) -> ReadBlock:
    """Read a block, which must have the number asked for, if one was."""
    found = Block(
        int(answer["number"]),
        read_hash(answer["hash"]),
        read_hash(answer["parentHash"]),
        int(answer["timestamp"]),
    )
    if number is not None and found.number != number:
        raise NodeUntrue(f"asked for block {number}, it answers with block {found.number}")
    base = answer.get("baseFeePerGas")
    return ReadBlock(
        found, tuple(read_hash(each) for each in answer["transactions"]), None if base is None else int(base)
    )


def read_receipt(answer: Mapping[str, Any], transaction: str, holder: ReadBlock) -> Receipt:
    """Read the receipt of a transaction, which must stand in the block of this chain that it names."""
    if (named := read_hash(answer["transactionHash"])) != transaction:
        raise NodeUntrue(f"asked for the receipt of {transaction}, it answers with that of {named}")
    block = holder.block
    if read_hash(answer["blockHash"]) != block.block_hash or transaction not in holder.transactions:
        raise NodeUntrue(f"its receipt of {transaction} stands in a block that its chain does not have")
    status = int(answer["status"])
    if status not in {0, 1}:
        raise ValueError(f"a status is 0 or 1, not {status}")
    logs = tuple(read_log(each, block) for each in answer["logs"])
    if any(log.transaction != transaction for log in logs) or (logs and not status):
        raise NodeUntrue(f"its receipt of {transaction} holds logs that are not of it")
    created = answer.get("contractAddress")
    return Receipt(
        transaction=transaction,
        block=block,
        sender=checksum_address(answer["from"]),
        succeeded=bool(status),
        gas_used=int(answer["gasUsed"]),
        contract=checksum_address(created) if created and status else None,
        logs=logs,
    )


def read_logs(answer: Sequence[Mapping[str, Any]], sought: Sought, holders: Mapping[int, Block]) -> list[Log]:
    """Read logs in their order, each of which must be one that was asked for, in a block of this chain."""
    found = [read_log(each, holders[int(each["blockNumber"])]) for each in answer]
    for log in found:
        if log.address != sought.address or log.topics[: len(sought.topics)] != sought.topics:
            raise NodeUntrue(f"asked for logs of {sought.address}, it answers with others")
    return found


def read_log(answer: Mapping[str, Any], block: Block) -> Log:
    """Read a log, which must stand in this block."""
    if answer.get("removed") or read_hash(answer["blockHash"]) != block.block_hash:
        raise NodeUntrue(f"it answers with a log that is not of its block {block.number}")
    return Log(
        checksum_address(answer["address"]),
        tuple(bytes.fromhex(read_hash(each)[2:]) for each in answer["topics"]),
        bytes(answer["data"]),
        read_hash(answer["transactionHash"]),
        block,
    )
