"""The embedded chain: a whole EVM chain inside the process, kept in one SQLite file.

The only file that knows py-evm, which is archived and therefore fenced here; it is imported on first use
(a second). Transactions that threads send at once share a block, which is one database transaction; one sent
alone has a block to itself. Gas costs nothing and no account needs a balance, since nobody but this process
makes blocks. For the same reason the chain proves nothing against whoever runs it: it shows that contracts
and signatures work, while a public chain or countersigned checkpoints do the proving.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from contracts.addresses import address_bytes, address_from_bytes
from contracts.blockstore import BlockStore
from contracts.chain import Block, ChainKind, Log, Receipt
from contracts.contract import revert_reason, reverted
from contracts.errors import BlockUnknown, ChainFileUnusable, ChainRefused, NonceTaken
from contracts.filling import BLOCK_GAS, TRANSACTION_GAS, Asked, fill
from contracts.gathering import Gathering
from contracts.hashing import keccak256
from contracts.signing import SigningKey
from contracts.transactions import (
    Fees,
    SignedTransaction,
    Terms,
    created_address,
    sign_transaction,
)

if TYPE_CHECKING:
    from eth.abc import BlockHeaderAPI, MiningChainAPI, ReceiptAPI, SignedTransactionAPI

CHAIN_ID = 0x54414C59
"""Chain id of every embedded chain, 1413565529: "TALY" in ASCII.

