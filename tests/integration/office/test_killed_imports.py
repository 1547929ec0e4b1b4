"""kill -9 in the middle of `tallystick import`: imported again, nothing is lost and nothing stands twice."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from api.office.anchoring import checkpoint_and_anchor
from api.office.example import Example
from ledger.checkpoints import make_checkpoint
from ledger.tree import extends
from tests.command_line import EXAMPLES, environment, office_at, tally

ROWS = 150_000 if os.environ.get("TALLYSTICK_HYPOTHESIS") == "soak" else 15_000
HEADER = (
    "order,line,currency,paid,freight,platform_coupon,sku,category,buyer,paid_at,confirmed_at,refunded,"
    "refunded_at"
)
"""Every row is a sale and a receipt; every seventh a refund as well."""

MOMENTS = ((0.15, 0.007), (0.5, 0.09), (0.7, 0.033))
"""When the process is killed: at which part of the entries, and how many seconds after that was seen."""


def rows() -> Iterator[str]:
    yield HEADER
    for n in range(ROWS):
        refund = "50.00,2026-10-25 10:00:00" if n % 7 == 0 else "0.00,"
        yield (
            f"K-{n:06},1,CNY,{100 + n % 400}.{n % 100:02},0.00,20.00,serum-30ml,skincare,buyer-{n % 900:04},"
            f"2026-10-{1 + n % 20:02} 20:15:00,2026-10-24 09:00:00,{refund}"
        )


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    path.write_text("\n".join(rows()) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("signed") / "data"
    with office_at(data) as office:
        example = Example(office, EXAMPLES)
        example.sign(example.keys())
        checkpoint_and_anchor(office)
    return data


def count(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'tallystick.db'}?mode=ro", uri=True, timeout=60)) as database:
        return int(database.execute("SELECT count(*) FROM entry").fetchone()[0])


def kinds(data: Path) -> Counter[str]:
    with closing(sqlite3.connect(data / "tallystick.db")) as database:
        return Counter(dict(database.execute("SELECT kind, count(*) FROM entry GROUP BY kind")))


def kill_in_the_middle(data: Path, orders: Path, enough: int, later: float) -> None:
    """Start an import and kill it, with everything it started, once the log holds enough entries."""
    tallystick = str(Path(sys.executable).with_name("tallystick"))
    command = [tallystick, "import", str(orders), "--agreement", "head-streamer"]
    with subprocess.Popen(command, env=environment(data), start_new_session=True) as child:
        until = time.monotonic() + 120
        while child.poll() is None and count(data) < enough:
            assert time.monotonic() < until
            time.sleep(0.02)
        time.sleep(later)
        assert child.poll() is None, "it was still at work"
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_an_import_killed_again_and_again_ends_as_if_it_had_never_been_disturbed(
    signed: Path, orders: Path, tmp_path: Path
) -> None:
    calm, killed = (Path(shutil.copytree(signed, tmp_path / name)) for name in ("calm", "killed"))
    assert tally(calm, "import", orders, "--agreement", "head-streamer").code == 0
    expected = kinds(calm)
    assert expected["sale.recorded"] == expected["receipt.confirmed"] == ROWS

    seen = [count(killed)]
    checkpoints = []
    for part, later in MOMENTS:
        kill_in_the_middle(killed, orders, seen[0] + int(part * 2 * ROWS), later)
        seen.append(count(killed))
        with office_at(killed) as office:
            checkpoints.append(make_checkpoint(office.log, office.log_key))
    assert seen == sorted(set(seen)), "each attempt went further, and kept what had been acknowledged"
    assert seen[-1] < expected.total()

    report = tally(killed, "import", orders, "--agreement", "head-streamer", "--json")
    assert report.code == 0
    assert report.json["conflict_count"] == 0
    found = kinds(killed)
    assert found.pop("batch.taken") >= expected.pop("batch.taken"), (
        "a killed transaction's batch comes in parts"
    )
    assert found == expected
    doctor = tally(killed, "doctor", "--json")
    assert (doctor.code, doctor.json["findings"]) == (0, [])
    with office_at(killed) as office:
        size, root = office.log.size(), office.log.root()
        for one in checkpoints:
            proof = office.log.consistency_proof(one.size, size)
            assert extends(one.size, one.root, size, root, proof)
        with closing(sqlite3.connect(killed / "tallystick.db")) as database:
            twice = "SELECT source_id FROM entry GROUP BY source, source_id HAVING count(*) > 1"
            assert database.execute(twice).fetchall() == []
            assert database.execute("SELECT min(seq), max(seq) FROM entry").fetchone() == (0, size - 1)
