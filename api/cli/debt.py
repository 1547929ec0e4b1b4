"""`tallystick debt`: what parties owe on their receivables, and giving it up by two members."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.debts.schemas import WriteOffShown

_agreement = click.option("--agreement", required=True, metavar="ID", help="Under which agreement.")
_by = click.option("--by", required=True, help="A member with the role pay for who bears it.")


@click.group()
def command() -> None:
    """Show what parties owe, and write a debt off by two members of who bears it."""


@command.command("list")
@_agreement
@json_option
def list_command(agreement: str, as_json: bool) -> None:
    """List what parties owe under an agreement, and every write-off."""
    from api.office.debts import debts_of, newest_of  # noqa: PLC0415 (loads the agreement language)
    from policies.money import from_minor  # noqa: PLC0415 (as above)

    with office() as opened:
        owed, given_up = debts_of(opened, agreement)
        currency = newest_of(opened, agreement).currency
    if as_json:
        print_json({"owed": owed, "write_offs": [asdict(one) for one in given_up]})
        return
    say_if_none([*owed, *given_up], "nobody owes anything")
    for party, minor in owed.items():
        say(f"{party:<20} owes {from_minor(minor, currency)} {currency}")
    for one in given_up:
        state = f"confirmed by {one.confirmed_by}" if one.confirmed_by else "waits for another member"
        amount = f"{from_minor(one.amount_minor, currency)} {currency} of {one.debtor}"
        say(f"{one.name:<20} {amount}, borne by {one.bearer}: {one.reason} ({one.proposed_by}; {state})")


@command.command("write-off")
@click.argument("name")
@_agreement
@click.option("--of", "debtor", required=True, help="Who owes it: the party's key in the document.")
@click.option("--borne-by", "bearer", required=True, help="Who bears it: the party's key in the document.")
@click.option("--amount", required=True, help="How much, such as 500.00.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@_by
@json_option
def write_off_command(  # noqa: PLR0913 (one option each)
    *, name: str, agreement: str, debtor: str, bearer: str, amount: str, reason: str, by: str, as_json: bool
) -> None:
    """Propose the write-off NAME. The debt stands until another member confirms."""
    from api.cli.member import members_of  # noqa: PLC0415 (beside its only use)
    from api.debts.schemas import WriteOffAsked  # noqa: PLC0415 (as above)
    from api.debts.service import DebtService  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        viewer = members_of(opened).viewer_of_member(by)
        asked = WriteOffAsked(name, debtor, bearer, amount, reason)
        _tell(DebtService(opened).propose(viewer, agreement, asked), as_json=as_json)
    if not as_json:
        say(f"another member confirms: tallystick debt confirm {name} --agreement {agreement} --by …")


@command.command("confirm")
@click.argument("name")
@_agreement
@_by
@json_option
def confirm_command(name: str, agreement: str, by: str, as_json: bool) -> None:
    """Write off NAME, which another member proposed."""
    from api.cli.member import members_of  # noqa: PLC0415 (beside its only use)
    from api.debts.service import DebtService  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        viewer = members_of(opened).viewer_of_member(by)
        _tell(DebtService(opened).confirm(viewer, agreement, name), as_json=as_json)


def _tell(one: WriteOffShown, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(one))
        return
    done = "written off" if one.confirmed_by else "proposed to be written off"
    amount = f"{one.amount.decimal()} {one.amount.currency}"
    say(f"{one.name}: {amount} owed by {one.debtor} {done}, borne by {one.bearer} (entry {one.entry_seq})")
