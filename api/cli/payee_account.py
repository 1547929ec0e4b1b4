"""`tallystick payout account`: on which account a payee is paid, recorded with the payee's signature.

The account is read from a file, for a command line is seen by others and remembered.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.key import password_of, password_option
from api.cli.output import json_option, office, print_json, read_text, readable_file, say

if TYPE_CHECKING:
    from api.access import Viewer
    from api.office.opening import Office
    from api.payouts.accounts import PayeeAccountService
    from api.payouts.schemas import AccountAsked, AccountShown

_payee = click.option("--payee", required=True, help="Whose account it is: the party's id.")
_payer = click.option("--payer", required=True, help="Who is to pay on it: the party's id.")
_details = click.option(
    "--details",
    required=True,
    type=readable_file,
    help="A YAML file with means (bank, alipay, wechat), holder, number, bank and bank_code.",
)
_code = click.option(
    "--code-file",
    required=True,
    type=click.File(encoding="utf-8"),
    help="File with the access code of a member who may sign or pay for the payee; - is standard input.",
)
_FIELDS = ("means", "holder", "number", "bank", "bank_code")


@click.group("account")
def command() -> None:
    """Record on which account a payee is paid, and list what was recorded."""


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the accounts of payees: the end of each number, and how it stands."""
    from api.payouts.accounts import PayeeAccountService  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        _show(PayeeAccountService(opened).every_account(), as_json=as_json)


@command.command("request")
@_payee
@_payer
@_details
@_code
def request_command(payee: str, payer: str, details: Path, code_file: Any) -> None:
    """Print what a payee signs in a wallet for an account, and the salt that `give` needs."""
    with office() as opened:
        viewer, service = _member(opened, code_file)
        print_json(asdict(service.to_sign(viewer, _asked(payee, payer, details))))


@command.command("give")
@_payee
@_payer
@_details
@click.option("--salt", required=True, metavar="0xHEX", help="The salt that `request` printed.")
@click.option("--signature", required=True, metavar="0xHEX", help="65 bytes, made over that request.")
@_code
@json_option
def give_command(  # noqa: PLR0913 (one option each)
    *, payee: str, payer: str, details: Path, salt: str, signature: str, code_file: Any, as_json: bool
) -> None:
    """Record an account with a signature made elsewhere over what `request` printed."""
    from api.payouts.schemas import AccountSigned  # noqa: PLC0415 (loads the web framework's side)

    with office() as opened:
        viewer, service = _member(opened, code_file)
        signed = AccountSigned(_asked(payee, payer, details), salt, signature)
        _show([service.record(viewer, signed)], as_json=as_json)


@command.command("sign")
@_payee
@_payer
@_details
@click.option("--keystore", required=True, type=readable_file, help="The payee's keystore file.")
@password_option
@_code
@json_option
def sign_command(  # noqa: PLR0913 (one option each)
    *, payee: str, payer: str, details: Path, keystore: Path, password_file: Path | None, code_file: Any,
    as_json: bool,
) -> None:  # fmt: skip
    """Sign for an account with the payee's keystore, and record it."""
    from api.office.bank_accounts import account_request, fresh_salt  # noqa: PLC0415 (loads the curve library)
    from api.payouts.accounts import details_of  # noqa: PLC0415 (as above)
    from api.payouts.schemas import AccountSigned  # noqa: PLC0415 (as above)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (as above)

    asked = _asked(payee, payer, details)
    with office() as opened:
        viewer, service = _member(opened, code_file)
        made = account_request(opened, payee, payer, details_of(asked), fresh_salt())
        signature = read_keystore(keystore, password_of(password_file)).sign(made.digest)
        signed = AccountSigned(asked, "0x" + made.salt.hex(), "0x" + signature.hex())
        _show([service.record(viewer, signed)], as_json=as_json)


def _member(opened: Office, code_file: Any) -> tuple[Viewer, PayeeAccountService]:
    from api.cli.member import viewer_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.payouts.accounts import PayeeAccountService  # noqa: PLC0415 (as above)

    return viewer_of(opened, code_file), PayeeAccountService(opened)


def _asked(payee: str, payer: str, path: Path) -> AccountAsked:
    """Read an account from a file, whose content no message repeats."""
    from api.payouts.schemas import AccountAsked  # noqa: PLC0415 (loads the web framework's side)
    from policies.errors import AgreementRejected  # noqa: PLC0415 (as above)
    from policies.source import read_source  # noqa: PLC0415 (as above)

    try:
        plain = read_source(read_text(path), str(path)).plain
    except AgreementRejected as fault:
        first = fault.findings[0]
        raise click.ClickException(f"{path}, line {first.line}: it is no YAML that is read here") from None
    fields = {name: value for name, value in plain.items() if isinstance(value, str)}
    if plain.keys() - set(_FIELDS) or not {"means", "holder", "number"} <= fields.keys():
        raise click.UsageError(f"{path} has the keys {', '.join(_FIELDS)}, each with one text")
    return AccountAsked(payee, payer, **fields)


def _show(found: tuple[AccountShown, ...] | list[AccountShown], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        until = f" until {one.used_from}" if one.state == "cooling" else ""
        say(
            f"{one.payee:<14} paid by {one.payer:<14} {one.means} {one.ending}  {one.state}{until}"
            f" (entry {one.entry_seq})"
        )
