"""`backup` and `restore`: what a user does after a disk is gone, and what they may get wrong."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import inspect

from api.access import Grant
from api.members.service import MemberService
from api.office.anchoring import checkpoint_and_anchor
from api.office.keeping import LEFT_OUT, MEMBER_TABLES
from ledger.checkpoints import latest_checkpoint
from ledger.tables import TABLES
from tests.command_line import log_size, office_at, tally
from tests.ledger_samples import sale


def backed_up(data: Path, to: Path) -> Path:
    path = to / "one.tally-backup"
    ran = tally(data, "backup", path)
    assert ran.code == 0, ran.err
    return path


def keys_of(data: Path, to: Path) -> Path:
    """Return a fresh data directory that holds the keys of another, and nothing else."""
    shutil.copytree(data / "keys", to / "keys")
    return to


def test_everything_works_after_a_restore_with_the_same_keys(example_data: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(example_data, tmp_path / "copy"))
    with office_at(copy) as office:
        members = MemberService(office.engine, lambda: 10**15, 60)
        code = members.enrol("anna", "Anna", [Grant("auditor")])
    path = backed_up(copy, tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob(".one*")) == []
    assert list(copy.glob(".backup*")) == []
    size = log_size(copy)

    again = keys_of(copy, tmp_path / "again")
    ran = tally(again, "restore", path)
    assert ran.code == 0, ran.err
    assert f"{size:,} entries of " in ran.out
    assert tally(again, "doctor").out == f"{size:,} entries examined: all is as it should be\n"
    for command in (["statement", "list"], ["agreement", "list"], ["chain", "show"]):
        assert tally(again, *command).out == tally(copy, *command).out
    why = ("why", "D01-0002", "mcn", "--agreement", "head-streamer")
    assert tally(again, *why).out == tally(copy, *why).out != ""
    with office_at(again) as office:
        assert MemberService(office.engine, lambda: 10**15, 60).viewer_of_code(code).member == "anna"
        office.log.append([sale("after", agreement="other@1")])
        anchored = checkpoint_and_anchor(office)
        assert anchored is not None
        newest = latest_checkpoint(office.log)
        assert newest is not None
        assert newest.size == size + 2  # the entry, and the seal of the head that moved since
    assert tally(again, "rebuild").code == 0
    assert tally(again, "doctor").code == 0


def test_a_backup_tells_in_json_what_it_holds(example_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "one"
    made = tally(example_data, "backup", path, "--json").json
    assert (made["ok"], made["bytes"], made["entries"]) == (True, path.stat().st_size, log_size(example_data))
    again = keys_of(example_data, tmp_path / "again")
    told = tally(again, "restore", path, "--json").json
    assert (told["ok"], told["root"], told["rows"]) == (True, made["root"], made["rows"])
    assert told["statements"] == 15


def test_no_key_is_in_a_backup(example_data: Path, tmp_path: Path) -> None:
    text = gzip.decompress(backed_up(example_data, tmp_path).read_bytes())
    for path in (example_data / "keys").iterdir():
        secret = path.read_text().strip().split("+", 4)[-1]  # base64 may hold plus signs
        assert len(secret) > 40
        assert secret.encode() not in text
    assert (example_data / "secret").read_bytes().strip() not in text


def test_a_file_that_stands_there_is_not_overwritten(example_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "one"
    path.write_text("precious")
    ran = tally(example_data, "backup", path)
    assert (ran.code, ran.out) == (2, "")
    assert "there is such a file; name another" in ran.err
    assert path.read_text() == "precious"
    assert tally(example_data, "backup", tmp_path / "no" / "folder").code == 2


def test_what_cannot_be_restored_is_refused_with_its_reason(example_data: Path, tmp_path: Path) -> None:
    path = backed_up(example_data, tmp_path)
    empty = tmp_path / "empty"

    without = tally(empty, "restore", path)
    assert (without.code, without.out) == (2, "")
    assert "is wanted here first: copy it from where you keep it, or restore with --key-lost" in without.err

    keys_of(example_data, empty)
    cut = tmp_path / "cut"
    cut.write_bytes(path.read_bytes()[:-1000])
    ran = tally(empty, "restore", cut)
    assert (ran.code, ran.out) == (2, "")
    assert "cut: is cut short or damaged after " in ran.err
    assert ran.err.endswith("[backup.unreadable]\n")
    assert tally(empty, "restore", example_data / "keys" / "log.key").code == 2

    newer = tmp_path / "newer.checkpoint"
    with office_at(example_data) as office:
        newer.write_text(
            office.log_key.sign(f"{office.log_key.name}\n999999\n{'A' * 43}=\n"), encoding="utf-8"
        )
    ran = tally(empty, "restore", path, "--checkpoint", newer)
    assert ran.code == 1
    assert ran.out.startswith("refused: one.tally-backup: it holds ")
    assert "restore a later backup, or what came after it is lost [backup.refused]" in ran.out
    assert tally(empty, "restore", path, "--checkpoint", newer, "--json").json["ok"] is False

    assert log_size(empty) == 0
    assert (empty / "chain.db").stat().st_size == 0
    assert list(empty.glob(".chain*")) == []
    assert tally(empty, "restore", path).code == 0
    ran = tally(empty, "restore", path)
    assert ran.code == 2
    assert "'entry' holds rows already" in ran.err


def test_the_backup_of_another_log_is_refused(example_data: Path, tmp_path: Path) -> None:
    path = backed_up(example_data, tmp_path)
    other = tmp_path / "other"
    assert tally(other, "agreement", "list").code == 0
    ran = tally(other, "restore", path)
    assert ran.code == 1
    assert "and is not signed by the key here, tallystick.local/" in ran.out
    assert log_size(other) == 0


def test_a_lost_key_is_said_and_the_log_restored_all_the_same(example_data: Path, tmp_path: Path) -> None:
    path = backed_up(example_data, tmp_path)
    ran = tally(tmp_path / "again", "restore", path, "--key-lost")
    assert ran.code == 0
    doctor = tally(tmp_path / "again", "doctor", "--json")
    assert {finding["code"] for finding in doctor.json["findings"]} == {"checkpoint.note"}


def test_a_chain_of_another_is_not_overwritten(example_data: Path, tmp_path: Path) -> None:
    path = backed_up(example_data, tmp_path)
    again = keys_of(example_data, tmp_path / "again")
    shutil.copy(example_data / "chain.db", again / "chain.db")
    with closing(sqlite3.connect(again / "chain.db")) as chain:
        chain.execute("DELETE FROM pair WHERE key = (SELECT max(key) FROM pair)")
        chain.commit()
    ran = tally(again, "restore", path)
    assert ran.code == 2
    assert "chain.db: stands there already; move it away [restore.refused]" in ran.err
    assert log_size(again) == 0


def test_a_log_that_contradicts_itself_gives_no_file(installation: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(installation / "tallystick.db", isolation_level=None)) as database:
        database.execute("DROP TRIGGER entry_update")
        database.execute("UPDATE entry SET leaf = zeroblob(5) WHERE seq = 7")
    ran = tally(installation, "backup", tmp_path / "one")
    assert ran.code == 1
    assert ran.out == (
        "refused: entry[7]: the leaf does not have its stored hash; run the doctor [backup.refused]\n"
    )
    assert list(tmp_path.glob("*one*")) == []


def test_a_backup_restores_under_a_key_that_replaced_its_own(installation: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert tally(installation, "export", "checkpoint", "--out", kept).code == 0
    assert tally(installation, "key", "rotate").code == 0
    overlapping = backed_up(installation, tmp_path)
    assert tally(installation, "key", "retire").code == 0
    again = keys_of(installation, tmp_path / "again")
    ran = tally(again, "restore", overlapping, "--checkpoint", kept)
    assert ran.code == 0, ran.out + ran.err
    assert tally(again, "doctor").code == 0


@pytest.mark.postgres
def test_an_installation_moves_from_sqlite_to_postgres_and_back(
    example_data: Path, postgres_url: str, tmp_path: Path
) -> None:
    path = backed_up(example_data, tmp_path)
    moved = keys_of(example_data, tmp_path / "moved")
    settings = {"TALLYSTICK_DATABASE": postgres_url}
    ran = tally(moved, "restore", path, **settings)
    assert ran.code == 0, ran.err
    assert tally(moved, "doctor", **settings).code == 0
    assert tally(moved, "statement", "list", **settings).out == tally(example_data, "statement", "list").out
    assert tally(moved, "backup", tmp_path / "two", **settings).code == 0
    home = keys_of(example_data, tmp_path / "home")
    assert tally(home, "restore", tmp_path / "two").code == 0
    assert tally(home, "doctor").code == 0


def test_every_table_is_in_a_backup_or_left_out_by_name(example_data: Path) -> None:
    with office_at(example_data) as office:
        standing = set(inspect(office.engine).get_table_names())
    assert standing == {*TABLES, *MEMBER_TABLES, *LEFT_OUT}
