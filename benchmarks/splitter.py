"""What the second opinion on the split takes: per line beside the exact reader, and per settlement.

`python -m benchmarks.splitter [--lines N] [--log-lines N] [--json]`: N lines of the Complete Journey, a third
of them refunded in part, are worked out by CommissionSplitter, run by itself as a settlement runs it, and by
the exact reader; where one figure differs it exits with 1 and gives no rate. Then a season of lines in a log
is previewed with and without the second opinion, each in a process of its own, loading py-evm included.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from api.office.settling import preview_until
from benchmarks import season
from benchmarks.apart import Figures, apart
from benchmarks.split import AGREEMENT, FACTS, read_lines
from contracts.split_plan import compile_split
from contracts.splitter import ask_splitter, run_here, splitter_code
from policies.loading import load_agreement
from policies.splits.opinion import AskedLine, RefundState
from policies.splits.own_answer import own_answer


def asked_lines(count: int) -> list[AskedLine]:
    """Return lines of the Complete Journey, of every third of which half was refunded."""
    with tempfile.TemporaryDirectory() as folder:
        rows = read_lines(Path(folder), count).select(FACTS).rows()
    return [
        AskedLine(
            {name: Fraction(cell, 100) for name, cell in zip(FACTS, row, strict=True)},
            () if number % 3 else (RefundState(row[0] // 2),),
        )
        for number, row in enumerate(rows)
    ]


def by_line(count: int) -> Figures:
    """Work out lines by the contract and by the exact reader; `agree` is how many have the same figures."""
    agreement = load_agreement(AGREEMENT.read_text(encoding="utf-8"), name=AGREEMENT.name)
    lines, plan, run = asked_lines(count), compile_split(agreement), run_here(splitter_code())
    list(ask_splitter(plan, lines[:1], run=run))  # py-evm is loaded then
    started = time.perf_counter()
    other = list(ask_splitter(plan, lines, run=run))
    turned = time.perf_counter()
    own = [own_answer(agreement, line) for line in lines]
    ended = time.perf_counter()
    return {
        "lines": len(lines),
        "agree": sum(one == two for one, two in zip(own, other, strict=True)),
        "splitter_lines_per_second": round(len(lines) / (turned - started)),
        "exact_lines_per_second": round(len(lines) / (ended - turned)),
        "vs_exact": round((ended - turned) / (turned - started), 4),
    }


def previewed(folder: Path, asked: int) -> Figures:
    """Preview the settlement of a season, asking about so many of its lines."""
    with season.office_of(folder, None) as office:
        office.settings = replace(office.settings, splitter_lines=asked)
        started = time.perf_counter()
        preview_until(office, "head-streamer", season.CUTOFF)
        return {"seconds": time.perf_counter() - started}


def by_settlement(lines: int, asked: int) -> Figures:
    """Say what previewing a season takes with and without the second opinion, the better of two each."""
    with tempfile.TemporaryDirectory() as folder:
        for phase in (season.write, season.take_in):
            sys.stderr.write(f"{phase.__name__}: {lines:,} lines …\n")
            apart(phase, Path(folder), lines, None)
        plain, heard = (
            min(apart(previewed, Path(folder), many)["seconds"] for _ in range(2)) for many in (0, asked)
        )
    return {
        "log_lines": lines,
        "asked": asked,
        "preview_seconds": round(plain, 2),
        "preview_with_second_opinion_seconds": round(heard, 2),
        "vs_without": round(heard / plain, 3),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; return 1 where a figure differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.splitter", description=main.__doc__)
    parser.add_argument("--lines", type=int, default=1_000, help="lines asked one by one [1000]")
    parser.add_argument("--log-lines", type=int, default=100_000, help="lines of the settlement [100000]")
    parser.add_argument("--asked", type=int, default=16, help="lines a settlement asks about [16]")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    given = parser.parse_args(arguments)
    figures = by_line(given.lines)
    if figures["agree"] != figures["lines"]:
        print(f"only {figures['agree']} of {figures['lines']} lines agree")
        return 1
    if given.log_lines:
        figures |= by_settlement(given.log_lines, given.asked)
    for name, value in figures.items():
        print(f"{name:<40} {value:>12,}")
    if given.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
