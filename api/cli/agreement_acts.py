"""`tallystick agreement`: signing a proposed version for a party, or not; and who does, on what authority."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from api.cli.key import password_of, password_option
from api.cli.output import json_option, office, read_text, readable_file, say
from api.cli.versions import show_version
from ledger.signing.signatory import METHODS, Authority, Method

if TYPE_CHECKING:
    from api.office.opening import Office
    from api.office.signing import Handed

_by = click.option("--by", metavar="MEMBER", help="Who acts for the party; else the operator hands it in.")
_capacity = click.option("--capacity", default="", help="What the member is to the party: 'general manager'.")
_letter = click.option(
    "--letter", type=readable_file, help="A letter of authority; only its SHA-256 is kept."
)
_letter_at = click.option("--letter-at", metavar="WHERE", help="Where the letter can be asked for.")
_party = click.option("--party", required=True, help="For whom: the party's key in the document.")
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")
_ref = click.argument("ref", metavar="ID@VERSION")


@click.command("sign")
@_ref
@_party
@click.option("--keystore", required=True, type=readable_file, help="The party's keystore file.")
@password_option
@_capacity
@_letter
@_letter_at
@_by
@json_option
def sign_command(  # noqa: PLR0913 (one option each)
    *, ref: str, party: str, keystore: Path, password_file: Path | None, capacity: str, letter: Path | None,
    letter_at: str | None, by: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Sign an agreement version with a keystore. With the last signature it binds."""
    from api.office.agreements import held, version_to_sign  # noqa: PLC0415 (loads the agreement language)
    from api.office.signing import give_signature  # noqa: PLC0415 (as above)
    from contracts.consent import sign_version  # noqa: PLC0415 (loads the curve library)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (as above)

    with office() as opened:
        one = held(opened, ref)
        handed = handed_by(opened, ref, party, by, "keystore", _authority(capacity, letter, letter_at))
        key = read_keystore(keystore, password_of(password_file))
        signed = sign_version(key, version_to_sign(opened, one), opened.domain)
        show_version(give_signature(opened, ref, party, signed.signature, handed), opened, as_json=as_json)


