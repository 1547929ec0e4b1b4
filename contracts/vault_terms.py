"""What a deposit vault goes by, and the messages that let something out of it, as EIP-712 typed data.

Pure: the terms come compiled from a document (vault_plan.py), and what the contract does with them is
vault.py's and vyper/DepositVault.vy's. Amounts are in the token's own units, times in seconds.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

from contracts.addresses import checksum_address
from contracts.errors import DigestError
from contracts.hashing import keccak256
from contracts.typed_data import Message

TERMS_TYPE = (
    "(address,address,bytes32,uint256,address,address[],address[],uint256,address[],uint256,uint256,"
    "uint64,bool,uint64,uint64,uint64)"
)
"""The contract's struct `Terms` as its interface encodes it."""

LONGEST_SECONDS = 315_360_000
"""The longest time that terms may name: ten years."""

UNLIMITED = (1 << 256) - 1
"""The cap of terms whose document names none."""


@dataclass(frozen=True, slots=True)
class VaultTerms:
    """All that a vault goes by, in the order of the contract's struct; the lists ascend by address.

    `hold_seconds`: how long what is put in stays; with `after_end`, how long after the registry has the
    agreement ended. `cap`: the most that rulings award together. The arbiters' `quorum` files a ruling, drawn
    after `appeal_seconds`; the `review_quorum` of reviewers overturns it, in `review_seconds` once a party
    appealed. What a payee contests stays for `contest_seconds`.
    """

    token: str
    registry: str
    agreement: bytes
    version: int
    payer: str
    payees: tuple[str, ...]
    arbiters: tuple[str, ...]
    quorum: int
    reviewers: tuple[str, ...]
    review_quorum: int
    cap: int
    hold_seconds: int
    after_end: bool
    appeal_seconds: int
    review_seconds: int
    contest_seconds: int

    def encoded(self) -> bytes:
        """Return the terms as the contract's constructor takes them."""
        from eth_abi.abi import encode  # noqa: PLC0415  (a tenth of a second that the command line need not pay)

        return encode([TERMS_TYPE], [astuple(self)])

    def digest(self) -> bytes:
        """Return the digest that who puts something in has to name."""
        return keccak256(self.encoded())


def ascending(addresses: set[str]) -> tuple[str, ...]:
    """Return addresses as the contract wants them: with their checksum, ascending by value."""
    return tuple(sorted(map(checksum_address, addresses), key=lambda address: int(address, 16)))


@dataclass(frozen=True, slots=True)
class VaultRelease(Message):
    """All parties let so much go: the how manyth release, from 0, to whom, how much each.

    Raises DigestError where there is not one amount a payee.
    """

    primary_type = "VaultRelease"
    types = {  # noqa: RUF012 (a ClassVar, as its base says)
        "VaultRelease": (("number", "uint256"), ("payees", "address[]"), ("amounts", "uint256[]"))
    }

    number: int
    payees: tuple[str, ...]
    amounts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.payees or len(self.payees) != len(self.amounts):
            raise DigestError("a release has one amount a payee", where="amounts")


@dataclass(frozen=True, slots=True)
class VaultRuling(Message):
    """The arbiters award so much to a payee; `ruling` and `contest` are salted keys of 32 bytes.

    `contest` is zeros where nothing was contested before. Raises DigestError for other keys.
    """

    primary_type = "VaultRuling"
    types = {  # noqa: RUF012 (as above)
        "VaultRuling": (
            ("ruling", "bytes32"),
            ("contest", "bytes32"),
            ("payee", "address"),
            ("amount", "uint256"),
        )
    }

    ruling: bytes
    contest: bytes
    payee: str
    amount: int

    def __post_init__(self) -> None:
        for name in ("ruling", "contest"):
            if len(getattr(self, name)) != 32:
                raise DigestError("must be 32 bytes", where=name)


@dataclass(frozen=True, slots=True)
class VaultAppealDecision(Message):
    """The reviewers uphold or overturn a ruling, by its key of 32 bytes; raises DigestError for another."""

    primary_type = "VaultAppealDecision"
    types = {  # noqa: RUF012 (as above)
        "VaultAppealDecision": (("ruling", "bytes32"), ("stands", "bool"))
    }

    ruling: bytes
    stands: bool

    def __post_init__(self) -> None:
        if len(self.ruling) != 32:
            raise DigestError("must be 32 bytes", where="ruling")
