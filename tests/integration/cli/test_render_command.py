"""`tallystick render`: a contract to read on the terminal, or as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import AGREEMENT, tally


def test_a_contract_is_printed_in_chinese_unless_asked_otherwise(tmp_path: Path) -> None:
    ran = tally(tmp_path, "render", AGREEMENT)
    assert ran.code == 0
    assert ran.out.startswith("头部主播专场合作协议\n")
    assert "Head streamer partnership" in tally(tmp_path, "render", AGREEMENT, "--lang", "both").out


@pytest.mark.parametrize(("form", "starts"), [("pdf", b"%PDF"), ("html", b"<!doctype html>")])
def test_a_contract_is_written_to_a_file(tmp_path: Path, form: str, starts: bytes) -> None:
    path = tmp_path / f"contract.{form}"
    ran = tally(tmp_path, "render", AGREEMENT, "--format", form, "-o", path)
    assert (ran.code, ran.err) == (0, "")
    assert str(path) in ran.out
    assert path.read_bytes().startswith(starts)


def test_a_pdf_wants_a_file_and_says_so(tmp_path: Path) -> None:
    ran = tally(tmp_path, "render", AGREEMENT, "--format", "pdf")
    assert ran.code == 2
    assert "-o contract.pdf" in ran.err


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "contract.html"
    ran = tally(tmp_path, "render", AGREEMENT, "--format", "html", "-o", path)
    assert ran.code == 2
    assert str(path) in ran.err
