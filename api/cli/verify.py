"""`tallystick verify`: evidence checked offline by the verifier, which needs no server."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, print_json, readable_file, say
from verifier.files import verify_file


@click.command()
@click.argument("file", type=readable_file)
@click.option("--trust", type=readable_file, metavar="KEYS", help="File of pinned log keys and signers.")
@click.option(
    "--rotation",
    type=readable_file,
    multiple=True,
    metavar="STATEMENTS",
    help="Statements by which the log's pinned key names its successor; may be repeated.",
)
@click.option("--leaf", type=readable_file, help="The leaf of the entry, where a proof comes without it.")
@click.option(
    "--kept",
    type=readable_file,
    multiple=True,
    metavar="KEPT",
    help="Something kept earlier, to be held against FILE; may be repeated.",
)
@click.option("--chain", type=readable_file, metavar="FILE", help="A copy of the operator's own chain.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the checks.")
@json_option
def command(  # noqa: PLR0913, PLR0917 -- one parameter an option
    file: Path,
    trust: Path | None,
    rotation: tuple[Path, ...],
    leaf: Path | None,
    kept: tuple[Path, ...],
    chain: Path | None,
    lang: str,
    as_json: bool,
) -> int:
    """Verify FILE offline against the keys you trust. One line a check.

    FILE is an evidence bundle, a checkpoint, the proof of an entry, a proof of consistency, or a party's
    proof of completeness. What was kept is a checkpoint; for a proof of completeness also an earlier one, an
    evidence bundle, or a list of entries: a line an entry, its source, a tab, its id. The operator's own
    chain is held against what a bundle says of it.

    Exit code 0 when everything holds, 1 when a check fails, 2 when there is no answer: keys that are not
    pinned, or a file that is none of these.
    """
    report = verify_file(
        file.read_bytes(),
        trust.read_bytes().decode("utf-8-sig", "replace") if trust else None,
        rotations=[one.read_bytes().decode("utf-8", "replace") for one in rotation],
        leaf=leaf.read_bytes() if leaf else None,
        kept=[one.read_bytes() for one in kept],
        chain=chain,
    )
    if as_json:
        print_json(report.as_json())
    else:
        for line in report.lines("zh" if lang == "zh" else "en"):
            say(line)
    return report.exit_code
