"""Plays a month and says what the monitors found: python -m examples.simulated_month --seed 7 [--quiet]."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from api.office.opening import open_office
from api.settings import Settings
from examples.simulated_month.generate import at, simulated_month
from examples.simulated_month.play import Clock, Compared, play


def main() -> int:
    """Play and print; 1 where a breach was missed or a notice was false."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quiet", action="store_true", help="a month in which nothing goes wrong")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    month = simulated_month(asked.seed, breaches=not asked.quiet)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        clock = Clock(at(month.happenings[0].at.date(), 0))
        settings = Settings(data, f"sqlite:///{data / 'tallystick.db'}", "a month that is made up")
        with open_office(settings, clock=clock) as office:
            found = play(office, clock, month, data)
            entries = office.log.size()
    _say(found, entries, as_json=asked.json)
    return 1 if found.missed or found.false else 0


def _say(found: Compared, entries: int, *, as_json: bool) -> None:
    injected, given = (Counter(one.code for one in ones) for ones in (found.injected, found.found))
    rows = [
        {"code": code, "injected": injected[code], "found": given[code]} for code in sorted(injected | given)
    ]
    told = {
        "entries": entries, "notices": found.given, "missed": [str(one) for one in found.missed],
        "false": [str(one) for one in found.false], "by_code": rows,
    }  # fmt: skip
    if as_json:
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    for row in rows:
        sys.stdout.write(f"{row['code']:<24} injected {row['injected']:>2}  found {row['found']:>2}\n")
    missed, false = len(found.missed), len(found.false)
    sys.stdout.write(f"{entries} entries, {found.given} notices, {missed} missed, {false} false\n")


if __name__ == "__main__":
    sys.exit(main())
