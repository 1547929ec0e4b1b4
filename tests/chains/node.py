"""A real EVM node for the tests: Foundry's anvil, on a port that it finds free, ended with the test run.

`tests/chains/bring-anvil` brings the program by npm; without it the tests that ask for it are skipped and
say so.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any

import pytest

BROUGHT = Path(__file__).parent / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
HARDFORK = "cancun"
"""The rules of every node in the tests: those of the embedded chain."""

CHAIN_ID = 31_337
"""The chain id that development nodes have by custom."""

ETHER = 10**18
PATIENCE_SECONDS = 30


@dataclass
class Node:
    """A running node: where it answers, and the words by which a test has it do what no real chain would."""

    url: str
    chain_id: int
    process: int
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def ask(self, method: str, *params: Any) -> Any:
        """Send one JSON-RPC request and return its result."""
        answer = self.answer(method, *params)
        assert "error" not in answer, answer
        return answer["result"]

    def answer(self, method: str, *params: Any) -> dict[str, Any]:
        """Send one JSON-RPC request and return the whole answer, an error too."""
        body = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.load(connection.getresponse())
        return answer

    def fund(self, address: str, wei: int = 1_000 * ETHER) -> None:
        """Give an account a balance."""
        self.ask("anvil_setBalance", address, hex(wei))

    def mine(self, blocks: int = 1) -> None:
        """Add empty blocks."""
        self.ask("anvil_mine", hex(blocks))

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """Have everything as it was before, blocks too, when the test is over."""
        snapshot = self.ask("evm_snapshot")
        try:
            yield
        finally:
            assert self.ask("evm_revert", snapshot) is True


@contextmanager
def running_node(*options: str, chain_id: int = CHAIN_ID) -> Iterator[Node]:
    """Run a node of its own with further options of anvil; skips where there is no anvil."""
    command = [_program(), "--port", "0", "--chain-id", str(chain_id), "--hardfork", HARDFORK, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            places = (line.split()[-1] for line in process.stdout if line.startswith("Listening on"))
            place = next(places, None)
            assert place is not None, f"anvil ended with {process.wait(PATIENCE_SECONDS)} before it listened"
            # what it goes on to say is read, or it would wait for a reader
            threading.Thread(target=deque, args=(process.stdout, 0), daemon=True).start()
            yield Node(f"http://{place}", chain_id, process.pid)
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def _program() -> str:
    program = str(BROUGHT) if BROUGHT.exists() else shutil.which("anvil")
    if program is None:
        reason = "SKIPPED LOUDLY: no EVM node; `tests/chains/bring-anvil` brings anvil by npm"
        brings = (platform.system(), platform.machine()) == ("Linux", "x86_64") and shutil.which("npm")
        if os.environ.get("CI") == "true" and brings:
            pytest.fail(reason)
        pytest.skip(reason)
    return program
