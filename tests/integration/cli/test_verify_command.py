"""`tallystick verify`: what people and scripts are told about the example's own evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import build_example, tally, tally_process


def statement_file(data: Path) -> Path:
    return data / "example" / "evidence" / "head-streamer.3.3.tally"


def bundles(data: Path) -> list[Path]:
    return sorted((data / "example" / "evidence").glob("*.tally"))


def keys(data: Path) -> Path:
    return data / "example" / "keys.txt"


def test_the_evidence_of_the_example_holds(example_data: Path, tmp_path: Path) -> None:
    assert len(bundles(example_data)) == 2
    for path in bundles(example_data):
        ran = tally(tmp_path, "verify", path, "--trust", keys(example_data), "--json")
        assert ran.code == 0
        assert ran.json["holds"] is True
        assert {check["status"] for check in ran.json["checks"]} == {"holds", "noted"}


def test_people_get_a_line_a_check_and_a_verdict(example_data: Path, tmp_path: Path) -> None:
    path, trust = statement_file(example_data), keys(example_data)
    checks = tally(tmp_path, "verify", path, "--trust", trust, "--json").json["checks"]
    lines = tally(tmp_path, "verify", path, "--trust", trust).out.splitlines()
    assert len(lines) == len(checks) + 1
    assert lines[-1] == "All checks hold."
    in_chinese = tally(tmp_path, "verify", path, "--trust", trust, "--lang", "zh").out
    assert in_chinese.splitlines()[-1] == "全部核验通过。"


def test_the_operators_own_chain_is_not_called_proof(example_data: Path, tmp_path: Path) -> None:
    ran = tally(tmp_path, "verify", statement_file(example_data), "--trust", keys(example_data))
    (anchor,) = [line for line in ran.out.splitlines() if "anchor" in line and line.startswith("note")]
    assert "no evidence against the operator" in anchor


def test_without_trusted_keys_there_is_no_yes(example_data: Path, tmp_path: Path) -> None:
    ran = tally_process(tmp_path, "verify", statement_file(example_data))
    assert ran.code == 2
    assert "unpinned" in ran.out
    assert "All checks hold" not in ran.out


@pytest.mark.parametrize("text", ["", "# only a comment\n", "party mcn 0x12\n", "tallystick.local/1+zz+zz\n"])
def test_a_trust_file_that_pins_nothing_gives_no_yes(example_data: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.txt").write_text(text, encoding="utf-8")
    ran = tally(tmp_path, "verify", statement_file(example_data), "--trust", tmp_path / "keys.txt", "--json")
    assert ran.code == 2
    assert ran.json["holds"] is False


def test_one_changed_figure_fails_and_names_its_part(example_data: Path, tmp_path: Path) -> None:
    data = statement_file(example_data).read_bytes()
    at = data.index(b'payable_minor\\":') + len(b'payable_minor\\":')
    changed = tmp_path / "changed.tally"
    changed.write_bytes(data[:at] + (b"9" if data[at : at + 1] != b"9" else b"8") + data[at + 1 :])
    ran = tally_process(tmp_path, "verify", changed, "--trust", keys(example_data), "--json")
    assert ran.code == 1
    failed = [check for check in ran.json["checks"] if check["status"] == "fails"]
    assert "statement.json" in {check["part"] for check in failed}


@pytest.mark.parametrize("data", [b"", b"{}", b"not a bundle", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_bundle_is_unusable(example_data: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.tally").write_bytes(data)
    ran = tally(tmp_path, "verify", tmp_path / "x.tally", "--trust", keys(example_data), "--json")
    assert ran.code == 2
    assert ran.json["holds"] is False


def test_a_file_that_is_not_there_is_unusable(example_data: Path, tmp_path: Path) -> None:
    ran = tally(tmp_path, "verify", tmp_path / "gone.tally", "--trust", keys(example_data))
    assert (ran.code, ran.out) == (2, "")


def test_the_same_deal_made_whole_with_other_keys_is_found_under_the_first_keys(
    example_data: Path, tmp_path: Path
) -> None:
    forged = build_example(tmp_path / "forger")
    for path in bundles(forged):
        assert tally(tmp_path, "verify", path, "--trust", keys(forged)).code == 0, "whole in itself"
        ran = tally(tmp_path, "verify", path, "--trust", keys(example_data), "--json")
        assert ran.code != 0
        assert ran.json["holds"] is False
        named = {check["name"] for check in ran.json["checks"] if check["status"] in {"fails", "unusable"}}
        assert {"manifest", "checkpoint", "signatures"} <= named


def test_a_forger_who_takes_the_name_of_the_log_fails(example_data: Path, tmp_path: Path) -> None:
    forged = build_example(tmp_path / "forger")
    origin = keys(example_data).read_text("utf-8").splitlines()[1].split("+")[0]
    theirs = keys(forged).read_text("utf-8").splitlines()[1].split("+")[0]
    path = statement_file(forged)
    disguised = tmp_path / "disguised.tally"
    disguised.write_bytes(path.read_bytes().replace(theirs.encode(), origin.encode()))
    ran = tally(tmp_path, "verify", disguised, "--trust", keys(example_data), "--json")
    assert ran.code == 1
