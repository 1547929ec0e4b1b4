"""`tallystick sign`: sign a request offline, with a keystore, having read it. It opens no office."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.key import password_of, password_option
from api.cli.output import json_option, print_json, read_text, readable_file, say

if TYPE_CHECKING:
    from contracts.signing_checks import Checked
    from contracts.signing_file import SigningRequest
    from policies.agreement import Agreement


@click.command()
@click.argument("request", type=readable_file)
@click.option("--keystore", required=True, type=readable_file, help="Your keystore file.")
@password_option
@click.option("--agreement", type=readable_file, help="Your own copy of the agreement, to compare with.")
@click.option("--evidence", type=readable_file, help="The file that an exhibit is, to compare with.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True,
              help="Language of the terms.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("SIGNATURE.json"),
              show_default=True, help="Where to write the signature.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Sign without asking, once everything fits.")
@json_option
def command(  # noqa: PLR0913 (one option each)
    *, request: Path, keystore: Path, password_file: Path | None, agreement: Path | None,
    evidence: Path | None, lang: str, out: Path, yes: bool, as_json: bool,
) -> None:  # fmt: skip
    """Sign what REQUEST asks for, having shown its terms and every field. No network and no office is needed.

    REQUEST comes from the signing page or the API. Whatever opens its digests is worked out again and
    compared; where something does not fit, nothing is signed.
    """
    from contracts.keystore import keystore_address, read_keystore  # noqa: PLC0415 (loads the curve library)
    from contracts.signing_checks import checks_of, document_of, require_sound  # noqa: PLC0415 (as above)
    from contracts.signing_file import read_request, sign_request  # noqa: PLC0415 (as above)

    if out.exists():
        raise click.UsageError(f"{out} is there already; name another with --out")
    asked = read_request(read_text(request), str(request))
    document = document_of(asked)
    if agreement is not None:
        _require_same(document, agreement)
    checks = checks_of(asked, document, None if evidence is None else evidence.read_bytes())
    if not as_json:
        _show(asked, document, checks, lang)
    require_sound(checks, str(request))
    party = _party_of(asked, keystore_address(keystore), request)
    if not yes and not click.confirm(f"Sign this for {party}?", err=True):
        raise click.ClickException("nothing was signed")
    signed = sign_request(asked, read_keystore(keystore, password_of(password_file)), party, "keystore")
    content = signed.content()
    with out.open("x", encoding="utf-8") as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    if as_json:
        print_json(content)
    else:
        say(f"{out}: signed by {signed.address} for {party}; hand it in where the request came from")


def _require_same(document: Agreement | None, path: Path) -> None:
    """Refuse a request whose document is not the one in a file: YAML, or the canonical text."""
    from contracts.errors import SigningFileAltered  # noqa: PLC0415 (loads the curve library)
    from policies.loading import load_agreement  # noqa: PLC0415 (loads the agreement language)

    if document is None:
        raise click.UsageError("--agreement is for versions of agreements; this request is about none")
    text = read_text(path)
    if text.strip().encode() == document.canonical:
        return
    signers = {key: party.signer for key, party in document.parties.items() if party.signer}
    mine = load_agreement(text, name=str(path))
    if mine.parties.keys() != document.parties.keys() or mine.with_signers(signers) != document:
        raise SigningFileAltered("is another document than the request asks to sign", where=str(path))


def _party_of(asked: SigningRequest, address: str, request: Path) -> str:
    """Return for whom a key signs. Raises a usage error where it is nobody's who must."""
    found = asked.wanted(address)
    if found is not None:
        return found.party
    if any(one.address is None for one in asked.signers):  # the server knows which keys are the party's
        return next(one.party for one in asked.signers if one.address is None)
    wanted = ", ".join(f"{one.party} {one.address}" for one in asked.signers)
    raise click.ClickException(f"{request} is not for the key of {address}; it is for {wanted or 'nobody'}")


def _show(asked: SigningRequest, document: Agreement | None, checks: list[Checked], lang: str) -> None:
    from policies.render import contract, write_text  # noqa: PLC0415 (loads the renderer)

    if document is not None:
        say(write_text(contract(document, "zh" if lang == "zh" else "en")))
    match asked.primary_type:
        case "AgreementTermination":
            _show_termination(asked)
        case "DisputeSettlement":
            _show_words("What is settled", str(asked.opens["words"]))
        case "PayeeAccount":
            say("The account:")
            for name, value in asked.opens["details"].items():
                say(f"  {_written(name):<14} {_written(value)}")
    say(f"{asked.primary_type}, for chain {asked.domain.chain_id}, contract {asked.domain.contract}")
    for one in checks:
        say(f"  {one.field:<14} {_written(one.value)}  ({one.state})")
    say(f"  {'digest':<14} 0x{asked.digest.hex()}")


def _show_termination(asked: SigningRequest) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 (beside its only use)

    at = datetime.fromtimestamp(asked.message["endsAt"], UTC)
    say(f"The agreement ends: from {at.isoformat()} on it applies no more.")
    _show_words("What was agreed about its end", str(asked.opens["terms"]))


def _show_words(heading: str, words: str) -> None:
    say(f"{heading}:")
    say("\n".join(f"  {_written(line)}" for line in words.splitlines()) or "  nothing")


def _written(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if text.isprintable() else json.dumps(text, ensure_ascii=True)
