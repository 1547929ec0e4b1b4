"""How fast and how flat order files are imported: the Complete Journey lines, or a part of them.

`python -m benchmarks.intake [--lines N] [--again] [--json]` writes the order file in a process of its own,
imports it into a fresh SQLite log with everything that a real import does (typing, canonical bytes, salts,
hashes, postings, tree, durable commits), and prints rates, the peak memory at a tenth of the way and at the
end, and their ratio. `--again` also imports the same file a second time, which must add nothing, and prints
the ratio of processor time: an import that is resumed pays that for the rows taken before.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ledger.database import open_engine
from ledger.intake import Funding, ImportReport, IntakeTerms, VersionTerms, import_file, load_mapping
from ledger.log import Log
from migrations.apply import migrate

PARTIES = ("brand", "leader", "mcn", "platform", "streamer")

TERMS = IntakeTerms(
    agreement="head-streamer",
    currency="CNY",
    time_zone="Asia/Shanghai",
    asserter="platform",
    versions=(
        VersionTerms(
            reference="head-streamer@1",
            effective_from=datetime(2016, 1, 1, tzinfo=UTC),
            readers=PARTIES,
            personal_readers=("platform",),
            funding=(Funding("buyers.payment", "escrow.balance", "paid", "6.1", "sale"),),
        ),
    ),
)
"""An agreement of five parties under which a sale puts what was paid into escrow."""


def peak_mib() -> float:
    """Return the most memory that this process has held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path, lines: int | None, *, again: bool) -> dict[str, Any]:
    """Write, import and measure; return the figures."""
    path = folder / "orders.parquet"
    command = [sys.executable, "-m", "benchmarks.completejourney", str(path)]
    subprocess.run(
        [*command, *(["--lines", str(lines)] if lines else [])], check=True, stdout=subprocess.DEVNULL
    )
    engine = open_engine(f"sqlite:///{folder / 'log.db'}")
    migrate(engine)
    log = Log(engine)
    base = peak_mib()
    started = time.process_time()
    report, seconds, early = _timed(log, path)
    worked = time.process_time() - started
    entries = report.new.total
    figures: dict[str, Any] = {
        "rows": report.rows,
        "entries": entries,
        "rejected_rows": report.rejected_rows,
        "conflicts": report.conflict_count,
        "seconds": round(seconds, 1),
        "rows_per_second": round(report.rows / seconds),
        "entries_per_second": round(entries / seconds),
        "peak_mib_before": round(base),
        "peak_mib_at_a_tenth": round(early),
        "peak_mib": round(peak_mib()),
        "peak_end_vs_tenth": round(peak_mib() / early, 3),
        "log_size": log.size(),
        "database_mib": round((folder / "log.db").stat().st_size / 2**20),
    }
    if again:
        started = time.process_time()
        repeat, seconds, _ = _timed(log, path)
        figures["again_vs_first"] = round((time.process_time() - started) / worked, 3)
        assert repeat.new.total == 0, "the same file again adds nothing"
        assert repeat.repeated.total == entries
        figures["again_rows_per_second"] = round(repeat.rows / seconds)
    return figures


def _timed(log: Log, path: Path) -> tuple[ImportReport, float, float]:
    early = 0.0

    def progress(done: int, total: int) -> None:
        nonlocal early
        if not early and done * 10 >= total:
            early = peak_mib()
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done * 100 // max(total, 1)}%")

    started = time.perf_counter()
    report = import_file(log, path, load_mapping("completejourney"), TERMS, progress=progress)
    return report, time.perf_counter() - started, early


def main() -> None:
    """Measure, and print one figure a line or one JSON object."""
    parser = argparse.ArgumentParser(description="Measure the import of the Complete Journey lines.")
    parser.add_argument("--lines", type=int, help="only the first so many")
    parser.add_argument("--again", action="store_true", help="import the same file a second time as well")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.lines, again=given.again)
    if given.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:>22} {value}")


if __name__ == "__main__":
    main()
