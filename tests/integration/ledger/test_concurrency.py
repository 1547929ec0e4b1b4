"""Many writers at once, and writers killed: no gap, no fork, nothing acknowledged is lost, nothing twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.checkpoints import make_checkpoint
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.log import Log
from ledger.notes import LogKey
from tests.ledger_group_writer import request
from tests.ledger_samples import sale
from tests.ledger_writer import batch

KILLS = int(os.environ.get("TALLYSTICK_KILLS", "2"))
"""How often a writer is killed on each database; soak runs ask for many more."""


@contextmanager
def writer(
    url: str, name: str, count: int, size: int, program: str = "tests.ledger_writer"
) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", program, url, name, str(count), str(size)]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def acknowledged(output: str) -> dict[int, list[int]]:
    lines = [line.split() for line in output.splitlines(keepends=True) if line.endswith("\n")]
    return {int(line[0]): [int(seq) for seq in line[1:]] for line in lines}


def test_threads_append_to_one_log_with_no_gap_and_no_fork(engine: Engine) -> None:
    log = Log(engine)

    def append(worker: int) -> list[int]:
        return [
            seq for n in range(15) for seq in log.append([sale(f"W{worker}-{n}"), sale(f"S-{n}")]).seqs if seq
        ]

    with ThreadPoolExecutor(4) as pool:
        seqs = [seq for found in pool.map(append, range(4)) for seq in found]
    assert log.size() == 4 * 15 + 15
    assert set(seqs) | {0} == set(range(75))
    assert examine(engine) == []


def test_processes_append_to_one_log_with_no_gap_and_no_fork(database_url: str) -> None:
    with writer(database_url, "a", 12, 20) as one, writer(database_url, "b", 12, 20) as two:
        outputs = [process.communicate()[0] for process in (one, two)]
    seqs = [seq for output in outputs for found in acknowledged(output).values() for seq in found]
    assert sorted(seqs) == list(range(2 * 12 * 30))
    engine = open_engine(database_url)
    assert examine(engine) == []
    engine.dispose()


@pytest.mark.slow
def test_a_killed_writer_loses_nothing_acknowledged_and_writes_nothing_twice(database_url: str) -> None:
    engine = open_engine(database_url)
    log, key, chance = Log(engine), LogKey("log.test", bytes(32)), random.Random(20260901)
    for run in range(KILLS):
        name, before = f"run{run}", log.size()
        with writer(database_url, name, 1_000, 40) as process:
            time.sleep(chance.uniform(0.05, 0.4))
            process.kill()
            output, _ = process.communicate()
        told = acknowledged(output)
        assert len(told) < 1_000, "it was killed before it was done"
        assert (log.size() - before) % 60 == 0, "a batch is whole or not there"
        for number, seqs in told.items():
            report = log.append(batch(name, number, 40))
            assert (report.accepted, report.seqs) == ([], seqs)
        # What was in flight is sent again: it was taken or it was not, and now it stands once.
        again = log.append(batch(name, len(told), 40))
        assert len(again.accepted) in {0, 60}
        make_checkpoint(log, key)
    assert examine(engine, [key.verifier]) == []
    engine.dispose()


def queued(output: str) -> dict[tuple[int, int], list[int]]:
    """Return the seqs that each thread of a group writer was told, by thread and number of the request."""
    lines = [line.split() for line in output.splitlines(keepends=True) if line.endswith("\n")]
    return {(int(line[0]), int(line[1])): [int(seq) for seq in line[2:]] for line in lines}


GROUP_WRITER = "tests.ledger_group_writer"


def test_processes_with_a_queue_each_append_to_one_log_with_no_gap_and_no_fork(database_url: str) -> None:
    with (
        writer(database_url, "a", 6, 5, GROUP_WRITER) as one,
        writer(database_url, "b", 6, 5, GROUP_WRITER) as two,
    ):
        outputs = [process.communicate()[0] for process in (one, two)]
    seqs = [seq for output in outputs for found in queued(output).values() for seq in found]
    each = sum(len(request("a", 6, thread, 0)) for thread in range(6))
    assert sorted(seqs) == list(range(2 * 5 * each))
    engine = open_engine(database_url)
    assert examine(engine) == []
    engine.dispose()


@pytest.mark.slow
def test_a_killed_queue_loses_nothing_acknowledged_and_writes_nothing_twice(database_url: str) -> None:
    engine = open_engine(database_url)
    log, key, chance = Log(engine), LogKey("log.test", bytes(32)), random.Random(20260902)
    for run in range(KILLS):
        name = f"run{run}"
        with writer(database_url, name, 6, 100_000, GROUP_WRITER) as process:
            time.sleep(chance.uniform(0.05, 0.4))
            process.kill()
            output, _ = process.communicate()
        told = queued(output)
        for (thread, number), seqs in told.items():
            report = log.append(request(name, 6, thread, number))
            assert (report.accepted, report.seqs) == ([], seqs)
        # What was in flight is sent again: it was taken whole or not at all, and now it stands once.
        for thread in range(6):
            sent = request(name, 6, thread, sum(of == thread for of, _ in told))
            assert len(log.append(sent).accepted) in {0, len(sent)}
        make_checkpoint(log, key)
    assert examine(engine, [key.verifier]) == []
    engine.dispose()
