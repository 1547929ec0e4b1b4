"""What using the contracts costs in gas, measured on the embedded chain (docs/reference/gas.md).

`python -m benchmarks.gas [--json | --write]` deploys every contract, uses it as its users would, and prints
the gas of each transaction. Keys, contents and the chain's clock are fixed, so that the figures are the same
on every run and on every machine; `--write` puts them into the page, and a test holds the page to them.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.vault_gas import vault_costs
from contracts.artifacts import load_artifact
from contracts.chain import Chain
from contracts.contract import Contract
from contracts.embedded import EmbeddedChain
from contracts.hashing import keccak256
from contracts.key_changes import KeyRecovery, KeyRevocation, KeyRotation
from contracts.registry import Registry
from contracts.signing import SigningKey
from contracts.split_plan import compile_split
from contracts.splitter import ask_splitter
from contracts.termination import AgreementTermination
from contracts.typed_data import AgreementVersion, Message
from ledger.tree import consistency_proof, inclusion_proof, leaf_hash, node_hash, range_root
from tests import wallets
from tests.splitter_lines import everything, random_lines

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "gas.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
OPERATOR = SigningKey(b"\x0f" * 32)
NEW_KEY, RECOVERY = SigningKey(b"\x41" * 32), SigningKey(b"\x42" * 32)
STARTS, ENDS = 1_790_000_000, 1_800_000_000


@dataclass(frozen=True)
class Cost:
    """What one transaction costs: of which contract, what it does, and its gas, calldata included."""

    contract: str
    what: str
    gas: int


def keys(count: int) -> tuple[SigningKey, ...]:
    """Return so many fixed keys in ascending order of their addresses."""
    made = (SigningKey(bytes([1 + n]) * 32) for n in range(count))
    return tuple(sorted(made, key=lambda key: int(key.address, 16)))


def costs() -> Iterator[Cost]:
    """Measure every contract on a chain of its own."""
    for contract, measure in MEASURED.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            EmbeddedChain.open(Path(folder) / "chain.db", clock=lambda: STARTS) as chain,
        ):
            for what, gas in measure(chain):
                yield Cost(contract, what, gas)


def _registry(chain: Chain) -> Iterator[tuple[str, int]]:
    yield "deploy", _deployed(chain, "AgreementRegistry")
    registry = Registry.deploy(chain, key=OPERATOR)
    for count in (1, 2, 3, 8, 16):
        parties = keys(count)
        version = _version(f"{count} parties", tuple(key.address for key in parties))
        noun = "party" if count == 1 else "parties"
        yield f"register version 1 of {count} {noun}", _registered(registry, version, parties)
    three = keys(3)
    first = _version("3 parties", tuple(key.address for key in three))
    second = dataclasses.replace(
        first, version=2, commitment=keccak256(b"second"), supersedes=first.commitment
    )
    yield "register version 2 of 3 parties", _registered(registry, second, three)

    wallet = wallets.owned_wallet(chain, three[0].address, OPERATOR)
    owners = {wallet: three[0]} | {key.address: key for key in three[1:]}
    addresses = tuple(sorted(owners, key=lambda address: int(address, 16)))
    shared = _version("a wallet", addresses)
    by_wallet = tuple(owners[address] for address in addresses)
    yield "register version 1 of 3 parties, one a wallet", _registered(registry, shared, by_wallet)

    eight = _version("8 parties", tuple(key.address for key in keys(8)))
    for ended, parties, also in ((shared, by_wallet, ", one a wallet"), (eight, keys(8), "")):
        message = AgreementTermination(ended.agreement, 1, ended.commitment, ENDS)
        signatures = [_by(registry, message, key) for key in parties]
        what = f"end an agreement of {len(parties)} parties{also}"
        yield what, _used(registry, "terminate", message, signatures)

    yield from _key_changes(registry, three, second)


def _key_changes(
    registry: Registry, three: tuple[SigningKey, ...], second: AgreementVersion
) -> Iterator[tuple[str, int]]:
    signer = three[0]
    named = KeyRecovery(signer.address, RECOVERY.address, 1)
    yield "name a recovery", _used(registry, "name_recovery", named, _by(registry, named, signer), b"")
    rotated = KeyRotation(signer.address, signer.address, NEW_KEY.address, 2)
    both = _by(registry, rotated, signer), _by(registry, rotated, NEW_KEY)
    yield "replace a key", _used(registry, "rotate_key", rotated, signer.address, *both)
    third = dataclasses.replace(
        second, version=3, commitment=keccak256(b"third"), supersedes=second.commitment
    )
    yield (
        "register version 3 of 3 parties, one by a key that took another's place",
        _registered(registry, third, (NEW_KEY, *three[1:])),
    )
    revoked = KeyRevocation(signer.address, NEW_KEY.address, 3)
    by_recovery = RECOVERY.address, _by(registry, revoked, RECOVERY)
    yield "revoke a key", _used(registry, "revoke_key", revoked, *by_recovery)


def _anchor(chain: Chain) -> Iterator[tuple[str, int]]:
    yield "deploy", _deployed(chain, "LedgerAnchor")
    anchor = Contract.deploy(chain, load_artifact("LedgerAnchor"), key=OPERATOR)
    log, small, large = keccak256(b"log"), 700_000, 1_000_000
    tree = _Tree()
    for what, size in (("anchor a log's first checkpoint", small), ("anchor a later checkpoint", large)):
        root = range_root(tree, 0, size)
        yield what, anchor.write("anchor", log, size, root, key=OPERATOR).gas_used
    proof = inclusion_proof(tree, 123_456, large)
    place = (OPERATOR.address, log, large, 123_456, tree.subtree(0, 123_456), proof)
    what = f"prove an entry among {large:,}, {len(proof)} hashes"
    yield what, anchor.write("verify_inclusion", *place, key=OPERATOR).gas_used
    proof = consistency_proof(tree, small, large)
    what = f"prove that {large:,} entries begin with {small:,}, {len(proof)} hashes"
    arguments = (OPERATOR.address, log, small, large, proof)
    yield what, anchor.write("verify_consistency", *arguments, key=OPERATOR).gas_used


def _splitter(chain: Chain) -> Iterator[tuple[str, int]]:
    yield "deploy", _deployed(chain, "CommissionSplitter")
    splitter = Contract.deploy(chain, load_artifact("CommissionSplitter"), key=OPERATOR)
    agreement = everything()
    plan = compile_split(agreement)
    lines = list(random_lines(agreement, 20_261_123, 10))
    for count in (1, 10):
        sent: list[int] = []

        def run(data: bytes, sent: list[int] = sent) -> bytes:
            sent.append(chain.transact(splitter.address, data, key=OPERATOR).gas_used)
            return chain.call(splitter.address, data)

        list(ask_splitter(plan, lines[:count], run=run))
        noun = "line" if count == 1 else "lines"
        yield f"split {count} {noun}, each refunded twice, by every construct there is", sum(sent)


MEASURED: dict[str, Callable[[Chain], Iterator[tuple[str, int]]]] = {
    "AgreementRegistry": _registry,
    "LedgerAnchor": _anchor,
    "CommissionSplitter": _splitter,
    "DepositVault": vault_costs,
}


class _Tree:
    """A tree of equal leaves, so that the root of a perfect part follows from its height alone."""

    def subtree(self, height: int, index: int) -> bytes:
        del index
        root = leaf_hash(b"leaf")
        for _ in range(height):
            root = node_hash(root, root)
        return root


def _deployed(chain: Chain, name: str) -> int:
    return chain.deploy(load_artifact(name).code, key=OPERATOR).gas_used


def _version(name: str, addresses: tuple[str, ...]) -> AgreementVersion:
    return AgreementVersion.of(
        salt=bytes(range(32)),
        agreement_id=name,
        version=1,
        document_keccak256=keccak256(name.encode()),
        effective_from=STARTS,
        parties=addresses,
    )


def _registered(registry: Registry, version: AgreementVersion, by: Sequence[SigningKey]) -> int:
    digest = version.digest(registry.domain)
    signatures = [key.sign(digest) for key in by]
    fields = version.fields().values()
    return registry.contract.write("register", *fields, signatures, key=OPERATOR).gas_used


def _by(registry: Registry, message: Message, key: SigningKey) -> bytes:
    return key.sign(message.digest(registry.domain))


def _used(registry: Registry, function: str, message: Message, *rest: Any) -> int:
    return registry.contract.write(function, *message.fields().values(), *rest, key=OPERATOR).gas_used


def table(measured: Sequence[Cost]) -> str:
    """Return the figures as the page has them."""
    parts = []
    for contract in dict.fromkeys(cost.contract for cost in measured):
        rows = [f"| {cost.what} | {cost.gas:,} |" for cost in measured if cost.contract == contract]
        parts.append("\n".join([f"## {contract}", "", "| transaction | gas |", "|---|---:|", *rows]))
    return "\n\n".join(parts)


def on_page(text: str) -> str:
    """Return what stands between the page's marks."""
    return text.split(BEGIN)[1].split(END, maxsplit=1)[0].strip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or write the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gas", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object a figure in a list")
    parser.add_argument("--write", action="store_true", help=f"write the figures into {PAGE.name}")
    options = parser.parse_args(arguments)
    measured = tuple(costs())
    if options.write:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n\n{table(measured)}\n\n{END}{after}", encoding="utf-8")
    print(json.dumps([dataclasses.asdict(cost) for cost in measured]) if options.json else table(measured))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
