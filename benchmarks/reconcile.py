"""How long matching takes beside a plain Polars join of the same keys, and how many breaks it finds.

`python -m benchmarks.reconcile [--rows N] [--json]` makes two sides of N rows by reference, the same each
time, in which one row in a hundred differs: an amount off by a cent or more, a row told twice, or one that
only one side has. The peer is what somebody writes in a line: both sides joined on the reference, amounts
compared, and what has no other side found by two anti joins. Matching does that too, and classes what
differs, explains the total to zero and makes a digest over every row. Neither reads a file. The last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from collections import Counter
from datetime import date
from typing import Any

import polars as pl

from ledger.reconciliation.breaks import Reach
from ledger.reconciliation.matching import reconcile
from ledger.reconciliation.rows import SCHEMA
from ledger.reconciliation.rules import Rules

DAY = date(2026, 3, 31)
DIFFERS_ONE_IN = 100


def sides(rows: int) -> tuple[pl.DataFrame, pl.DataFrame, Counter[str]]:
    """Return both sides, and what was put wrong in them by name."""
    source = random.Random(2026)
    amounts = [source.randrange(100, 1_000_000) for _ in range(rows)]
    own = _side("a", [f"O{number:09}" for number in range(rows)], amounts)
    wrong: Counter[str] = Counter()
    refs, told = own["ref"].to_list(), list(amounts)
    for number in range(0, rows, DIFFERS_ONE_IN):
        what = source.choice(["cent", "more", "twice", "own", "file"])
        wrong[what] += 1
        if what == "cent":
            told[number] += 1
        elif what == "more":
            told[number] += 12_345
        elif what == "twice":
            refs.append(refs[number])
            told.append(told[number])
        elif what == "file":
            refs.append(f"X{number:09}")
            told.append(777)
        else:
            refs[number] = f"Y{number:09}"
    return own, _side("f", refs, told), wrong


def _side(name: str, refs: list[str], amounts: list[int]) -> pl.DataFrame:
    frame = pl.DataFrame({"ref": refs, "amount_minor": amounts}).with_row_index("place")
    text = pl.lit("", dtype=pl.String)
    columns = {
        "id": pl.lit(name) + pl.col("place").cast(pl.String),
        "ref": pl.col("ref"),
        "order": pl.col("ref"),
        "amount_minor": pl.col("amount_minor"),
        "day": pl.lit(DAY),
        "origin": pl.lit("s"),
    }
    return frame.select(columns.get(one, text).alias(one) for one in SCHEMA)


def joined(own: pl.DataFrame, told: pl.DataFrame) -> int:
    """Compare two sides as a plain join does; return how many rows differ or have no other side."""
    both = own.join(told, on="ref", how="inner", suffix="_b")
    differ = both.filter(pl.col("amount_minor") != pl.col("amount_minor_b")).height
    return differ + own.join(told, on="ref", how="anti").height + told.join(own, on="ref", how="anti").height


def measure(rows: int) -> dict[str, Any]:
    """Time both over the same sides; return the figures."""
    own, told, wrong = sides(rows)
    start = time.perf_counter()
    differing = joined(own, told)
    peer = time.perf_counter() - start
    start = time.perf_counter()
    result = reconcile(own, told, Rules(0, 3), Reach(DAY, DAY))
    matching = time.perf_counter() - start
    start = time.perf_counter()
    digest = result.digest()
    hashing = time.perf_counter() - start
    return {
        "rows": own.height + told.height,
        "put_wrong": dict(sorted(wrong.items())),
        "breaks": dict(sorted(Counter(one.kind for one in result.breaks).items())),
        "join_differs": differing,
        "join_seconds": round(peer, 3),
        "match_seconds": round(matching, 3),
        "digest_seconds": round(hashing, 3),
        "rows_a_second": int((own.height + told.height) / (matching + hashing)),
        "vs_join": round(peer / (matching + hashing), 3),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "digest": digest,
    }


def main() -> None:
    """Run the benchmark by its arguments."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of each side")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    arguments = parser.parse_args()
    found = measure(arguments.rows)
    if not arguments.json:
        print(f"{found['rows']:,} rows: join {found['join_seconds']} s, matching {found['match_seconds']} s,"
              f" digest {found['digest_seconds']} s: {found['vs_join']} of the join")  # fmt: skip
        print(f"put wrong {found['put_wrong']}, found {found['breaks']}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
