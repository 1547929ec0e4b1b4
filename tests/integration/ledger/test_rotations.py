"""Rotations of the log's key as entries: which keys the log has had, on both databases."""

from __future__ import annotations

from sqlalchemy import Engine

from ledger.checkpoints import make_checkpoint
from ledger.database import reading
from ledger.doctor import examine
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rotation import keys_back_from, record_rotation, rotation_between, rotations
from tests.ledger_samples import START, FixedClock, sale

FIRST, SECOND, THIRD = (LogKey("log.test", bytes([n] * 32)) for n in range(3))
STRANGER = LogKey("log.test", bytes([9] * 32))


def test_checkpoints_of_every_key_that_the_log_has_had_are_sound(engine: Engine) -> None:
    log = Log(engine, clock=FixedClock())
    changes = [rotation_between(FIRST, SECOND), rotation_between(SECOND, THIRD)]
    for key, change in zip((FIRST, SECOND), changes, strict=True):
        log.append([sale(f"O{log.size()}")])
        make_checkpoint(log, key)
        seq = record_rotation(log, change, by="operator", now=START)
        assert record_rotation(log, change, by="operator", now=START) == seq, "the same again"
    make_checkpoint(log, THIRD)
    assert rotations(log) == changes
    assert examine(engine, [THIRD.verifier]) == []
    assert {one.code for one in examine(engine, [SECOND.verifier])} == {"checkpoint.note"}
    assert len(examine(engine, [STRANGER.verifier])) == 3
    with reading(engine) as session:
        found = keys_back_from(session, [THIRD.verifier])
        assert found == [key.verifier for key in (THIRD, SECOND, FIRST)]
        assert keys_back_from(session, [STRANGER.verifier]) == [STRANGER.verifier]
