"""The embedded chain's file keeps whole blocks or nothing, and refuses what is not its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from contracts.blockstore import APPLICATION_ID, BlockStore
from contracts.errors import ChainFileUnusable


class Interrupted(BaseException):
    """Stands for anything that stops a writer half way, a keyboard interrupt included."""


def test_what_is_written_is_there_after_reopening(tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "chain")
    with store.writing():
        store[b"key"] = b"one"
        store[b"key"] = b"two"
        store[b"gone"] = b"x"
        del store[b"gone"]
    store.close()
    store = BlockStore(tmp_path / "chain")
    with store.reading():
        assert store[b"key"] == b"two"
        assert b"gone" not in store
        with pytest.raises(KeyError):
            store[b"gone"]
        with pytest.raises(KeyError):
            del store[b"gone"]
    store.close()


def test_an_interrupted_block_leaves_nothing(tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "chain")

    def half_a_block() -> None:
        with store.writing():
            store[b"key"] = b"half"
            raise Interrupted

    with pytest.raises(Interrupted):
        half_a_block()
    with store.reading():
        assert b"key" not in store
    store.close()


def test_reading_changes_nothing(tmp_path: Path) -> None:
    store = BlockStore(tmp_path / "chain")
    with store.reading():
        store[b"key"] = b"trial"
    with store.reading():
        assert b"key" not in store
    store.close()


@pytest.mark.parametrize("content", [b"not a database, but long enough to be read as one" * 40, b"short"])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "chain").write_bytes(content)
    with pytest.raises(ChainFileUnusable) as caught:
        BlockStore(tmp_path / "chain")
    assert caught.value.code == "chain.file"
    assert (tmp_path / "chain").read_bytes() == content


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE theirs (x)", "PRAGMA user_version = 7", f"PRAGMA application_id = {APPLICATION_ID}"],
)
def test_another_programs_database_or_another_release_is_refused(tmp_path: Path, statement: str) -> None:
    with closing(sqlite3.connect(tmp_path / "chain")) as theirs:
        theirs.execute(statement)
    before = (tmp_path / "chain").read_bytes()
    with pytest.raises(ChainFileUnusable, match="another"):
        BlockStore(tmp_path / "chain")
    assert (tmp_path / "chain").read_bytes() == before


def test_a_file_in_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChainFileUnusable, match="nowhere"):
        BlockStore(tmp_path / "nowhere" / "chain")


def test_a_file_held_by_another_writer_is_said_to_be_locked(tmp_path: Path) -> None:
    one = BlockStore(tmp_path / "chain")
    with one.writing(), pytest.raises(ChainFileUnusable, match="locked"):
        BlockStore(tmp_path / "chain", wait_seconds=0.01)
    BlockStore(tmp_path / "chain", wait_seconds=0.01).close()
    one.close()
