"""`tallystick signer`: which key signs for whom, another in its place, and a lost one revoked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.key import password_of, password_option
from api.cli.output import json_option, office, print_json, readable_file, say, say_if_none

if TYPE_CHECKING:
    from api.access import Viewer
    from api.office.opening import Office
    from api.signers.schemas import SignerShown
    from api.signers.service import SignerService

_signer = click.argument("signer", metavar="0xSIGNER")
_by = click.option("--by", required=True, metavar="MEMBER", help="A member with the role sign for the party.")
_keystore = click.option(
    "--keystore",
    required=True,
    type=readable_file,
    help="The keystore of the signer's key, or of its recovery.",
)
_new_key = click.option("--new-key", metavar="0xADDRESS", help="Another key is to sign.")
_recovery = click.option("--recovery", metavar="0xADDRESS", help="Who may replace and revoke the key.")
_revoke = click.option("--revoke", metavar="0xADDRESS", help="This key is to sign no more.")
_cause = click.option(
    "--cause", type=click.Choice(("lost", "compromised", "retired")), default="retired", show_default=True,
    help="Why a key is revoked.",
)  # fmt: skip
_reason = click.option("--reason", help="More of it, as it will stand in the log.")


@click.group()
def command() -> None:
    """Show which key signs for whom, put another in its place, and revoke a lost one."""


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the signers that versions name, which key signs for each, and every change."""
    with office() as opened:
        found = _service(opened).signers(_house())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "no version names a signer")
    for one in found:
        _say(one)


@command.command("request")
@_signer
@_new_key
@_recovery
@_revoke
@_by
def request_command(
    signer: str, new_key: str | None, recovery: str | None, revoke: str | None, by: str
) -> None:
    """Print the EIP-712 request of a change, for key, recovery and new key to sign elsewhere."""
    from api.signers.schemas import ChangeAsked  # noqa: PLC0415 (loads the web framework's side)

    with office() as opened:
        asked = ChangeAsked(new_key, recovery, revoke)
        print_json(_service(opened).request(_member(opened, by), signer, asked))


@command.command("change")
@_signer
@_new_key
@_recovery
@_revoke
@_keystore
@click.option(
    "--accepting",
    type=readable_file,
    help="The keystore of the new key, or of the recovery that is replaced.",
)
@password_option
@_cause
@_reason
@_by
@json_option
def change_command(  # noqa: PLR0913 (one option each)
    *, signer: str, new_key: str | None, recovery: str | None, revoke: str | None, keystore: Path,
    accepting: Path | None, password_file: Path | None, cause: str, reason: str | None, by: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Change the keys of a signer with keystores: another key, a recovery, or a revocation."""
    from api.office.keys import change_to_sign  # noqa: PLC0415 (loads the curve library)
    from api.signers.schemas import ChangeSigned  # noqa: PLC0415 (loads the web framework's side)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (as above)

    if sum(one is not None for one in (new_key, recovery, revoke)) != 1:
        raise click.UsageError("give one of --new-key, --recovery and --revoke")
    with office() as opened:
        viewer = _member(opened, by)
        change = change_to_sign(opened, signer, new_key=new_key, recovery=recovery, revoke=revoke)
        digest, password = change.digest(opened.domain), password_of(password_file)
        key = read_keystore(keystore, password)
        accepted = "0x" + read_keystore(accepting, password).sign(digest).hex() if accepting else ""
        given = ChangeSigned(
            key.address, "0x" + key.sign(digest).hex(), accepted, new_key, recovery, revoke, cause, reason
        )
        _tell(_service(opened).change(viewer, signer, given), as_json=as_json)


@command.command("give")
@_signer
@_new_key
@_recovery
@_revoke
@click.option("--signed-by", required=True, metavar="0xADDRESS", help="The signer's key, or its recovery.")
@click.option("--authorization", required=True, metavar="0xHEX", help="Its signature over the request.")
@click.option(
    "--acceptance", default="", metavar="0xHEX", help="That of the new key, or the earlier recovery."
)
@_cause
@_reason
@_by
@json_option
def give_command(  # noqa: PLR0913 (one option each)
    *, signer: str, new_key: str | None, recovery: str | None, revoke: str | None, signed_by: str,
    authorization: str, acceptance: str, cause: str, reason: str | None, by: str, as_json: bool,
) -> None:  # fmt: skip
    """Change the keys of a signer with signatures made elsewhere, over what `request` prints."""
    from api.signers.schemas import ChangeSigned  # noqa: PLC0415 (loads the web framework's side)

    given = ChangeSigned(signed_by, authorization, acceptance, new_key, recovery, revoke, cause, reason)
    with office() as opened:
        _tell(_service(opened).change(_member(opened, by), signer, given), as_json=as_json)


@command.command("stop")
@_signer
@click.option("--key", required=True, metavar="0xADDRESS", help="The key that is to sign no more.")
@_cause
@click.option("--reason", required=True, help="More of it, as it will stand in the log.")
@_by
@json_option
def stop_command(  # noqa: PLR0913, PLR0917 (one option each)
    signer: str, key: str, cause: str, reason: str, by: str, as_json: bool
) -> None:
    """Ask, without its signature, that a lost key be revoked. Another member confirms."""
    from api.signers.schemas import RevocationAsked  # noqa: PLC0415 (loads the web framework's side)

    with office() as opened:
        asked = RevocationAsked(key, cause, reason)
        _tell(_service(opened).ask(_member(opened, by), signer, asked), as_json=as_json)


@command.command("confirm")
@_signer
@click.option("--key", required=True, metavar="0xADDRESS", help="The key that another member asked to stop.")
@_by
@json_option
def confirm_command(signer: str, key: str, by: str, as_json: bool) -> None:
    """Revoke the key of a signer that another member asked to stop."""
    from api.signers.schemas import RevocationConfirmed  # noqa: PLC0415 (loads the web framework's side)

    with office() as opened:
        asked = RevocationConfirmed(key)
        _tell(_service(opened).confirm(_member(opened, by), signer, asked), as_json=as_json)


def _service(opened: Office) -> SignerService:
    from api.signers.service import SignerService  # noqa: PLC0415 (loads the agreement language)

    return SignerService(opened)


def _member(opened: Office, by: str) -> Viewer:
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)

    return members_of(opened).viewer_of_member(by)


def _house() -> Viewer:
    from api.access import Grant, Viewer  # noqa: PLC0415 (loads the web framework's side of access)

    return Viewer("operator", "operator", frozenset({Grant("auditor")}))


def _tell(one: SignerShown, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(one))
    else:
        _say(one)


def _say(one: SignerShown) -> None:
    own = "its own key" if one.key == one.signer else one.key
    say(f"{one.party.id:<14} {one.signer}  {own}{' (revoked)' if one.state == 'revoked' else ''}")
    if one.recovery:
        say(f"  recovery {one.recovery}")
    if one.cooling:
        say(f"  {one.cooling} signs from {one.cooling_until} on, unless somebody objects")
    if one.asked:
        say(f"  a member asks that {one.asked} be revoked; another confirms:")
        say(f"  tallystick signer confirm {one.signer} --key {one.asked} --by …")