No public network uses it, so a signature for an embedded chain is worth nothing on a real one. Two embedded
chains share it; their registries differ by the deploying key.
"""

BLOCK_TRANSACTIONS = 100
"""The most transactions of a block, so that none waits long for its company."""

FREE = Fees(most=0, tip=0)
"""What a transaction offers here."""


class EmbeddedChain:
    """A persistent chain of one process at a time; see chain.Chain for its methods.

    Threads may share it. `clock` gives seconds since 1970; block times follow it, but rise by at least one
    a block, so that a burst of blocks runs ahead of the clock.
    """

    kind: ChainKind = "embedded"
    chain_id: int = CHAIN_ID

    def __init__(self, store: BlockStore, clock: Callable[[], float]) -> None:
        """Use a store; `open` is the way in."""
        self._store = store
        self._clock = clock
        self._lock = threading.RLock()
        self._gathering = Gathering(self._mine_all, most=BLOCK_TRANSACTIONS)

    @classmethod
    def open(cls, path: Path, *, clock: Callable[[], float] = time.time) -> Self:
        """Open the chain in a file, or begin one; raises ChainFileUnusable."""
        load_engine()
        chain = cls(BlockStore(path), clock)
        try:
            chain._begin(path)
        except BaseException:
            chain.close()
            raise
        return chain

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def head(self) -> Block:
        """Return the newest block."""
        with self._reading() as engine:
            return _block(engine.get_canonical_head())

    def finalized(self) -> Block:
        """Return the newest block: this chain takes none back."""
        return self.head()

    def block(self, number: int) -> Block:
        """Return a block by number; raises BlockUnknown past the head."""
        with self._reading() as engine:
            return _block(_header(engine, number))

    def code(self, address: str) -> bytes:
        """Return the code at an address, empty where no contract stands."""
        with self._reading() as engine:
            return bytes(engine.get_vm().state.get_code(_account(address)))

    def nonce(self, address: str, *, pending: bool = False) -> int:  # noqa: ARG002  (nothing waits here)
        """Return the nonce of an account's next transaction; nothing ever waits here."""
        with self._reading() as engine:
            return int(engine.get_vm().state.get_nonce(_account(address)))

    def balance(self, address: str) -> int:
        """Return what an account holds in wei: nothing, and nothing is asked of it."""
        with self._reading() as engine:
            return int(engine.get_vm().state.get_balance(_account(address)))

    def storage(self, address: str, slot: int) -> bytes:
        """Return the 32 bytes in a slot of a contract's storage."""
        with self._reading() as engine:
            return int(engine.get_vm().state.get_storage(_account(address), slot)).to_bytes(32)

    def fees(self) -> Fees:
        """Return nothing: gas is free here."""
        return FREE

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        """Run a call as if it stood in the next block and keep nothing; raises ChainReverted."""
        with self._reading() as engine:
            vm = engine.get_vm(self._header_after(engine.get_canonical_head()))
            caller = _account(sender) if sender else _account("0x" + "00" * 20)
            computation = vm.execute_bytecode(
                origin=caller, gas_price=0, gas=TRANSACTION_GAS, to=_account(to), sender=caller, value=0,
                data=data, code=vm.state.get_code(_account(to)),
            )  # fmt: skip
            if computation.is_error:
                raise reverted(revert_reason(bytes(computation.output)))
            return bytes(computation.output)

    def prepare(
        self,
        to: str | None,
        data: bytes,
        *,
        key: SigningKey,
        nonce: int | None = None,
        fees: Fees | None = None,
    ) -> SignedTransaction:
        """Sign a call, or a deployment where `to` is None; send nothing. Raises ChainReverted of a call."""
        if to is not None:
            self.call(to, data, sender=key.address)
        terms = Terms(
            CHAIN_ID, self.nonce(key.address) if nonce is None else nonce, TRANSACTION_GAS, fees or FREE
        )
        return sign_transaction(to, data, terms, key=key)

    def send(self, raw: bytes) -> str:
        """Mine a signed transaction at once and return its hash; what is mined already is left as it is."""
        name = _name(raw)
        if self.receipt(name) is None:
            try:
                self._gathering.ask(lambda _: raw)
            except NonceTaken:
                if self.receipt(name) is None:  # else somebody else handed in the same meanwhile
                    raise
        return name

    def send_all(self, raws: Sequence[bytes]) -> list[ChainRefused | None]:
        """Mine transactions in as few blocks as hold them; return why each was refused, None if not."""
        fresh = [raw for raw in dict.fromkeys(raws) if self.receipt(_name(raw)) is None]
        refused: dict[bytes, ChainRefused] = {}
        for start in range(0, len(fresh), BLOCK_TRANSACTIONS):
            group = fresh[start : start + BLOCK_TRANSACTIONS]
            asked: list[Asked] = [partial(_as_it_is, raw) for raw in group]
            for raw, outcome in zip(group, self._mine_all(asked), strict=True):
                if isinstance(outcome, ChainRefused) and self.receipt(_name(raw)) is None:
                    refused[raw] = outcome
                elif isinstance(outcome, Exception) and not isinstance(outcome, ChainRefused):
                    raise outcome
        return [refused.get(raw) for raw in raws]

    def deploy(self, code: bytes, *, key: SigningKey) -> Receipt:
        """Create a contract and return its receipt; raises ChainReverted."""
        return self._settled(None, code, key)

    def transact(self, to: str, data: bytes, *, key: SigningKey) -> Receipt:
        """Mine a call and return its receipt; raises ChainReverted with the reason. Both ways it is mined."""
        return self._settled(to, data, key)

    def receipt(self, transaction: str) -> Receipt | None:
        """Return the receipt of a mined transaction, None where there is none of that hash."""
        from eth.exceptions import TransactionNotFound  # noqa: PLC0415  (py-evm is imported on use)

        wanted: Any = bytes.fromhex(transaction.removeprefix("0x"))
        with self._reading() as engine:
            try:
                number, index = engine.chaindb.get_transaction_index(wanted)
            except TransactionNotFound:
                return None
            return _receipts(engine, _header(engine, number))[index]

    def logs(self, address: str, topics: Sequence[bytes], *, first: int, last: int) -> tuple[Log, ...]:
        """Return a contract's logs in a range of blocks whose topics begin with those given."""
        wanted = tuple(topics)
        with self._reading() as engine:
            newest = engine.get_canonical_head().block_number
            return tuple(
                log
                for number in range(first, min(last, newest) + 1)
                for receipt in _receipts(engine, _header(engine, number))
                for log in receipt.logs
                if log.address == address and log.topics[: len(wanted)] == wanted
            )

    def _begin(self, path: Path) -> None:
        from eth.exceptions import CanonicalHeadNotFound  # noqa: PLC0415  (py-evm is imported on use)

        with self._lock, self._store.writing():
            try:
                _engine(self._store)
            except CanonicalHeadNotFound:
                genesis = {"difficulty": 0, "gas_limit": BLOCK_GAS, "base_fee_per_gas": 0, "timestamp": 0}
                _chain_class().from_genesis(_database(self._store), genesis)
            except (KeyError, ValueError) as fault:
                raise ChainFileUnusable("the chain in this file is damaged", where=str(path)) from fault

    @contextmanager
    def _reading(self) -> Iterator[MiningChainAPI]:
        with self._lock, self._store.reading():
            yield _engine(self._store)

    def _settled(self, to: str | None, data: bytes, key: SigningKey) -> Receipt:
        receipt, reason = self._gathering.ask(lambda vm: _signed(vm, to, data, key))
        # raised after the commit: the block stands, as it would on any chain
        if not receipt.succeeded:
            raise reverted(reason, transaction=receipt.transaction)
        return receipt

    def _mine_all(self, asked: Sequence[Asked]) -> list[tuple[Receipt, str] | Exception]:
        """Put transactions into as few blocks as hold them; one that a chain cannot take keeps none out."""
        outcomes: list[tuple[Receipt, str] | Exception] = []
        while len(outcomes) < len(asked):
            try:
                with self._lock, self._store.writing():
                    outcomes += self._mine_block(asked[len(outcomes) :])
            except ChainFileUnusable as fault:
                outcomes += [fault] * (len(asked) - len(outcomes))  # blocks before this one stand
        return outcomes

    def _mine_block(self, asked: Sequence[Asked]) -> list[tuple[Receipt, str] | Exception]:
        """Make one block of the first of some transactions, at least one; return what came of those."""
        parent = _engine(self._store).get_canonical_head()
        engine = _engine(self._store, self._header_after(parent))
        filled = fill(engine, asked)
        if filled.receipts:
            block = filled.vm.set_block_transactions_and_withdrawals(
                filled.vm.get_block(), filled.header, filled.transactions, filled.receipts
            )
            mined = filled.vm.mine_block(block).block
            engine.persist_block(mined)
            assert mined.header.parent_hash == parent.hash, "a block extends the head it was made on"
            assert engine.get_canonical_head() == mined.header, "a mined block is the new head"
            done = list(zip(_receipts(engine, mined.header), filled.reasons, strict=True))
        return [done[one] if isinstance(one, int) else one for one in filled.outcomes]

    def _header_after(self, parent: BlockHeaderAPI) -> BlockHeaderAPI:
        at = max(parent.timestamp + 1, int(self._clock()))
        header: BlockHeaderAPI = _engine(self._store).create_header_from_parent(
            parent, timestamp=at, gas_limit=BLOCK_GAS
        )
        return header


