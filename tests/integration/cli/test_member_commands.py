"""`member enrol --write`: a program gets one code for the sources that it is named for, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import tally

ENROL = ("member", "enrol", "till", "--name", "Till")


def test_a_program_is_enrolled_for_its_sources(tmp_path: Path) -> None:
    made = tally(tmp_path, *ENROL, "--write", "platform=till", "--write", "platform=web")
    assert (made.code, made.out[:4]) == (0, "tly_")
    (listed,) = tally(tmp_path, "member", "list", "--json").json
    assert (listed["roles"], listed["sources"]) == (["platform:write"], ["platform=till", "platform=web"])
    assert tally(tmp_path, "member", "list").out.split() == [
        "till", "Till", "platform:write,", "platform=till,", "platform=web",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "--role or --write"),
        (("--write", "till"), "PARTY=SOURCE"),
        (("--role", "platform:write"), "--write platform=SOURCE"),
        (("--write", "platform=tallystick.settlement"), "source of the house"),
        (("--write", "platform=a\tb"), "control characters"),
    ],
)
def test_what_names_no_source_is_refused(tmp_path: Path, given: tuple[str, ...], said: str) -> None:
    refused = tally(tmp_path, *ENROL, *given)
    assert refused.code == 2
    assert said in refused.err
    assert tally(tmp_path, "member", "list", "--json").json == []


def test_a_source_belongs_to_one_party(tmp_path: Path) -> None:
    tally(tmp_path, *ENROL, "--write", "platform=till")
    refused = tally(tmp_path, "member", "enrol", "other", "--name", "Other", "--write", "mcn=till")
    assert (refused.code, "another party" in refused.err) == (2, True)
