"""Whatever lies in the way, a command ends with one reason on standard error and exit code 2."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.command_line import AGREEMENT, EXAMPLES, Ran, office_at, tally
from tests.ledger_samples import sale


def refused(ran: Ran) -> None:
    assert ran.code == 2, ran
    assert ran.out == ""
    assert ran.err.strip()
    assert "Traceback" not in ran.err


def spoil_database(data: Path) -> None:
    (data / "tallystick.db").write_bytes(b"this is no database, and long enough to show it" * 100)


def spoil_chain_addresses(data: Path) -> None:
    (data / "chain.json").write_text("{", encoding="utf-8")


def spoil_chain(data: Path) -> None:
    (data / "chain.db").write_bytes(b"this is no database, and long enough to show it" * 100)


def spoil_log_key(data: Path) -> None:
    (data / "keys" / "log.key").write_text("nonsense\n", encoding="utf-8")


def spoil_chain_key(data: Path) -> None:
    (data / "keys" / "chain.key").write_text("nonsense\n", encoding="utf-8")


@pytest.mark.parametrize("spoil", [spoil_database, spoil_chain_addresses, spoil_log_key])
def test_a_file_of_the_installation_that_is_damaged_is_named(
    installation: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(installation)
    refused(tally(installation, "agreement", "request", "head-streamer@1"))


def test_a_damaged_chain_is_named_by_what_looks_at_it(installation: Path) -> None:
    spoil_chain(installation)
    refused(tally(installation, "chain", "show"))


def test_a_damaged_key_of_the_chain_holds_up_what_is_to_be_sent_and_nothing_else(installation: Path) -> None:
    spoil_chain_key(installation)
    with office_at(installation) as office:
        office.log.append([sale("after", agreement="other@1")])
    ran = tally(installation, "chain", "anchor")
    assert (ran.code, ran.err) == (1, "")
    assert "chain.key: does not hold a key; restore it [chain.file]" in ran.out


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    refused(tally(tmp_path / "data", "agreement", "list"))


def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    def environment(data: Path) -> dict[str, str]:
        return {**os.environ, "TALLYSTICK_DATA": str(data), "TALLYSTICK_PORT": "many"}

    with patch("tests.command_line.environment", environment):
        ran = tally(tmp_path / "data", "agreement", "list")
    refused(ran)
    assert "TALLYSTICK_PORT" in ran.err


@pytest.mark.parametrize("text", ["", "  ", "tallystick.db", "://", "postgresql+psycopg://u:p@h:port/x"])
def test_a_database_setting_that_is_empty_or_no_address_is_refused(tmp_path: Path, text: str) -> None:
    def environment(data: Path) -> dict[str, str]:
        return {**os.environ, "TALLYSTICK_DATA": str(data), "TALLYSTICK_DATABASE": text}

    with patch("tests.command_line.environment", environment):
        ran = tally(tmp_path / "data", "agreement", "list")
    refused(ran)
    assert "TALLYSTICK_DATABASE: it is no URL of a database" in ran.err


def test_a_database_of_another_kind_is_refused(tmp_path: Path) -> None:
    def environment(data: Path) -> dict[str, str]:
        return {**os.environ, "TALLYSTICK_DATA": str(data), "TALLYSTICK_DATABASE": "mysql://somewhere/x"}

    with patch("tests.command_line.environment", environment):
        refused(tally(tmp_path / "data", "agreement", "list"))


def test_files_that_are_not_what_they_should_be_are_refused(tmp_path: Path) -> None:
    bytes_of_nothing = tmp_path / "bytes"
    bytes_of_nothing.write_bytes(bytes(range(256)))
    nested = tmp_path / "nested.json"
    nested.write_text("[" * 100_000, encoding="utf-8")
    case = EXAMPLES / "cases" / "D01.yaml"
    orders = EXAMPLES / "orders" / "d01-orders.csv"
    parquet = tmp_path / "orders.parquet"
    parquet.write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    for arguments in (
        ("decide", AGREEMENT, bytes_of_nothing),
        ("decide", AGREEMENT, nested),
        ("decide", bytes_of_nothing, case),
        ("decide", nested, case),
        ("split", AGREEMENT, bytes_of_nothing),
        ("split", AGREEMENT, parquet),
        ("split", bytes_of_nothing, orders),
        ("render", nested),
        ("key", "address", bytes_of_nothing),
        ("key", "address", nested),
        ("key", "new", tmp_path / "k.json", "--password-file", bytes_of_nothing),
        ("key", "new", tmp_path / "missing" / "k.json", "--password-file", case),
        ("check", tmp_path),
        ("nonsense",),
    ):
        refused(tally(tmp_path / "data", *arguments))


def test_evidence_that_cannot_be_written_is_said(installation: Path) -> None:
    ran = tally(installation, "export", "statement", "head-streamer.1.3", "--out", installation / "no" / "x")
    refused(ran)
