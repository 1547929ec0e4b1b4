"""Starting a command loads what it uses and no more."""

from __future__ import annotations

import importlib
import subprocess
import sys

import click
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from api.cli.root import COMMANDS, root
from migrations import apply

HEAVY = {"litestar", "polars", "sqlalchemy", "alembic", "z3", "eth", "web3", "durable", "pydantic", "uvicorn"}


def loaded(code: str) -> set[str]:
    """Return which heavy libraries a fresh interpreter has loaded after running some code."""
    code += f"\nimport sys\nprint(*sorted({HEAVY!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_loads_no_library_but_the_command_line() -> None:
    code = """
import contextlib, io, sys
from api.cli import main
sys.argv = ["tallystick", "--help"]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()"""
    assert loaded(code) == set()


@pytest.mark.parametrize(
    ("module", "only"),
    [
        ("api.cli.verify", set()),
        ("api.cli.key", set()),
        ("api.cli.split", {"pydantic"}),
        ("api.cli.agreement", {"pydantic", "sqlalchemy"}),
        ("api.cli.dispute", {"pydantic", "sqlalchemy", "durable"}),
        ("api.cli.chain", {"pydantic", "sqlalchemy"}),
    ],
)
def test_a_command_loads_only_what_it_needs(module: str, only: set[str]) -> None:
    assert loaded(f"import {module}") <= only


def test_every_command_is_listed_with_a_line_that_fits() -> None:
    with click.Context(root) as context:
        lines = root.get_help(context).splitlines()
    for name, (_, line) in COMMANDS.items():
        assert any(text.split()[:1] == [name] and text.endswith(line) for text in lines), name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    command = importlib.import_module(f"api.cli.{COMMANDS[name][0]}").command
    assert isinstance(command, click.Command)
    assert command.help
    for part in command.commands.values() if isinstance(command, click.Group) else ():
        assert part.help, f"{name} {part.name}"


def test_the_newest_revision_is_the_one_that_lets_a_database_open_unmigrated() -> None:
    config = Config()
    config.set_main_option("script_location", str(apply.__file__).rpartition("/")[0])
    assert ScriptDirectory.from_config(config).get_heads() == [apply.NEWEST]
