"""What is derived comes back as the same rows, however much of the log is read at a time."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from ledger import replay, sums
from ledger.accounts import Account
from ledger.checkpoints import make_checkpoint
from ledger.database import reading
from ledger.derived import DERIVED
from ledger.doctor import examine
from ledger.holds import NewHold, place_hold
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rebuild import derived_digests, rebuild
from tests.ledger_samples import AGREEMENT, START, FixedClock, refund, reversal_of_sale, sale

BLOCK = 256
"""Entries in a block of sums and in a tile: the least that may be read at a time."""

CHUNKS = (BLOCK, 2 * BLOCK, 3 * BLOCK, replay.CHUNK)
KEY = LogKey("log.test", bytes(32))
HOLD = NewHold(
    id="H1", account=Account("escrow", "autumn-beauty", "balance", "CNY"), amount_minor=1, reason="contested",
    clause="13.1", agreement=AGREEMENT, readers=("platform",), expires_at=None,
)  # fmt: skip


def fill(log: Log, size: int) -> None:
    """Append `size` entries; among more than a few, one of each sort that something is derived from."""
    if size < 10:
        log.append([sale(f"O{n}") for n in range(size)])
        return
    log.append([sale(f"O{n}") for n in range(100)])
    place_hold(log, HOLD, at=START, by="platform")
    log.append([reversal_of_sale(7), refund("O3")])
    log.erase(5, "buyer", reason="asked", asserter="platform", source="ops", id="1")
    make_checkpoint(log, KEY)
    log.append([sale(f"O{n}", paid_minor=n) for n in range(100, size - 4)])
    make_checkpoint(log, KEY)


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 1])
def test_a_log_of_any_size_is_rebuilt_to_the_same_rows_in_chunks_of_any_size(
    engine: Engine, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "BLOCK", BLOCK)
    log = Log(engine, clock=FixedClock())
    fill(log, size)
    assert log.size() == size
    with reading(engine) as session:
        appended = derived_digests(session)
        empty = {table for table in DERIVED if not session.rows(f"SELECT 1 FROM {table} LIMIT 1")}
    assert not (empty and size >= BLOCK), "rows of every sort are made again"
    for chunk in CHUNKS:
        monkeypatch.setattr(replay, "CHUNK", chunk)
        report = rebuild(engine)
        assert (report.entries, report.before, report.after) == (size, appended, appended), chunk
        assert [gone.seq for gone in report.erased] == ([5] if size >= 10 else [])
        assert examine(engine, [KEY.verifier]) == []