def run_code(code: bytes, data: bytes, *, gas: int) -> bytes:
    """Run a contract's code by itself: over no chain and an empty state, of which nothing is kept.

    For contracts that keep nothing. Returns the output; raises ChainReverted with the reason.
    """
    load_engine()
    from eth.db.atomic import AtomicDB  # noqa: PLC0415  (as below)

    genesis = {"difficulty": 0, "gas_limit": BLOCK_GAS, "base_fee_per_gas": 0, "timestamp": 0}
    vm = _chain_class().from_genesis(AtomicDB(), genesis).get_vm()
    here = _account("0x" + "00" * 20)
    computation = vm.execute_bytecode(
        origin=here, gas_price=0, gas=gas, to=here, sender=here, value=0, data=data, code=code
    )
    if computation.is_error:
        raise reverted(revert_reason(bytes(computation.output)))
    return bytes(computation.output)


@cache
def load_engine() -> None:
    """Import py-evm and keep Python's recursion limit, which one of its libraries raises a hundredfold.

    Under theirs, text nested deeply enough overruns the stack and ends the process, where Python's own limit
    makes it an error: anybody who may send a server JSON could stop it. Our contracts nest no deeper than one
    call.
    """
    limit = sys.getrecursionlimit()
    try:
        import eth.chains.base  # noqa: PLC0415  (over a second, and only chain users pay)
        import eth.vm.forks.cancun  # noqa: PLC0415, F401  (as above)
    finally:
        sys.setrecursionlimit(limit)


