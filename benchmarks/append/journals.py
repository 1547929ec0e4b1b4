"""Journals: hledger, ledger and beancount loading the sales that we append, as double-entry journals.

Theirs is one process that parses, checks that each sale sums to zero, and prints balances, all in memory;
ours besides commits, hashes and proves. A program that this machine lacks is left out by name: hledger and
ledger are packages of Debian, beancount is one of PyPI.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.append.sample import Sale, sales, shares

REPEATS = 3
Figures = dict[str, Any]

_ACCOUNTS = ("Buyers:Payment", "Brand:Payable", "Streamer:Payable", "Mcn:Payable", "Platform:Payable")
_LOAD = (
    "import sys; from beancount import loader;"
    " _, faults, _ = loader.load_file(sys.argv[1]); sys.exit(bool(faults))"
)


def load_journals(folder: Path, count: int, ours_per_second: float) -> Figures:
    """Load so many sales with each program; return its rate, and how many times as fast we append."""
    sample = sales(0, count)
    plain, typed = folder / "sales.journal", folder / "sales.beancount"
    plain.write_text("".join(map(_plain, sample)), encoding="utf-8")
    typed.write_text(_opened() + "".join(map(_typed, sample)), encoding="utf-8")
    commands = {
        "hledger": ["hledger", "-f", str(plain), "balance"],
        "ledger": ["ledger", "-f", str(plain), "balance"],
        "beancount": [sys.executable, "-c", _LOAD, str(typed)],
    }
    figures: Figures = {"journal_sales": count, "journals_left_out": []}
    for name, command in commands.items():
        if not _is_here(name):
            figures["journals_left_out"].append(name)
            continue
        rate = count / median(_run(command) for _ in range(REPEATS))
        figures[f"{name}_entries_per_second"] = round(rate)
        figures[f"batch_vs_{name}"] = round(ours_per_second / rate, 2)
    return figures


def _is_here(name: str) -> bool:
    return (
        importlib.util.find_spec(name) is not None if name == "beancount" else shutil.which(name) is not None
    )


def _run(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_UNCACHED)
    return time.perf_counter() - started


_UNCACHED = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "BEANCOUNT_DISABLE_LOAD_CACHE": "1"}
"""Nothing of the user's own, and no cache from an earlier run."""


def _postings(sale: Sale) -> list[tuple[str, int]]:
    by_party = dict(shares(sale.paid_minor))
    parts = [(account, by_party[account.partition(":")[0].lower()]) for account in _ACCOUNTS[1:]]
    return [(_ACCOUNTS[0], -sale.paid_minor), *parts]


def _amount(minor: int) -> str:
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02} CNY"


def _plain(sale: Sale) -> str:
    lines = "".join(f"    {account}    {_amount(amount)}\n" for account, amount in _postings(sale))
    return f"{sale.paid_at:%Y/%m/%d} ({sale.order}) sale  ; product: {sale.product}\n{lines}\n"


def _typed(sale: Sale) -> str:
    lines = "".join(f"  Liabilities:{account}  {_amount(amount)}\n" for account, amount in _postings(sale))
    return f'{sale.paid_at:%Y-%m-%d} * "sale" ^o{sale.order}\n  product: "{sale.product}"\n{lines}\n'


def _opened() -> str:
    return "".join(f"2026-01-01 open Liabilities:{account} CNY\n" for account in _ACCOUNTS)
