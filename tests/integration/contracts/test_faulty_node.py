"""A node that hangs, fails or lies gives an error that says so, and is never believed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts import node as node_module
from contracts.anchor import Anchor
from contracts.errors import (
    BlockUnknown,
    ChainError,
    ChainOther,
    ChainRefused,
    ChainReverted,
    ContractUnknown,
    FeesAboveLimit,
    FeesTooLow,
    NodeUnreachable,
    NodeUntrue,
    TransactionSlow,
)
from contracts.hashing import keccak256, log_key
from contracts.node import Node, Patience, shown_url
from contracts.rpc import GWEI, Conduct, RpcChain, Waiting
from contracts.signing import SigningKey
from contracts.transactions import Fees
from tests.chains.faulty import FaultyNode, Reply, faulty_node
from tests.chains.mining import mined
from tests.chains.node import Node as RealNode
from tests.chains.node import running_node

LOG = log_key(bytes(32), "faulty")
OTHER = "0x" + "ab" * 32
SECRET = "s3cr3t-of-a-provider"
TOO_MANY = json.dumps(
    {"jsonrpc": "2.0", "id": None, "error": {"code": -32005, "message": "slow down"}}
).encode()


@pytest.fixture(scope="module")
def real(operator: SigningKey) -> Iterator[RealNode]:
    with running_node() as node:
        node.fund(operator.address)
        yield node


@pytest.fixture(scope="module")
def honest(real: RealNode) -> Iterator[RpcChain]:
    conduct = Conduct(final_depth=0, waiting=Waiting(look=0.01))
    with RpcChain.open(real.url, chain_id=real.chain_id, conduct=conduct) as chain:
        yield chain


@pytest.fixture(scope="module")
def anchored(honest: RpcChain, operator: SigningKey) -> Anchor:
    """A log with one checkpoint, anchored while the node was honest."""
    log = Anchor.deploy(honest, LOG, key=operator)
    log.anchor(3, keccak256(b"root"), key=operator)
    return log


@pytest.fixture(scope="module")
def faulty(real: RealNode) -> Iterator[FaultyNode]:
    with faulty_node(real) as node:
        yield node


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def chain(faulty: FaultyNode, real: RealNode, slept: list[float]) -> Iterator[RpcChain]:
    """The chain as the faulty node shows it, opened while that was honest."""
    faulty.change, faulty.replies = None, []
    patience = Patience(sleep=slept.append)
    clock = iter(range(10_000))
    waiting = Waiting(most=5, sleep=slept.append, clock=lambda: float(next(clock)))
    conduct = Conduct(final_depth=0, patience=patience, waiting=waiting)
    with RpcChain.open(f"{faulty.url}/{SECRET}", chain_id=real.chain_id, conduct=conduct) as opened:
        faulty.asked.clear()
        yield opened


def refusal(wanted: type[ChainError], act: Callable[[], object]) -> ChainError:
    with pytest.raises(wanted) as caught:
        act()
    said = str(caught.value)
    assert SECRET not in said
    assert caught.value.__suppress_context__ or caught.value.__context__ is None, "a traceback would say more"
    return caught.value


# a fault that passes


@pytest.mark.parametrize(
    ("reply", "pauses"),
    [
        (Reply(status=429), [0.25]),
        (Reply(status=429, headers={"Retry-After": "2"}), [2.0]),
        (Reply(status=429, headers={"Retry-After": "86400"}), [5.0]),
        (Reply(status=429, headers={"Retry-After": "Thu, 01 Jan 2026 00:00:00 GMT"}), [0.25]),
        (Reply(status=500), [0.25]),
        (Reply(status=503, body=b"<html>busy</html>"), [0.25]),
        (Reply(TOO_MANY), [0.25]),
    ],
)
def test_a_fault_that_passes_is_waited_out(
    chain: RpcChain,
    honest: RpcChain,
    faulty: FaultyNode,
    slept: list[float],
    reply: Reply,
    pauses: list[float],
) -> None:
    faulty.replies = [reply]
    assert chain.head() == honest.head()
    assert slept == pauses
    assert len(faulty.asked) == 2


def test_pauses_double_and_end(chain: RpcChain, faulty: FaultyNode, slept: list[float]) -> None:
    faulty.replies = [Reply(status=502)] * 4
    fault = refusal(NodeUnreachable, chain.head)
    assert "answers HTTP 502 (eth_getBlockByNumber, asked 4 times)" in fault.message
    assert slept == [0.25, 0.5, 1.0]
    assert fault.where == faulty.url


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404])
def test_a_fault_that_stays_is_said_at_once_and_nobody_is_followed_elsewhere(
    chain: RpcChain, faulty: FaultyNode, slept: list[float], status: int
) -> None:
    faulty.replies = [Reply(status=status, headers={"Location": f"{faulty.url}/elsewhere"})]
    assert f"answers HTTP {status}" in refusal(NodeUnreachable, chain.head).message
    assert slept == []
    assert len(faulty.asked) == 1


@pytest.mark.parametrize(
    "reply", [Reply(hangs=True), Reply(b"x" * 1_000, drips=True)], ids=["hangs", "drips"]
)
def test_a_node_that_hangs_or_drips_is_left(faulty: FaultyNode, reply: Reply, slept: list[float]) -> None:
    faulty.replies = [reply] * 2
    node = Node(faulty.url, Patience(request_seconds=0.2, attempts=2, sleep=slept.append))
    with RpcChain(node, 1, Conduct()) as chain:
        fault = refusal(NodeUnreachable, chain.head)
    assert "gives no answer within 0.2 s" in fault.message


def test_a_node_that_is_gone_is_said(real: RealNode, slept: list[float]) -> None:
    gone = f"http://user:{SECRET}@127.0.0.1:1/{SECRET}?key={SECRET}"
    conduct = Conduct(patience=Patience(sleep=slept.append))
    fault = refusal(NodeUnreachable, lambda: RpcChain.open(gone, chain_id=real.chain_id, conduct=conduct))
    assert str(fault).startswith("http://127.0.0.1:1: cannot be reached")
    assert len(slept) == 3


@pytest.mark.parametrize(
    "url", ["", "node:8545", "ftp://node", "http://", "http://[node", "http://node:port"]
)
def test_what_is_no_address_of_a_node_is_refused(url: str) -> None:
    with pytest.raises(NodeUnreachable, match="no address of a node"):
        shown_url(url)


# an answer that cannot be read


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"5", b"null", b"\xff\xfe", b"[" * 100_000, b"{}",
        b'{"jsonrpc": "2.0", "id": 987654321, "result": "0x1"}',
        b'{"jsonrpc": "1.0", "id": null, "result": "0x1"}',
        b'{"jsonrpc": "2.0", "id": null, "error": "no"}',
        b'{"jsonrpc": "2.0", "id": null, "error": {"code": "x", "message": 5}}',
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_answer_is_said(chain: RpcChain, faulty: FaultyNode, body: bytes) -> None:
    faulty.replies = [Reply(body)]
    refusal(NodeUntrue, chain.demand_chain)


def test_an_answer_without_end_is_not_read(
    chain: RpcChain, faulty: FaultyNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_module, "ANSWER_BYTES", 10_000)
    faulty.replies = [Reply(b" " * 200_000)]
    assert "larger than 10000 bytes" in refusal(NodeUntrue, chain.head).message


JUNK: list[Any] = [
    None, "", "0x", "0x0", "banana", "0xzz", OTHER, [], [None], {}, {"number": "x"}, 5, -1, True, 1.5,
]  # fmt: skip


SHORT_JUNK: list[Any] = [None, "banana", OTHER, [], {}, -1]


def never_more_than_an_error(ask: Callable[[], object]) -> None:
    """Hold that an answer is taken, or refused with an error of the chain's that keeps the secret."""
    fault: ChainError | None = None
    try:
        ask()
    except ChainError as caught:
        fault = caught
    assert SECRET not in str(fault)


