"""An anchored log only grows, once anchored stays so, and is nobody's but its publisher's."""

from __future__ import annotations

import itertools

import pytest

from contracts.anchor import Anchor
from contracts.chain import Chain
from contracts.errors import AnchorConflict, AnchorError, AnchorShrinks, ChainReverted, ContractUnknown
from contracts.hashing import keccak256, log_key
from contracts.registry import Registry
from contracts.signing import SigningKey

ROOT, OTHER_ROOT = keccak256(b"root"), keccak256(b"other root")
_names = itertools.count()


@pytest.fixture(scope="module")
def deployed(chain: Chain, operator: SigningKey) -> Anchor:
    return Anchor.deploy(chain, log_key(bytes(32), "first"), key=operator)


@pytest.fixture
def log(chain: Chain, deployed: Anchor, operator: SigningKey) -> Anchor:
    fresh = log_key(bytes(32), f"log {next(_names)}")
    return Anchor.open_or_deploy(chain, deployed.address, fresh, key=operator)


def test_a_checkpoint_is_anchored_and_read_back(chain: Chain, log: Anchor, operator: SigningKey) -> None:
    assert log.latest() is None
    anchored = log.anchor(10, ROOT, key=operator)
    assert (anchored.size, anchored.root) == (10, ROOT)
    assert log.latest() == log.at(10) == anchored
    assert log.at(9) is None
    receipt = chain.receipt(anchored.transaction)
    assert receipt is not None
    assert receipt.block.number == anchored.block
    assert receipt.block.timestamp == anchored.anchored_at


def test_the_same_checkpoint_again_is_the_one_that_stands(
    chain: Chain, log: Anchor, operator: SigningKey
) -> None:
    first = log.anchor(10, ROOT, key=operator)
    larger = log.anchor(12, OTHER_ROOT, key=operator)
    head = chain.head()
    assert log.anchor(10, ROOT, key=operator) == first
    assert log.anchor(12, OTHER_ROOT, key=operator) == larger
    assert chain.head() == head


def test_another_root_at_an_anchored_size_is_a_conflict(log: Anchor, operator: SigningKey) -> None:
    log.anchor(10, ROOT, key=operator)
    with pytest.raises(AnchorConflict, match="rewritten") as caught:
        log.anchor(10, OTHER_ROOT, key=operator)
    assert caught.value.code == "anchor.other-root"


def test_a_log_never_shrinks(log: Anchor, operator: SigningKey) -> None:
    log.anchor(10, ROOT, key=operator)
    with pytest.raises(AnchorShrinks, match="10 entries") as caught:
        log.anchor(9, ROOT, key=operator)
    assert caught.value.code == "anchor.smaller"


@pytest.mark.parametrize(("size", "root"), [(0, ROOT), (1, bytes(32)), (1, b"short"), (-1, ROOT)])
def test_what_is_no_checkpoint_is_refused(log: Anchor, operator: SigningKey, size: int, root: bytes) -> None:
    with pytest.raises(AnchorError):
        log.anchor(size, root, key=operator)


def test_the_contract_itself_refuses_with_its_reasons(log: Anchor, operator: SigningKey) -> None:
    log.anchor(10, ROOT, key=operator)
    cases: list[tuple[bytes, int, bytes, str]] = [
        (log.log, 9, ROOT, "log does not shrink"),
        (log.log, 10, OTHER_ROOT, "size already anchored"),
        (log.log, 10, ROOT, "size already anchored"),
        (log.log, 0, ROOT, "log is empty"),
        (log.log, 11, bytes(32), "root is empty"),
        (bytes(32), 11, ROOT, "log key is empty"),
    ]
    for key, size, root, reason in cases:
        with pytest.raises(ChainReverted) as caught:
            log.contract.write("anchor", key, size, root, key=operator)
        assert caught.value.data["reason"] == f"ledger_anchor: {reason}"


def test_checkpoints_are_listed_in_their_order(log: Anchor, operator: SigningKey) -> None:
    for size in (3, 7, 20):
        log.anchor(size, ROOT, key=operator)
    count = log.contract.read("checkpoint_count", log.publisher, log.log)
    listed = [log.contract.read("checkpoint_at", log.publisher, log.log, n)[0] for n in range(count)]
    assert listed == [3, 7, 20]
    assert log.contract.read("checkpoint_at", log.publisher, log.log, count) == (0, 0, 0, bytes(32))


def test_the_record_for_evidence_names_chain_contract_and_transaction(
    chain: Chain, log: Anchor, operator: SigningKey
) -> None:
    anchored = log.anchor(10, ROOT, key=operator)
    assert log.record(anchored) == {
        "block": anchored.block,
        "chain": {"chain_id": chain.chain_id, "kind": chain.kind},
        "contract": log.address,
        "root": ROOT.hex(),
        "size": 10,
        "transaction": anchored.transaction,
    }


def test_two_processes_that_anchor_the_same_agree_on_one_checkpoint(
    chain: Chain, log: Anchor, operator: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = log.anchor(10, ROOT, key=operator)
    head = chain.head()
    answers = iter([None])
    real = Anchor.at
    monkeypatch.setattr(Anchor, "at", lambda self, size: next(answers, real(self, size)))
    assert log.anchor(10, ROOT, key=operator) == first, "it looked free, and was taken a moment later"
    assert chain.head() == head


def test_nobody_anchors_in_anothers_name(chain: Chain, log: Anchor, operator: SigningKey) -> None:
    stranger = SigningKey(b"\x0e" * 32)
    log.anchor(10, ROOT, key=operator)
    with pytest.raises(AnchorError, match="cannot anchor"):
        log.anchor(11, ROOT, key=stranger)
    own = Anchor.open(chain, log.address, log.log, stranger.address)
    own.anchor(5, OTHER_ROOT, key=stranger)
    latest = log.latest()
    assert latest is not None
    assert latest.size == 10


def test_an_anchor_does_not_open_on_another_contract(
    chain: Chain, registry: Registry, operator: SigningKey
) -> None:
    with pytest.raises(ContractUnknown, match="another contract"):
        Anchor.open(chain, registry.address, bytes(32), operator.address)
