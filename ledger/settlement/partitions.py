"""Order lines as Parquet, partitioned by agreement, version and period and cut into stretches of their keys.

    ROOT/agreement=ID/version=N/period=2026-03/stretch-00007.parquet

A stretch holds all lines of a version whose orders lie between two keys, in one file a period, so each is
settled by itself wherever its files can be read, and the digests of stretches in order are the digest of the
run. No stretch is much longer than the others: an agreement with a hundred times the lines has a hundred
times the stretches. ROOT is a folder, or any URL that fsspec opens where it is installed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import polars as pl

from ledger.rooms import room
from ledger.settlement.digest import DigestRows, digest_rows
from ledger.settlement.errors import SettlementRefused
from ledger.settlement.facts import KEY
from ledger.settlement.kernels import FED_REFUNDABLE, STATES, WHOLE, WHOLE_BACK, Kernel
from ledger.settlement.moved import RESTS_ON, Moved, exact_sum, moved_by
from ledger.settlement.moves import moves_of
from ledger.settlement.state import local_day
from ledger.settlement.terms import VersionTerms, version_terms
from policies.links import Feed
from policies.loading import agreement_from_canonical
from policies.splits.line import volume_name

STRETCH_LINES = 500_000
"""Lines of one stretch, but for the lines of its last order: some hundred megabytes while it is settled."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """One piece of work: lines of one version between two order keys, and where what they move goes.

    `document` are the version's canonical bytes and `starts` when it takes effect; a stretch can be sent to
    another machine and settled there. `place` counts the stretches of a version from 0, in order of keys;
    `feed` is what brings its whole, where another agreement does.
    """

    document: bytes
    starts: datetime
    place: int
    sources: tuple[str, ...]
    target: str
    lines: int
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class StretchDone:
    """What a settled stretch comes to; the lines themselves stand in its target, sorted by order and line."""

    stretch: Stretch
    moved: int
    sums: Mapping[str, int]
    held: tuple[tuple[str, str], ...]
    late_lines: int
    late_minor: int
    digest: DigestRows | None


def write_stretches(root: str, version: VersionTerms, lines: pl.DataFrame) -> list[Stretch]:
    """Write the lines of one version, sorted by order and line, and return the stretches to settle."""
    kept = [name for name in _columns(version) if name in lines.columns]
    volumes = [
        pl.col(name).cast(pl.String) for name in _volumes(version)
    ]  # Parquet has no whole numbers of 128 bits
    folder = f"{root}/agreement={version.agreement.id}/version={version.version}"
    month = local_day("us:sold", version.agreement.document.time_zone).dt.strftime("%Y-%m")
    found = []
    for place, (start, stop) in enumerate(_cuts(lines["order"])):
        piece = lines[start:stop].select(*kept, *volumes, month.alias("period"))
        sources = []
        for (period,), mine in sorted(piece.partition_by("period", as_dict=True, include_key=False).items()):
            path = f"{folder}/period={period}/stretch-{place:05}.parquet"
            write_frame(mine, path)
            sources.append(path)
        found.append(stretch_of(root, version, place, sources, stop - start))
    return found


def stretch_of(root: str, version: VersionTerms, place: int, sources: Iterable[str], lines: int) -> Stretch:
    """Return the work on files that stand there: those of one version's stretch, a file a period."""
    target = f"{root}/settled/{version.agreement.id}@{version.version}/stretch-{place:05}.parquet"
    document, starts, feed = version.agreement.canonical, version.starts, version.feed
    return Stretch(document, starts, place, tuple(sources), target, lines, feed)


def _columns(version: VersionTerms) -> Iterator[str]:
    yield from (*KEY, *RESTS_ON, *version.fact_names, WHOLE, FED_REFUNDABLE)
    for state in STATES:
        yield from (f"{state}:{what}" for what in ("earned", "refunded", "claimed", WHOLE_BACK))


def _volumes(version: VersionTerms) -> list[str]:
    return [volume_name(window) for window in version.plan.windows]


def _cuts(orders: pl.Series) -> Iterator[tuple[int, int]]:
    """Yield where stretches start and stop: after so many lines, at the next order."""
    start = 0
    while start < len(orders):
        stop = min(start + STRETCH_LINES, len(orders))
        if stop < len(orders):
            stop = int(orders.search_sorted(orders[stop - 1], side="right"))
        yield start, stop
        start = stop


def settle_stretch(stretch: Stretch, kernel: Kernel = "columns") -> StretchDone:
    """Settle one stretch: what its lines move is written to its target, its sums and digest come back.

    Doing it again writes the same file. Raises SettlementRefused.
    """
    version = _version(stretch.document, stretch.starts, stretch.feed)
    lines = pl.concat([read_frame(path) for path in stretch.sources])
    if len(stretch.sources) > 1:
        lines = lines.sort(KEY)
    volumes = [pl.col(name).cast(pl.Int128) for name in _volumes(version)]
    moved = moved_by(kernel, version, lines.with_columns(volumes))
    write_frame(moved.frame, stretch.target)
    return _done(stretch, version, moved)


def _done(stretch: Stretch, version: VersionTerms, moved: Moved) -> StretchDone:
    moves = moves_of(version)
    return StretchDone(
        stretch,
        moved.frame.height,
        {move.column: exact_sum(moved.frame[move.column]) for move in moves},
        tuple(moved.held.iter_rows()),
        moved.late_lines,
        moved.late_minor,
        digest_rows(version, moved.frame),
    )


@lru_cache(maxsize=64)
def _version(document: bytes, starts: datetime, feed: Feed | None) -> VersionTerms:
    return version_terms(agreement_from_canonical(document, name="a settled version"), starts, feed)


# ---- files


def read_frame(path: str) -> pl.DataFrame:
    """Read one Parquet file from a folder or, by fsspec, from wherever its URL says."""
    if "://" not in path:
        return pl.read_parquet(path)
    files, name = _remote(path)
    with files.open(name, "rb") as file:
        return pl.read_parquet(file)


def write_frame(frame: pl.DataFrame, path: str) -> None:
    """Write one Parquet file, whole or not at all, in place of one that is there."""
    with _whole(path) as file:
        frame.write_parquet(file, compression="lz4", statistics=False)


@contextmanager
def _whole(path: str) -> Iterator[IO[bytes]]:
    fresh = f"{path}.{secrets.token_hex(8)}"
    if "://" not in path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        try:
            with Path(fresh).open("wb") as file:
                yield file
            Path(fresh).replace(path)
        finally:
            Path(fresh).unlink(missing_ok=True)
        return
    files, name = _remote(path)
    files.makedirs(name.rpartition("/")[0], exist_ok=True)
    _, fresh_name = _remote(fresh)
    with files.open(fresh_name, "wb") as file:
        yield file
    files.mv(fresh_name, name)


def _remote(path: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 -- comes with the extra `dask`
    except ModuleNotFoundError:
        raise SettlementRefused(
            "a URL is read by fsspec, which is not installed; install tallystick[dask], or name a folder",
            where=path,
        ) from None
    files, name = url_to_fs(path)
    return files, str(name)


@contextmanager
def exchange(root: str) -> Iterator[str]:
    """Provide a folder below a root for one work, and remove it at the end with all that is in it.

    In a folder what killed runs left is cleared first; under a URL, which knows no locks, it stays.
    """
    if "://" not in root:
        with room(Path(root)) as folder:
            yield str(folder)
        return
    below = f"{root}/{secrets.token_hex(8)}"
    files, name = _remote(below)
    try:
        yield below
    finally:
        files.rm(name, recursive=True)