@pytest.mark.parametrize("junk", JUNK, ids=json.dumps)
def test_junk_in_place_of_any_result_is_never_more_than_an_error(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, operator: SigningKey, junk: Any
) -> None:
    transaction = _transaction(anchored)
    data = anchored.contract.call_data("latest_checkpoint", anchored.publisher, anchored.log)
    faulty.change = lambda _method, _parameters, answer: answer.update(result=junk)
    for ask in (
        chain.demand_chain,
        chain.head,
        chain.finalized,
        chain.fees,
        lambda: chain.block(1),
        lambda: chain.receipt(transaction),
        lambda: chain.nonce(operator.address),
        lambda: chain.balance(operator.address),
        lambda: chain.code(anchored.address),
        lambda: chain.storage(anchored.address, 0),
        lambda: chain.call(anchored.address, data),
        lambda: chain.prepare(anchored.address, data, key=operator),
        lambda: chain.logs(anchored.address, (), first=0, last=9),
        lambda: chain.transact(anchored.address, data, key=operator),
        lambda: Anchor.open(chain, anchored.address, LOG, operator.address),
    ):
        never_more_than_an_error(ask)


@pytest.mark.parametrize("method", ["eth_getBlockByNumber", "eth_getTransactionReceipt", "eth_getLogs"])
def test_junk_in_place_of_any_field_is_never_more_than_an_error(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, method: str
) -> None:
    transaction = _transaction(anchored)
    ask: dict[str, Callable[[], object]] = {
        "eth_getBlockByNumber": chain.head,
        "eth_getTransactionReceipt": lambda: chain.receipt(transaction),
        "eth_getLogs": lambda: chain.logs(anchored.address, (), first=2, last=2),
    }
    fields: set[str] = set()
    junk: dict[str, Any] = {}

    def change(asked: str, _: Any, answer: dict[str, Any]) -> None:
        if asked == method:
            fields.update(_record(answer))
            _record(answer).update(junk)

    faulty.change = change
    ask[method]()
    assert len(fields) > 8
    for name in sorted(fields):
        for each in SHORT_JUNK:
            junk.clear()
            junk[name] = each
            never_more_than_an_error(ask[method])


