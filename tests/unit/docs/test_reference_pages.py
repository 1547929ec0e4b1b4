"""The reference pages are whole: every command, option and setting that exists stands on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from api.cli.root import COMMANDS, root

ROOT = Path(__file__).parents[3]
COMMAND_LINE = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")


def _leaves(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for part, one in command.commands.items():
            yield from _leaves(f"{name} {part}", one)
    else:
        yield name, command


def _all() -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        command = root.get_command(click.Context(root), name)
        assert command is not None
        yield from _leaves(f"tallystick {name}", command)


EVERY = dict(_all())


def _section(name: str) -> str:
    found = re.search(rf"^###? {re.escape(name)}\n(.*?)(?=^##|\Z)", COMMAND_LINE, re.DOTALL | re.MULTILINE)
    assert found, f"docs/reference/command-line.md has no section '{name}'"
    return found[1]


@pytest.mark.parametrize("name", EVERY)
def test_every_command_is_described_with_its_usage_and_options(name: str) -> None:
    command, section = EVERY[name], _section(name)
    context = click.Context(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    assert f"    {usage}\n" in section, "the usage line differs"
    records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
    assert [record[0] for record in records if record and f"- `{record[0]}`: " not in section] == []


def test_no_command_is_described_that_does_not_exist() -> None:
    groups = {name.rsplit(" ", 1)[0] for name in EVERY if name.count(" ") > 1}
    described = set(re.findall(r"^###? (tallystick .+)$", COMMAND_LINE, re.MULTILINE))
    assert described - EVERY.keys() - groups == set()


def test_every_setting_is_described_and_none_that_does_not_exist() -> None:
    source = (ROOT / "api" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"(TALLYSTICK_[A-Z_]+)"', source))
    assert read
    assert set(re.findall(r"^\| `(TALLYSTICK_[A-Z_]+)`", SETTINGS, re.MULTILINE)) == read
