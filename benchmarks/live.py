"""How late two parties see a sale that is told: from when it happened until it stands on their page.

`python -m benchmarks.live [--sales N] [--rate R] [--seconds S] [--every E] [--json]` builds the example
with N sales more, then tells R sales a second for S seconds while two parties look every E seconds, as the
page does. The peer is what looking costs at least: asking the database for its newest entry. What is measured
is what the page itself shows; every sale must have been seen by both, else the exit code is 1. The last line
is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from api.access import Grant, Viewer
from api.live.service import MEASURED_MAX, LiveService
from api.office.agreements import signed_versions
from api.office.example import Example
from api.office.opening import Office, open_office
from api.office.orders import intake_terms
from api.settings import Settings
from ledger.intake.told import Teller, Told

EXAMPLES = Path(__file__).parents[1] / "examples"
AGREEMENT = "head-streamer"
PARTIES = ("brand", "streamer")
_BATCH = 5_000


def sale(number: int) -> Told:
    """Return a sale that happens now."""
    return Told(
        source="live", kind="sale.recorded", agreement=AGREEMENT, asserter="platform",
        occurred_at=datetime.now(UTC), order=f"L{number:09}", line="1",
        facts={"paid": "299.00", "freight": "10.00", "platform_coupon": "20.00"},
    )  # fmt: skip


def watching(live: LiveService, party: str, every: float, wanted: int, looks: list[float]) -> int:
    """Look as a party's page does until so many sales were seen or nothing comes; return how many."""
    viewer = Viewer(party, party, frozenset({Grant("read", party)}))
    after, seen, idle = live.view(viewer, AGREEMENT).next_after, 0, 0
    while seen < wanted and idle < 10:
        time.sleep(every)
        started = time.perf_counter()
        view = live.view(viewer, AGREEMENT, after=after)
        looks.append(time.perf_counter() - started)
        seen, idle = seen + len(view.events), 0 if view.events else idle + 1
        after = view.next_after
    return seen


def measure(office: Office, sales: int, rate: int, seconds: int, every: float) -> dict[str, Any]:
    """Tell sales while two parties look; return the figures."""
    teller = Teller(intake_terms(signed_versions(office, AGREEMENT)))
    for first in range(0, sales, _BATCH):
        office.log.append([teller.entry(sale(one)) for one in range(first, min(first + _BATCH, sales))])
    live, looks, wanted = LiveService(office), list[float](), rate * seconds
    seen: dict[str, int] = {}

    def look(party: str) -> None:
        seen[party] = watching(live, party, every, wanted, looks)

    threads = [threading.Thread(target=look, args=(party,)) for party in PARTIES]
    for thread in threads:
        thread.start()
    time.sleep(every)
    started = time.perf_counter()
    for number in range(wanted):
        time.sleep(max(0.0, started + number / rate - time.perf_counter()))
        office.log.append([teller.entry(sale(sales + number))])
    for thread in threads:
        thread.join()
    bare = []
    for _ in range(50):
        started = time.perf_counter()
        office.log.entries(limit=1, newest_first=True)
        bare.append(time.perf_counter() - started)
    viewer = Viewer("brand", "brand", frozenset({Grant("read", "brand")}))
    lags = {one.name: one for one in live.view(viewer, AGREEMENT, after=2**40).lags}
    return {
        "entries": office.log.size(), "told": wanted, "seen": seen, "every_s": every,
        "measured": min(MEASURED_MAX, sum(seen.values())),
        "whole_p50_ms": lags["whole"].p50_ms, "whole_p95_ms": lags["whole"].p95_ms,
        "p95_against_interval": round((lags["whole"].p95_ms or 0) / (every * 1000), 3),
        "look_ms": round(median(looks) * 1000, 2), "bare_ms": round(median(bare) * 1000, 2),
        "look_against_bare": round(median(looks) / median(bare), 1),
    }  # fmt: skip


def main() -> int:
    """Build, measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sales", type=int, default=10_000, help="sales that the log holds before")
    parser.add_argument("--rate", type=int, default=20, help="sales told a second")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two looks of a party")
    parser.add_argument("--json", action="store_true", help="the last line alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"TALLYSTICK_DATA": folder})
        with open_office(settings) as office:
            Example(office, EXAMPLES).build(lambda _step: None, lambda _done, _total: None)
            figures = measure(office, given.sales, given.rate, given.seconds, given.every)
    if not given.json:
        for name, value in figures.items():
            sys.stdout.write(f"{name:>22}  {value}\n")
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if all(figures["seen"].get(party) == figures["told"] for party in PARTIES) else 1


if __name__ == "__main__":
    sys.exit(main())
