"""Tampering at random, as the owner of the database could: every one is found, and named.

Each case draws what to do from a fixed seed: bytes, swapped rows, a cut tail, a fork, a forged checkpoint, a
deleted countersignature, a party left out, a flipped byte of the file. What a log that is sound in itself can
hide is found by the checkpoint that a party kept (docs/explanation/trust.md).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from ledger.checkpoints import checkpoint_text, latest_checkpoint, make_checkpoint
from ledger.cosignatures import add_cosignature
from ledger.database import Session, open_engine, session_of
from ledger.doctor import examine
from ledger.errors import LedgerError
from ledger.kept import examine_kept
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rebuild import rebuild
from ledger.tables import TABLES
from ledger.triggers import assert_triggers, drop_triggers
from ledger.witnesses import register_witness
from tests.ledger_samples import START, FixedClock, counted_entropy, receipt, refund, sale
from verifier.witness import WitnessKey

KEY = LogKey("log.test", bytes(32))
WITNESS = WitnessKey("brand.example/witness", bytes([7] * 32))
NOW_S = int(START.timestamp())
SIZE = 320
COUNT = int(os.environ.get("TALLYSTICK_TAMPERINGS", "24"))

UNSIGNED = frozenset(
    [*(("anchor", one.name) for one in TABLES["anchor"].columns if one.name not in {"size", "root"}),
     ("cosignature", "recorded_us")]
)  # fmt: skip
"""Columns that nothing signed speaks of: where an anchor is said to stand is looked up on that chain."""


def fill(engine: Engine) -> None:
    """Tell a log of sales, receipts and refunds, with an erasure, two checkpoints and a countersignature."""
    log = Log(engine, clock=FixedClock(), entropy=counted_entropy())
    log.append([sale(f"O{n}", paid_minor=10_000 + n) for n in range(SIZE)])
    make_checkpoint(log, KEY)
    register_witness(log, "brand", WITNESS.vkey, by="bo", now=START)
    log.append([receipt(f"O{n}") for n in range(40)] + [refund(f"O{n}", total="50.00") for n in range(9)])
    log.erase(3, "buyer", reason="asked", asserter="platform", source="ops", id="E3")
    last = make_checkpoint(log, KEY)
    line = WITNESS.cosign(last.note.rpartition("\n\n")[0] + "\n", NOW_S).rstrip("\n")
    add_cosignature(log, last.size, line, party="brand", now_us=NOW_S * 1_000_000)
    log.append([receipt(f"O{n}") for n in range(60, 70)])


@contextmanager
def owning(engine: Engine) -> Iterator[Session]:
    """Open a session as the database's owner can: no trigger, no foreign key, all put back afterwards."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if isinstance(raw, sqlite3.Connection):
            raw.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            drop_triggers(connection, TABLES)
            session = session_of(connection)
            if session.dialect == "postgresql":
                session.execute("SET LOCAL session_replication_role = replica")
            yield session
            assert_triggers(connection)
        if isinstance(raw, sqlite3.Connection):
            raw.execute("PRAGMA foreign_keys=ON")


def some_row(session: Session, random: Random, table: str) -> dict[str, Any] | None:
    names = [column.name for column in TABLES[table].columns]
    count = session.rows(f"SELECT count(*) FROM {table}")[0][0]
    if not count:
        return None
    keys = ", ".join(column.name for column in TABLES[table].primary_key)
    sql = f"SELECT {', '.join(names)} FROM {table} ORDER BY {keys} LIMIT 1 OFFSET ?"
    return dict(zip(names, session.rows(sql, (random.randrange(count),))[0], strict=True))


def change(session: Session, table: str, row: dict[str, Any], column: str, value: Any) -> None:
    keys = [one.name for one in TABLES[table].primary_key]
    where = " AND ".join(f"{key} = ?" for key in keys)
    sql = f"UPDATE {table} SET {column} = ? WHERE {where}"
    assert session.execute(sql, (value, *(row[key] for key in keys))) == 1


def other(random: Random, value: Any) -> Any:
    """Return a value that differs in one byte, one letter, or by one."""
    if value is None:
        return "autumn-beauty@9"
    if isinstance(value, int):
        return value + random.choice([-1, 1])
    at = random.randrange(len(value)) if value else 0
    if isinstance(value, str):
        return value[:at] + random.choice(sorted(set("abz019.") - {value[at : at + 1]})) + value[at + 1 :]
    data = bytearray(bytes(value) or b"\0")
    data[at] ^= 1 << random.randrange(8)
    return bytes(data)


def a_byte(session: Session, random: Random) -> str:
    while True:
        table = random.choice(sorted(TABLES))
        row = some_row(session, random, table)
        column = random.choice([one.name for one in TABLES[table].columns])
        if row is None or (table, column) in UNSIGNED:
            continue
        value = other(random, row[column])
        keys = {one.name: row[one.name] for one in TABLES[table].primary_key} | {column: value}
        where = " AND ".join(f"{name} = ?" for name in keys)
        if session.rows(f"SELECT 1 FROM {table} WHERE {where}", tuple(keys.values())):
            continue  # the value would take another row's place
        try:
            change(session, table, row, column, value)
        except (sqlite3.IntegrityError, sqlite3.OperationalError):
            continue  # a key that is taken: SQLite keeps unique columns whoever asks
        return f"{table}.{column} {row[column]!r:.60} -> {value!r:.60}"


