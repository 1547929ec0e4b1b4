"""hledger and beancount as the tests use them: each checks a journal strictly and says what it comes to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from beancount import loader
from beancount.core.data import Transaction

from policies.money import to_minor

Balances = dict[tuple[str, str], int]
"""By account name and currency, in minor units as the journal signs them; none of zero."""


def hledger() -> str:
    """Return where hledger is, or skip; under CI its absence is a failure."""
    found = shutil.which("hledger")
    if found is None:
        reason = (
            "SKIPPED LOUDLY: no hledger here; `tests/integration/ledger/bring-hledger` installs it as root"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def _hledger(journal: Path, *arguments: str) -> str:
    done = subprocess.run(
        [hledger(), *arguments, "-f", journal],
        capture_output=True, text=True, encoding="utf-8", check=False, env={**os.environ, "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def hledger_balances(journal: Path) -> Balances:
    """Check a journal strictly and return its balances."""
    _hledger(journal, "check", "--strict")
    rows, _ = json.loads(_hledger(journal, "balance", "--flat", "--empty", "-O", "json"))
    found: Balances = {}
    for name, _, _, amounts in rows:
        for one in amounts:
            places, mantissa = one["aquantity"]["decimalPlaces"], one["aquantity"]["decimalMantissa"]
            if mantissa:
                amount = Decimal(mantissa).scaleb(-places)
                found[name, one["acommodity"]] = to_minor(format(amount, "f"), one["acommodity"])
    return found


def hledger_tags(journal: Path, tag: str) -> list[str]:
    """Return the values of a tag, each once, sorted as hledger sorts them."""
    return _hledger(journal, "tags", "--values", tag).splitlines()


def beancount_entries(journal: Path) -> list[Any]:
    """Check a journal and return its directives."""
    entries, errors, _ = loader.load_file(str(journal))
    assert errors == []
    return list(entries)


def beancount_balances(journal: Path) -> Balances:
    """Check a journal and return its balances."""
    found: Balances = defaultdict(int)
    for posting in (
        p for one in beancount_entries(journal) if isinstance(one, Transaction) for p in one.postings
    ):
        assert posting.units is not None
        number, currency = posting.units.number, posting.units.currency
        found[posting.account, currency] += to_minor(format(number, "f"), currency)
    return {key: amount for key, amount in found.items() if amount}
