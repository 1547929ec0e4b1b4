"""`tallystick example`: the worked example in this installation, and what to try with it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

import api
from api.cli.output import office, progress, say

SOURCES = Path(api.__file__).parents[1] / "examples"


@click.command()
@click.option(
    "--sources", default=SOURCES, show_default=False, help="The folder of examples.",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)  # fmt: skip
def command(sources: Path) -> None:
    """Build the worked example: keys, a signed agreement, orders, settlements, disputes, evidence.

    Running it again takes no step twice.
    """
    from api.office.example import STEPS, Example  # noqa: PLC0415 (loads polars)

    with office() as opened:
        example = Example(opened, sources)
        if not example.done:
            count = iter(range(1, STEPS + 1))
            with progress("working") as show:
                example.build(lambda step: say(f"[{next(count)}/{STEPS}] {step}"), show)
        _tell(opened.settings.data_dir, example.folder)


def _tell(data: Path, folder: Path) -> None:
    home = _near(folder)
    bundle = max((folder / "evidence").glob("*.tally"), default=folder)  # a statement's, where there is one
    say()
    say(f"The worked example stands in {_near(data)}. To sign in, use a code of {home}/access-codes.txt")
    say("(the file is readable by you alone). Things to try:")
    for words in (
        "statement list --party mcn",
        "statement show head-streamer.1.3",
        "why D01-0001 mcn --agreement head-streamer --lang zh",
        "dispute list",
        "notice list",
        "session report S-1013",
        f"verify {_near(bundle)} --trust {home}/keys.txt",
        "doctor",
    ):
        say(f"  {_program()} {words}")
    say()


def _program() -> str:
    """Return what to type for this program: its name where the shell finds it, else its path."""
    return "tallystick" if shutil.which("tallystick") else _near(Path(sys.argv[0]).resolve())


def _near(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