def a_swapped_pair(session: Session, random: Random) -> str:
    one, two = random.sample(range(SIZE), 2)
    for table in random.choice(
        [("entry",), ("disclosure",), ("entry", "disclosure", "posting", "line_event")]
    ):
        for now, then in ((one, -1), (two, one), (-1, two)):
            session.execute(f"UPDATE {table} SET seq = ? WHERE seq = ?", (then, now))
    return f"entries {one} and {two} swapped"


def cut(session: Session, size: int) -> None:
    """Cut the log to its first entries, leaving something that is sound in itself."""
    for table in ("cosignature", "anchor", "checkpoint", "party_tree"):
        session.execute(f"DELETE FROM {table} WHERE size > ?", (size,))
    for table in ("posting", "line_event", "disclosure", "erasure", "hold_event", "entry"):
        session.execute(f"DELETE FROM {table} WHERE seq >= ?", (size,))


def a_cut_tail(session: Session, random: Random) -> str:
    size = random.randrange(1, SIZE + 50)
    cut(session, size)
    return f"cut to {size} entries"


def a_fork(session: Session, random: Random) -> str:
    size = random.randrange(1, SIZE + 50)
    cut(session, size)
    return f"fork from {size} entries on"


def a_forged_checkpoint(session: Session, random: Random) -> str:
    size = random.randrange(1, SIZE)
    key = random.choice([KEY, LogKey("log.test", bytes([9] * 32))])
    forged = bytes(random.randrange(256) for _ in range(32))
    session.insert("checkpoint", [(size, forged, key.sign(checkpoint_text(key.name, size, forged)))])
    return f"a checkpoint of {size} entries forged with {'the' if key is KEY else 'another'} key"


def a_witness_deleted(session: Session, random: Random) -> str:
    table = random.choice(["cosignature", "checkpoint"])
    session.execute(f"DELETE FROM {table} WHERE size > ?", (SIZE,))
    return f"{table} deleted"


def a_party_left_out(session: Session, random: Random) -> str:
    party = random.choice(sorted({row[0] for row in session.rows("SELECT DISTINCT party FROM party_tree")}))
    table = random.choice(["party_tree", "party_salt"])
    session.execute(f"DELETE FROM {table} WHERE party = ?", (party,))
    return f"{party} left out of {table}"


TAMPERINGS: dict[str, Callable[[Session, Random], str]] = {
    "byte": a_byte,
    "swap": a_swapped_pair,
    "cut": a_cut_tail,
    "fork": a_fork,
    "forged": a_forged_checkpoint,
    "witness": a_witness_deleted,
    "party": a_party_left_out,
}


def found_by_anyone(engine: Engine, kept: str) -> set[str]:
    """Return the codes of all that the doctor finds, alone or with the checkpoint that a party kept."""
    keys = [KEY.verifier]
    try:
        findings = [*examine(engine, keys), *examine_kept(engine, [("kept", kept)], keys)]
    except (DBAPIError, sqlite3.DatabaseError, LedgerError) as fault:
        return {f"unreadable: {fault}"}
    return {finding.code for finding in findings}


def tamper(engine: Engine, what: str, random: Random) -> str:
    with owning(engine) as session:
        did = TAMPERINGS[what](session, random)
    if what in {"cut", "fork"}:
        rebuild(engine)
        log = Log(engine, clock=FixedClock())
        if what == "fork":
            log.append([sale(f"F{n}") for n in range(SIZE + 100 - log.size())])
        make_checkpoint(log, KEY)
    return did


@pytest.fixture(scope="module")
def filled(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The log in a file, and the countersigned checkpoint of it that a party kept."""
    path = tmp_path_factory.mktemp("filled") / "log.db"
    shutil.copy(_sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    fill(engine)
    newest = latest_checkpoint(Log(engine))
    assert newest is not None
    assert found_by_anyone(engine, newest.note) == set()
    engine.dispose()
    return path, newest.note


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampered_rows_are_found_and_named(what: str, filled: tuple[Path, str], tmp_path: Path) -> None:
    path, kept = filled
    share = COUNT if what == "byte" else COUNT // 10 + 1
    for seed in range(share):
        shutil.copy(path, tmp_path / "copy.db")
        engine = open_engine(f"sqlite:///{tmp_path / 'copy.db'}")
        did = tamper(engine, what, Random(seed))
        assert found_by_anyone(engine, kept), f"{what} {seed}: {did}"
        engine.dispose()
        for left in tmp_path.glob("copy.db*"):
            left.unlink()


@pytest.mark.postgres
@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampered_rows_are_found_and_named_on_postgresql(what: str, postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    fill(engine)
    newest = latest_checkpoint(Log(engine))
    assert newest is not None
    did = tamper(engine, what, Random(what))
    assert found_by_anyone(engine, newest.note), did
    engine.dispose()


def test_a_flipped_byte_of_the_file_changes_nothing_that_is_said_or_is_found(
    filled: tuple[Path, str], tmp_path: Path
) -> None:
    path, kept = filled
    sound = path.read_bytes()
    said = everything(path)
    found = 0
    for seed in range(COUNT):
        random = Random(seed)
        data = bytearray(sound)
        data[random.randrange(100, len(data))] ^= 1 << random.randrange(8)
        copy = tmp_path / f"copy-{seed}.db"
        copy.write_bytes(data)
        engine = open_engine(f"sqlite:///{copy}")
        if found_by_anyone(engine, kept):
            found += 1
        else:
            assert everything(copy) == said, f"byte of seed {seed}"
        engine.dispose()
    assert found > COUNT // 2


def everything(path: Path) -> list[str]:
    """Return all that a database says."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
