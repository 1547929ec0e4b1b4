"""Opening an installation: made once, private, and never in the way of a writer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

import migrations
from api.office.opening import open_office
from api.office.private_files import kept_text, write_private
from api.settings import Settings, private_folder
from ledger.database import open_engine
from ledger.doctor import examine
from tests.command_line import office_at, tally


def test_reading_waits_for_no_writer(installation: Path) -> None:
    with closing(sqlite3.connect(installation / "tallystick.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        for command in (("agreement", "list"), ("statement", "list"), ("dispute", "list"), ("doctor",)):
            assert tally(installation, *command).code == 0, command
        writer.execute("ROLLBACK")


def test_an_installation_keeps_its_keys_and_its_name(tmp_path: Path) -> None:
    with office_at(tmp_path / "data") as office:
        first = (office.log_key.vkey, office.chain_key.address)
    with office_at(tmp_path / "data") as office:
        assert (office.log_key.vkey, office.chain_key.address) == first
    with office_at(tmp_path / "another") as office:
        assert office.log_key.name != first[0].split("+")[0]
        assert office.chain_key.address != first[1]


def test_a_database_stopped_at_an_older_revision_is_brought_up(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'tallystick.db'}")
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with office_at(tmp_path / "data") as office:
        assert examine(office.engine) == []
    assert tally(tmp_path / "data", "member", "enrol", "a", "--name", "A", "--role", "auditor").code == 0


def test_opening_to_examine_changes_nothing(tmp_path: Path) -> None:
    settings = Settings.from_environment({"TALLYSTICK_DATA": str(tmp_path / "data")})
    with open_office(settings, upgrade=False):
        pass
    with closing(sqlite3.connect(tmp_path / "data" / "tallystick.db")) as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


def test_a_private_file_is_whole_private_and_replaced_at_once(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "file"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text("utf-8") == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert list(path.parent.iterdir()) == [path], "nothing half written is left beside it"


def test_what_is_kept_is_made_once(tmp_path: Path) -> None:
    made = iter(["first", "second"])
    assert [kept_text(tmp_path / "kept", lambda: next(made)) for _ in range(3)] == ["first"] * 3


@pytest.mark.parametrize("mode", [0o755, 0o700])
def test_a_folder_that_is_there_is_left_as_its_owner_made_it(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    folder.chmod(mode)
    private_folder(folder / "data")
    assert folder.stat().st_mode & 0o777 == mode
    assert (folder / "data").stat().st_mode & 0o777 == 0o700
