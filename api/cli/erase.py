"""`tallystick erase`: erase one group of an entry, such as a buyer's data; no proof breaks."""

from __future__ import annotations

import click

from api.cli.output import office, say


@click.command()
@click.argument("seq", type=click.IntRange(min=0))
@click.argument("group")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@click.option("--by", "asserter", required=True, help="Who asks for it: a party's id.")
@click.option(
    "--id", "request_id", required=True, help="The request's own number; the same again changes nothing."
)
def command(seq: int, group: str, reason: str, asserter: str, request_id: str) -> None:
    """Erase GROUP of entry SEQ for good, and record that it was erased."""
    from api.office.erasing import erase  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        by_seq = erase(opened, seq, group, reason=reason, asserter=asserter, request=request_id)
    say(f"group '{group}' of entry {seq} is erased; entry {by_seq} records it")
