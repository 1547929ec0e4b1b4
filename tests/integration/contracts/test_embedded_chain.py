"""The embedded chain survives being closed and being killed, and its blocks follow each other."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest

from contracts.anchor import Anchor
from contracts.chain import Block, Chain
from contracts.embedded import CHAIN_ID, EmbeddedChain
from contracts.errors import BlockUnknown, ChainFileUnusable, ChainRefused, ChainReverted
from contracts.hashing import keccak256
from contracts.signing import SigningKey
from tests.wallets import put

OPERATOR = SigningKey(b"\x0f" * 32)
LOG = keccak256(b"log")


def root(size: int) -> bytes:
    return size.to_bytes(32)


def require_whole(chain: Chain) -> None:
    """Hold that every block names the one before: hashes link and times rise."""
    blocks = [chain.block(number) for number in range(chain.head().number + 1)]
    assert blocks[-1] == chain.head()
    for before, after in itertools.pairwise(blocks):
        assert after.parent_hash == before.block_hash
        assert after.timestamp > before.timestamp


def test_the_chain_id_is_the_documented_one(embedded: EmbeddedChain) -> None:
    as_protocol: Chain = embedded
    assert as_protocol.chain_id == CHAIN_ID == int.from_bytes(b"TALY") == 1_413_565_529
    assert as_protocol.kind == "embedded"


def test_reopening_gives_the_same_head_state_and_receipts(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    with EmbeddedChain.open(path) as chain:
        log = Anchor.deploy(chain, LOG, key=OPERATOR)
        anchored = log.anchor(3, root(3), key=OPERATOR)
        head, receipt = chain.head(), chain.receipt(anchored.transaction)
    with EmbeddedChain.open(path) as chain:
        assert chain.head() == head
        assert chain.receipt(anchored.transaction) == receipt
        reopened = Anchor.open(chain, log.address, LOG, OPERATOR.address)
        assert reopened.latest() == anchored
        assert reopened.anchor(4, root(4), key=OPERATOR).block == head.number + 1


def test_block_times_rise_though_the_clock_stands_still_or_runs_back(tmp_path: Path) -> None:
    times = [2_000]
    with EmbeddedChain.open(tmp_path / "chain.sqlite", clock=lambda: times[-1]) as chain:
        log = Anchor.deploy(chain, LOG, key=OPERATOR)
        for size, at in ((1, 2_000), (2, 1_000), (3, 5_000)):
            times.append(at)
            log.anchor(size, root(size), key=OPERATOR)
        assert [chain.block(n).timestamp for n in range(5)] == [0, 2_000, 2_001, 2_002, 5_000]


def test_a_trial_sees_the_number_and_the_time_of_the_next_block(tmp_path: Path) -> None:
    times = iter([2_000, 9_000, 9_000])
    with EmbeddedChain.open(tmp_path / "chain.sqlite", clock=lambda: next(times)) as chain:
        clock = put(chain, "425f524360205260405ff3", OPERATOR)  # TIMESTAMP and NUMBER, a word each
        seen = chain.call(clock, b"")
        assert (int.from_bytes(seen[:32]), int.from_bytes(seen[32:])) == (9_000, 2)
        assert chain.transact(clock, b"", key=OPERATOR).block.timestamp == 9_000


def test_two_chains_of_the_same_history_have_the_same_hashes(tmp_path: Path) -> None:
    heads: list[Block] = []
    for name in ("one", "two"):
        with EmbeddedChain.open(tmp_path / name, clock=lambda: 1_790_000_000) as chain:
            Anchor.deploy(chain, LOG, key=OPERATOR).anchor(1, root(1), key=OPERATOR)
            heads.append(chain.head())
    assert heads[0] == heads[1]


def test_a_reverted_transaction_is_mined_reported_and_changes_nothing(tmp_path: Path) -> None:
    with EmbeddedChain.open(tmp_path / "chain.sqlite") as chain:
        log = Anchor.deploy(chain, LOG, key=OPERATOR)
        anchored = log.anchor(5, root(5), key=OPERATOR)
        data = log.contract.call_data("anchor", LOG, 4, root(4))
        with pytest.raises(ChainReverted, match="ledger_anchor: log does not shrink") as caught:
            chain.transact(log.address, data, key=OPERATOR)
        receipt = chain.receipt(caught.value.data["transaction"])
        assert receipt is not None
        assert not receipt.succeeded
        assert receipt.block == chain.head()
        assert log.latest() == anchored


def test_a_deployment_whose_constructor_refuses_has_no_address(tmp_path: Path) -> None:
    with EmbeddedChain.open(tmp_path / "chain.sqlite") as chain:
        with pytest.raises(ChainReverted) as caught:
            chain.deploy(bytes.fromhex("5f5ffd"), key=OPERATOR)  # PUSH0 PUSH0 REVERT
        receipt = chain.receipt(caught.value.data["transaction"])
        assert receipt is not None
        assert receipt.contract is None


def test_a_transaction_that_no_block_holds_is_refused_and_makes_none(tmp_path: Path) -> None:
    with EmbeddedChain.open(tmp_path / "chain.sqlite") as chain:
        before = chain.head()
        with pytest.raises(ChainRefused) as caught:
            chain.transact("0x" + "ac" * 20, b"\x01" * 1_500_000, key=OPERATOR)
        assert caught.value.code == "chain.refused"
        assert chain.head() == before


def test_what_the_chain_does_not_have_is_said_so(chain: Chain) -> None:
    assert chain.receipt("0x" + "12" * 32) is None
    assert chain.code("0x" + "ac" * 20) == b""
    with pytest.raises(BlockUnknown, match="block 999999"):
        chain.block(999_999)


def test_a_damaged_chain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chain.sqlite").write_bytes(b"this is not a chain" * 300)
    with pytest.raises(ChainFileUnusable):
        EmbeddedChain.open(tmp_path / "chain.sqlite")


def test_threads_share_a_chain_without_losing_a_block(tmp_path: Path) -> None:
    with EmbeddedChain.open(tmp_path / "chain.sqlite") as chain:
        address = Anchor.deploy(chain, LOG, key=OPERATOR).address

        def write(number: int) -> None:
            own = SigningKey(bytes([number + 1]) * 32)
            log = Anchor.open(chain, address, LOG, own.address)
            for size in (1, 2, 3):
                log.anchor(size, root(size), key=own)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert chain.head().number <= 1 + 4 * 3  # those that came together share a block
        for number in range(4):
            own = SigningKey(bytes([number + 1]) * 32)
            assert chain.nonce(own.address) == 3
            latest = Anchor.open(chain, address, LOG, own.address).latest()
            assert latest is not None
            assert latest.size == 3
        require_whole(chain)


def test_two_openings_of_one_file_see_each_others_blocks(tmp_path: Path) -> None:
    path = tmp_path / "chain.sqlite"
    with EmbeddedChain.open(path) as one, EmbeddedChain.open(path) as two:
        log = Anchor.deploy(one, LOG, key=OPERATOR)
        other = Anchor.open(two, log.address, LOG, OPERATOR.address)
        for size in range(1, 7):
            (log if size % 2 else other).anchor(size, root(size), key=OPERATOR)
        assert one.head() == two.head()
        assert one.head().number == 7
        require_whole(one)
