"""The long runs: every property in thousands of examples, kills and engine cases by the hundred.

`python -m tests.soak` runs them one after another and writes what they did to `docs/evidence/soak.md`, with
the date and the revision they ran on. It stops by itself.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT / "docs" / "evidence" / "soak.md"


@dataclass(frozen=True)
class Run:
    """One long run: what it shows, which tests, with which counts."""

    claim: str
    tests: tuple[str, ...]
    settings: dict[str, str]


RUNS = (
    Run("properties in 1,000 examples each", ("tests/property",), {"TALLYSTICK_HYPOTHESIS": "soak"}),
    Run("100,000 rule cases in one process leave memory flat",
        ("tests/property/policies_rules", "-k", "memory"), {"TALLYSTICK_SOAK": "100000"}),
    Run("200 kills on each database lose nothing acknowledged", ("tests/integration/ledger", "-k", "kill"),
        {"TALLYSTICK_KILLS": "200"}),
    Run("200,000 random order lines with refunds: CommissionSplitter and policies agree on every unit",
        ("tests/property/contracts/test_splitter_agrees.py", "tests/chains/test_splitter_on_anvil.py"),
        {"TALLYSTICK_SPLITTER_LINES_TRIED": "200000"}),
    Run("50 kills of the embedded chain under the load of six threads lose nothing acknowledged",
        ("tests/integration/contracts/test_killed_chain.py",), {"TALLYSTICK_KILLS": "50"}),
    Run("3,000 acts on all four contracts, and 300 chosen sequences, are the same on py-evm and anvil",
        ("tests/chains/test_chains_agree.py",), {"TALLYSTICK_TWIN_ACTS": "3000"}),
    Run("state machines over the contracts, on titanoboa", ("tests/vyper",),
        {"TALLYSTICK_HYPOTHESIS": "soak"}),
    Run("1,000 tamperings of rows and 1,000 of bytes of the file are found",
        ("tests/integration/ledger/test_tampering.py",), {"TALLYSTICK_TAMPERINGS": "1000"}),
    Run("every byte of an evidence bundle flipped in turn", ("tests/unit/verifier/test_bundle_attacks.py",),
        {"TALLYSTICK_HYPOTHESIS": "soak"}),
    Run("a statement of over a million lines opens on its page and is written in every form",
        ("tests/integration/api/test_large_statement.py",), {"TALLYSTICK_STATEMENT_LINES": "430000"}),
)  # fmt: skip


def main() -> int:
    """Run everything and write the evidence; return 0 when all passed."""
    rows, failed = [], False
    for run in RUNS:
        sys.stdout.write(f"{run.claim} …\n")
        sys.stdout.flush()
        started = time.monotonic()
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *run.tests]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **run.settings}, capture_output=True, text=True, check=False
        )
        closing = re.sub(r" in .*", "", (done.stdout.strip().splitlines() or ["no output"])[-1]).strip("= ")
        rows.append(f"| {run.claim} | {closing} | {time.monotonic() - started:,.0f} s |")
        failed |= done.returncode != 0
        sys.stdout.write(done.stdout if done.returncode else rows[-1] + "\n")
    EVIDENCE.parent.mkdir(parents=True, exist_ok=True)
    EVIDENCE.write_text(_page(rows), encoding="utf-8")
    return int(failed)


def _page(rows: list[str]) -> str:
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    day = datetime.now(UTC).date().isoformat()
    where = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    head = f"# Long runs\n\n{day}, revision {revision}, {where}; made again by `make soak`.\n\n"
    return head + "| what | outcome | time |\n|---|---|---|\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
