"""`tallystick legal-hold`: keep what a court or an authority needs from being erased, and let it go again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from ledger.legal_holds import LegalHold


@click.group()
def command() -> None:
    """Place, lift and list legal holds: while one stands, what it covers cannot be erased."""


@command.command("place")
@click.argument("name")
@click.option(
    "--agreement", metavar="ID", help="Hold what falls under this agreement; without it, the whole log."
)
@click.option("--order", help="Hold this order of the agreement alone.")
@click.option(
    "--reason", required=True, help="Why, as it will stand in the log: the court and its file number."
)
@click.option("--by", "asserter", required=True, help="Who asks for it: a party's id, or a court's name.")
@json_option
def place_command(  # noqa: PLR0913 (one option each)
    *, name: str, agreement: str | None, order: str | None, reason: str, asserter: str, as_json: bool
) -> None:
    """Place the hold NAME. The same again changes nothing."""
    from api.office.erasing import hold  # noqa: PLC0415 (loads the agreement language)

    if order is not None and agreement is None:
        raise click.UsageError("--order names an order of an agreement; give --agreement too")
    with office() as opened:
        placed = hold(opened, name, agreement=agreement, order=order, reason=reason, asserter=asserter)
    _show([placed], as_json=as_json)


@command.command("lift")
@click.argument("name")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@click.option("--by", "asserter", required=True, help="Who asks for it.")
@json_option
def lift_command(name: str, reason: str, asserter: str, as_json: bool) -> None:
    """Lift the hold NAME; what it kept can be erased from now on."""
    from ledger.legal_holds import lift_hold  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        lifted = lift_hold(opened.log, name, reason=reason, asserter=asserter, now=opened.clock())
    _show([lifted], as_json=as_json)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List every hold, lifted ones too, in the order in which they were placed."""
    from ledger.legal_holds import legal_holds  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        found = legal_holds(opened.log)
    _show(found, as_json=as_json)


def _show(holds: list[LegalHold], *, as_json: bool) -> None:
    if as_json:
        print_json([_row(one) for one in holds])
        return
    say_if_none(holds, "there are no legal holds")
    for one in holds:
        covers = "the whole log" if one.agreement is None else one.agreement
        covers += f", order {one.order}" if one.order else ""
        state = "stands" if one.stands else f"lifted by entry {one.lifted_seq}"
        say(f"{one.name}  {covers}  {state}  since {one.placed_at} (entry {one.placed_seq}): {one.reason}")


def _row(one: LegalHold) -> dict[str, Any]:
    return {
        "name": one.name,
        "agreement": one.agreement,
        "order": one.order,
        "reason": one.reason,
        "by": one.asserter,
        "placed_seq": one.placed_seq,
        "placed_at": one.placed_at,
        "lifted_seq": one.lifted_seq,
    }
