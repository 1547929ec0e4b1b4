"""Wallet contracts that sign an agreement: asked on their chain once, as their signature is handed in.

What a wallet takes for its own only its chain can say (ERC-1271), and no request waits for a chain: so it is
the operator's command that asks, and the record of the signature says at which block. From then on the record
decides, until the registry asks the wallet again as it takes the version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.errors import WalletUndecided
from ledger.signing.proposals import Given

if TYPE_CHECKING:
    from api.office.opening import Office
    from contracts.consent import Wallets


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks wallet contracts now, and the chain's newest block as they are asked."""

    wallets: Wallets
    block: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The wallet contracts whose answers are on record, with the signatures that they took for their own."""

    answers: frozenset[tuple[str, str]]

    def is_wallet(self, address: str) -> bool:
        """Tell whether an answer of a wallet contract at an address is on record."""
        return any(wallet == address for wallet, _ in self.answers)

    def require(self, wallet: str, digest: bytes, signature: bytes) -> None:
        """Hold that the wallet took this signature for its own. Raises WalletUndecided."""
        del digest  # the record is of a signature of this very version
        if (wallet, "0x" + signature.hex()) not in self.answers:
            raise WalletUndecided(f"{wallet} was asked about another signature; hand this one in")


def asking(office: Office) -> Asking:
    """Return who asks wallet contracts; opens the chain."""
    return Asking(office.registry.wallets, office.chain.head().number)


def answered(given: Iterable[Given]) -> Answered:
    """Return the answers that recorded signatures tell of."""
    return Answered(frozenset((one.key, one.signature) for one in given if one.asked_at_block is not None))
