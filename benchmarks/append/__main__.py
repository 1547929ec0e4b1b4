"""How fast entries are appended, against what the databases can do and what others do; see the parts.

`python -m benchmarks.append [--json]` measures in one run batches against pre-encoded COPY, executemany and
an ORM (batches.py), single entries in requests of their own against bare ASGI and an ORM (requests.py), cost
and memory as the log grows (growth.py), and journals of the same sales loaded by hledger, ledger and
beancount (journals.py). Every database is durable: PostgreSQL with fsync and
synchronous_commit, SQLite with a write-ahead log and synchronous FULL. It ends in some minutes; `--full`
grows a log to ten million entries, which takes much longer and some 35 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.append.batches import on_postgres, on_sqlite
from benchmarks.append.growth import FULL, grow
from benchmarks.append.journals import load_journals
from benchmarks.append.requests import single_requests

Figures = dict[str, Any]


def measure(given: argparse.Namespace) -> Figures:
    """Run each part in a folder of its own that is gone afterwards, and return all figures."""
    figures: Figures = {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "batch_entries": given.batch,
    }
    sizes = (given.rounds, given.batch)
    _say("batches on PostgreSQL")
    figures |= _apart(lambda folder: on_postgres(folder, *sizes), given.folder)
    _say("batches on SQLite")
    figures |= _apart(lambda folder: on_sqlite(folder, *sizes), given.folder)
    _say("requests on PostgreSQL")
    counts = (given.request_rounds, given.requests)
    figures |= _apart(lambda folder: single_requests(folder, "postgresql", *counts), given.folder)
    _say("requests on SQLite")
    figures |= _apart(lambda folder: single_requests(folder, "sqlite", *counts), given.folder)
    _say("journals")
    rate = figures["batch_entries_per_second"]
    figures |= _apart(lambda folder: load_journals(folder, given.journal, rate), given.folder)
    _say("growth")
    figures |= _apart(lambda folder: grow(folder, given.growth, given.rows), given.folder)
    return figures


def _apart(part: Any, where: Path | None) -> Figures:
    with tempfile.TemporaryDirectory(dir=where) as folder:
        found: Figures = part(Path(folder))
    return found


def _say(part: str) -> None:
    sys.stderr.write(f"{part} …\n")


def main() -> None:
    """Measure, and print one figure a line or one JSON object."""
    parser = argparse.ArgumentParser(description="Measure how fast entries are appended.")
    parser.add_argument("--batch", type=int, default=10_000, help="entries in a batch (10,000)")
    parser.add_argument(
        "--rounds", type=int, default=4, help="rounds of three batches, the first not counted"
    )
    parser.add_argument("--requests", type=int, default=4_000, help="single requests in a round (4,000)")
    parser.add_argument("--request-rounds", type=int, default=4, help="rounds of them, the first not counted")
    parser.add_argument("--rows", type=int, default=200_000, help="entries that a log grows to (200,000)")
    parser.add_argument("--growth", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--full", dest="rows", action="store_const", const=FULL, help="grow to ten million")
    parser.add_argument("--journal", type=int, default=20_000, help="sales in a journal (20,000)")
    parser.add_argument("--folder", type=Path, help="where the SQLite files go; by default the system's own")
    parser.add_argument("--json", action="store_true")
    figures = measure(given := parser.parse_args())
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>36} {value}")


if __name__ == "__main__":
    main()
