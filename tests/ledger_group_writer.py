"""A process whose threads append single sales through one queue until done or killed. Run by the tests.

Usage: python -m tests.ledger_group_writer URL NAME THREADS EACH. Prints "ready", then, for each sale that was
acknowledged, its thread, its number and its seq. The last thread sends batches instead.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from ledger.database import open_engine
from ledger.entries import NewEntry
from ledger.group_commit import LARGE_ENTRIES, GroupCommit
from ledger.log import Log
from tests.ledger_samples import sale


def request(name: str, threads: int, thread: int, number: int) -> list[NewEntry]:
    """Return what one thread sends as its request of a number: a sale, or a batch of them."""
    order = f"{name}-{thread}-{number}"
    if thread < threads - 1:
        return [sale(order)]
    return [sale(order, line=str(line)) for line in range(LARGE_ENTRIES + 1)]


def main(url: str, name: str, threads: int, each: int) -> None:
    """Let each thread send its requests one after the other."""
    engine = open_engine(url)
    log = Log(engine)
    log.size()
    print("ready", flush=True)  # noqa: T201 -- this is how it talks to the test
    telling = threading.Lock()
    with GroupCommit(log) as queue, ThreadPoolExecutor(threads) as pool:

        def send(thread: int) -> None:
            for number in range(each):
                report = queue.submit(request(name, threads, thread, number)).result()
                with telling:
                    print(thread, number, *report.seqs, flush=True)  # noqa: T201 -- as above

        for done in [pool.submit(send, thread) for thread in range(threads)]:
            done.result()
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
