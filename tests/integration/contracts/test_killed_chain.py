"""kill -9 of the embedded chain under load: what was acknowledged is there, and the chain is whole.

`TALLYSTICK_KILLS` says how often; `make soak` has fifty.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contracts.anchor import Anchor
from contracts.embedded import EmbeddedChain
from contracts.hashing import keccak256
from contracts.signing import SigningKey
from verifier.chain_file import Named, Sealed, chain_faults, content_faults, open_chain

KILLS = int(os.environ.get("TALLYSTICK_KILLS", "3"))
THREADS = 6
LOG = keccak256(b"log")
REPOSITORY = Path(__file__).parents[3]
WRITER = """
import sys
import threading
from pathlib import Path
from contracts.anchor import Anchor
from contracts.embedded import EmbeddedChain
from contracts.signing import SigningKey

chain = EmbeddedChain.open(Path(sys.argv[1]))

def write(number):
    key = SigningKey(bytes([number]) * 32)
    log = Anchor.open(chain, sys.argv[2], bytes.fromhex(sys.argv[3]), key.address)
    latest = log.latest()
    size = latest.size if latest else 0
    while True:
        size += 1
        data = log.contract.call_data("anchor", log.log, size, size.to_bytes(32))
        receipt = chain.transact(log.address, data, key=key)
        sys.stdout.write(f"{number} {size} {receipt.transaction} {receipt.block.number}\\n")
        sys.stdout.flush()

for number in range(1, int(sys.argv[4]) + 1):
    threading.Thread(target=write, args=(number,)).start()
"""


@dataclass
class Told:
    """What the writers acknowledged: the newest size of each, and every transaction with its block."""

    sizes: Counter[int] = field(default_factory=Counter)
    transactions: list[Named] = field(default_factory=list)

    def take(self, line: str) -> None:
        number, size, transaction, block = line.split()
        self.sizes[int(number)] = int(size)
        self.transactions.append(Named(line, int(block), bytes.fromhex(transaction[2:])))


@pytest.mark.slow
def test_a_chain_killed_under_load_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    seed = random.Random(20_261_122)
    path = tmp_path / "chain.sqlite"
    with EmbeddedChain.open(path) as chain:
        address = Anchor.deploy(chain, LOG, key=SigningKey(b"\x0f" * 32)).address
    told, heads, shared = Told(), list[Sealed](), 0
    for _ in range(KILLS):
        write_and_kill(path, address, told, after=seed.randint(1, 40), wait=seed.random() * 0.05)
        with open_chain(path, keccak256) as file:
            # by another program's reading: every head of before and every acknowledged transaction is there
            assert [*chain_faults(file, heads, told.transactions), *content_faults(file)] == []
            head = file.head()
        heads.append(Sealed(len(heads), head.number, head.block_hash))
        with EmbeddedChain.open(path) as chain:
            assert chain.head().block_hash == "0x" + head.block_hash.hex()
            sent = [require_consistent(chain, address, number, told) for number in range(1, THREADS + 1)]
            shared = sum(sent) - (head.number - 1)
    assert shared > 0, "threads shared blocks"


def require_consistent(chain: EmbeddedChain, address: str, number: int, told: Told) -> int:
    """Hold that a writer's state is that of its transactions; return how many of its own are in the chain.

    The one that was under way may stand or not, and stands whole.
    """
    key = SigningKey(bytes([number]) * 32)
    log = Anchor.open(chain, address, LOG, key.address)
    latest = log.latest()
    size = latest.size if latest else 0
    assert size - told.sizes[number] in {0, 1}
    assert chain.nonce(key.address) == size
    assert latest is None or latest.root == size.to_bytes(32)
    told.sizes[number] = size
    return size


def write_and_kill(path: Path, address: str, told: Told, *, after: int, wait: float) -> None:
    """Run the writers until they have acknowledged so many transactions, and kill them."""
    command = [sys.executable, "-c", WRITER, str(path), address, LOG.hex(), str(THREADS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            told.take(writer.stdout.readline())
        time.sleep(wait)
        os.kill(writer.pid, signal.SIGKILL)
        for line in writer.stdout:
            if line.endswith("\n"):  # a line cut by the kill acknowledges nothing
                told.take(line)
    assert writer.returncode == -signal.SIGKILL
