"""Wallet contracts for tests: one that works as ERC-1271's own example does, and those that misbehave.

The example is the reference implementation of https://eips.ethereum.org/EIPS/eip-1271 said in Vyper: the
magic value for a signature of the owner's key, 0xffffffff for any other. The others are a few bytes of EVM
code each, so that what they do is plain.
"""

from __future__ import annotations

from functools import cache

from contracts.addresses import address_bytes
from contracts.chain import Chain
from contracts.signing import SigningKey

MAGIC = bytes.fromhex("1626ba7e")
"""What isValidSignature returns for a signature that counts."""

OWNED = """
# pragma version ==0.4.3
# pragma evm-version cancun
owner: address

@deploy
def __init__(owner: address):
    self.owner = owner

@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[65]) -> bytes4:
    r: uint256 = convert(slice(signature, 0, 32), uint256)
    s: uint256 = convert(slice(signature, 32, 32), uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    if ecrecover(digest, v, r, s) == self.owner:
        return 0x1626ba7e
    return 0xffffffff
"""

_MAGIC_IN_MEMORY = "7f" + MAGIC.hex() + "00" * 28 + "5f52"  # PUSH32 magic, PUSH0, MSTORE
ACCEPTS_ALL = _MAGIC_IN_MEMORY + "60205ff3"
REVERTS = "5f5ffd"
REVERTS_LONG = "620186a05ffd"
"""Reverts with 100,000 bytes of reason."""

BURNS_GAS = "5b5f56"
"""Jumps to its own beginning until no gas is left."""

WRITES = "60015f55" + ACCEPTS_ALL
"""Accepts, but stores something first, which a static call does not allow."""

ANSWERS_LONG = _MAGIC_IN_MEMORY + "620186a05ff3"
"""Accepts with 100,000 bytes of answer, of which one word should be read."""

ANSWERS_FOUR_BYTES = _MAGIC_IN_MEMORY + "60045ff3"
ANSWERS_NOTHING = "00"
ANSWERS_OTHERWISE = "7f" + "ff" * 4 + "00" * 28 + "5f5260205ff3"
ANSWERS_TRUE = "60015f5260205ff3"
ANSWERS_DIRTY = "7f" + MAGIC.hex() + "00" * 27 + "01" + "5f5260205ff3"
"""The magic value with a bit set behind it."""


def put(chain: Chain, runtime: str, key: SigningKey) -> str:
    """Deploy EVM code as a contract and return its address."""
    code = bytes.fromhex(runtime)
    # PUSH2 length, DUP1, PUSH1 where it starts, PUSH0, CODECOPY, PUSH0, RETURN
    creation = b"\x61" + len(code).to_bytes(2) + bytes.fromhex("80600a5f395ff3") + code
    receipt = chain.deploy(creation, key=key)
    assert receipt.contract is not None, "a deployment has an address"
    return receipt.contract


def owned_wallet(chain: Chain, owner: str, key: SigningKey) -> str:
    """Deploy the wallet of ERC-1271's example for an owner's address and return its own."""
    receipt = chain.deploy(_owned() + address_bytes(owner).rjust(32, b"\0"), key=key)
    assert receipt.contract is not None, "a deployment has an address"
    return receipt.contract


@cache
def _owned() -> bytes:
    from vyper.compiler import compile_code  # type: ignore[import-untyped]  # noqa: PLC0415  (half a second)

    return bytes.fromhex(compile_code(OWNED, output_formats=["bytecode"])["bytecode"].removeprefix("0x"))
