"""`tallystick render`: the contract as people read it, with what is computed in words."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import read_agreement, readable_file
from policies.render import render, write_text


@click.command()
@click.argument("agreement", type=readable_file)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="zh", show_default=True)
def command(agreement: Path, lang: str) -> None:
    """Print AGREEMENT as plain text: clauses, the order of sharing, remedies, what is text only."""
    click.echo(write_text(render(read_agreement(agreement), "zh" if lang == "zh" else "en")))
