"""Wallet contracts as signers: whether one stands at an address, and whether a signature is its own to it.

It is the registry that asks (ERC-1271), so that what is judged beforehand is judged as it will be when
something is registered: in a static call with a cap on gas, of whose answer one word is read. Source:
https://eips.ethereum.org/EIPS/eip-1271
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.contract import Contract
from contracts.errors import (
    ChainReverted,
    SignatureRefused,
    SignatureTruncated,
    WalletExhausted,
    WalletRefused,
    WalletReverted,
    WalletSilent,
)

SIGNATURE_LIMIT = 1024
"""The longest signature of a wallet that the registry takes, in bytes."""

DELEGATED = bytes.fromhex("ef0100")
"""How the code of an account begins that has delegated it (EIP-7702): its own key still signs for it."""

_REFUSALS: dict[str, type[SignatureRefused]] = {
    "wallet refused the signature": WalletRefused,
    "wallet reverted": WalletReverted,
    "wallet used up its gas": WalletExhausted,
    "wallet gave no answer": WalletSilent,
}


@dataclass(frozen=True, slots=True)
class ChainWallets:
    """The wallet contracts of a registry's chain; one of an earlier release asks none."""

    registry: Contract

    def is_wallet(self, address: str) -> bool:
        """Tell whether a wallet contract stands at an address that the registry would ask."""
        code = self.registry.chain.code(address)
        delegated = len(code) == 23 and code.startswith(DELEGATED)
        return bool(code) and not delegated and self.registry.has("signed_by")

    def require(self, wallet: str, digest: bytes, signature: bytes) -> None:
        """Hold that a wallet takes a signature for its own.

        Raises WalletRefused, WalletReverted, WalletExhausted, WalletSilent, or SignatureTruncated for one
        that is longer than the registry takes.
        """
        if len(signature) > SIGNATURE_LIMIT:
            raise SignatureTruncated(f"a wallet's has {SIGNATURE_LIMIT} bytes at most, not {len(signature)}")
        try:
            self.registry.read("signed_by", wallet, digest, signature)
        except ChainReverted as refused:
            reason = str(refused.data["reason"]).removeprefix("agreement_registry: ")
            if reason not in _REFUSALS:
                raise
            raise _REFUSALS[reason](f"{wallet}: {reason}; have its owners sign this very request") from None
