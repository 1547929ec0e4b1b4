"""Transactions signed here are those that others would sign, byte for byte."""

from __future__ import annotations

import pytest
from eth_account import Account

from contracts.errors import ChainRefused
from contracts.signing import SigningKey
from contracts.transactions import Fees, Terms, created_address, read_transaction, sign_transaction

KEY = SigningKey(b"\x0f" * 32)
TERMS = Terms(chain_id=31_337, nonce=7, gas=123_456, fees=Fees(most=2_000_000_000, tip=3))


@pytest.mark.parametrize("to", [None, "0x" + "11" * 20])
@pytest.mark.parametrize("data", [b"", b"\x00\x01" * 40])
def test_the_bytes_are_those_of_eth_account(to: str | None, data: bytes) -> None:
    fields = {
        "type": 2, "chainId": 31_337, "nonce": 7, "gas": 123_456, "maxFeePerGas": 2_000_000_000,
        "maxPriorityFeePerGas": 3, "value": 0, "data": data, **({"to": to} if to else {}),
    }  # fmt: skip
    theirs = Account.sign_transaction(fields, KEY.reveal())
    ours = sign_transaction(to, data, TERMS, key=KEY)
    assert ours.raw == bytes(theirs.raw_transaction)
    assert ours.transaction == "0x" + theirs.hash.hex()
    assert Account.recover_transaction(ours.raw) == ours.sender == KEY.address
    assert ours.terms == TERMS


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert sign_transaction(None, b"\x01", TERMS, key=KEY) == sign_transaction(None, b"\x01", TERMS, key=KEY)


def test_the_first_contract_of_a_known_account_stands_where_everybody_says() -> None:
    """The example of many explorers: the deployer of nonce 0 and 1."""
    deployer = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
    assert created_address(deployer, 0) == "0xcd234A471b72ba2F1Ccf0A70FCABA648a5eeCD8d"
    assert created_address(deployer, 1) == "0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8"


@pytest.mark.parametrize("to", [None, "0x" + "11" * 20])
def test_what_was_signed_is_read_back_from_its_bytes(to: str | None) -> None:
    signed = sign_transaction(to, b"\x00\x01", TERMS, key=KEY)
    assert read_transaction(signed.raw) == signed


@pytest.mark.parametrize("cut", [0, 1, 2, 40, -1])
def test_bytes_that_are_no_signed_transaction_are_refused(cut: int) -> None:
    signed = sign_transaction(None, b"\x00\x01", TERMS, key=KEY)
    with pytest.raises(ChainRefused):
        read_transaction(signed.raw[:cut])


def test_a_changed_transaction_is_not_its_senders() -> None:
    signed = sign_transaction(None, b"\x00\x01" * 20, TERMS, key=KEY)
    changed = signed.raw.replace(b"\x00\x01", b"\x00\x02", 1)
    assert changed != signed.raw
    assert read_transaction(changed).sender != KEY.address
