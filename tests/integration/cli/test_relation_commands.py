"""`tallystick relation`: the stage, what the next one asks, and the version that moves it on as a file."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import log_size, tally


def test_a_move_is_drafted_as_a_file_that_checks_and_nothing_is_written(
    installation: Path, tmp_path: Path
) -> None:
    size = log_size(installation)
    assert "strategic_alliance not ready" in tally(installation, "relation", "list").out
    assert tally(installation, "relation", "list", "--json").json[0]["stage"] == "deep_binding"
    shown = tally(installation, "relation", "show", "head-streamer", "--lang", "zh")
    assert "未满足" in shown.out
    assert tally(installation, "relation", "show", "head-streamer", "--json").json["moves"][0]["signed_by"]

    file = tmp_path / "next.json"
    day = ("--from", "2027-06-01", "-o", file)
    drafted = tally(installation, "relation", "draft", "head-streamer", "--to", "strategic_alliance", *day)
    assert (drafted.code, "does not  no dispute open" in drafted.out) == (0, True), drafted
    assert tally(installation, "check", file).code == 0
    again = tally(installation, "relation", "draft", "head-streamer", "--to", "strategic_alliance", *day)
    assert (again.code, "exists already" in again.err) == (2, True)
    swap = ("--replace", "mcn=mcn-b", "--name", "mcn-b=新机构/New Agency", "--from", "2027-06-01")
    moved = tally(installation, "relation", "draft", "head-streamer", *swap, "-o", tmp_path / "moved.json")
    assert "stays with mcn: balance" in moved.out
    for wrong in (("--to", "deep_binding"), ("--replace", "mcm=x"), ("--replace", "mcn"), ()):
        refused = tally(
            installation, "relation", "draft", "head-streamer", *wrong, "--from", "2027-06-01", "-o",
            tmp_path / "no.json",
        )  # fmt: skip
        assert (refused.code, refused.out) == (2, ""), wrong
    assert tally(installation, "relation", "show", "nobody").code == 2
    assert log_size(installation) == size
