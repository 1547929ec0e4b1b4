"""A process that appends until it is done or killed, and says what was acknowledged. Run by the tests.

Usage: python -m tests.ledger_writer URL NAME BATCHES SIZE. Prints "ready" when it could begin, then, after
each append has returned, the batch's number and its seqs.
"""

from __future__ import annotations

import sys

from ledger.database import open_engine
from ledger.entries import NewEntry
from ledger.log import Log
from tests.ledger_samples import receipt, sale


def batch(name: str, number: int, size: int) -> list[NewEntry]:
    """Return one batch: sales, and a receipt for each second one."""
    orders = [f"{name}-{number}-{n}" for n in range(size)]
    return [sale(order) for order in orders] + [receipt(order) for order in orders[::2]]


def main(url: str, name: str, batches: int, size: int) -> None:
    """Append the batches one by one."""
    engine = open_engine(url)
    log = Log(engine)
    log.size()
    print("ready", flush=True)  # noqa: T201 -- this is how it talks to the test
    for number in range(batches):
        report = log.append(batch(name, number, size))
        print(number, *report.accepted, flush=True)  # noqa: T201 -- as above
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
