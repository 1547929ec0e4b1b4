"""Order lines a second through settlement, per kernel, against what could be reached; see the parts.

`python -m benchmarks.settle [--lines N] [--log-lines N] [--json]` settles N lines of the head streamer's
agreement, half of them refunded. `vs_polars`, `vs_exact` and `vs_c` compare the arithmetic alone: the same
split with refunds reversed, to the same 18 columns (seven legs, two funders, and what was taken back of
each), against a Polars expression written by hand for this one agreement, the exact Python reader, and a
one-pass C loop that is handed the facts in memory. The kernel and the hand-written Polars read the same
Parquet. What a run does beyond that stands beside it: whole stretches with their assertions, moves and
digest, and what moves written as Parquet (`settle`), the same by two Dask workers (`dask`, where it is
installed), and the whole path from order lines in the log, of other lines and a number of its own, to
statements written and committed (`log`). Either is left out where its number is 0.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from benchmarks.apart import Figures, apart
from benchmarks.settle.from_log import from_log
from benchmarks.settle.kernels import arithmetic, exact, settle, settle_with_dask, write


def measure(folder: Path, lines: int) -> Figures:
    """Run each part over lines of their own in a process of its own and return all figures."""
    _say(f"{lines:,} lines in {folder}")
    written = apart(write, folder, lines)
    _say("arithmetic")
    rates = apart(arithmetic, folder, lines)
    _say("the exact reader")
    slow = apart(exact, folder)
    _say("stretches settled")
    settled = apart(settle, folder, lines)
    columns = rates["columns_lines_per_second"]
    figures: Figures = {
        "lines": lines,
        "file_bytes": written["file_bytes"],
        **{name: rate for name, rate in rates.items() if name.endswith("_per_second")},
        "exact_lines_per_second": slow["exact_lines_per_second"],
        "vs_polars": round(columns / rates["hand_written_polars_lines_per_second"], 3),
        "vs_exact": round(columns / slow["exact_lines_per_second"], 1),
        "vs_c": round(columns / rates["c_lines_per_second"], 3),
        "arithmetic_peak_bytes": rates["peak_bytes"],
        "settle_lines_per_second": round(lines / settled["seconds"]),
        "peak_bytes": settled["peak_bytes"],
        "digest": settled["digest"],
    }
    if find_spec("distributed"):
        _say("stretches settled by two Dask workers")
        spread = apart(settle_with_dask, folder, lines)
        assert spread["digest"] == settled["digest"], "Dask gives another digest"
        figures["dask_lines_per_second"] = round(lines / spread["seconds"])
    return figures


def _say(part: str) -> None:
    sys.stderr.write(f"{part} …\n")


def main() -> None:
    """Measure, and print one figure a line or one JSON object."""
    parser = argparse.ArgumentParser(description="Measure how fast order lines are settled.")
    parser.add_argument("--lines", type=int, default=1_000_000, help="order lines (1,000,000)")
    parser.add_argument("--log-lines", type=int, default=100_000, help="lines of the whole path (100,000)")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="where the log is (sqlite)"
    )
    parser.add_argument("--folder", type=Path, help="where the lines are kept from one run to the next")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.gettempdir()) / "tallystick-settle"
    folder.mkdir(parents=True, exist_ok=True)
    figures = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "polars": pl.__version__,
        "threads": pl.thread_pool_size(),
        "load": round(os.getloadavg()[0], 1),
        **(measure(folder, given.lines) if given.lines else {}),
        **(from_log(given.log_lines, given.database) if given.log_lines else {}),
    }
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:>40} {value}")


if __name__ == "__main__":
    main()
