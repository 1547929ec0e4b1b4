"""`tallystick check`: what a script may rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import AGREEMENT, tally, tally_process

BROKEN = {
    "an unknown name in a formula": ("20% * base", "20% * bose"),
    "a split that its own tests contradict": ("30% * (commission -", "31% * (commission -"),
    "a key that does not exist": ("currency: CNY", "currency: CNY\ncurency: CNY"),
    "a key given twice": ("currency: CNY", "currency: CNY\ncurrency: CNY"),
    "text indented by a tab": ("currency: CNY", "currency: CNY\n\tx: y"),
}  # fmt: skip


def broken(tmp_path: Path, fault: str) -> Path:
    was, now = BROKEN[fault]
    text = AGREEMENT.read_text(encoding="utf-8")
    assert was in text
    path = tmp_path / "broken.yaml"
    path.write_text(text.replace(was, now, 1), encoding="utf-8")
    return path


def test_the_example_agreement_holds(tmp_path: Path) -> None:
    ran = tally(tmp_path, "check", AGREEMENT, "--json")
    assert ran.code == 0
    assert ran.json["ok"] is True
    assert [finding for finding in ran.json["findings"] if finding["severity"] == "error"] == []


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_agreement_is_found_with_its_line(tmp_path: Path, fault: str) -> None:
    path = broken(tmp_path, fault)
    ran = tally(tmp_path, "check", path, "--json")
    assert ran.code == 1
    assert ran.json["ok"] is False
    errors = [finding for finding in ran.json["findings"] if finding["severity"] == "error"]
    assert errors
    for finding in errors:
        assert finding["file"] == str(path)
        assert finding["code"]
        assert finding["message"]
        assert finding["line"] > 0
        assert set(finding) >= {"path", "line", "severity", "code", "witness"}


def test_people_are_told_file_line_and_code(tmp_path: Path) -> None:
    path = broken(tmp_path, "an unknown name in a formula")
    ran = tally(tmp_path, "check", path)
    assert ran.code == 1
    first = ran.out.splitlines()[0]
    assert first.startswith(f"{path}:")
    assert "error" in first
    assert "bose" in first


def test_one_bad_file_among_good_ones_fails_the_lot(tmp_path: Path) -> None:
    bad = broken(tmp_path, "a key that does not exist")
    ran = tally(tmp_path, "check", AGREEMENT, bad, "--json")
    assert ran.code == 1
    assert {finding["file"] for finding in ran.json["findings"] if finding["severity"] == "error"} == {
        str(bad)
    }


def test_a_file_that_is_not_there_is_no_finding(tmp_path: Path) -> None:
    ran = tally_process(tmp_path, "check", tmp_path / "nowhere.yaml", "--json")
    assert ran.code == 2
    assert ran.out == ""
    assert "nowhere.yaml" in ran.err


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"language: 1\ntitle: \xff\xfe")
    ran = tally(tmp_path, "check", path)
    assert ran.code == 2
    assert "UTF-8" in ran.err


@pytest.mark.parametrize("text", ["", "- 1\n- 2\n", "just words", "{", "language: 1\n"])
def test_a_file_that_is_no_agreement_is_a_finding(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.yaml"
    path.write_text(text, encoding="utf-8")
    ran = tally(tmp_path, "check", path, "--json")
    assert ran.code == 1
    assert ran.json["findings"]


def test_checking_the_same_file_twice_says_the_same(tmp_path: Path) -> None:
    path = broken(tmp_path, "a split that its own tests contradict")
    assert tally(tmp_path, "check", path, "--json") == tally(tmp_path, "check", path, "--json")
    assert not list(tmp_path.glob("*.db")), "nothing is opened"


def test_an_amendment_is_held_against_the_version_before(tmp_path: Path) -> None:
    text = AGREEMENT.read_text(encoding="utf-8")
    new = tmp_path / "new.yaml"
    changed = text.replace("version: 1\n", "version: 2\n", 1).replace("20% * base", "18% * base", 1)
    new.write_text(changed, encoding="utf-8")
    ran = tally(tmp_path, "check", new, "--against", AGREEMENT, "--json")
    less = [finding for finding in ran.json["findings"] if finding["code"] == "amendment.pays-less"]
    assert {finding["witness"]["party"] for finding in less} == {"platform", "mcn", "streamer"}
    for finding in less:
        assert float(finding["witness"]["after"]) < float(finding["witness"]["before"])
    assert tally(tmp_path, "check", new, AGREEMENT, "--against", AGREEMENT).code == 2


def test_agreements_given_together_are_held_against_each_other(tmp_path: Path) -> None:
    text = AGREEMENT.read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(text.replace("agreement: head-streamer", "agreement: second-streamer"), encoding="utf-8")
    ran = tally(tmp_path, "check", AGREEMENT, other)
    assert ran.code == 0
    (line,) = [line for line in ran.out.splitlines() if "[together.both-lowest]" in line]
    assert line.startswith(f"{other}:")
    assert "2026-02-01" in line
    assert "[together.both-lowest]" not in tally(tmp_path, "check", AGREEMENT, AGREEMENT).out
