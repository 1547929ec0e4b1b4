"""A deployed contract as an object: its functions by name, encoded and decoded by its artifact's interface.

It knows no contract in particular (see registry.py and anchor.py) and no kind of chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from contracts.addresses import checksum_address
from contracts.artifacts import Artifact, earlier_artifacts
from contracts.chain import Chain, Log, Receipt
from contracts.errors import ChainReverted, ContractEarlier, ContractUnknown, NodeUntrue
from contracts.hashing import keccak256
from contracts.signing import SigningKey

ERROR_SELECTOR = bytes.fromhex("08c379a0")
"""Selector of Error(string), in which a contract words its refusal."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of a known artifact at an address of a chain."""

    chain: Chain
    address: str
    artifact: Artifact

    @classmethod
    def deploy(cls, chain: Chain, artifact: Artifact, *arguments: Any, key: SigningKey) -> Self:
        """Deploy the artifact with its constructor's arguments and return the contract."""
        receipt = chain.deploy(deploying_code(artifact, *arguments), key=key)
        assert receipt.contract is not None, "a deployment that did not revert has an address"
        return cls.open(chain, artifact, receipt.contract)

    @classmethod
    def open(cls, chain: Chain, artifact: Artifact, address: str) -> Self:
        """Return the contract at an address, whose code is the artifact's or an earlier release's.

        Raises ContractUnknown where it is neither.
        """
        address = checksum_address(address, where="address")
        code = chain.code(address)
        if not code:
            raise ContractUnknown(f"no contract on chain {chain.chain_id}; deploy it first", where=address)
        for known in (artifact, *earlier_artifacts(artifact.name)):
            if code == known.runtime:
                return cls(chain, address, known)
        raise ContractUnknown(f"another contract than {artifact.name} of this release", where=address)

    def has(self, function: str) -> bool:
        """Tell whether the contract has a function: one of an earlier release may lack it."""
        return _find(self.artifact, "function", function) is not None

    def read(self, name: str, *arguments: Any) -> Any:
        """Call a view and return its value: a scalar, a tuple for a struct or for several values."""
        output = self.chain.call(self.address, self.call_data(name, *arguments))
        return return_value(self.artifact, name, output)

    def write(self, name: str, *arguments: Any, key: SigningKey) -> Receipt:
        """Send a call as a transaction.

        It is tried first without a block, so that a refusal costs nothing; one that the trial did not
        foresee is mined and raises ChainReverted as well.
        """
        data = self.call_data(name, *arguments)
        self.chain.call(self.address, data, sender=key.address)
        return self.chain.transact(self.address, data, key=key)

    def call_data(self, name: str, *arguments: Any) -> bytes:
        """Return the selector and encoded arguments of a function; raises ContractEarlier."""
        self._entry("function", name)
        return call_data(self.artifact, name, *arguments)

    def topic(self, event: str) -> bytes:
        """Return the first topic of an event's logs."""
        types = [_type_of(each) for each in self._entry("event", event)["inputs"]]
        return keccak256(f"{event}({','.join(types)})".encode())

    def events(self, event: str, topics: Sequence[bytes], *, first: int, last: int) -> tuple[Log, ...]:
        """Return an event's logs in a range of blocks, filtered by its first indexed values as words."""
        return self.chain.logs(self.address, (self.topic(event), *topics), first=first, last=last)

    def event_of(self, event: str, topics: Sequence[bytes], *, block: int) -> Log:
        """Return the one log of an event by which something came to stand in a block.

        Raises NodeUntrue where there is none: of a node whose answers are of different times, or that lies.
        """
        found = self.events(event, topics, first=block, last=block)
        if len(found) != 1:
            raise NodeUntrue(
                f"what stands since block {block} has {len(found)} events {event} there, not one",
                where=self.address,
            )
        return found[0]

    def _entry(self, kind: str, name: str) -> dict[str, Any]:
        found = _find(self.artifact, kind, name)
        if found is None:
            raise ContractEarlier(
                f"the {self.artifact.name} that stands here is an earlier release's and has no {name}; "
                "only one deployed by this release does",
                where=self.address,
            )
        return found


def deploying_code(artifact: Artifact, *arguments: Any) -> bytes:
    """Return the code that deploys a contract, with its constructor's arguments behind it."""
    constructor = next((each for each in artifact.abi if each["type"] == "constructor"), None)
    if constructor is None:
        return artifact.code
    from eth_abi.abi import encode  # noqa: PLC0415  (as below)

    return artifact.code + encode([_type_of(each) for each in constructor["inputs"]], arguments)


def call_data(artifact: Artifact, name: str, *arguments: Any) -> bytes:
    """Return the selector and encoded arguments of a function of a contract, wherever its code runs."""
    from eth_abi.abi import encode  # noqa: PLC0415  (a tenth of a second that the command line need not pay)

    types = [_type_of(each) for each in _function(artifact, name)["inputs"]]
    return keccak256(f"{name}({','.join(types)})".encode())[:4] + encode(types, arguments)


def return_value(artifact: Artifact, name: str, output: bytes) -> Any:
    """Return the value in a function's output: a scalar, a tuple for a struct or for several values."""
    from eth_abi.abi import decode  # noqa: PLC0415  (as above)

    values = decode([_type_of(each) for each in _function(artifact, name)["outputs"]], output)
    return values[0] if len(values) == 1 else values


def revert_reason(output: bytes) -> str:
    """Return the words of a revert: those of Error(string), else what is known of the bytes."""
    from eth_abi.abi import decode  # noqa: PLC0415  (as above)
    from eth_abi.exceptions import DecodingError  # noqa: PLC0415  (as above)

    if output[:4] == ERROR_SELECTOR:
        try:
            return str(decode(["string"], output[4:])[0])
        except DecodingError:
            return f"unreadable reason 0x{output.hex()}"
    return f"0x{output.hex()}" if output else "no reason given (arguments out of range, or gas ran out)"


def reverted(reason: str, *, transaction: str | None = None) -> ChainReverted:
    """Return the error of a refusal by a contract, mined or only tried."""
    how = f" (mined as {transaction})" if transaction else ""
    return ChainReverted(f"the contract refused: {reason}{how}", reason=reason, transaction=transaction)


def _find(artifact: Artifact, kind: str, name: str) -> dict[str, Any] | None:
    named = (each for each in artifact.abi if each["type"] == kind and each["name"] == name)
    return next(named, None)


def _function(artifact: Artifact, name: str) -> dict[str, Any]:
    found = _find(artifact, "function", name)
    assert found is not None, "an artifact has the functions that are asked of it"
    return found


def _type_of(entry: dict[str, Any]) -> str:
    kind = str(entry["type"])
    if kind.startswith("tuple"):
        return f"({','.join(_type_of(each) for each in entry['components'])}){kind.removeprefix('tuple')}"
    return kind
