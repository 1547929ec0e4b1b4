"""The root command: names its subcommands and loads each only when it is asked for."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import Any

import click

COMMANDS = {
    "check": "api.cli.check",
    "split": "api.cli.split",
    "decide": "api.cli.decide",
    "verify": "api.cli.verify",
    "render": "api.cli.render",
    "key": "api.cli.key",
    "agreement": "api.cli.agreement",
    "import": "api.cli.orders",
    "settle": "api.cli.settle",
    "statement": "api.cli.statement",
    "why": "api.cli.why",
    "dispute": "api.cli.dispute",
    "export": "api.cli.export",
    "chain": "api.cli.chain",
    "erase": "api.cli.erase",
    "rebuild": "api.cli.rebuild",
    "doctor": "api.cli.doctor",
    "member": "api.cli.member",
    "example": "api.cli.example",
    "serve": "api.cli.serve",
}
"""Every subcommand and the module that holds it as `command`."""


class LazyGroup(click.Group):
    """A group whose subcommands are imported on use, so that `check` does not load a web server."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order in which people meet them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a subcommand."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: Any = importlib.import_module(COMMANDS[cmd_name]).command
        assert isinstance(command, click.Command)
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(version("tallystick"), prog_name="tallystick")
def root() -> None:
    """Agreements of live-stream commerce: signed, settled to the cent, decided by rule, proved offline.

    Exit codes: 0 good, 1 a check failed, 2 could not run.
    """
