"""A token (ERC-20) as far as a vault's users need it: what somebody has, and allowing a vault to take some.

Tokens are other people's contracts, so that their code is not held against an artifact of ours.
Source: https://eips.ethereum.org/EIPS/eip-20
"""

from __future__ import annotations

from contracts.artifacts import Artifact
from contracts.chain import Chain
from contracts.contract import Contract
from contracts.errors import ChainReverted, ContractUnknown
from contracts.signing import SigningKey

_ADDRESS, _AMOUNT = {"type": "address", "name": ""}, {"type": "uint256", "name": ""}
_ERC_20 = Artifact(
    "ERC-20",
    (
        {"type": "function", "name": "balanceOf", "inputs": [_ADDRESS], "outputs": [_AMOUNT]},
        {"type": "function", "name": "decimals", "inputs": [], "outputs": []},
        {"type": "function", "name": "approve", "inputs": [_ADDRESS, _AMOUNT], "outputs": []},
    ),
    b"", b"", "",
)  # fmt: skip


def balance_of(chain: Chain, token: str, owner: str) -> int:
    """Return what an address has of a token, in the token's own units."""
    return int(Contract(chain, token, _ERC_20).read("balanceOf", owner))


def decimals_of(chain: Chain, token: str) -> int:
    """Return how many decimal places a token has; raises ContractUnknown where no token says so."""
    asked = Contract(chain, token, _ERC_20)
    try:
        output = chain.call(token, asked.call_data("decimals"))
    except ChainReverted:
        output = b""
    if len(output) != 32:
        raise ContractUnknown("no token (ERC-20) that says its decimal places", where=token)
    return int.from_bytes(output)


def approve(chain: Chain, token: str, spender: str, amount: int, *, key: SigningKey) -> None:
    """Allow another address to take so much of a key's own; what the token answers is not read."""
    Contract(chain, token, _ERC_20).write("approve", spender, amount, key=key)
