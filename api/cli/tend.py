"""`tallystick tend`: one round of what the server does by itself."""

from __future__ import annotations

import click

from api.cli.output import json_option, office, print_json, say


@click.command()
@json_option
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """Do what has come due, once: the server does it by itself, every TALLYSTICK_TEND_SECONDS.

    Exit code 1 when a duty was refused; the others are done all the same.
    """
    from api.office.tending import tend  # noqa: PLC0415 (loads what the duties need)

    with office() as opened:
        done = list(tend(opened))
    if as_json:
        rows = [
            {"duty": one.duty, "count": one.count, "refused": str(one.refused) if one.refused else None}
            for one in done
        ]
        print_json(rows)
    else:
        for one in done:
            say(f"{one.duty:<18} {f'refused: {one.refused}' if one.refused else one.count}")
    if any(one.refused for one in done):
        ctx.exit(1)
