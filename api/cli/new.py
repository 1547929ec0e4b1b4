"""`tallystick new`: a starting agreement for a model at a stage, with comments and its own tests."""

from __future__ import annotations

import re
from pathlib import Path

import click

from api.cli.output import say
from policies.stages import STAGES
from policies.templates import MODELS, starting_agreement


@click.command()
@click.option("--model", type=click.Choice(MODELS), required=True, help="Operating model.")
@click.option(
    "--stage",
    type=click.Choice(STAGES),
    default="initial",
    show_default=True,
    help="Stage of the relationship.",
)
@click.option("--id", "agreement", default="my-agreement", show_default=True, help="Id of the agreement.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to a new file.")
def command(model: str, stage: str, agreement: str, output: Path | None) -> None:
    """Write a starting agreement in both languages, which checks without errors as it is."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", agreement):
        raise click.UsageError(f"'{agreement}' is no id: lower-case letters, digits and hyphens")
    text = starting_agreement(model, stage, agreement=agreement)
    if output is None:
        say(text.rstrip("\n"))
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise click.ClickException(f"{output} exists already; name a new file") from None
    except OSError as fault:
        raise click.ClickException(f"{output} cannot be written: {fault.strerror}") from None
    say(f"{output}: change names, rates and days, then: tallystick check {output}")
