"""`tallystick verify`: an evidence bundle checked offline by the verifier, which needs no server."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, print_json, readable_file, say
from verifier.checks import verify


@click.command()
@click.argument("bundle", type=readable_file)
@click.option("--trust", type=readable_file, metavar="KEYS", help="File of pinned log keys and signers.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the checks.")
@json_option
def command(bundle: Path, trust: Path | None, lang: str, as_json: bool) -> int:
    """Verify BUNDLE offline against the keys you trust. One line a check.

    Exit code 0 when everything holds, 1 when a check fails, 2 when there is no answer: keys that are not
    pinned, or a file that is no bundle.
    """
    keys = trust.read_bytes().decode("utf-8", "replace") if trust else None
    report = verify(bundle.read_bytes(), keys)
    if as_json:
        print_json(report.as_json())
    else:
        for line in report.lines("zh" if lang == "zh" else "en"):
            say(line)
    return report.exit_code
