"""Filling the next block of the embedded chain: which of the transactions asked for it takes.

A block is filled on py-evm's virtual machine, which is handed in: embedded.py is the one file that imports
py-evm, makes blocks of what was filled and keeps them. What no chain would take is refused here, one by one,
so that it keeps nothing else out of the block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contracts.addresses import address_from_bytes
from contracts.contract import revert_reason
from contracts.errors import ChainRefused, FundsMissing, NonceTaken
from contracts.transactions import DYNAMIC_FEE

BLOCK_GAS = 30_000_000
TRANSACTION_GAS = BLOCK_GAS // 2
"""Gas given to each transaction: the target of a block, up to which the base fee stays at its zero.

A block takes no second transaction that brings it beyond, or gas would cost something from the next one on.
"""

Asked: TypeAlias = Callable[[Any], bytes]
"""Gives a signed transaction for the state that a virtual machine has come to."""


@dataclass(slots=True)
class Filled:
    """A block as it fills: its virtual machine and header, what is in it, and what came of each asked for.

    An outcome is a place in the block, or why the transaction is in none.
    """

    vm: Any
    header: Any
    transactions: list[Any] = field(default_factory=list)
    receipts: list[Any] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    outcomes: list[int | ChainRefused] = field(default_factory=list)


def fill(engine: Any, asked: Sequence[Asked]) -> Filled:
    """Run the first of some transactions, at least one and as many as the next block holds."""
    from eth_utils.exceptions import ValidationError  # noqa: PLC0415  (as below)

    filled = Filled(engine.get_vm(), engine.header)
    vm = filled.vm
    for place, signed in enumerate(asked):
        try:
            transaction = _read(vm, signed(vm), engine.chain_id)
            receipt, computation = vm.apply_transaction(filled.header, transaction)
        except ChainRefused as fault:
            filled.outcomes.append(fault)
        except ValidationError as fault:
            if filled.receipts:  # a block of its own may hold it
                break
            filled.outcomes.append(ChainRefused(f"no block can hold this transaction: {fault}"))
        else:
            header = vm.add_receipt_to_header(filled.header, receipt)
            if filled.receipts and header.gas_used > TRANSACTION_GAS:
                return fill(engine, asked[:place])
            filled.header = header
            filled.outcomes.append(len(filled.receipts))
            filled.transactions.append(transaction)
            filled.receipts.append(receipt)
            filled.reasons.append(revert_reason(bytes(computation.output)))
    return filled


def _read(vm: Any, raw: bytes, chain_id: int) -> Any:
    """Return a transaction that is this chain's and its sender's next: py-evm looks at neither itself."""
    from eth_utils.exceptions import ValidationError  # noqa: PLC0415  (as above)
    from rlp.exceptions import RLPException  # type: ignore[import-untyped]  # noqa: PLC0415  (as above)

    try:
        if raw[:1] != DYNAMIC_FEE:
            raise ChainRefused("it is no fee-market transaction (EIP-1559, type 2)")
        transaction = vm.get_transaction_builder().decode(raw)
        sender = address_from_bytes(transaction.sender)
    except (ValidationError, RLPException) as fault:
        raise ChainRefused(f"its bytes are no signed transaction: {fault}") from fault
    if transaction.chain_id != chain_id:
        raise ChainRefused(f"it is signed for chain {transaction.chain_id}, and this is {chain_id}")
    expected = vm.state.get_nonce(transaction.sender)
    if transaction.nonce != expected:
        raise NonceTaken(
            f"the account's next transaction has nonce {expected}, not {transaction.nonce}; prepare it anew",
            where=sender,
        )
    if transaction.gas > TRANSACTION_GAS:
        raise ChainRefused(f"it asks for {transaction.gas} gas, and a transaction is given {TRANSACTION_GAS}")
    balance = vm.state.get_balance(transaction.sender)
    if transaction.gas * transaction.max_fee_per_gas > balance:
        raise FundsMissing(
            f"it offers {transaction.max_fee_per_gas} wei a unit of gas, and the account holds {balance} wei",
            where=sender, address=sender, balance=balance,
        )  # fmt: skip
    return transaction