def _record(answer: dict[str, Any]) -> dict[str, Any]:
    result = answer["result"]
    record: dict[str, Any] = result[0] if isinstance(result, list) else result
    return record


def _transaction(anchored: Anchor) -> str:
    standing = anchored.at(3)
    assert standing is not None
    return standing.transaction


# an answer that is not the truth


def test_another_chain_is_refused(real: RealNode, faulty: FaultyNode, chain: RpcChain) -> None:
    with pytest.raises(ChainOther) as caught:
        RpcChain.open(real.url, chain_id=1)
    assert caught.value.data == {"chain_id": real.chain_id}
    chain.finalized()
    faulty.lie("eth_chainId", lambda _: "0x1")
    assert "serves chain 1" in refusal(ChainOther, chain.finalized).message


RECEIPT = "eth_getTransactionReceipt"


@pytest.mark.parametrize(
    ("method", "lie"),
    [
        (RECEIPT, lambda receipt: receipt | {"transactionHash": OTHER}),
        (RECEIPT, lambda receipt: receipt | {"blockHash": OTHER}),
        (RECEIPT, lambda receipt: receipt | {"blockNumber": "0x1"}),
        (RECEIPT, lambda receipt: receipt | {"blockNumber": "0xffff"}),
        (RECEIPT, lambda receipt: receipt | {"status": "0x0"}),
        (RECEIPT, lambda receipt: receipt | {"status": "0x2"}),
        (RECEIPT, lambda receipt: receipt | {"logs": [receipt["logs"][0] | {"transactionHash": OTHER}]}),
        (RECEIPT, lambda receipt: receipt | {"logs": [receipt["logs"][0] | {"blockHash": OTHER}]}),
        (RECEIPT, lambda receipt: receipt | {"logs": [receipt["logs"][0] | {"removed": True}]}),
        ("eth_getBlockByNumber", lambda block: block | {"transactions": []}),
        ("eth_getBlockByNumber", lambda block: block | {"hash": OTHER}),
        ("eth_getBlockByNumber", lambda block: block | {"number": "0x7"}),
    ],
)
def test_a_receipt_is_held_to_its_transaction_and_to_the_chain(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, method: str, lie: Callable[[Any], Any]
) -> None:
    transaction = _transaction(anchored)
    assert chain.receipt(transaction) is not None
    faulty.lie(method, lie)
    refusal(NodeUntrue, lambda: chain.receipt(transaction))


@pytest.mark.parametrize(
    "lie",
    [
        {"address": "0x" + "12" * 20}, {"topics": [OTHER]}, {"topics": []}, {"blockNumber": "0xffff"},
        {"blockNumber": "0x0"}, {"blockNumber": "0x1"}, {"blockHash": OTHER}, {"removed": True},
    ],
)  # fmt: skip
def test_logs_are_held_to_what_was_sought_and_to_the_chain(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, lie: dict[str, Any]
) -> None:
    topics = (anchored.contract.topic("CheckpointAnchored"),)

    def ask() -> int:
        return len(chain.logs(anchored.address, topics, first=1, last=9))

    assert ask() == 1
    faulty.lie("eth_getLogs", lambda logs: [logs[0] | lie])
    refusal(NodeUntrue, ask)


