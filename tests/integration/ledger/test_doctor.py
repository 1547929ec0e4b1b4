"""Tampering with the database file: what the doctor finds, and what rebuild mends."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from ledger.checkpoints import (
    Anchor,
    anchors,
    checkpoint_at,
    checkpoint_text,
    checkpoints,
    latest_checkpoint,
    make_checkpoint,
    parse_checkpoint,
    record_anchor,
)
from ledger.cosignatures import add_cosignature
from ledger.database import open_engine
from ledger.doctor import examine
from ledger.entries import Group
from ledger.errors import CheckpointConflict
from ledger.kept import examine_kept
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rebuild import rebuild
from ledger.witnesses import register_witness
from migrations.apply import migrate
from tests.ledger_samples import PARTIES, START, pair, receipt, sale
from verifier.witness import WitnessKey

KEY = LogKey("log.test", bytes(32))


@pytest.fixture(scope="module")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 sales under a checkpoint, and three receipts beyond it."""
    path = tmp_path_factory.mktemp("sound") / "ledger.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    log = Log(engine)
    log.append([sale(f"O{n}") for n in range(600)])
    make_checkpoint(log, KEY)
    log.append([receipt(f"O{n}") for n in range(3)])
    engine.dispose()
    return path


@pytest.fixture
def engine(sound_file: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(sound_file, tmp_path / "copy.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    yield engine
    engine.dispose()


def tamper(engine: Engine, *statements: str) -> None:
    """Change the file as someone with every right to it could: no triggers, no foreign keys."""
    raw = sqlite3.connect(make_url(str(engine.url)).database or "", isolation_level=None)
    raw.execute("PRAGMA foreign_keys=OFF")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        raw.execute(statement)
    raw.close()
    migrate(engine)


TAMPERINGS = {
    "UPDATE entry SET leaf = CAST(replace(leaf, 'O7', 'O8') AS BLOB) WHERE seq = 7": (
        "leaf.hash entry.columns tile.unfit checkpoint.conflict"
    ),
    "UPDATE entry SET leaf = zeroblob(5) WHERE seq = 7": (
        "leaf.hash leaf.unreadable tile.unfit checkpoint.conflict"
    ),
    "UPDATE entry SET asserter = 'brand' WHERE seq = 7": "entry.columns",
    "UPDATE entry SET occurred_us = 1 WHERE seq = 602": "entry.columns derived.unfit",
    "UPDATE disclosure SET opened = CAST(replace(opened, '299', '199') AS BLOB) WHERE name = 'order'": (
        "group.commitment derived.unfit"
    ),
    """UPDATE disclosure SET readers = '["brand"]' WHERE seq = 9 AND position = 1""": "group.columns",
    "DELETE FROM disclosure WHERE seq = 9 AND position = 1": "group.missing",
    "INSERT INTO erasure VALUES (9, 1, 'buyer', 3, 'no reason')": "erasure.unrecorded erasure.undone",
    "UPDATE posting SET amount_minor = amount_minor + 1 WHERE seq = 9 AND n = 0": (
        "derived.unfit posting.unbalanced"
    ),
    "DELETE FROM posting WHERE seq = 9": "derived.unfit",
    "INSERT INTO posting VALUES (9000, 0, 1, 5, 'x', 'y')": "derived.unfit",
    "UPDATE account SET owner = 'thief' WHERE id = 1": "derived.unfit",
    "DELETE FROM line_event WHERE seq = 601": "derived.unfit",
    "UPDATE tile SET root = zeroblob(32)": "tile.unfit",
    "DELETE FROM tile": "tile.unfit",
    "UPDATE checkpoint SET note = replace(note, '600', '601')": "checkpoint.note",
    "UPDATE checkpoint SET size = 601": "checkpoint.columns completeness.conflict derived.unfit",
}
"""What is done to the file, and the codes of all that the doctor then finds."""


@pytest.mark.parametrize(("statement", "codes"), TAMPERINGS.items())
def test_a_tampered_row_is_found_and_named(engine: Engine, statement: str, codes: str) -> None:
    tamper(engine, statement)
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == set(codes.split())


def test_a_sound_file_has_no_findings(engine: Engine) -> None:
    tamper(engine)
    assert examine(engine, [KEY.verifier]) == []


def test_a_cut_tail_is_found_by_the_doctor_and_by_the_next_checkpoint(engine: Engine) -> None:
    make_checkpoint(Log(engine), KEY)
    tables = ("entry", "disclosure", "posting", "line_event")
    tamper(engine, *(f"DELETE FROM {table} WHERE seq >= 602" for table in tables))
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == {
        "checkpoint.beyond",
        "derived.unfit",  # the party trees of the checkpoint beyond
    }
    with pytest.raises(CheckpointConflict, match="603 entries were signed for and 602 are left"):
        make_checkpoint(Log(engine), KEY)


def test_postings_that_a_foreign_writer_left_unbalanced_are_found(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.entries.require_balanced", lambda _postings, _where: None)
    group = Group("order", PARTIES, {"order": "X", "line": "1"}, pair(5)[:1])
    with pytest.raises(AssertionError, match="do not sum to zero in CNY"):
        Log(engine).append([sale("X", groups=(group,))])
    monkeypatch.setattr("ledger.log.unbalanced", lambda *_: [])
    Log(engine).append([sale("X", groups=(group,))])
    assert {finding.code for finding in examine(engine, [KEY.verifier])} == {"posting.unbalanced"}


def test_a_gap_is_found(engine: Engine) -> None:
    tamper(engine, *(f"DELETE FROM {t} WHERE seq = 601" for t in ("entry", "disclosure", "line_event")))
    assert "log.gap" in {finding.code for finding in examine(engine)}


def test_a_past_rewritten_with_fitting_tiles_is_refused_a_checkpoint(engine: Engine) -> None:
    tamper(engine, "UPDATE entry SET leaf_hash = zeroblob(32) WHERE seq = 7")
    rebuild(engine)
    with pytest.raises(CheckpointConflict, match="not those that were signed"):
        make_checkpoint(Log(engine), KEY)


def test_a_checkpoint_of_another_key_is_found(engine: Engine) -> None:
    other = LogKey("log.test", bytes([9] * 32))
    assert {finding.code for finding in examine(engine, [other.verifier])} == {"checkpoint.note"}


def test_a_deleted_checkpoint_is_found_by_its_countersignatures(engine: Engine) -> None:
    log, witness = Log(engine), WitnessKey("witness.test", bytes(32))
    register_witness(log, "mcn", witness.vkey, by="mia", now=START)
    checkpoint = checkpoints(log)[0]
    line = witness.cosign(checkpoint.note.rpartition("\n\n")[0] + "\n", 1).rstrip("\n")
    add_cosignature(log, checkpoint.size, line, party="mcn", now_us=1_000_000)
    assert examine(engine, [KEY.verifier]) == []
    tamper(engine, "DELETE FROM checkpoint", "DELETE FROM party_tree")
    assert "checkpoint.missing" in {finding.code for finding in examine(engine)}


def test_what_the_owner_of_the_database_hides_is_found_by_what_parties_kept(engine: Engine) -> None:
    log, witness = Log(engine), WitnessKey("witness.test", bytes(32))
    register_witness(log, "mcn", witness.vkey, by="mia", now=START)
    signed = make_checkpoint(log, KEY)
    line = witness.cosign(signed.note.rpartition("\n\n")[0] + "\n", 1).rstrip("\n")
    add_cosignature(log, signed.size, line, party="mcn", now_us=1_000_000)
    kept = latest_checkpoint(log)
    assert kept is not None

    def told(note: str = kept.note) -> list[str]:
        return [finding.code for finding in examine_kept(engine, [("kept.txt", note)], [KEY.verifier])]

    assert told() == []
    assert told(LogKey("log.test", bytes([9] * 32)).sign("log.test\n0\n")) == ["kept.note"]
    forked = checkpoint_text("log.test", 600, bytes(32))
    assert told(KEY.sign(forked)) == ["kept.conflict"]
    tamper(engine, "DELETE FROM cosignature")
    assert told() == ["cosignature.missing"]
    assert examine(engine, [KEY.verifier]) == [], "the doctor alone cannot know"
    tamper(engine, f"DELETE FROM checkpoint WHERE size = {kept.size}")
    assert told() == ["checkpoint.missing"]
    tamper(engine, "DELETE FROM disclosure WHERE seq >= 603", "DELETE FROM entry WHERE seq >= 603")
    assert told() == ["kept.beyond"]


def test_rebuild_mends_derived_rows_and_says_that_they_had_changed(engine: Engine) -> None:
    sound = rebuild(engine)
    assert sound.unchanged
    assert sound.entries == 603
    tamper(engine, "UPDATE posting SET amount_minor = 1", "DELETE FROM tile", "DELETE FROM line_event")
    mended = rebuild(engine)
    assert {table for table in mended.before if mended.before[table] != mended.after[table]} == {
        "posting",
        "tile",
        "line_event",
    }
    assert mended.after == sound.after
    assert examine(engine, [KEY.verifier]) == []


def test_checkpoints_are_kept_one_per_size_and_found_again(engine: Engine) -> None:
    log = Log(engine)
    first = checkpoints(log)[0]
    second = make_checkpoint(log, KEY)
    assert (first.size, second.size) == (600, 603)
    assert make_checkpoint(log, KEY) == second == latest_checkpoint(log)
    assert checkpoint_at(log, 10) == first
    assert checkpoint_at(log, 601) == second
    assert checkpoint_at(log, 604) is None
    assert parse_checkpoint(second.note, [KEY.verifier]).root == log.root()


def test_an_anchor_is_kept_once_and_only_for_a_signed_root(engine: Engine) -> None:
    log = Log(engine)
    checkpoint = checkpoints(log)[0]
    anchor = Anchor(600, "embedded", 1337, "0x01", "0x02", 3, checkpoint.root, 4)
    record_anchor(log, anchor)
    record_anchor(log, replace(anchor, transaction="0x03"))
    assert anchors(log) == [anchor]
    with pytest.raises(CheckpointConflict):
        record_anchor(log, replace(anchor, root=bytes(32)))
    with pytest.raises(CheckpointConflict):
        record_anchor(log, replace(anchor, size=601))


def test_derived_digests_are_the_same_on_both_databases(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    digests = []
    for url in (sqlite_url, postgres_url):
        engine = open_engine(url)
        Log(engine).append([sale(f"O{n}") for n in range(5)])
        report = rebuild(engine)
        digests.append({table: report.after[table] for table in ("account", "posting")})
        engine.dispose()
    assert digests[0] == digests[1]
