"""The kernels over the same lines: the arithmetic alone beside its peers, and whole stretches settled."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import polars as pl

from benchmarks.apart import Figures
from benchmarks.settle.orders import frames, stretches
from benchmarks.settle.peers import COLUMNS, FACTS, OnePass, by_hand
from ledger.settlement.cluster import Cluster
from ledger.settlement.digest import VersionDigest, combined_digest
from ledger.settlement.kernels import Kernel, run_kernel
from ledger.settlement.partitions import Stretch, StretchDone, settle_stretch
from ledger.settlement.terms import VersionTerms, version_terms
from policies.loading import load_agreement

AGREEMENT = Path(__file__).parents[2] / "examples" / "agreements" / "head-streamer.yaml"
EXACT_LINES = 20_000
"""How many lines the exact reader settles; its rate does not depend on it."""

_LINES_COMPARED = 30_000_000
_C_LINES = 10_000_000

Sums = dict[str, int]
Result = TypeVar("Result")


def version() -> VersionTerms:
    """Return the head streamer's agreement as settlement reads it."""
    agreement = load_agreement(AGREEMENT.read_text(encoding="utf-8"), name=AGREEMENT.name)
    return version_terms(agreement, datetime(2026, 2, 1, tzinfo=UTC))


def write(folder: Path, lines: int) -> Figures:
    """Write the lines, where they are not there yet."""
    work = stretches(folder, version(), lines)
    return {"files": len(work), "file_bytes": sum(Path(one.sources[0]).stat().st_size for one in work)}


def arithmetic(folder: Path, lines: int) -> Figures:
    """Split and reverse by the columns kernel, by hand-written Polars and by C; all must give the same sums.

    The first two read the Parquet and sum every column that they make; C is given the facts in memory and
    only fills the columns.
    """
    terms = version()
    work = stretches(folder, terms, lines)
    rounds = max(1, _LINES_COMPARED // lines)
    _by_columns(terms, work[:1])  # threads and plans are made before any turn is timed
    _by_hand(work[:1])
    _by_hand_at_once(work[:1])
    columns: list[tuple[float, Sums]] = []
    hand: list[tuple[float, Sums]] = []
    for _ in range(rounds):  # by turns, so that whatever else the machine does falls on both
        columns.append(_timed(lambda: _by_columns(terms, work)))
        hand.append(min(_timed(lambda: _by_hand_at_once(work)), _timed(lambda: _by_hand(work)), key=_seconds))
    assert columns[0][1] == hand[0][1], "the columns kernel and the hand-written expression differ"
    c_seconds, c_lines = _by_c(folder, work, columns[0][1])
    rates = {
        "columns": lines / min(map(_seconds, columns)),
        "hand_written_polars": lines / min(map(_seconds, hand)),
        "c": c_lines / c_seconds,
    }
    return {f"{name}_lines_per_second": round(rate) for name, rate in rates.items()}


def exact(folder: Path) -> Figures:
    """Split and reverse by the exact reader, and settle the same lines by both kernels: one digest."""
    terms = version()
    work = stretches(folder, terms, EXACT_LINES)
    seconds, sums = _timed(lambda: _by_kernel("exact", terms, work))
    assert sums == _by_columns(terms, work), "the exact reader and the columns kernel differ"
    digests = {
        _digest(terms, [settle_stretch(one, kernel) for one in work]) for kernel in ("exact", "columns")
    }
    assert len(digests) == 1, "the exact reader and the columns kernel give two digests"
    return {"exact_lines_per_second": round(EXACT_LINES / seconds)}


def settle(folder: Path, lines: int) -> Figures:
    """Settle every stretch here: arithmetic, assertions, moves, digest, and what moves written as Parquet."""
    terms = version()
    work = stretches(folder, terms, lines)
    started = time.perf_counter()
    done = (settle_stretch(one) for one in work)
    return {"digest": _digest(terms, done), "seconds": time.perf_counter() - started}


def settle_with_dask(folder: Path, lines: int) -> Figures:
    """Settle every stretch by two worker processes."""
    terms = version()
    work = stretches(folder, terms, lines)
    with local_scheduler(2) as address, Cluster(address, str(folder)) as cluster:
        list(cluster.settled([work[:2]]))  # workers import what they need
        started = time.perf_counter()
        done = sorted(cluster.settled([work]), key=lambda one: one.stretch.place)
        return {"digest": _digest(terms, done), "seconds": time.perf_counter() - started}


@contextmanager
def local_scheduler(workers: int) -> Iterator[str]:
    """Run a Dask scheduler and worker processes on loopback."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scheduler.json"
        line = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--scheduler-file", str(file)]
        started = [_quietly([*line, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"])]
        line = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
        more = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--local-directory", folder]
        started += [_quietly([*line, *more]) for _ in range(workers)]
        try:
            while not file.exists():
                time.sleep(0.1)
            yield json.loads(file.read_text(encoding="utf-8"))["address"]
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()


def _quietly(command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _by_columns(terms: VersionTerms, work: list[Stretch]) -> Sums:
    return _by_kernel("columns", terms, work)


def _by_kernel(kernel: Kernel, terms: VersionTerms, work: list[Stretch]) -> Sums:
    def split(stretch: Stretch) -> pl.DataFrame:
        return run_kernel(kernel, terms, next(frames([stretch], FACTS))).select(COLUMNS).sum()

    with ThreadPoolExecutor(2) as pool:  # as a run computes its slices
        return _added(pool.map(split, work))


def _by_hand(work: list[Stretch]) -> Sums:
    return _added(by_hand(frame.lazy()).collect().sum() for frame in frames(work, FACTS))


def _by_hand_at_once(work: list[Stretch]) -> Sums:
    sums = by_hand(pl.scan_parquet([one.sources[0] for one in work])).select(pl.col(COLUMNS).sum())
    return sums.collect(engine="streaming").row(0, named=True)


def _added(parts: Iterable[pl.DataFrame]) -> Sums:
    sums = dict.fromkeys(COLUMNS, 0)
    for part in parts:
        for name, amount in part.row(0, named=True).items():
            sums[name] += amount
    return sums


def _by_c(folder: Path, work: list[Stretch], expected: Sums) -> tuple[float, int]:
    c, seconds, lines, sums = OnePass(folder), 0.0, 0, dict.fromkeys(COLUMNS, 0)
    for frame in frames(work, FACTS):
        facts = c.prepare(frame)
        c.run(facts)  # its room is touched once before it is timed
        started = time.perf_counter()
        c.run(facts)
        seconds += time.perf_counter() - started
        lines += frame.height
        sums = {name: amount + sums[name] for name, amount in c.sums().items()}
        if lines >= _C_LINES:
            break
    assert lines < sum(one.lines for one in work) or sums == expected, "C and the columns kernel differ"
    return seconds, lines


def _digest(terms: VersionTerms, done: Iterator[StretchDone] | list[StretchDone]) -> str:
    digest = VersionDigest(terms)
    for one in done:
        digest.add(one.digest)
    return combined_digest([digest])


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.perf_counter()
    done = work()
    return time.perf_counter() - started, done


def _seconds(timed: tuple[float, Sums]) -> float:
    return timed[0]
