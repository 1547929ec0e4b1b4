"""`tallystick agreement`: propose a document, sign it party by party, see where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from api.cli.key import password_of, password_option
from api.cli.output import (
    json_option,
    office,
    print_json,
    read_agreement,
    read_text,
    readable_file,
    say,
    say_if_none,
)
from api.office.agreements import (
    Held,
    give_signature,
    held,
    held_versions,
    propose,
    request_for,
    version_to_sign,
)


@click.group()
def command() -> None:
    """Propose, sign and list agreements."""


@command.command("propose")
@click.argument("agreement", type=readable_file)
@click.option(
    "--signer", "signers", multiple=True, metavar="PARTY=0xADDRESS", help="A party's signing address."
)
@json_option
def propose_command(agreement: Path, signers: tuple[str, ...], as_json: bool) -> None:
    """Propose AGREEMENT for signature. The same document again changes nothing."""
    addresses = dict(_pair(signer) for signer in signers)
    document = read_agreement(agreement)
    unknown = sorted(addresses.keys() - document.parties.keys())
    if unknown:
        raise click.UsageError(f"'{unknown[0]}' is no party; the parties are {', '.join(document.parties)}")
    with office() as opened:
        _show(propose(opened, document.with_signers(addresses)), as_json=as_json)


@command.command("sign")
@click.argument("ref", metavar="ID@VERSION")
@click.option("--party", required=True, help="Whose signature this is: the party's key in the document.")
@click.option("--keystore", required=True, type=readable_file, help="The party's keystore file.")
@password_option
@json_option
def sign_command(ref: str, party: str, keystore: Path, password_file: Path | None, as_json: bool) -> None:
    """Sign an agreement version with a keystore. With the last signature it binds."""
    from contracts.consent import sign_version  # noqa: PLC0415 (loads the curve library)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (as above)

    with office() as opened:
        one = held(opened, ref)
        key = read_keystore(keystore, password_of(password_file))
        signed = sign_version(key, version_to_sign(opened, one), opened.domain)
        _show(give_signature(opened, ref, party, signed.signature), as_json=as_json)


@command.command("give")
@click.argument("ref", metavar="ID@VERSION")
@click.option("--party", help="Whose signature this is.")
@click.option("--signature", metavar="0xHEX", help="65 bytes made elsewhere over the request.")
@click.option("--file", "path", type=readable_file, help="What `tallystick sign` wrote, instead of both.")
@json_option
def give_command(
    ref: str, party: str | None, signature: str | None, path: Path | None, as_json: bool
) -> None:
    """Give a signature that was made elsewhere, over what `request` prints."""
    with office() as opened:
        if path is not None:
            party, data = _signature_in(path, request_for(opened, held(opened, ref)))
        elif party is None or signature is None:
            raise click.UsageError("give --file, or --party and --signature")
        else:
            data = _hexadecimal(signature)
        _show(give_signature(opened, ref, party, data), as_json=as_json)


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


@command.command("request")
@click.argument("ref", metavar="ID@VERSION")
@click.option("--with-document", is_flag=True, help="With document and salt, as `tallystick sign` takes it.")
def request_command(ref: str, with_document: bool) -> None:
    """Print the EIP-712 request that every party of a version signs."""
    from api.office.signing_files import Before, agreement_file  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        one = held(opened, ref)
        if not with_document:
            print_json(request_for(opened, one))
            return
        before = held_versions(opened).get(f"{one.agreement.id}@{one.agreement.version - 1}")
        told = None if before is None else Before(before.agreement, readable=True)
        print_json(agreement_file(opened, one, told))


@command.command("event")
@click.argument("ref", metavar="ID@VERSION")
@click.argument("event")
@click.option("--party", required=True, help="On whose word: the party's key in the document.")
@click.option("--file", "evidence", type=readable_file, help="The file it rests on; only its digest is kept.")
@json_option
def event_command(ref: str, event: str, party: str, evidence: Path | None, as_json: bool) -> None:
    """Record that the EVENT which a version waits for has happened. The version starts on the day of this."""
    import hashlib  # noqa: PLC0415 (beside its only use)

    from api.office.events import record_event  # noqa: PLC0415 (loads polars)

    digest = hashlib.sha256(evidence.read_bytes()).hexdigest() if evidence else None
    with office() as opened:
        found = record_event(opened, ref, event, party, digest)
    if as_json:
        print_json({"agreement": found.agreement, "event": found.event, "day": found.day.isoformat()})
    else:
        say(f"{found.agreement}: {found.event} recorded on {found.day}")


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the agreement versions held here and what each is waiting for."""
    with office() as opened:
        versions = list(held_versions(opened).values())
    if as_json:
        print_json([_row(one) for one in versions])
        return
    say_if_none(versions, "no agreements are held here")
    for one in versions:
        state = "signed" if one.is_signed else f"waiting for {', '.join(one.waiting_for) or 'its record'}"
        say(f"{one.agreement.ref:<32} {state}")


@command.command("show")
@click.argument("ref", metavar="ID@VERSION")
def show_command(ref: str) -> None:
    """Print the exact canonical bytes that were or will be signed."""
    with office() as opened:
        say(held(opened, ref).agreement.canonical.decode())


def _show(one: Held, *, as_json: bool) -> None:
    if as_json:
        print_json(_row(one))
        return
    say(f"{one.agreement.ref}  sha256 {one.agreement.sha256}")
    for given in one.signatures:
        say(f"  signed by {given.party:<12} {given.address}")
    for key in one.waiting_for:
        say(f"  waiting for {key:<10} {one.signers[key][1]}")
    if one.is_signed:
        say(f"  every party signed; {_registered(one)}")


def _registered(one: Held) -> str:
    if one.registration is None:
        return "not registered on a chain yet (tallystick chain work)"
    return f"registered on chain {one.registration.chain_id} in block {one.registration.block}"


def _row(one: Held) -> dict[str, object]:
    return {
        "agreement": one.agreement.ref,
        "sha256": one.agreement.sha256,
        "keccak256": one.agreement.keccak256,
        "signed": one.is_signed,
        "registered": one.registration is not None,
        "signatures": {given.party: given.address for given in one.signatures},
        "waiting_for": list(one.waiting_for),
    }


def _pair(text: str) -> tuple[str, str]:
    key, equals, address = text.partition("=")
    if not equals:
        raise click.UsageError(f"'{text}' is not PARTY=0xADDRESS")
    return key, address