@cache
def _chain_class() -> type[Any]:
    from eth.chains.base import MiningChain  # noqa: PLC0415  (over a second, and only chain users pay)
    from eth.vm.forks.cancun import CancunVM  # noqa: PLC0415  (as above)

    return MiningChain.configure("TallystickChain", vm_configuration=((0, CancunVM),), chain_id=CHAIN_ID)


def _database(store: BlockStore) -> Any:
    from eth.db.atomic import AtomicDB  # noqa: PLC0415  (as above)

    # a BlockStore has every method that AtomicDB calls, without the base class that would import py-evm
    return AtomicDB(store)  # type: ignore[arg-type]


def _engine(store: BlockStore, header: BlockHeaderAPI | None = None) -> Any:
    """Return py-evm's chain over the file as it stands now: its own caches never outlive a transaction."""
    return _chain_class()(_database(store), header)


def _name(raw: bytes) -> str:
    return "0x" + keccak256(raw).hex()


def _as_it_is(raw: bytes, _vm: Any) -> bytes:
    return raw


def _signed(vm: Any, to: str | None, data: bytes, key: SigningKey) -> bytes:
    nonce = vm.state.get_nonce(_account(key.address))
    return sign_transaction(to, data, Terms(CHAIN_ID, nonce, TRANSACTION_GAS, FREE), key=key).raw


def _header(engine: Any, number: int) -> BlockHeaderAPI:
    from eth.exceptions import HeaderNotFound  # noqa: PLC0415  (as above)

    try:
        header: BlockHeaderAPI = engine.get_canonical_block_header_by_number(number)
    except HeaderNotFound as fault:
        raise BlockUnknown("the chain has no such block", where=f"block {number}") from fault
    return header


def _receipts(engine: Any, header: BlockHeaderAPI) -> tuple[Receipt, ...]:
    block = engine.get_block_by_header(header)
    at = _block(header)
    used = 0
    made = []
    pairs: Sequence[tuple[SignedTransactionAPI, ReceiptAPI]]
    pairs = tuple(zip(block.transactions, block.get_receipts(engine.chaindb), strict=True))
    for transaction, receipt in pairs:
        made.append(_receipt(transaction, receipt, at, receipt.gas_used - used))
        used = receipt.gas_used
    return tuple(made)


def _receipt(transaction: SignedTransactionAPI, receipt: ReceiptAPI, block: Block, gas_used: int) -> Receipt:
    name = "0x" + transaction.hash.hex()
    succeeded = receipt.state_root == b"\x01"
    contract = None
    if not transaction.to and succeeded:
        contract = created_address(address_from_bytes(transaction.sender), transaction.nonce)
    logs = tuple(
        Log(address_from_bytes(log.address), tuple(t.to_bytes(32) for t in log.topics), log.data, name, block)
        for log in receipt.logs
    )
    return Receipt(name, block, address_from_bytes(transaction.sender), succeeded, gas_used, contract, logs)


def _block(header: BlockHeaderAPI) -> Block:
    hashes = "0x" + header.hash.hex(), "0x" + header.parent_hash.hex()
    return Block(header.block_number, *hashes, header.timestamp)


def _account(address: str) -> Any:
    # py-evm marks addresses with a type of its own
    return address_bytes(address)
