"""Transactions a second on the embedded chain, as a ratio of those that anvil, a real node beside it, takes.

`python -m benchmarks.chain [--count N] [--json]` does the same on both in one run, through the one protocol:
register versions that three parties signed, anchor checkpoints, have order lines split by the contract; each
one after the other, and transactions also by eight threads at once. Both run under one chain id, so that they
are sent the same bytes: every transaction must take the same gas, and every line the same legs, or there is
no figure. Signing by the parties and compiling the plan are not measured; signing each transaction and
waiting for its block are. Without anvil (`make anvil`) the embedded chain is measured alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from contracts.anchor import Anchor
from contracts.artifacts import load_artifact
from contracts.chain import Chain, Receipt
from contracts.contract import Contract
from contracts.embedded import CHAIN_ID, EmbeddedChain
from contracts.hashing import keccak256, log_key
from contracts.registry import Registry
from contracts.rpc import Conduct, RpcChain, Waiting
from contracts.signing import SigningKey
from contracts.split_plan import CompiledSplit, compile_split
from contracts.splitter import ARTIFACT, ask_splitter
from contracts.typed_data import AgreementVersion
from policies.loading import load_agreement
from policies.splits.opinion import AnsweredLine, AskedLine, RefundState
from tests.chains.node import running_node

AGREEMENT = Path(__file__).parents[1] / "examples" / "agreements" / "head-streamer.yaml"
THREADS = 8
OPERATOR = SigningKey(b"\x0f" * 32)
PAYERS = [SigningKey(bytes([number]) * 32) for number in range(0x10, 0x10 + THREADS)]
PARTIES = sorted((SigningKey(bytes([n]) * 32) for n in (1, 2, 3)), key=lambda key: int(key.address, 16))

Call = tuple[str, bytes]
"""A contract's address and the data that it is called with."""


@dataclass
class Measured:
    """How many of each a chain does in a second, and what must be the same on every chain."""

    rates: dict[str, float] = field(default_factory=dict)
    gas: dict[str, list[int]] = field(default_factory=dict)
    lines: list[AnsweredLine] = field(default_factory=list)


