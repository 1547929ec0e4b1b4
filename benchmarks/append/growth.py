"""Growth: what an entry costs, and how much memory its writer holds, as the log grows tenfold.

A process of its own streams sales in batches to one log and notes the time of each batch and its own memory.
The cost at a size is the mean over the tenth of the log that leads up to it, waits for the disk included.
"""

from __future__ import annotations

import multiprocessing
import re
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.append.batches import databases
from benchmarks.append.sample import ROWS_PER_SALE, attest, entry_of, sales
from ledger.database import open_engine
from ledger.group_commit import GroupCommit
from ledger.log import Log
from ledger.sorting import AppendReport

BATCH = 10_000
FULL = 10_000_000
"""Entries of the run that the figure `row_cost_10m_vs_1m` is of."""

Figures = dict[str, Any]


def grow(folder: Path, kind: str, entries: int) -> Figures:
    """Append so many entries and return the cost and the memory at the end against those at a tenth."""
    assert entries % (20 * BATCH) == 0, f"two batches or more to a tenth: a multiple of {20 * BATCH}"
    with databases(folder, kind) as fresh:
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        url = fresh().url.render_as_string(hide_password=False)
        process = context.Process(target=_append_all, args=(url, entries, sender))
        process.start()
        sender.close()
        seconds, early_mib, late_mib = receiver.recv()
        process.join()
    tenth = len(seconds) // 10
    early = fmean(seconds[tenth - max(tenth // 10, 1) : tenth]) / BATCH
    late = fmean(seconds[-tenth:]) / BATCH
    ratio = round(late / early, 3)
    return {
        "growth_database": kind,
        "growth_entries": entries,
        "growth_table_rows": entries * ROWS_PER_SALE,
        "growth_us_per_entry_at_a_tenth": round(early * 1e6, 1),
        "growth_us_per_entry_at_the_end": round(late * 1e6, 1),
        "row_cost_end_vs_tenth": ratio,
        "row_cost_10m_vs_1m": ratio if entries == FULL else None,
        "growth_peak_mib_at_a_tenth": round(early_mib),
        "growth_peak_mib_at_the_end": round(late_mib),
        "memory_end_vs_tenth": round(late_mib / early_mib, 3),
    }


def _append_all(url: str, entries: int, sender: Any) -> None:
    seconds: list[float] = []
    early_mib = 0.0
    with GroupCommit(Log(open_engine(url))) as queue:
        committing: Future[AppendReport] | None = None
        for first in range(0, entries, BATCH):
            sample = sales(first, BATCH)
            started = time.perf_counter()
            batch = [entry_of(sale) for sale in sample]
            if committing is not None:
                committing.result()
            committing = queue.submit(batch, attest=attest)
            seconds.append(time.perf_counter() - started)
            if (first + BATCH) * 10 == entries:
                early_mib = peak_mib()
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{(first + BATCH) * 100 // entries}%")
    sender.send((seconds, early_mib, peak_mib()))


def peak_mib() -> float:
    """Return the most memory that this process has held since it began, in MiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, "Linux tells a process its peak memory"
    return int(found[1]) / 1024
