"""A chain as a worker may meet it: what is sent waits, blocks are taken back, nodes are down, funds short.

Over the embedded chain, whose every block is kept as a copy of its file. Blocks are made by `mine` alone, and
final under `depth` blocks. The account needs no coin inside, so what is mined is signed again without fees.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from contracts.addresses import address_from_bytes
from contracts.chain import Block, ChainKind, Log, Receipt
from contracts.embedded import EmbeddedChain
from contracts.errors import ChainRefused, FeesTooLow, FundsMissing, NodeUnreachable, NonceTaken
from contracts.signing import SigningKey
from contracts.transactions import Fees, SignedTransaction, Terms, read_transaction, sign_transaction

FILLER = SigningKey(b"\xf1" * 32)
"""Whose transactions make a block where nobody else's wait."""

GAS = 15_000_000


class FaultyChain:
    """See chain.Chain for the methods; the others are the hand of fate."""

    kind: ChainKind = "rpc"

    def __init__(self, folder: Path, key: SigningKey, *, depth: int = 2) -> None:
        """Begin a chain in a folder, on which `key` sends."""
        folder.mkdir()
        self._folder = folder
        self._key = key
        self._made = 0
        self._inner = EmbeddedChain.open(self._next(), clock=lambda: 1_790_000_000)
        self._blocks = [self._copy()]
        self.chain_id = self._inner.chain_id
        self.depth = depth
        self.waiting: dict[int, SignedTransaction] = {}
        self.asked = Fees(100, 10)
        self.down: Callable[[], None] | None = None
        self.short = False
        self.forgets = False
        self.handed_in: list[SignedTransaction] = []

    # ---- fate

    def mine(self, blocks: int = 1) -> None:
        """Make blocks, the first with whatever waits in its turn."""
        for _ in range(blocks):
            self._fill()
            self._blocks.append(self._copy())

    def take_back(self, blocks: int, *, lose: bool = False) -> None:
        """Take the newest blocks back; what stood in them waits again, or is lost."""
        stood = [each for each in self.handed_in if each.terms.nonce < self._nonce(each.sender)]
        self._inner.close()
        del self._blocks[len(self._blocks) - blocks :]
        path = self._next()
        shutil.copy(self._blocks[-1], path)
        self._inner = EmbeddedChain.open(path, clock=lambda: 1_790_000_000 + self._made)
        if lose:
            self.waiting.clear()
        else:
            again = [each for each in stood if each.terms.nonce >= self._nonce(each.sender)]
            self.waiting |= {each.terms.nonce: each for each in again}

    def unpriced(self, key: SigningKey) -> bytes:
        """Return a key's next transaction that does nothing and offers nothing."""
        return self._inner.prepare(key.address, b"", key=key).raw

    def by_another(self, raw: bytes) -> None:
        """Have somebody else's transaction, which offers nothing, stand in a block of its own."""
        self._inner.send(raw)
        self._blocks.append(self._copy())

    def fail(self, fault: Exception | None = None) -> None:
        """Have every request fail from now on."""
        raised = fault or NodeUnreachable("it does not answer", where="the node")

        def down() -> None:
            raise raised

        self.down = down

    def mend(self) -> None:
        """Have requests answered again."""
        self.down = None

    # ---- what a chain is

    def head(self) -> Block:
        return self._up().head()

    def finalized(self) -> Block:
        head = self._up().head()
        return self._up().block(max(0, head.number - self.depth))

    def block(self, number: int) -> Block:
        return self._up().block(number)

    def nonce(self, address: str, *, pending: bool = False) -> int:
        found = self._up().nonce(address)
        while pending and found in self.waiting:
            found += 1
        return found

    def balance(self, address: str) -> int:
        return self._up().balance(address) if self.short else 10**18

    def storage(self, address: str, slot: int) -> bytes:
        return self._up().storage(address, slot)

    def fees(self) -> Fees:
        self._up()
        return self.asked

    def code(self, address: str) -> bytes:
        return self._up().code(address)

    def call(self, to: str, data: bytes, *, sender: str | None = None) -> bytes:
        return self._up().call(to, data, sender=sender)

    def prepare(
        self,
        to: str | None,
        data: bytes,
        *,
        key: SigningKey,
        nonce: int | None = None,
        fees: Fees | None = None,
    ) -> SignedTransaction:
        if to is not None:
            self.call(to, data, sender=key.address)
        count = self.nonce(key.address, pending=True) if nonce is None else nonce
        terms = Terms(self.chain_id, count, GAS, fees or self.fees())
        return sign_transaction(to, data, terms, key=key)

    def send(self, raw: bytes) -> str:
        self._up()
        signed = read_transaction(raw)
        nonce, fees = signed.terms.nonce, signed.terms.fees
        self.handed_in.append(signed)
        before = self.waiting.get(nonce)
        if nonce < self._nonce(signed.sender):
            raise NonceTaken("another of this nonce is mined")
        if self.short:
            raise FundsMissing("the account holds 0 wei", where=signed.sender)
        if fees.most < self.asked.most or (
            before is not None and before != signed and fees.most * 8 < before.terms.fees.most * 9
        ):
            raise FeesTooLow("more is asked")
        if not self.forgets:
            self.waiting[nonce] = signed
        return signed.transaction

    def send_all(self, raws: Sequence[bytes]) -> list[ChainRefused | None]:
        return [self._refused(raw) for raw in raws]

    def deploy(self, code: bytes, *, key: SigningKey) -> Receipt:
        receipt = self._up().deploy(code, key=key)
        self._blocks.append(self._copy())
        return receipt

    def transact(self, to: str, data: bytes, *, key: SigningKey) -> Receipt:
        raise AssertionError(f"a worker never waits for a block: {to}, {data.hex()}, {key}")

    def receipt(self, transaction: str) -> Receipt | None:
        return self._up().receipt(transaction)

    def logs(self, address: str, topics: Sequence[bytes], *, first: int, last: int) -> tuple[Log, ...]:
        return self._up().logs(address, topics, first=first, last=last)

    def close(self) -> None:
        self._inner.close()

    # ---- within

    def _refused(self, raw: bytes) -> ChainRefused | None:
        try:
            self.send(raw)
        except ChainRefused as refused:
            return refused
        return None

    def _up(self) -> EmbeddedChain:
        if self.down is not None:
            self.down()
        return self._inner

    def _nonce(self, address: str) -> int:
        return self._inner.nonce(address)

    def _fill(self) -> None:
        made = False
        while (one := self.waiting.pop(self._nonce(self._key.address), None)) is not None:
            made = True
            terms = dataclasses.replace(one.terms, fees=Fees(0, 0))
            to, data = call_of(one)
            self._inner.send(sign_transaction(to, data, terms, key=self._key).raw)
        if not made:
            self._inner.send(self.unpriced(FILLER))

    def _copy(self) -> Path:
        """Leave the file as it is now behind, and go on in a copy of it."""
        self._inner.close()
        left, path = self._path, self._next()
        shutil.copy(left, path)
        self._inner = EmbeddedChain.open(path, clock=lambda: 1_790_000_000)
        return left

    def _next(self) -> Path:
        self._made += 1
        self._path = self._folder / f"{self._made}.db"
        return self._path


def call_of(one: SignedTransaction) -> tuple[str, bytes]:
    """Return the address and data of what a transaction calls."""
    import rlp  # type: ignore[import-untyped]  # noqa: PLC0415 (of the chain's library)

    fields: Any = rlp.decode(one.raw[1:])
    return address_from_bytes(fields[5]), fields[7]