def measure(chain: Chain, count: int) -> Measured:
    """Do everything `count` times on a chain."""
    found = Measured()
    registry = Registry.deploy(chain, key=OPERATOR)
    _send(found, "register", chain, registrations(registry, "alone", count))
    together = registrations(registry, "together", count)
    _send(found, f"register, {THREADS} threads", chain, together, threads=THREADS)
    anchor = Anchor.deploy(chain, log_key(bytes(32), "benchmark"), key=OPERATOR)
    _send(found, "anchor", chain, anchorings(anchor, "alone", count))
    logs = [anchorings(anchor, f"together {number}", count // THREADS) for number in range(THREADS)]
    together = [call for at_once in zip(*logs, strict=True) for call in at_once]
    _send(found, f"anchor, {THREADS} threads", chain, together, threads=THREADS)
    plan = compile_split(load_agreement(AGREEMENT.read_text("utf-8"), name=AGREEMENT.name))
    _split(found, chain, plan, list(order_lines(count)))
    return found


def _send(found: Measured, what: str, chain: Chain, calls: Sequence[Call], *, threads: int = 1) -> None:
    def share(number: int) -> list[Receipt]:
        return [chain.transact(to, data, key=PAYERS[number]) for to, data in calls[number::threads]]

    with ThreadPoolExecutor(threads) as workers:
        started = time.perf_counter()
        receipts = [one for done in workers.map(share, range(threads)) for one in done]
        found.rates[what] = len(receipts) / (time.perf_counter() - started)
    found.gas[what] = sorted(one.gas_used for one in receipts)


def _split(found: Measured, chain: Chain, plan: CompiledSplit, lines: Sequence[AskedLine]) -> None:
    splitter = Contract.deploy(chain, load_artifact(ARTIFACT), key=OPERATOR)
    started = time.perf_counter()
    found.lines = list(ask_splitter(plan, lines, run=lambda data: chain.call(splitter.address, data)))
    found.rates["split lines"] = len(lines) / (time.perf_counter() - started)


def registrations(registry: Registry, name: str, count: int) -> list[Call]:
    """Return calls that register a first version each, signed by three parties."""
    calls = []
    for number in range(count):
        version = AgreementVersion.of(
            salt=keccak256(f"{name} {number}".encode()),
            agreement_id=name,
            version=1,
            document_keccak256=keccak256(b"a document"),
            effective_from=1_790_000_000,
            parties=[key.address for key in PARTIES],
        )
        digest = version.digest(registry.domain)
        signatures = [key.sign(digest) for key in PARTIES]
        data = registry.contract.call_data("register", *version.fields().values(), signatures)
        calls.append((registry.address, data))
    return calls


def anchorings(anchor: Anchor, name: str, count: int) -> list[Call]:
    """Return calls that anchor a growing log of this name."""
    sizes = range(1, count + 1)
    log = log_key(bytes(32), name)
    roots = (keccak256(size.to_bytes(8)) for size in sizes)
    return [
        (anchor.address, anchor.contract.call_data("anchor", log, size, root))
        for size, root in zip(sizes, roots, strict=True)
    ]


def order_lines(count: int) -> Iterator[AskedLine]:
    """Yield order lines of the head streamer's agreement, each with one refund of half of it."""
    for number in range(count):
        paid = Fraction(10_000 + 37 * number, 100)
        facts: dict[str, Any] = {
            "paid": paid,
            "freight": Fraction(8),
            "platform_coupon": Fraction(number % 50),
        }
        yield AskedLine(facts, (RefundState(int(paid * 50)),))


@contextmanager
def embedded() -> Iterator[Chain]:
    """Open an embedded chain of its own."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedChain.open(Path(folder) / "chain.db") as chain:
        yield chain


@contextmanager
def anvil() -> Iterator[Chain]:
    """Run anvil, which makes a block for each transaction at once; raises Skipped where there is none."""
    with running_node(chain_id=CHAIN_ID) as node:
        for key in (OPERATOR, *PAYERS):
            node.fund(key.address)
        # it makes a block for each transaction at once, so that waiting longer would measure the waiting
        conduct = Conduct(waiting=Waiting(look=0.001))
        with RpcChain.open(node.url, chain_id=node.chain_id, conduct=conduct) as chain:
            yield chain


def compared(count: int) -> dict[str, Any]:
    """Measure both chains; return rates and ratios, and whether both did the same."""
    with embedded() as chain:
        ours = measure(chain, count)
    result: dict[str, Any] = {"count": count, "embedded": _rounded(ours.rates)}
    try:
        with anvil() as chain:
            theirs = measure(chain, count)
    except pytest.skip.Exception as missing:
        sys.stderr.write(f"{missing}\n")
        return result
    same = (ours.gas, ours.lines) == (theirs.gas, theirs.lines)
    ratios = {what: ours.rates[what] / theirs.rates[what] for what in ours.rates}
    return {**result, "anvil": _rounded(theirs.rates), "ratio": _rounded(ratios), "same": same}


def _rounded(rates: dict[str, float]) -> dict[str, float]:
    return {what: round(rate, 4) for what, rate in rates.items()}


def main() -> int:
    """Measure, print, and return 1 where the chains did not do the same."""
    parser = argparse.ArgumentParser(description="Compare the embedded chain with anvil.")
    parser.add_argument("--count", type=int, default=100, help="transactions of each kind, and order lines")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = compared(given.count)
    if given.json:
        print(json.dumps(found))
    else:
        for what, rate in found["embedded"].items():
            beside = (
                f"  {found['anvil'][what]:10,.1f}  {found['ratio'][what]:6.2f}" if "anvil" in found else ""
            )
            print(f"{what:<22}{rate:10,.1f}{beside}")
    return 0 if found.get("same", True) else 1


if __name__ == "__main__":
    sys.exit(main())
