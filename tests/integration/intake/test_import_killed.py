"""kill -9 in the middle of an import: nothing acknowledged is lost, and importing again completes it."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.intake import IntakeTerms, import_file, load_mapping
from ledger.intake.batches import batches as taken_batches
from ledger.log import Log
from ledger.tree import MemoryTree, leaf_hash, root

WriteCsv = Callable[..., Path]

ROWS = 2_000
CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
import conftest
import ledger.intake.importing as importing
from ledger.database import open_engine
from ledger.intake import load_mapping
from ledger.log import Log
importing.BATCH_ENTRIES = 200
log = Log(open_engine("sqlite:///{database}"))
def acknowledged(done, total):
    print(log.size(), flush=True)
importing.import_file(
    log, Path({file!r}), load_mapping("tallystick-orders"), conftest.TERMS, progress=acknowledged,
    rejects=Path({rejects!r}),
)
"""


SOLD = "1,CNY,299.00,10.00,20.00,serum,skincare,buyer-0001,2026-02-24 20:15:00,2026-03-02,,"
SPOILT = SOLD.replace("299.00", "much")


def as_csv(write_csv: WriteCsv, tmp_path: Path) -> Path:
    rows = [f"K-{number},{SOLD}" for number in range(ROWS)]
    return write_csv(f"S-1,{SPOILT}", *rows, f"S-2,{SPOILT}")


def as_ndjson(write_csv: WriteCsv, tmp_path: Path) -> Path:
    with as_csv(write_csv, tmp_path).open(encoding="utf-8", newline="") as file:
        lines = [json.dumps(row) for row in csv.DictReader(file)]
    path = tmp_path / "orders.ndjson"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("written", "batches", "delay_ms"), [(as_csv, 1, 0), (as_ndjson, 4, 7), (as_csv, 9, 23)]
)
def test_an_import_killed_in_the_middle_loses_nothing_and_is_completed_by_another(
    log: Log,
    terms: IntakeTerms,
    write_csv: WriteCsv,
    tmp_path: Path,
    written: Callable[[WriteCsv, Path], Path],
    batches: int,
    delay_ms: int,
) -> None:
    path = written(write_csv, tmp_path)
    rejects = tmp_path / "rejects"
    code = CHILD.format(
        tests=str(Path(__file__).parent),
        database=tmp_path / "log.db",
        file=str(path),
        rejects=str(rejects),
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        acknowledged = [int(child.stdout.readline()) for _ in range(batches)][-1]
        time.sleep(delay_ms / 1000)
        child.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *map(int, child.stdout.read().split())])
    assert child.returncode == -signal.SIGKILL

    assert acknowledged <= log.size() < 2 * ROWS, "killed in the middle, with every acknowledged entry there"
    before = {e.seq: e.leaf for e in log.entries(limit=10_000) if e.source == "orders"}
    report = import_file(log, path, load_mapping("tallystick-orders"), terms, rejects=rejects)
    assert (report.conflict_count, report.rejected_rows) == (0, 2)
    # What the killed import had written of rejected rows is replaced by all of them.
    told = rejects.read_text(encoding="utf-8-sig")
    assert [told.count(name) for name in ("S-1", "S-2", "K-")] == [1, 1, 0]
    assert report.repeated.total == len(before)
    assert report.new.total + report.repeated.total == 2 * ROWS

    entries = log.entries(limit=10_000)
    assert [entry.seq for entry in entries] == list(range(len(entries)))
    assert Counter(entry.id for entry in entries).most_common(1)[0][1] == 1
    assert sum(entry.source == "orders" for entry in entries) == 2 * ROWS
    (batch,) = taken_batches(log, terms.agreement)
    assert batch.entries == 2 * ROWS, "what both imports of the file took is one batch"
    assert all(entries[seq].leaf == leaf for seq, leaf in before.items())
    tree = MemoryTree([leaf_hash(entry.leaf) for entry in entries])
    assert log.root() == root(tree, len(entries))
    proof = log.consistency_proof(len(before), len(entries))
    assert proof or not before or len(before) == len(entries)
