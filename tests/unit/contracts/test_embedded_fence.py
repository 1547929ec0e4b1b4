"""py-evm and web3 stay behind their fences: importing them changes nothing for the rest of the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from contracts.embedded import run_code

CODE = """
import sys
from pathlib import Path
from contracts.embedded import EmbeddedChain
limit = sys.getrecursionlimit()
with EmbeddedChain.open(Path({path!r})) as chain:
    chain.head()
assert "eth" in sys.modules
assert sys.getrecursionlimit() == limit, sys.getrecursionlimit()
import json
try:
    json.loads("[" * 200_000)
except RecursionError:
    print("refused")
"""


def test_deeply_nested_text_is_still_an_error_and_not_a_crash_once_the_chain_is_open(tmp_path: Path) -> None:
    code = CODE.format(path=str(tmp_path / "chain.db"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "refused\n", "")


def test_the_client_of_nodes_loads_no_engine_and_changes_no_limit() -> None:
    code = """
import logging, sys
limit, level = sys.getrecursionlimit(), logging.getLogger().level
import contracts.rpc
assert "web3" in sys.modules and "eth.chains" not in sys.modules
assert (sys.getrecursionlimit(), logging.getLogger().level) == (limit, level)
logging.basicConfig(level=logging.DEBUG)
assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.DEBUG), "it would write paths"
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_code_that_runs_by_itself_finds_an_empty_state_each_time() -> None:
    reads_then_writes = bytes.fromhex("600054600052600160005560206000f3")
    for _ in range(2):
        assert run_code(reads_then_writes, b"", gas=100_000) == bytes(32)
