"""`tallystick retention`: personal data that agreements let nobody keep any longer, and erasing it."""

from __future__ import annotations

import click

from api.cli.output import json_option, office, print_json, progress, say

_SHOWN = 20


@click.group()
def command() -> None:
    """Show and erase personal data whose time is over."""


@command.command("due")
@json_option
def due_command(as_json: bool) -> None:
    """List personal data that must be erased by now, as the data grants of signed versions have it."""
    from api.office.erasing import due  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = [one for batch in due(opened, opened.clock()) for one in batch]
    if as_json:
        print_json(
            [
                {
                    "seq": one.found.seq,
                    "group": one.found.group,
                    "order": one.found.order,
                    "line": one.found.line,
                    "agreement": one.ref,
                    "clause": one.clause,
                    "received_at": one.received_at.isoformat(),
                    "legal_hold": one.found.hold,
                }
                for one in found
            ]
        )
        return
    held = sum(one.found.hold is not None for one in found)
    for one in found[:_SHOWN]:
        kept = f"  held by {one.found.hold}" if one.found.hold else ""
        say(
            f"entry {one.found.seq}  {one.found.group}  order {one.found.order}"
            f"  received {one.received_at.date()}  clause {one.clause} of {one.ref}{kept}"
        )
    if len(found) > _SHOWN:
        say(f"… and {len(found) - _SHOWN:,} more; --json lists them all")
    say(f"{len(found) - held:,} to erase, {held:,} under a legal hold")


@command.command("erase")
@click.option(
    "--by", "asserter", default="operator", help="Who asks for it: a party's id.", show_default=True
)
@json_option
def erase_command(asserter: str, as_json: bool) -> None:
    """Erase everything that is due and under no legal hold. Again, it goes on where it was ended."""
    from api.office.erasing import erase_due  # noqa: PLC0415 (loads the agreement language)

    erased = held = 0
    with office() as opened, progress("erasing", quiet=as_json) as shown:
        for gone, kept in erase_due(opened, opened.clock(), asserter):
            erased, held = erased + gone, held + kept
            shown(erased + held, 0)
    if as_json:
        print_json({"erased": erased, "held": held})
        return
    say(f"{erased:,} groups erased, {held:,} kept under a legal hold")
