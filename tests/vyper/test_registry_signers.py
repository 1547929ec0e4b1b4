"""Whom the registry asks about a signature, in states of the chain that no transaction makes."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.hashing import keccak256
from contracts.signing import SigningKey
from tests import wallets
from tests.vyper.evm import account, boa, deploy, refusal

KEY = SigningKey(b"\x21" * 32)
DIGEST = keccak256(b"anything")
DELEGATED = bytes.fromhex("ef0100") + b"\x11" * 20
"""The code of an account that lets the code of another run for it (EIP-7702, after Cancun)."""


@pytest.fixture(scope="module")
def registry() -> Any:
    return deploy("AgreementRegistry")


def test_an_account_that_delegated_its_code_still_signs_by_its_key(
    registry: Any,
) -> None:
    boa.env.set_code(KEY.address, DELEGATED)
    assert registry.signed_by(KEY.address, DIGEST, KEY.sign(DIGEST)).lower() == KEY.address.lower()
    assert refusal(registry.signed_by, KEY.address, DIGEST, b"") == (
        "agreement_registry: signature is not 65 bytes"
    )


def test_code_of_the_same_length_is_a_wallets(registry: Any) -> None:
    wallet = account(1)
    boa.env.set_code(wallet, bytes.fromhex(wallets.REVERTS).ljust(23, b"\0"))
    assert refusal(registry.signed_by, wallet, DIGEST, b"") == "agreement_registry: wallet reverted"


def test_who_sends_too_little_gas_is_told_so_and_not_that_the_wallet_refused(
    registry: Any,
) -> None:
    wallet = account(2)
    boa.env.set_code(wallet, bytes.fromhex(wallets.ACCEPTS_ALL))
    assert registry.signed_by(wallet, DIGEST, b"", gas=600_000).lower() == wallet.lower()
    assert refusal(registry.signed_by, wallet, DIGEST, b"", gas=500_000) == (
        "agreement_registry: too little gas to ask the wallet"
    )