def test_what_was_replaced_between_two_answers_is_asked_for_again(
    chain: RpcChain, honest: RpcChain, anchored: Anchor, faulty: FaultyNode
) -> None:
    transaction = _transaction(anchored)
    faulty.lie(RECEIPT, lambda receipt: receipt | {"blockHash": OTHER}, times=1)
    assert chain.receipt(transaction) == honest.receipt(transaction)


def test_what_waits_has_no_receipt_yet(chain: RpcChain, anchored: Anchor, faulty: FaultyNode) -> None:
    transaction = _transaction(anchored)
    faulty.lie(RECEIPT, lambda receipt: receipt | {"blockHash": None, "blockNumber": None})
    assert chain.receipt(transaction) is None
    faulty.lie(RECEIPT, lambda _: None)
    assert chain.receipt(transaction) is None


def test_a_head_before_what_was_final_is_refused(chain: RpcChain, faulty: FaultyNode) -> None:
    final = chain.finalized()
    earlier = chain.block(final.number - 1)

    def change(method: str, parameters: Any, answer: dict[str, Any]) -> None:
        if method == "eth_getBlockByNumber" and parameters[0] == "latest":
            answer["result"] |= {"number": hex(earlier.number), "hash": earlier.block_hash}

    faulty.change = change
    assert f"though block {final.number} was final" in refusal(NodeUntrue, chain.head).message
    refusal(NodeUntrue, chain.finalized)


def test_a_final_block_that_was_replaced_is_refused(real: RealNode, operator: SigningKey) -> None:
    conduct = Conduct(final_depth=0)
    with real.put_back(), RpcChain.open(real.url, chain_id=real.chain_id, conduct=conduct) as chain:
        with real.put_back():
            real.mine(2)
            final = chain.finalized()
        real.ask("evm_setTime", 4_000_000_000)
        real.mine(3)
        assert chain.block(final.number) != final
        assert "was final as" in refusal(NodeUntrue, chain.finalized).message


def test_a_block_that_the_node_has_not_is_unknown(chain: RpcChain) -> None:
    with pytest.raises(BlockUnknown):
        chain.block(10_000)


@pytest.mark.usefixtures("anchored")
def test_another_hash_for_what_was_sent_is_refused(
    chain: RpcChain, anchored: Anchor, real: RealNode, faulty: FaultyNode, operator: SigningKey
) -> None:
    data = anchored.contract.call_data("anchor", keccak256(b"another log"), 3, keccak256(b"root"))
    with real.put_back():
        faulty.lie("eth_sendRawTransaction", lambda _: OTHER)
        refusal(NodeUntrue, lambda: chain.transact(anchored.address, data, key=operator))


@pytest.mark.parametrize("created", ["0x" + "12" * 20, None])
def test_another_address_for_what_was_deployed_is_refused(
    chain: RpcChain,
    anchored: Anchor,
    real: RealNode,
    faulty: FaultyNode,
    operator: SigningKey,
    created: str | None,
) -> None:
    with real.put_back():
        faulty.lie(RECEIPT, lambda receipt: receipt and receipt | {"contractAddress": created})
        refusal(NodeUntrue, lambda: chain.deploy(anchored.contract.artifact.code, key=operator))


def test_other_code_is_refused(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, operator: SigningKey
) -> None:
    faulty.lie("eth_getCode", lambda code: code[:-2] + ("00" if code[-2:] != "00" else "01"))
    refusal(ContractUnknown, lambda: Anchor.open(chain, anchored.address, LOG, operator.address))


# what it costs


def test_a_node_does_not_have_the_account_emptied(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, operator: SigningKey
) -> None:
    data = anchored.contract.call_data("anchor", LOG, 9, keccak256(b"root"))

    def prepare(fees: Fees | None = None) -> object:
        return chain.prepare(anchored.address, data, key=operator, fees=fees)

    faulty.lie("eth_maxPriorityFeePerGas", lambda _: hex(10**6 * GWEI))
    assert "TALLYSTICK_CHAIN_GWEI" in refusal(FeesAboveLimit, prepare).message
    faulty.lie("eth_getBlockByNumber", lambda block: block | {"baseFeePerGas": hex(10**6 * GWEI)})
    refusal(FeesAboveLimit, prepare)
    faulty.lie("eth_estimateGas", lambda _: hex(10**9))
    assert "1000000000 gas" in refusal(ChainRefused, prepare).message
    faulty.change = None
    refusal(FeesAboveLimit, lambda: prepare(Fees(most=501 * GWEI, tip=1)))
    prepare(Fees(most=500 * GWEI, tip=1))


