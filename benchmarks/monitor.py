"""How quickly entries pass through all monitors, next to appending them alone, and what memory that takes.

`python -m benchmarks.monitor [--entries N] [--database KIND] [--json]` appends N entries of one agreement in
batches of 10,000: sales with postings, receipts, refunds, listings, prices seen, words on air, data shared. A
few go wrong by a rule, so that what must be found is known. Appending is timed as it goes; then a process of
its own reads the log from the first entry on through every monitor that the agreement's clauses and its law
have, gives the notices, and says how much memory it took, at a tenth of the entries and at all of them. The
last line is one JSON object; exit code 1 where another number was found than was put in.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.apart import apart
from benchmarks.append.batches import databases
from ledger.database import open_engine
from ledger.entries import Group, NewEntry, Posting
from ledger.log import Log
from ledger.monitors.memory import Memory
from ledger.monitors.plan import plan_of
from ledger.monitors.running import run_monitors
from policies.loading import load_agreement

DOCUMENT = Path(__file__).parents[1] / "examples" / "simulated_month" / "agreement.yaml"
AGREEMENT = load_agreement(DOCUMENT.read_text(encoding="utf-8"), name=DOCUMENT.name)
PARTIES = tuple(AGREEMENT.party_id(key) for key in AGREEMENT.parties)
BATCH = 10_000
SKUS = 500
WRONG_EVERY = 20_000
"""Of so many entries one price seen is below what was promised, and one line on air is absolute."""

START = datetime(2026, 3, 2, tzinfo=UTC)
NOW = datetime(2026, 4, 20, tzinfo=UTC)

Figures = dict[str, Any]


def entries(first: int, end: int) -> Iterator[NewEntry]:
    """Yield entries by number, the same in every run: of each hundred 80 sales, 8 receipts, 4 refunds."""
    for number in range(first, end):
        place = number % 100
        sku = f"sku-{number % SKUS:03}"
        if number < SKUS:
            yield _told(number, "inspection.asked", {"sku": sku, "item": sku})
        elif number < 2 * SKUS:
            yield _told(number, "inspection.passed", {"item": sku, "valid_until": "2027-01-01"})
        elif number < 3 * SKUS:
            yield _told(number, "session.item_listed", {"sku": sku, "price": "100.00"})
        elif place < 80:
            yield _sale(number, sku)
        elif place < 88:
            yield _line(number, number - 80, "receipt.confirmed", {"confirmed_at": START.isoformat()})
        elif place < 92:
            hundred = number // 100
            sold = (hundred - 1) * 100 + (hundred * 4 + place - 88) % 80  # so that no item has too many
            yield _line(number, sold, "refund.recorded", {"refunded_total": "100.00"})
        else:
            yield _watched(number, place, sku)


def _watched(number: int, place: int, sku: str) -> NewEntry:
    wrong = number % WRONG_EVERY < 100
    if place < 94:
        return _told(number, "session.item_listed", {"sku": sku, "price": "100.00"})
    if place < 97:
        price = "99.00" if wrong and place == 94 else "100.00"
        seen = {"sku": sku, "channel": "brand_store", "price": price, "seen_at": _at(number).isoformat()}
        return _told(number, "price_observation.observed", seen)
    if place < 99:
        said = "全国第一" if wrong and place == 97 else "质地清爽，吸收很快，成分表在详情页"
        return _told(number, "session.spoken", {"said": said, "at_ms": str(number)})
    shared = {"recipient": "mcn", "purpose": "对账", "fields": ["paid", "sku"]}
    return _entry(number, "data.shared", Group("facts", PARTIES, shared))


def _told(number: int, kind: str, fields: dict[str, str]) -> NewEntry:
    return _entry(number, kind, Group("register", PARTIES, {"fields": fields}))


def _sale(number: int, sku: str) -> NewEntry:
    def posting(owner: str, purpose: str, amount: int) -> Posting:
        return Posting(
            owner=owner, purpose=purpose, agreement=AGREEMENT.id, currency="CNY", amount_minor=amount,
            clause="6.1", kind="sale",
        )  # fmt: skip

    told = {
        "order": f"O{number}",
        "line": "1",
        "paid": "100.00",
        "sku": sku,
        "paid_at": _at(number).isoformat(),
    }
    postings = posting("consumers", "payment", -10_000), posting("escrow", "balance", 10_000)
    return _entry(number, "sale.recorded", Group("order", PARTIES, told, postings))


def _line(number: int, sold: int, kind: str, fields: dict[str, str]) -> NewEntry:
    told = {"order": f"O{sold}", "line": "1", **fields}
    return _entry(number, kind, Group("order", PARTIES, told))


def _entry(number: int, kind: str, group: Group) -> NewEntry:
    return NewEntry(
        source="benchmark",
        id=str(number),
        kind=kind,
        occurred_at=_at(number),
        asserter="platform",
        agreement=AGREEMENT.ref,
        concerns=PARTIES,
        groups=(group,),
    )


def _at(number: int) -> datetime:
    return START + timedelta(seconds=number)


def put_in(count: int) -> int:
    """Return how many notices must come of so many entries."""
    return sum(1 for number in range(3 * SKUS, count) if number % WRONG_EVERY in {94, 97})


def fill(log: Log, first: int, end: int) -> float:
    """Append entries in batches; return the seconds that appending took, their making left out."""
    seconds = 0.0
    for start in range(first, end, BATCH):
        made = list(entries(start, min(start + BATCH, end)))
        began = time.perf_counter()
        log.append(made)
        seconds += time.perf_counter() - began
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{start:,} entries")
    return seconds


def monitored(url: str) -> Figures:
    """Read a whole log through every monitor, in a process of its own."""
    engine = open_engine(url)
    plan = plan_of({AGREEMENT.id: [AGREEMENT]})
    began = time.perf_counter()
    ran = run_monitors(Log(engine, clock=lambda: NOW), plan, Memory(plan.digest), NOW)
    found = {"seconds": time.perf_counter() - began, "entries": ran.entries, "found": ran.found}
    engine.dispose()
    return {**found, "monitors": len(plan.monitors)}


def measure(count: int, kind: str) -> Figures:
    """Grow a log to a tenth and to all of the entries, and read it through the monitors at both."""
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder), kind) as database:
        engine: Engine = database()
        url = engine.url.render_as_string(hide_password=False)
        log = Log(engine, clock=lambda: NOW)
        tenth = count // 10
        fill(log, 0, tenth)
        small = apart(monitored, url)
        seconds = fill(log, tenth, count)
        whole = apart(monitored, url)
    appended, passed = (count - tenth) / seconds, whole["entries"] / whole["seconds"]
    return {
        "database": kind,
        "entries": count,
        "monitors": whole["monitors"],
        "put_in": put_in(count),
        "found": whole["found"],
        "append_entries_per_second": round(appended),
        "monitor_entries_per_second": round(passed),
        "vs_appending": round(passed / appended, 2),
        "peak_bytes_at_a_tenth": small["peak_bytes"],
        "peak_bytes": whole["peak_bytes"],
        "memory_vs_a_tenth": round(whole["peak_bytes"] / small["peak_bytes"], 3),
    }


def main() -> int:
    """Run the benchmark by its arguments."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true", help="print the JSON object alone")
    arguments = parser.parse_args()
    found = measure(arguments.entries, arguments.database)
    if not arguments.json:
        print(
            f"{found['entries']:,} entries, {found['monitors']} monitors: {found['vs_appending']} times"
            f" as many a second as appending, with {found['memory_vs_a_tenth']} of the memory of a tenth"
        )
    print(json.dumps(found))
    return 0 if found["found"] == found["put_in"] else 1


if __name__ == "__main__":
    sys.exit(main())
