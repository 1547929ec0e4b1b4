"""`tallystick agreement termination` and `terminate`: all parties of an agreement end it with a day."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, office, print_json, read_text, readable_file, say

if TYPE_CHECKING:
    from ledger.terminations import Termination

_agreement = click.argument("agreement", metavar="ID")
_ends_on = click.option(
    "--ends-on", required=True, type=click.DateTime(["%Y-%m-%d"]),
    help="The first day on which it applies no more, in its own time zone.",
)  # fmt: skip
_terms = click.option("--terms", type=readable_file, help="Text of what was agreed about the end.")


@click.command("termination")
@_agreement
@_ends_on
@_terms
def termination_command(agreement: str, ends_on: datetime, terms: Path | None) -> None:
    """Print the request by which every party signs the end of an agreement, as `tallystick sign` takes it."""
    from api.office.terminating import termination_request  # noqa: PLC0415 (loads the curve library)

    with office() as opened:
        print_json(termination_request(opened, agreement, ends_on.date(), _text(terms)))


@click.command("terminate")
@_agreement
@_ends_on
@_terms
@click.option(
    "--signature", "files", multiple=True, required=True, type=readable_file,
    help="What `tallystick sign` wrote; once a party.",
)  # fmt: skip
@json_option
def terminate_command(
    *, agreement: str, ends_on: datetime, terms: Path | None, files: tuple[Path, ...], as_json: bool
) -> None:
    """Record that all parties end an agreement. No version follows, and no later order is taken under it."""
    from api.office.terminating import terminate, termination_of  # noqa: PLC0415 (loads the curve library)
    from api.office.terminating import termination_request as request_of  # noqa: PLC0415 (as above)
    from contracts.signing_file import read_signature, require_signature_of  # noqa: PLC0415 (as above)

    text, day = _text(terms), ends_on.date()
    with office() as opened:
        given = {path: read_signature(read_text(path), str(path)) for path in files}
        if termination_of(opened, agreement) is None:
            request = request_of(opened, agreement, day, text)["request"]
            for path, one in given.items():
                require_signature_of(request, one, str(path))
        signatures = {one.party: one.signature for one in given.values()}
        ended = terminate(opened, agreement, day, text, signatures)
    _show(ended, as_json=as_json)


def _show(ended: Termination, *, as_json: bool) -> None:
    if as_json:
        print_json({
            "agreement": ended.agreement,
            "after": ended.ref,
            "ends_on": ended.ends_on.isoformat(),
            "registered": ended.registered is not None,
        })  # fmt: skip
        return
    say(f"{ended.agreement} is ended by all its parties; from {ended.ends_on} on no order is taken under it")


def _text(path: Path | None) -> str:
    return "" if path is None else read_text(path)


COMMANDS = (termination_command, terminate_command)
