"""A backup of one kind of database restores into the other, whole or not at all, and no altered one does."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

import ledger.backup
from ledger.backup import KEPT, back_up
from ledger.backup_file import BackupReader, BackupWriter, signed_text
from ledger.checkpoints import Anchor, checkpoints, latest_checkpoint, make_checkpoint, record_anchor
from ledger.database import open_engine
from ledger.derived import DERIVED
from ledger.doctor import examine
from ledger.errors import BackupRefused, BackupUnreadable, RestoreRefused
from ledger.log import Log
from ledger.notes import LogKey
from ledger.rebuild import rebuild
from ledger.restore import restore
from ledger.tables import TABLES
from migrations.apply import migrate
from tests.ledger_samples import receipt, sale

KEY = LogKey("log.test", bytes(32))
OTHER = LogKey("log.test", bytes([9] * 32))
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)


def fill(engine: Engine) -> Log:
    log = Log(engine)
    log.append([sale(f"O{n}") for n in range(300)])
    log.erase(5, "buyer", reason="asked", asserter="platform", source="ops", id="1")
    checkpoint = make_checkpoint(log, KEY)
    record_anchor(log, Anchor(checkpoint.size, "embedded", 1337, "0x01", "0x02", 3, checkpoint.root, 4))
    log.append([receipt(f"O{n}") for n in range(5)])
    make_checkpoint(log, KEY)
    log.append([receipt("O7")])
    return log


def backed_up(engine: Engine, key: LogKey = KEY) -> bytes:
    file = io.BytesIO()
    with BackupWriter(file) as writer:
        back_up(engine, writer, key, NOW)
    return file.getvalue()


def restored(engine: Engine, data: bytes, *keys: LogKey, **more: Any) -> Any:
    reader = BackupReader(io.BytesIO(data), "backup")
    return restore(engine, reader, [key.verifier for key in keys] or None, **more)


def everything(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            name: [
                tuple(row)
                for row in connection.execute(table.select().order_by(*table.primary_key.columns)).all()
            ]
            for name, table in TABLES.items()
        }


def is_empty(engine: Engine) -> bool:
    return not any(everything(engine).values())


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup in parts of some 20 KB."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('sound') / 'ledger.db'}")
    migrate(engine)
    fill(engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger.backup, "PART_BYTES", 20_000)
        data = backed_up(engine)
    engine.dispose()
    return data


@pytest.mark.postgres
@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgres"), ("postgres", "sqlite")])
def test_a_backup_restores_into_either_kind_to_the_same_rows(
    source: str, target: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(request.getfixturevalue(f"{source}_url"))
    log = fill(engine)
    monkeypatch.setattr(ledger.backup, "PART_BYTES", 50_000)
    data = backed_up(engine)
    before, root = everything(engine), log.root()
    again = open_engine(request.getfixturevalue(f"{target}_url"))
    told: list[tuple[int, int]] = []
    report = restored(again, data, KEY, progress=lambda done, total: told.append((done, total)))
    assert everything(again) == before
    assert (report.entries, report.root, report.checkpoint) == (
        log.size() if again is engine else 307,
        root,
        306,
    )
    assert (report.findings, report.log, report.made_at) == ([], "log.test", "2026-09-01T12:00:00.000000Z")
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert examine(again, [KEY.verifier]) == []
    assert backed_up(again) == data, "a backup of what was restored is the same to the byte"
    grown = Log(again)
    grown.append([sale("after")])
    assert make_checkpoint(grown, KEY).size == 308
    assert rebuild(again).unchanged
    again.dispose()
    engine.dispose()


def test_a_backup_holds_one_state_while_writers_go_on(engine: Engine, tmp_path: Path) -> None:
    log, stop = fill(engine), threading.Event()

    def write() -> None:
        while not stop.is_set():
            log.append([sale(f"more-{log.size()}-{n}") for n in range(20)])
            make_checkpoint(log, KEY)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backups = [backed_up(engine) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    for number, data in enumerate(backups):
        again = open_engine(f"sqlite:///{tmp_path / f'{number}.db'}")
        migrate(again)
        report = restored(again, data, KEY)
        assert report.findings == []
        assert report.root == log.root(report.entries)
        again.dispose()


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("loading", "sqlite"),
        ("settling", "sqlite"),
        pytest.param("settling", "postgres", marks=pytest.mark.postgres),
    ],
)
def test_a_restore_killed_on_the_way_leaves_nothing(
    place: str, kind: str, request: pytest.FixtureRequest, sound: bytes, tmp_path: Path
) -> None:
    database_url: str = request.getfixturevalue(f"{kind}_url")
    file = tmp_path / "backup"
    file.write_bytes(sound)
    command = [sys.executable, "-m", "tests.restore_killed", database_url, str(file), KEY.vkey, place]
    assert subprocess.run(command, check=False).returncode == -9
    engine = open_engine(database_url)
    assert is_empty(engine)
    assert restored(engine, sound, KEY).findings == []
    assert examine(engine, [KEY.verifier]) == []
    engine.dispose()


def test_a_database_that_holds_anything_is_left_alone(engine: Engine, sound: bytes) -> None:
    Log(engine).append([sale()])
    before = everything(engine)
    with pytest.raises(RestoreRefused, match="'entry' holds rows already"):
        restored(engine, sound, KEY)
    assert everything(engine) == before


# ---- files that are not what they were


@dataclass
class Unpacked:
    """The members of a backup, to be changed and packed again."""

    members: dict[str, bytes]

    @classmethod
    def of(cls, data: bytes) -> Unpacked:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
            return cls({member.name: _read(tar, member) for member in tar})

    def packed(self, *, told: bool = False, signer: LogKey | None = None) -> bytes:
        """Pack them; with `told` the manifest says what they are now, with a signer the note fits it."""
        if told:
            manifest = json.loads(self.members["manifest.json"])
            manifest["parts"] = [
                {"name": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in self.members.items()
                if not name.startswith("manifest")
            ]
            self.members["manifest.json"] = json.dumps(manifest).encode()
        if signer is not None:
            self.members["manifest.note"] = signer.sign(signed_text(self.members["manifest.json"])).encode()
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w|") as tar:
            for name, data in self.members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return gzip.compress(raw.getvalue())

    def replace(self, table: str, old: bytes, new: bytes) -> None:
        for name, data in self.members.items():
            if name.startswith(f"{table}/") and old in data:
                self.members[name] = data.replace(old, new, 1)
                return
        raise AssertionError(f"{table} has no {old!r}")


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


@pytest.fixture
def empty(sqlite_url: str) -> Iterator[Engine]:
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


def test_a_file_cut_anywhere_is_unreadable(empty: Engine, sound: bytes) -> None:
    for length in (0, 1, 9, 500, len(sound) // 2, len(sound) - 200, len(sound) - 9, len(sound) - 1):
        with pytest.raises(BackupUnreadable, match=r"is cut short or damaged after|is no backup"):
            restored(empty, sound[:length], KEY)
    assert is_empty(empty)


def says_the_same(changed: bytes, sound: bytes) -> bool:
    """Tell whether a changed file unpacks the same: zlib skips bits before what it stores as it is."""
    try:
        return gzip.decompress(changed) == gzip.decompress(sound)
    except (OSError, EOFError, zlib.error):
        return False


def test_a_byte_changed_in_anything_that_is_said_is_refused(empty: Engine, sound: bytes) -> None:
    end = len(sound) - 128  # behind it lies the archive's padding, which says nothing and is not read
    for at in range(10, end, end // 40):
        changed = bytearray(sound)
        changed[at] ^= 0x10
        if says_the_same(bytes(changed), sound):
            continue
        with pytest.raises((BackupUnreadable, BackupRefused)):
            restored(empty, bytes(changed), KEY)
    assert is_empty(empty)
    assert restored(empty, sound, KEY).findings == []


NO_BACKUPS = {
    "text": b"order,line\n1,2\n",
    "gzipped text": gzip.compress(b"order,line\n1,2\n" * 100),
    "another tar": Unpacked({"readme.txt": b"hello"}).packed(),
}


@pytest.mark.parametrize("what", NO_BACKUPS)
def test_a_file_of_another_kind_is_unreadable(empty: Engine, what: str) -> None:
    with pytest.raises(BackupUnreadable, match="backup"):
        restored(empty, NO_BACKUPS[what], KEY)
    assert is_empty(empty)


def changed_header(files: Unpacked, old: bytes, new: bytes) -> None:
    assert old in files.members["header.json"]
    files.members["header.json"] = files.members["header.json"].replace(old, new)


def rows_of(files: Unpacked, name: str) -> list[Any]:
    return [json.loads(line) for line in files.members[name].splitlines()]


def test_each_alteration_is_named(empty: Engine, sound: bytes) -> None:
    def refused(kind: type[Exception], said: str, data: bytes, *keys: LogKey, **more: Any) -> None:
        with pytest.raises(kind, match=said):
            restored(empty, data, *keys, **more)
        assert is_empty(empty)

    files = Unpacked.of(sound)
    assert len([name for name in files.members if name.startswith("entry/")]) > 3
    files.replace("entry", b'"platform"', b'"platfarm"')
    refused(BackupRefused, "entry/00000001.jsonl is not what the manifest says it is", files.packed(), KEY)
    refused(BackupRefused, "the manifest is not the one that was signed", files.packed(told=True), KEY)
    signed_by_another = files.packed(told=True, signer=OTHER)
    refused(BackupRefused, "is not signed by the key here, log.test", signed_by_another, KEY)
    # with the key lost nobody's signature counts, and the log must prove itself
    refused(BackupRefused, r"\[entry.columns\]", signed_by_another)

    files = Unpacked.of(sound)
    del files.members["entry/00000002.jsonl"]
    refused(BackupRefused, "seq has a gap after", files.packed(told=True, signer=KEY), KEY)
    files = Unpacked.of(sound)
    files.members["stray/00000001"] = files.members.pop("manifest.note")
    refused(BackupUnreadable, "its end is missing", files.packed(), KEY)
    files = Unpacked.of(sound)
    files.members["../../etc/passwd"] = b"root"
    refused(BackupUnreadable, "holds '../../etc/passwd', which no backup does", files.packed(), KEY)

    ahead = KEY.sign("log.test\n308\n" + "A" * 43 + "=\n")
    refused(
        BackupRefused, "it holds 307 entries, and the checkpoint given signs 308", sound, KEY, known=[ahead]
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"tallystick/backup/v1", b"tallystick/backup/v2", "is of the format 'tallystick/backup/v2'"),
        (b'"anchor":', b'"anchors":', "table 'anchors' is not as in this release"),
        (b'"leaf_hash"', b'"leaf_digest"', "table 'entry' is not as in this release"),
        (b'"entries":307', b'"entries":"x"', "the header does not say how many entries there are"),
        (b'"entries":307', b'"entries":306', "306 entries were signed for and 307 are left"),
    ],
)
def test_a_header_that_does_not_fit_is_named(
    empty: Engine, sound: bytes, old: bytes, new: bytes, said: str
) -> None:
    files = Unpacked.of(sound)
    changed_header(files, old, new)
    with pytest.raises((BackupUnreadable, BackupRefused), match=said):
        restored(empty, files.packed(told=True, signer=KEY), KEY)
    assert is_empty(empty)


def test_an_altered_content_is_found_though_everything_is_signed_anew(empty: Engine, sound: bytes) -> None:
    files = Unpacked.of(sound)
    name = next(name for name in files.members if name.startswith("disclosure/"))
    rows = rows_of(files, name)
    rows[0][5] = rows[5][5]
    files.members[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    with pytest.raises(BackupRefused, match=r"\[group.commitment\]"):
        restored(empty, files.packed(told=True, signer=OTHER))
    assert is_empty(empty)
    report = restored(empty, files.packed(told=True, signer=KEY), KEY)
    assert "group.commitment" in {finding.code for finding in report.findings}, "as it was, and said so"


def test_a_past_rewritten_from_end_to_end_is_refused_even_under_the_logs_own_key(
    empty: Engine, tmp_path: Path
) -> None:
    kept = checkpoints(fill(empty))[0].note
    forged = open_engine(f"sqlite:///{tmp_path / 'forged.db'}")
    migrate(forged)
    Log(forged).append([sale(f"F{n}") for n in range(400)])
    make_checkpoint(Log(forged), KEY)
    data = backed_up(forged)
    target = open_engine(f"sqlite:///{tmp_path / 'target.db'}")
    migrate(target)
    with pytest.raises(BackupRefused, match="its first 306 entries are not those that the checkpoint given"):
        restored(target, data, KEY, known=[kept])
    assert is_empty(target)
    target.dispose()
    forged.dispose()


TAMPERING = {
    "UPDATE entry SET leaf = CAST(replace(leaf, 'O7', 'O8') AS BLOB) WHERE seq = 7":
        "the leaf does not have its stored hash",
    "DELETE FROM entry WHERE seq = 9": "seq has a gap after -1",
    "DELETE FROM entry WHERE seq >= 303": "306 entries were signed for and 303 are left",
    "UPDATE checkpoint SET root = zeroblob(32) WHERE size = 301":
        "the entries are not those that were signed",
}  # fmt: skip


@pytest.mark.parametrize(("statement", "said"), TAMPERING.items())
def test_a_log_that_contradicts_itself_is_not_backed_up(sqlite_url: str, statement: str, said: str) -> None:
    engine = open_engine(sqlite_url)
    fill(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        for name in ("entry_update", "entry_delete", "checkpoint_update"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)
    with pytest.raises(BackupRefused, match=said):
        backed_up(engine)
    engine.dispose()


def test_an_empty_log_is_backed_up_and_restored(engine: Engine, tmp_path: Path) -> None:
    make_checkpoint(Log(engine), KEY)
    again = open_engine(f"sqlite:///{tmp_path / 'again.db'}")
    migrate(again)
    assert restored(again, backed_up(engine), KEY).entries == 0
    assert latest_checkpoint(Log(again)) == latest_checkpoint(Log(engine))
    again.dispose()


def test_every_table_of_the_log_is_kept_or_made_again() -> None:
    assert {table.name for table in KEPT} | set(DERIVED) == TABLES.keys()
    assert {table.name for table in KEPT}.isdisjoint(DERIVED)