@click.command("give")
@_ref
@click.option("--party", help="For whom: the party's key in the document.")
@click.option("--signature", metavar="0xHEX", help="65 bytes made elsewhere over the request.")
@click.option("--file", "path", type=readable_file, help="What `tallystick sign` wrote, instead of both.")
@click.option(
    "--method", type=click.Choice(METHODS), default="offline", show_default=True, help="How it was made."
)
@_capacity
@_letter
@_letter_at
@_by
@json_option
def give_command(  # noqa: PLR0913 (one option each)
    *, ref: str, party: str | None, signature: str | None, path: Path | None, method: Method, capacity: str,
    letter: Path | None, letter_at: str | None, by: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Give a signature that was made elsewhere, over what `request` prints."""
    from api.office.agreements import held, request_for  # noqa: PLC0415 (loads the agreement language)
    from api.office.signing import give_signature  # noqa: PLC0415 (as above)
    from api.office.wallets import asking  # noqa: PLC0415 (as above)

    if path is not None and (party, signature) != (None, None):
        raise click.UsageError("--file says for whom and holds the signature; give it alone")
    with office() as opened:
        if path is not None:
            party, data = _signature_in(path, request_for(opened, held(opened, ref)))
        elif party is None or signature is None:
            raise click.UsageError("give --file, or --party and --signature")
        else:
            data = _hexadecimal(signature)
        handed = handed_by(opened, ref, party, by, method, _authority(capacity, letter, letter_at))
        asked = asking(opened) if method == "wallet-contract" else None
        one = give_signature(opened, ref, party, data, handed, asking=asked)
        show_version(one, opened, as_json=as_json)


@click.command("decline")
@_ref
@_party
@_reason
@_by
@json_option
def decline_command(ref: str, party: str, reason: str, by: str | None, as_json: bool) -> None:
    """Decline to sign a proposed version, with a reason. The proposal is over for everybody."""
    from api.office.signing import decline  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        one = decline(opened, ref, party, reason, handed_by(opened, ref, party, by))
        show_version(one, opened, as_json=as_json)


@click.command("withdraw")
@_ref
@click.option("--party", help="Take this party's signature back; without it the whole proposal is withdrawn.")
@_reason
@_by
@json_option
def withdraw_command(ref: str, party: str | None, reason: str, by: str | None, as_json: bool) -> None:
    """Withdraw a proposal, or take one party's signature of it back, before everybody has signed."""
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.office.signing import take_back, withdraw  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        if party is not None:
            one = take_back(opened, ref, party, reason, handed_by(opened, ref, party, by))
        elif by is not None:
            from api.agreements.signing import withdraw_proposal  # noqa: PLC0415 (as above)

            one = withdraw_proposal(opened, members_of(opened).viewer_of_member(by), ref, reason)
        else:
            one = withdraw(opened, ref, reason)
        show_version(one, opened, as_json=as_json)


@click.command("certificate")
@_ref
@click.option(
    "--lang", "language", type=click.Choice(("zh", "en")), default="zh", show_default=True, help="Of the PDF."
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write the PDF."
)
def certificate_command(ref: str, language: Literal["zh", "en"], out: Path) -> None:
    """Write the certificate of completion of a signed version as PDF: who signed it, when, how."""
    from api.access import Grant, Viewer  # noqa: PLC0415 (loads the web framework's side of access)
    from api.agreements.service import AgreementService  # noqa: PLC0415 (loads the agreement language)
    from api.office.agreements import held  # noqa: PLC0415 (as above)
    from api.office.opening import OPERATOR  # noqa: PLC0415 (as above)

    house = Viewer(OPERATOR, OPERATOR, frozenset({Grant("auditor")}))
    with office() as opened:
        one = held(opened, ref).agreement
        written = AgreementService(opened).certificate(house, one.id, one.version, language)
    out.write_bytes(written)
    say(f"{out}: certificate of {ref}, {len(written):,} bytes")


def handed_by(  # noqa: PLR0913, PLR0917 (who, for whom, how, on what authority)
    opened: Office,
    ref: str,
    party: str,
    by: str | None,
    method: Method = "offline",
    authority: Authority | None = None,
) -> Handed:
    """Return who acts for a party of a version: a member who may sign for it, else the operator.

    Raises CodeRefused, AccessDenied.
    """
    from api.office.signing import Handed  # noqa: PLC0415 (loads the agreement language)

    authority = authority or Authority()
    if by is None:
        return Handed(method=method, authority=authority)
    from api.access import demand_role  # noqa: PLC0415 (loads the web framework's side of access)
    from api.cli.member import members_of  # noqa: PLC0415 (as above)
    from api.office.agreements import held, signer_of  # noqa: PLC0415 (as above)

    viewer = members_of(opened).viewer_of_member(by)
    party_id, _ = signer_of(held(opened, ref), party)
    demand_role(viewer, "sign", party_id)
    return Handed(viewer.member, viewer.name, method, authority)


def _signature_in(path: Path, request: dict[str, Any]) -> tuple[str, bytes]:
    """Return party and signature of a file, which is over this very request. Raises SigningFileAltered."""
    from contracts.signing_file import read_signature, require_signature_of  # noqa: PLC0415 (beside its use)

    given = read_signature(read_text(path), str(path))
    require_signature_of(request, given, str(path))
    return given.party, given.signature


def _hexadecimal(signature: str) -> bytes:
    try:
        return bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        raise click.UsageError("--signature is not hexadecimal") from None


def _authority(capacity: str, letter: Path | None, letter_at: str | None) -> Authority:
    import hashlib  # noqa: PLC0415 (beside its only use)

    digest = None if letter is None else hashlib.sha256(letter.read_bytes()).hexdigest()
    return Authority(capacity, digest, letter_at)


COMMANDS = (sign_command, give_command, decline_command, withdraw_command, certificate_command)
