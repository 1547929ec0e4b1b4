"""`tallystick identity`: whose identity is verified, and the gate that signing and paying pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from ledger.identities import Gate, Identity


@click.group()
def command() -> None:
    """Show whose identity is verified, and let only verified parties sign and be paid."""


@command.command("list")
@click.option("--at", metavar="TIME", help="As it stood at this time, with its offset; else now.")
@json_option
def list_command(at: str | None, as_json: bool) -> None:
    """List the identity of every party to an agreement, and what the gate is on for.

    Identities are told by `tallystick register tell identity`.
    """
    from api.office.holds import moment  # noqa: PLC0415 (loads the agreement language)
    from api.office.identities import known_identities  # noqa: PLC0415 (as above)
    from ledger.identities import gate  # noqa: PLC0415 (as above)

    with office() as opened:
        found = [one.identity for one in known_identities(opened, None if at is None else moment(at))]
        standing = gate(opened.log)
    if as_json:
        print_json({"gate": _gate(standing), "identities": [_row(one) for one in found]})
        return
    say(_said(standing))
    say_if_none(found, "there are no parties yet")
    for one in found:
        until = f", valid until {one.valid_until}" if one.valid_until else ""
        recheck = f", to be checked again by {one.recheck_by}" if one.recheck_by else ""
        item = f" ({one.item}, entry {one.seq})" if one.item else ""
        say(f"{one.party:<44} {one.standing.replace('_', ' ')}{until}{recheck}{item}")


@command.command("gate")
@click.option(
    "--sign/--no-sign", default=None, help="Whether only verified parties sign; left as it is without."
)
@click.option("--pay/--no-pay", default=None, help="Whether only verified parties are paid; as above.")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@click.option("--by", default="operator", show_default=True, help="On whose word.")
@json_option
def gate_command(*, sign: bool | None, pay: bool | None, reason: str, by: str, as_json: bool) -> None:
    """Turn the gate on or off, for signing and for paying."""
    from api.office.identities import change_gate  # noqa: PLC0415 (as above)
    from ledger.identities import gate  # noqa: PLC0415 (as above)

    with office() as opened:
        now = gate(opened.log)
        changed = change_gate(
            opened,
            sign=now.sign if sign is None else sign,
            pay=now.pay if pay is None else pay,
            by=by,
            reason=reason,
        )
    if as_json:
        print_json(_gate(changed))
        return
    say(_said(changed))


def _said(one: Gate) -> str:
    since = f" (entry {one.seq})" if one.seq is not None else ""
    sign = "only verified parties sign" if one.sign else "anybody named in a document signs"
    return f"{sign}; {'only verified parties are paid' if one.pay else 'any payee is paid'}{since}"


def _gate(one: Gate) -> dict[str, Any]:
    return {"sign": one.sign, "pay": one.pay, "entry_seq": one.seq}


def _row(one: Identity) -> dict[str, Any]:
    return {
        "party": one.party,
        "standing": one.standing,
        "item": one.item,
        "subject": one.subject,
        "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
        "recheck_by": None if one.recheck_by is None else one.recheck_by.isoformat(),
        "entry_seq": one.seq,
    }
