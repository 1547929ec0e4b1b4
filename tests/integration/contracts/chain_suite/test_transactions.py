"""What every kind of chain does with a transaction, whoever makes its blocks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from contracts.errors import ChainRefused, ChainReverted, FundsMissing, NonceTaken
from contracts.signing import SigningKey
from contracts.transactions import Fees, SignedTransaction, created_address, sign_transaction
from tests.chains.mining import mine, mined
from tests.integration.contracts.chain_suite.conftest import Ground

STRANGER = SigningKey(bytes(range(1, 33)))


def prepared(ground: Ground, size: int) -> SignedTransaction:
    return ground.chain.prepare(ground.log.address, ground.anchoring(size), key=ground.payer)


def test_a_prepared_transaction_is_named_before_it_is_sent(ground: Ground) -> None:
    signed = prepared(ground, 3)
    assert ground.chain.receipt(signed.transaction) is None, "preparing sends nothing"
    assert ground.log.latest() is None
    assert ground.chain.send(signed.raw) == signed.transaction
    receipt = mined(ground.chain, signed.transaction)
    assert (receipt.sender, receipt.succeeded, receipt.contract) == (ground.payer.address, True, None)
    assert receipt.gas_used <= signed.terms.gas
    assert receipt.block == ground.chain.block(receipt.block.number)
    assert [log.address for log in receipt.logs] == [ground.log.address]


def test_sending_the_same_again_does_nothing(ground: Ground) -> None:
    signed = prepared(ground, 3)
    mined(ground.chain, ground.chain.send(signed.raw))
    head = ground.chain.head()
    assert ground.chain.send(signed.raw) == signed.transaction
    assert ground.chain.head() == head


def test_a_nonce_counts_what_is_mined_and_is_taken_once(ground: Ground) -> None:
    before = ground.chain.nonce(ground.payer.address)
    first, second = prepared(ground, 3), prepared(ground, 4)
    assert first.terms.nonce == second.terms.nonce == before
    mined(ground.chain, ground.chain.send(first.raw))
    assert ground.chain.nonce(ground.payer.address) == before + 1
    assert ground.chain.nonce(ground.payer.address, pending=True) == before + 1
    with pytest.raises(NonceTaken) as caught:
        ground.chain.send(second.raw)
    assert caught.value.code == "chain.nonce"


def test_of_several_handed_in_together_one_that_is_refused_keeps_no_other_out(ground: Ground) -> None:
    first = prepared(ground, 3)
    terms = dataclasses.replace(first.terms, nonce=first.terms.nonce + 1)
    second = sign_transaction(ground.log.address, ground.anchoring(4), terms, key=ground.payer)
    outcomes = ground.chain.send_all([first.raw, for_another_chain(ground), second.raw])
    assert [type(one) for one in outcomes] == [type(None), ChainRefused, type(None)]
    assert [mined(ground.chain, one.transaction).succeeded for one in (first, second)] == [True, True]
    head = ground.chain.head()
    assert ground.chain.send_all([second.raw, first.raw]) == [None, None], "again does no harm"
    assert ground.chain.head() == head


def test_what_the_contract_would_refuse_is_not_even_prepared(ground: Ground) -> None:
    ground.log.anchor(9, (9).to_bytes(32), key=ground.payer)
    head = ground.chain.head()
    with pytest.raises(ChainReverted, match="ledger_anchor: log does not shrink"):
        prepared(ground, 8)
    assert ground.chain.head() == head


def test_a_refusal_that_came_between_is_mined_and_reported(ground: Ground) -> None:
    ground.log.anchor(9, (9).to_bytes(32), key=ground.payer)
    receipt = mine(ground.chain, ground.log.address, ground.anchoring(8), ground.payer)
    assert (receipt.succeeded, receipt.logs) == (False, ())
    assert receipt.gas_used > 0


def test_a_deployment_stands_where_sender_and_nonce_say(ground: Ground) -> None:
    code = ground.log.contract.artifact.code
    signed = ground.chain.prepare(None, code, key=ground.payer)
    receipt = mined(ground.chain, ground.chain.send(signed.raw))
    assert receipt.contract is not None
    assert receipt.contract == created_address(ground.payer.address, signed.terms.nonce)
    assert ground.chain.code(receipt.contract) == ground.log.contract.artifact.runtime


def test_an_empty_account_is_told_so(ground: Ground) -> None:
    assert ground.chain.balance(STRANGER.address) == 0
    terms = dataclasses.replace(prepared(ground, 3).terms, nonce=0, fees=Fees(most=10**10, tip=1))
    signed = sign_transaction(ground.log.address, ground.anchoring(3), terms, key=STRANGER)
    with pytest.raises(FundsMissing) as caught:
        ground.chain.send(signed.raw)
    assert caught.value.code == "chain.funds"
    assert caught.value.data["balance"] == 0


def for_another_chain(ground: Ground) -> bytes:
    signed = prepared(ground, 3)
    terms = dataclasses.replace(signed.terms, chain_id=1)
    return sign_transaction(ground.log.address, ground.anchoring(3), terms, key=ground.payer).raw


def larger_than_a_block(ground: Ground) -> bytes:
    signed = prepared(ground, 3)
    terms = dataclasses.replace(signed.terms, gas=10**9)
    return sign_transaction(ground.log.address, ground.anchoring(3), terms, key=ground.payer).raw


def without_gas_for_itself(ground: Ground) -> bytes:
    signed = prepared(ground, 3)
    terms = dataclasses.replace(signed.terms, gas=100)
    return sign_transaction(ground.log.address, ground.anchoring(3), terms, key=ground.payer).raw


@pytest.mark.parametrize(
    "make",
    [
        for_another_chain,
        larger_than_a_block,
        without_gas_for_itself,
        lambda _: b"",
        lambda _: b"junk",
        lambda _: b"\x02",
        lambda _: b"\x02\xc0",
        lambda _: b"\x05\xc0",
        lambda ground: prepared(ground, 3).raw[:-1],
    ],
    ids=[
        "other chain",
        "too large",
        "too little gas",
        "none",
        "junk",
        "cut",
        "bare",
        "unknown type",
        "short",
    ],
)
def test_what_is_no_transaction_for_this_chain_is_refused(
    ground: Ground, make: Callable[[Ground], bytes]
) -> None:
    head, nonce = ground.chain.head(), ground.chain.nonce(ground.payer.address)
    with pytest.raises(ChainRefused):
        ground.chain.send(make(ground))
    assert ground.chain.head() == head
    assert ground.chain.nonce(ground.payer.address) == nonce


def test_storage_shows_what_the_contract_keeps(ground: Ground) -> None:
    assert ground.chain.storage(ground.log.address, 0xFFFF) == bytes(32)
    assert len(ground.chain.storage(ground.log.address, 0)) == 32


def test_the_finalized_block_is_one_of_the_chain_and_not_past_the_head(ground: Ground) -> None:
    final = ground.chain.finalized()
    assert final == ground.chain.block(final.number)
    assert final.number <= ground.chain.head().number
