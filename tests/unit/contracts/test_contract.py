"""What a contract says when it refuses reaches people in words."""

from __future__ import annotations

from eth_abi.abi import encode

from contracts.contract import ERROR_SELECTOR, revert_reason, reverted


def test_the_words_of_a_refusal_are_read() -> None:
    output = ERROR_SELECTOR + encode(["string"], ["registry: no"])
    assert revert_reason(output) == "registry: no"


def test_a_refusal_without_words_says_so() -> None:
    assert revert_reason(b"").startswith("no reason given")
    assert revert_reason(b"\x12\x34\x56\x78") == "0x12345678"
    assert revert_reason(ERROR_SELECTOR + b"\xff").startswith("unreadable reason")


def test_the_error_tells_a_mined_refusal_from_a_tried_one() -> None:
    assert "mined" not in str(reverted("why"))
    mined = reverted("why", transaction="0x12")
    assert "mined as 0x12" in str(mined)
    assert mined.data == {"reason": "why", "transaction": "0x12"}
