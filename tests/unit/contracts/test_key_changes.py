"""The messages that end an agreement and change a signer's keys: what they refuse, what wallets are shown."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from contracts.eip712 import typed_data_digest
from contracts.errors import DigestError
from contracts.key_changes import NOBODY, KeyRecovery, KeyRevocation, KeyRotation
from contracts.termination import AgreementTermination
from contracts.typed_data import Domain, Message

DOMAIN = Domain(1_413_565_529, "0x" + "ab" * 20)
ONE, TWO, THREE = ("0x" + digit * 40 for digit in "123")
MESSAGES: tuple[Message, ...] = (
    KeyRotation(ONE, TWO, THREE, 7),
    KeyRecovery(ONE, NOBODY, 1),
    KeyRevocation(ONE, TWO, (1 << 256) - 1),
    AgreementTermination(b"\x01" * 32, 3, b"\x02" * 32, 1_800_000_000, b"\x03" * 32),
)


@pytest.mark.parametrize("message", MESSAGES)
def test_eth_account_reaches_the_same_digest(message: Message) -> None:
    request = message.request(DOMAIN)
    signable = encode_typed_data(full_message=request)
    assert typed_data_digest(signable.header, signable.body) == message.digest(DOMAIN)
    assert request["primaryType"] == type(message).__name__
    assert set(request["types"]) == {"EIP712Domain", type(message).__name__}, "and is shown no other type"


@pytest.mark.parametrize(
    ("kind", "values", "where"),
    [
        (KeyRotation, (ONE, TWO, TWO, 1), "new_key"),
        (KeyRotation, (ONE, TWO, NOBODY, 1), "new_key"),
        (KeyRotation, (ONE, TWO, THREE, 0), "number"),
        (KeyRotation, (ONE, "0x12", THREE, 1), "old_key"),
        (KeyRecovery, (NOBODY, TWO, 1), "signer"),
        (KeyRevocation, (ONE, TWO, 1 << 256), "number"),
        (AgreementTermination, (b"short", 1, bytes(32), 0), "agreement"),
        (AgreementTermination, (bytes(32), 0, bytes(32), 0), "version"),
        (AgreementTermination, (bytes(32), 1, bytes(32), 1 << 64), "ends_at"),
        (AgreementTermination, (bytes(32), 1, bytes(32), 0, b""), "terms"),
    ],
)
def test_what_the_message_cannot_say_is_refused_by_field(
    kind: type[Any], values: tuple[Any, ...], where: str
) -> None:
    with pytest.raises(DigestError) as caught:
        kind(*values)
    assert caught.value.where == where
