"""The Complete Journey lines under five agreements of different kinds, by every kernel: one digest each.

`python -m benchmarks.five [--lines N] [--json]` settles the lines, all 1,469,307 unless told otherwise, under
the head streamer's agreement and the starting agreements of four models: by columns, by two Dask workers on
loopback where Dask is installed, and by the exact reader, which splits lines of the same facts once. It ends
in exit code 1 where two kernels differ. What the receipts do not tell is derived from them: a tenth is
freight, three fifths the supply price, and what was sold before is given by the basket's number.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from benchmarks.completejourney import write_orders
from benchmarks.settle.kernels import AGREEMENT, local_scheduler
from ledger.settlement.cluster import Cluster
from ledger.settlement.digest import VersionDigest, combined_digest
from ledger.settlement.kernels import Kernel
from ledger.settlement.partitions import Stretch, StretchDone, settle_stretch, write_stretches
from ledger.settlement.terms import VersionTerms, version_terms
from policies.loading import load_agreement
from policies.templates import starting_agreement

MODELS = (("platform", "initial"), ("self_operated", "initial"), ("alliance", "deep_binding"),
          ("cross_border", "initial"))  # fmt: skip
STARTS = datetime(2017, 1, 1, tzinfo=UTC)

Settle = Callable[[list[Stretch]], Iterable[StretchDone]]
Digests = dict[str, dict[str, str]]
"""By agreement: the digest by kernel."""


def versions() -> Iterator[VersionTerms]:
    """Yield the five agreements as settlement reads them."""
    texts = [AGREEMENT.read_text(encoding="utf-8")]
    texts += [starting_agreement(model, stage, agreement=model.replace("_", "-")) for model, stage in MODELS]
    for text in texts:
        yield version_terms(load_agreement(text, name="one of five"), STARTS)


def read_lines(folder: Path, lines: int | None) -> pl.DataFrame:
    """Return the lines with the facts that any of the agreements reads, sorted, all of them earned."""
    path = folder / "orders.parquet"
    write_orders(path, lines=lines)
    minor = [
        (pl.col(column) * 100).cast(pl.Int64).abs().alias(name)
        for column, name in (("paid", "paid"), ("coupon_match_disc", "platform_coupon"), ("refunded", "back"))
    ]
    frame = pl.read_parquet(path).select(
        pl.col("basket_id").cast(pl.String).alias("order"),
        pl.col("product_id").cast(pl.String).alias("line"),
        pl.col("paid_at").dt.epoch("us").alias("us:sold"),
        (pl.col("basket_id") % 40 * 1_000_000).alias("prior_sales"),
        *minor,
    )
    return frame.sort("order", "line").with_columns(
        freight=pl.col("paid") // 10,
        supply_price=pl.col("paid") * 3 // 5,
        goods_value=pl.col("paid") - pl.col("paid") // 10,
        **{"now:earned": pl.lit(value=True), "now:refunded": pl.col("back"), "now:claimed": pl.col("back")},
        **{name: pl.lit(0, dtype=pl.Int64) for name in ("seq:sale", "seq:receipt", "now:refund")},
    )


def digests(folder: Path, lines: int | None, workers: Settle | None) -> tuple[int, Digests]:
    """Settle the lines under each agreement by every kernel; return how many, and what each gives."""
    frame = read_lines(folder, lines)
    by = {"columns": _here("columns"), **({"dask": workers} if workers else {}), "exact": _here("exact")}
    found: Digests = {}
    for version in versions():
        work = write_stretches(str(folder / "lines"), version, frame)
        found[version.agreement.id] = {}
        for name, settle in by.items():
            started = time.perf_counter()
            found[version.agreement.id][name] = _digest(version, settle(work))
            seconds = time.perf_counter() - started
            sys.stderr.write(f"{version.agreement.id:<14} {name:<8} {seconds:6.1f} s\n")
    return frame.height, found


def agree(found: Digests) -> bool:
    """Tell whether every kernel gave the same digest."""
    return all(len(set(by.values())) == 1 for by in found.values())


def _here(kernel: Kernel) -> Settle:
    return lambda work: (settle_stretch(one, kernel) for one in work)


def _digest(version: VersionTerms, done: Iterable[StretchDone]) -> str:
    digest = VersionDigest(version)
    for one in sorted(done, key=lambda one: one.stretch.place):
        digest.add(one.digest)
    return combined_digest([digest])


@contextmanager
def _workers(folder: Path) -> Iterator[Settle | None]:
    if not find_spec("distributed"):
        yield None
        return
    with local_scheduler(2) as address, Cluster(address, str(folder)) as cluster:
        yield lambda work: cluster.settled([work])


def main() -> int:
    """Settle, print the digests, and return 1 where two kernels differ."""
    parser = argparse.ArgumentParser(description="Settle the Complete Journey under five agreements.")
    parser.add_argument("--lines", type=int, help="only the first so many by time of sale")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _workers(Path(folder)) as workers:
        lines, found = digests(Path(folder), given.lines, workers)
    if given.json:
        print(json.dumps({"lines": lines, "agree": agree(found), "digests": found}))
    else:
        for agreement, by in found.items():
            for name, digest in by.items():
                print(f"{agreement:<14} {name:<8} {digest}")
        print(f"{lines:,} lines: {'one digest from every kernel' if agree(found) else 'the kernels differ'}")
    return 0 if agree(found) else 1


if __name__ == "__main__":
    sys.exit(main())
