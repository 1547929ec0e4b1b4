"""Transactions sent at once share a block, and what is wrong with one is its own affair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contracts.embedded import BLOCK_TRANSACTIONS, CHAIN_ID, FREE, EmbeddedChain
from contracts.errors import ChainFileUnusable, ChainRefused, ChainReverted, NonceTaken
from contracts.filling import TRANSACTION_GAS
from contracts.signing import SigningKey
from contracts.transactions import SignedTransaction, Terms, sign_transaction
from tests.gathered import together
from verifier.chain_file import chain_faults, content_faults, open_chain

KEYS = [SigningKey(bytes([number]) * 32) for number in range(1, 7)]
NOBODY = "0x" + "ac" * 20
STOPS = bytes.fromhex("6001600081600b8239f300")
"""Deploys a contract of one byte."""

REVERTS = bytes.fromhex("5f5ffd")

HUNGRY = bytes.fromhex("62222e005100")
"""Reads far out in memory as it is deployed, which takes some ten million gas."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chain.sqlite"


@pytest.fixture
def chain(path: Path) -> Iterator[EmbeddedChain]:
    with EmbeddedChain.open(path, clock=lambda: 1_790_000_000) as opened:
        yield opened
    with open_chain(path) as file:  # by another program's reading, nothing is missing or filed wrongly
        assert [*chain_faults(file, ()), *content_faults(file)] == []


def signed(key: SigningKey, nonce: int, *, chain_id: int = CHAIN_ID, gas: int = 100_000) -> SignedTransaction:
    return sign_transaction(NOBODY, b"", Terms(chain_id, nonce, gas, FREE), key=key)


def outcomes(chain: EmbeddedChain, *acts: Callable[[], Any]) -> list[Any]:
    """Return what came of acts that stood in line together: what they returned or raised."""
    return [one.exception() or one.result() for one in together(chain._gathering, *acts)]


def test_one_transaction_sent_alone_has_a_block_to_itself_as_in_earlier_releases(
    chain: EmbeddedChain,
) -> None:
    chain.deploy(STOPS, key=SigningKey(b"\x0f" * 32))
    chain.transact(NOBODY, b"hi", key=SigningKey(b"\x0f" * 32))
    with pytest.raises(ChainReverted):
        chain.deploy(REVERTS, key=SigningKey(b"\x0f" * 32))
    assert chain.head().number == 3
    assert chain.head().block_hash == "0x5fe03224d7c47dcffbf091c097f8bbfa37baa4af70ae4e9c809c7bc8457ec738"


def test_transactions_of_a_crowd_share_a_block_in_their_order(chain: EmbeddedChain) -> None:
    receipts = outcomes(
        chain, *(partial(chain.transact, NOBODY, b"x" * n, key=key) for n, key in enumerate(KEYS))
    )
    assert {one.block for one in receipts} == {chain.head()}
    assert chain.head().number == 1
    assert [one.sender for one in receipts] == [key.address for key in KEYS]
    assert [one.gas_used for one in receipts] == [21_000 + 16 * n for n in range(len(KEYS))]
    assert [chain.receipt(one.transaction) for one in receipts] == receipts


def test_one_account_may_send_several_that_share_a_block(chain: EmbeddedChain) -> None:
    receipts = outcomes(chain, *[partial(chain.deploy, STOPS, key=KEYS[0])] * 3)
    assert chain.head().number == 1
    assert len({one.contract for one in receipts}) == 3
    assert [chain.code(one.contract) for one in receipts] == [b"\x00"] * 3
    assert chain.nonce(KEYS[0].address) == 3


def test_one_that_no_chain_takes_keeps_none_out_of_the_block(chain: EmbeddedChain) -> None:
    first, twin, other, gap, last = outcomes(
        chain,
        partial(chain._gathering.ask, lambda _: signed(KEYS[0], 0).raw),
        partial(chain._gathering.ask, lambda _: signed(KEYS[0], 0, gas=50_000).raw),
        partial(chain._gathering.ask, lambda _: signed(KEYS[1], 0, chain_id=1).raw),
        partial(chain._gathering.ask, lambda _: signed(KEYS[2], 7).raw),
        partial(chain.transact, NOBODY, b"", key=KEYS[0]),
    )
    assert [type(one) for one in (twin, other, gap)] == [NonceTaken, ChainRefused, NonceTaken]
    assert first[0].block == last.block == chain.head()
    assert chain.head().number == 1
    assert chain.nonce(KEYS[0].address) == 2


