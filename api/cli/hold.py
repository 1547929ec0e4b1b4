"""`tallystick hold`: have part of an account's balance held, release it, and see what is available."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from ledger.holds import Hold

_by = click.option(
    "--by", default="operator", show_default=True, help="On whose word: a party's id, an arbiter."
)


@click.group()
def command() -> None:
    """Hold part of an account's balance: a contested amount, a deposit, a reserve."""


@command.command("place")
@click.argument("hold")
@click.option("--agreement", required=True, metavar="ID", help="Under which agreement.")
@click.option("--account", required=True, help="Whose, as the document names it: mcn.deposit, brand.")
@click.option("--amount", required=True, help="How much, such as 500.00.")
@click.option("--clause", required=True, help="The clause that asks for it.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@click.option("--until", metavar="DAY", help="Held until the start of this day, or a time with its offset.")
@_by
@json_option
def place_command(  # noqa: PLR0913 (one option each)
    *, hold: str, agreement: str, account: str, amount: str, clause: str, reason: str, until: str | None,
    by: str, as_json: bool,
) -> None:  # fmt: skip
    """Place the hold HOLD, which is its id for ever. The same again adds nothing.

    No more is held than is available, unless CLAUSE has contested amounts held.
    """
    from api.office.holds import HoldAsked, place  # noqa: PLC0415 (loads the agreement language)

    asked = HoldAsked(
        id=hold,
        agreement=agreement,
        account=account,
        amount=amount,
        clause=clause,
        reason=reason,
        until=until,
    )
    with office() as opened:
        _show([place(opened, asked, by)], as_json=as_json)


@command.command("release")
@click.argument("hold")
@click.option("--amount", help="How much, such as 100.00; without it, all that is left.")
@click.option(
    "--id", "name", default="all", show_default=True, help="The release's own name within the hold."
)
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@_by
@json_option
def release_command(  # noqa: PLR0913 (one option each)
    *, hold: str, amount: str | None, name: str, reason: str, by: str, as_json: bool
) -> None:
    """Release HOLD, whole or in part. The same release again adds nothing."""
    from api.office.holds import release  # noqa: PLC0415 (as above)

    with office() as opened:
        _show([release(opened, hold, amount, name=name, reason=reason, by=by)], as_json=as_json)


@command.command("list")
@click.option("--agreement", metavar="ID", help="Only those of one agreement.")
@click.option("--at", metavar="TIME", help="As they stood at this time, with its offset; else now.")
@json_option
def list_command(agreement: str | None, at: str | None, as_json: bool) -> None:
    """List holds in the order of placing, with what is held of each."""
    from api.office.holds import moment  # noqa: PLC0415 (as above)
    from ledger.holds import holds  # noqa: PLC0415 (as above)

    with office() as opened:
        when = opened.clock() if at is None else moment(at)
        _show(holds(opened.engine, when, agreement=agreement), as_json=as_json)


@command.command("expire")
@json_option
def expire_command(as_json: bool) -> None:
    """Write down which holds have expired. What is held does not wait for it."""
    from api.office.holds import expire  # noqa: PLC0415 (as above)
    from api.office.opening import OPERATOR  # noqa: PLC0415 (as above)

    with office() as opened:
        seqs = expire(opened, OPERATOR)
    if as_json:
        print_json({"seqs": seqs})
        return
    say(f"{len(seqs)} expired hold(s) written down")


def _show(found: list[Hold], *, as_json: bool) -> None:
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "there are no holds")
    for one in found:
        account, row = one.account, _row(one)
        held = f"{money(one.held_minor, account.currency)} of {money(one.amount_minor, account.currency)}"
        until = f" until {row['expires_at']}" if row["expires_at"] else ""
        say(f"{one.id:<14} {row['account']:<20} {held} {account.currency} held{until} (entry {one.seq})")


def _row(one: Hold) -> dict[str, Any]:
    from ledger.hold_events import NEVER_US  # noqa: PLC0415 (as above)
    from ledger.leaves import instant_of  # noqa: PLC0415 (as above)

    account = one.account
    return {
        "hold": one.id,
        "seq": one.seq,
        "account": f"{account.owner}.{account.purpose}",
        "agreement": account.agreement,
        "currency": account.currency,
        "amount_minor": one.amount_minor,
        "held_minor": one.held_minor,
        "placed_at": instant_of(one.placed_us).isoformat(),
        "expires_at": instant_of(one.expires_us).isoformat() if one.expires_us != NEVER_US else None,
    }