def test_fees_pay_for_a_rise_and_stay_below_the_limit(chain: RpcChain, faulty: FaultyNode) -> None:
    faulty.change = lambda method, _, answer: (
        answer["result"].update(baseFeePerGas=hex(40 * GWEI))
        if method == "eth_getBlockByNumber"
        else answer.update(result=hex(2 * GWEI))
    )
    assert chain.fees() == Fees(most=82 * GWEI, tip=2 * GWEI)
    faulty.change = lambda method, _, answer: (
        answer["result"].update(baseFeePerGas=hex(400 * GWEI))
        if method == "eth_getBlockByNumber"
        else answer.update(result=hex(2 * GWEI))
    )
    assert chain.fees() == Fees(most=500 * GWEI, tip=2 * GWEI)


def test_a_chain_without_a_fee_market_is_said(chain: RpcChain, faulty: FaultyNode) -> None:
    faulty.lie("eth_getBlockByNumber", lambda block: block | {"baseFeePerGas": None})
    assert "EIP-1559" in refusal(ChainRefused, chain.fees).message


# how nodes word it


@pytest.mark.parametrize(
    "error",
    [
        {"code": 3, "message": "execution reverted: anchor: no", "data": "REVERT"},
        {"code": -32000, "message": "VM Exception", "data": {"data": "REVERT", "message": "reverted"}},
        {"code": -32015, "message": "VM execution error.", "data": "Reverted REVERT"},
    ],
)
def test_the_reason_of_a_refusal_is_read_as_nodes_word_it(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode, error: dict[str, Any]
) -> None:
    words = "ledger_anchor: log does not shrink"
    revert = "0x08c379a0" + f"{32:064x}{len(words):064x}" + words.encode().hex().ljust(128, "0")
    said = json.loads(json.dumps(error).replace("REVERT", revert))
    faulty.change = lambda _method, _, answer: (answer.pop("result", None), answer.update(error=said))
    with pytest.raises(ChainReverted, match=words):
        chain.call(anchored.address, b"")


def test_an_error_of_the_node_keeps_its_words_without_its_address(
    chain: RpcChain, anchored: Anchor, faulty: FaultyNode
) -> None:
    error = {"code": -32603, "message": f"no route for\n {faulty.url}/{SECRET} \x1b[31m" + "x" * 500}
    faulty.change = lambda _method, _, answer: (answer.pop("result", None), answer.update(error=error))
    fault = refusal(NodeUnreachable, lambda: chain.code(anchored.address))
    assert "answers eth_getCode with: no route for … " in fault.message
    assert len(fault.message) < 300
    assert "\x1b" not in fault.message


# waiting


def test_what_no_block_takes_is_slow_and_keeps_its_place(operator: SigningKey, slept: list[float]) -> None:
    with running_node("--no-mining") as still:
        still.fund(operator.address)
        clock = iter(range(1_000))
        waiting = Waiting(most=3, sleep=slept.append, clock=lambda: float(next(clock)))
        conduct = Conduct(waiting=waiting)
        with RpcChain.open(still.url, chain_id=still.chain_id, conduct=conduct) as chain:
            with pytest.raises(TransactionSlow) as caught:
                chain.transact(operator.address, b"", key=operator)
            transaction = caught.value.data["transaction"]
            assert chain.receipt(transaction) is None
            assert (chain.nonce(operator.address), chain.nonce(operator.address, pending=True)) == (0, 1)
            waits = chain.prepare(operator.address, b"\x01", key=operator, nonce=0)
            with pytest.raises(FeesTooLow, match="higher fees"):
                chain.send(waits.raw)
            fees = waits.terms.fees
            dearer = chain.prepare(
                operator.address, b"\x01", key=operator, nonce=0, fees=Fees(fees.most * 2, fees.tip * 2)
            )
            assert chain.send(dearer.raw) == chain.send(dearer.raw) == dearer.transaction
            still.mine()
            assert mined(chain, dearer.transaction).succeeded
            assert chain.receipt(transaction) is None
            assert dataclasses.asdict(chain.head())["number"] == 1
