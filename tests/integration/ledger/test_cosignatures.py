"""Witnesses and their countersignatures, in the log and its tables, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.checkpoints import Checkpoint, checkpoint_at, checkpoints, latest_checkpoint, make_checkpoint
from ledger.cosignatures import add_cosignature
from ledger.doctor import examine
from ledger.errors import CosignatureRefused, EntryConflict, EntryUnknown, NoteInvalid
from ledger.log import Log
from ledger.notes import LogKey, open_note
from ledger.tables import TABLES
from ledger.triggers import drop_triggers
from ledger.witnesses import register_witness, withdraw_witness, witness, witnesses
from migrations.apply import migrate
from tests.ledger_samples import START, FixedClock, sale
from verifier.witness import WitnessKey

KEY = LogKey("log.test", bytes(32))
MCN = WitnessKey("mcn.example/witness", bytes([1] * 32))
BRAND = WitnessKey("brand.example/witness", bytes([2] * 32))
NOW_S = int(START.timestamp())


@pytest.fixture
def log(engine: Engine) -> Log:
    log = Log(engine, clock=FixedClock())
    log.append([sale(f"O{n}") for n in range(3)])
    register_witness(log, "mcn", MCN.vkey, by="mia", now=START)
    return log


def text_of(checkpoint: Checkpoint) -> str:
    return checkpoint.note.rpartition("\n\n")[0] + "\n"


def line(checkpoint: Checkpoint, key: WitnessKey = MCN, at: int = NOW_S) -> str:
    return key.cosign(text_of(checkpoint), at).rstrip("\n")


def take(log: Log, checkpoint: Checkpoint, text: str, party: str = "mcn") -> Any:
    return add_cosignature(log, checkpoint.size, text, party=party, now_us=NOW_S * 1_000_000)


def test_a_countersignature_is_kept_once_and_shown_under_the_checkpoint(log: Log) -> None:
    checkpoint = make_checkpoint(log, KEY)
    assert "witness" not in checkpoint.note
    taken = take(log, checkpoint, line(checkpoint))
    assert take(log, checkpoint, line(checkpoint)) == taken
    shown = latest_checkpoint(log)
    assert shown is not None
    assert shown.note == f"{checkpoint.note}{line(checkpoint)}\n"
    assert checkpoint_at(log, 1) == checkpoints(log)[0] == make_checkpoint(log, KEY) == shown
    assert open_note(shown.note, [KEY.verifier]) == open_note(shown.note, [witness(log, taken.label).key])
    assert examine(log.engine, [KEY.verifier]) == []


def test_the_newest_signature_of_each_witness_is_shown(log: Log) -> None:
    register_witness(log, "brand", BRAND.vkey, by="bo", now=START)
    checkpoint = make_checkpoint(log, KEY)
    for at in (NOW_S - 9, NOW_S, NOW_S - 5):
        take(log, checkpoint, line(checkpoint, at=at))
    take(log, checkpoint, line(checkpoint, BRAND), "brand")
    shown = latest_checkpoint(log)
    assert shown is not None
    assert shown.note.splitlines()[-2:] == [line(checkpoint, BRAND), line(checkpoint)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda log, c: take(log, c, line(c), "brand"), "not registered for 'brand'"),
        (lambda log, c: take(log, c, line(c, BRAND)), "not registered"),
        (lambda log, c: take(log, c, line(c, at=NOW_S + 301)), "lies ahead"),
        (lambda log, c: take(log, c, MCN.cosign("another\n", NOW_S).rstrip("\n")), "does not fit"),
        (
            lambda log, c: add_cosignature(log, 2, line(c), party="mcn", now_us=NOW_S * 1_000_000),
            "no checkpoint of that size",
        ),
    ],
)
def test_what_does_not_verify_is_not_taken(log: Log, change: Any, message: str) -> None:
    checkpoint = make_checkpoint(log, KEY)
    with pytest.raises(CosignatureRefused, match=message):
        change(log, checkpoint)
    assert latest_checkpoint(log) == checkpoint
    with pytest.raises(NoteInvalid):
        take(log, checkpoint, "no signature line")


def test_a_withdrawn_witness_signs_no_more_and_keeps_what_it_signed(log: Log) -> None:
    checkpoint = make_checkpoint(log, KEY)
    take(log, checkpoint, line(checkpoint))
    gone = withdraw_witness(log, MCN.verifier.label, by="mia", now=START)
    assert withdraw_witness(log, MCN.verifier.label, by="other", now=START) == gone
    assert not gone.stands
    later = make_checkpoint(log, KEY)
    with pytest.raises(CosignatureRefused):
        take(log, later, line(later))
    assert MCN.verifier.name in checkpoints(log)[-1].note
    assert examine(log.engine, [KEY.verifier]) == []


def test_a_key_is_one_partys_and_a_logs_key_is_no_witness(log: Log) -> None:
    first = register_witness(log, "mcn", MCN.vkey, by="somebody else", now=START)
    assert witnesses(log) == [first]
    with pytest.raises(EntryConflict):
        register_witness(log, "brand", MCN.vkey, by="bo", now=START)
    with pytest.raises(NoteInvalid, match="witness key"):
        register_witness(log, "brand", KEY.vkey, by="bo", now=START)
    with pytest.raises(EntryUnknown, match="there are mcn"):
        witness(log, "nobody+00000000")


def as_owner(engine: Engine, statement: str) -> None:
    """Change rows as who owns the database can, its triggers dropped."""
    with engine.begin() as connection:
        drop_triggers(connection, TABLES)
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE cosignature SET signed_s = signed_s - 1", "cosignature.note"),
        ("UPDATE cosignature SET line = 'nothing'", "cosignature.note"),
        ("UPDATE cosignature SET name = 'other.example'", "cosignature.unknown"),
    ],
)
def test_a_countersignature_changed_by_the_owner_is_found(log: Log, statement: str, code: str) -> None:
    checkpoint = make_checkpoint(log, KEY)
    take(log, checkpoint, line(checkpoint))
    as_owner(log.engine, statement)
    assert code in {finding.code for finding in examine(log.engine, [KEY.verifier])}
    migrate(log.engine)