def test_what_one_thread_hands_in_together_shares_a_block(chain: EmbeddedChain) -> None:
    made = [signed(KEYS[0], nonce) for nonce in range(3)]
    first, taken = [signed(KEYS[1], 0, gas=gas) for gas in (100_000, 50_000)]
    outcomes = chain.send_all([one.raw for one in (*made, first, taken, made[0])])
    assert [type(one) for one in outcomes] == [type(None)] * 4 + [NonceTaken, type(None)]
    receipts = [chain.receipt(one.transaction) for one in (*made, first)]
    assert {one.block for one in receipts if one is not None} == {chain.head()}
    assert (chain.head().number, chain.receipt(taken.transaction)) == (1, None)


def test_one_that_reverts_is_mined_with_the_others(chain: EmbeddedChain) -> None:
    before, reverted, after = outcomes(
        chain,
        partial(chain.deploy, STOPS, key=KEYS[0]),
        partial(chain.deploy, REVERTS, key=KEYS[1]),
        partial(chain.deploy, STOPS, key=KEYS[2]),
    )
    assert isinstance(reverted, ChainReverted)
    mined = chain.receipt(reverted.data["transaction"])
    assert mined is not None
    assert (before.succeeded, mined.succeeded, after.succeeded) == (True, False, True)
    assert before.block == mined.block == after.block


def test_a_crowd_of_only_refused_ones_makes_no_block(chain: EmbeddedChain) -> None:
    asked = [partial(chain._gathering.ask, lambda _: signed(KEYS[0], 5).raw)] * 2
    assert [type(one) for one in outcomes(chain, *asked)] == [NonceTaken, NonceTaken]
    assert chain.head().number == 0


def test_the_same_transaction_handed_in_by_two_threads_is_mined_once(chain: EmbeddedChain) -> None:
    raw = signed(KEYS[0], 0).raw
    done = outcomes(
        chain, partial(chain._gathering.ask, lambda _: raw), partial(chain._gathering.ask, lambda _: raw)
    )
    assert isinstance(done[1], NonceTaken)
    assert chain.send(raw) == done[0][0].transaction
    assert chain.head().number == 1


def test_what_a_block_cannot_hold_goes_into_the_next_and_gas_stays_free(chain: EmbeddedChain) -> None:
    crowd = [partial(chain.deploy, HUNGRY, key=key) for key in KEYS[:3]]
    receipts = outcomes(chain, *crowd, partial(chain.transact, NOBODY, b"", key=KEYS[4]))
    assert [one.block.number for one in receipts] == [1, 2, 3, 3]
    assert all(9_000_000 < one.gas_used < TRANSACTION_GAS for one in receipts[:3])
    assert [one.block.timestamp for one in receipts] == [1_790_000_000 + n for n in (0, 1, 2, 2)]
    assert chain.transact(NOBODY, b"", key=KEYS[5]).succeeded, "the base fee is still zero"


def test_more_than_a_block_takes_are_shared_out(chain: EmbeddedChain) -> None:
    asked = [partial(chain.transact, NOBODY, b"", key=KEYS[0])] * (BLOCK_TRANSACTIONS + 1)
    receipts = outcomes(chain, *asked)
    assert [one.block.number for one in receipts] == [1] * BLOCK_TRANSACTIONS + [2]


def test_one_transaction_asks_for_no_more_gas_than_keeps_blocks_free(chain: EmbeddedChain) -> None:
    with pytest.raises(ChainRefused, match="a transaction is given 15000000"):
        chain.send(signed(KEYS[0], 0, gas=TRANSACTION_GAS + 1).raw)


def test_where_the_file_cannot_be_written_everybody_hears_of_it_and_nothing_is_kept(
    chain: EmbeddedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise ChainFileUnusable("cannot be used now: the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(chain._store, "writing", full)
        done = outcomes(chain, *(partial(chain.transact, NOBODY, b"", key=key) for key in KEYS[:2]))
    assert [type(one) for one in done] == [ChainFileUnusable] * 2
    assert chain.head().number == 0
    assert chain.transact(NOBODY, b"", key=KEYS[0]).block.number == 1
