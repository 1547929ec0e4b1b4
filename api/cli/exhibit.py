"""`tallystick exhibit`: evidence of disputes, filed by its digest, sealed, redacted, handed on, checked."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.key import password_of, password_option
from api.cli.output import json_option, office, print_json, readable_file, say, say_if_none

if TYPE_CHECKING:
    from api.access import Viewer
    from api.exhibits.schemas import ExhibitShown
    from api.exhibits.service import ExhibitService
    from api.office.opening import Office
    from ledger.exhibits.exhibit import Exhibit
    from ledger.exhibits.filing import ExhibitAsked

_dispute = click.argument("dispute")
_number = click.argument("number", type=click.IntRange(min=1))
_by = click.option("--by", required=True, help="Who does it: a member by name.")
_arbiter = click.option("--by", required=True, help="Who orders it: a member with the role arbiter.")
_reason = click.option("--reason", required=True, help="Why, as it will stand in the log.")
_party = click.option("--party", required=True, help="On whose word: the party's key in the document, or id.")
_words = [
    click.option(
        "--kind", required=True,
        help="document, screenshot, recording, chat, order_data, test_report, testimony, record or other.",
    ),
    click.option("--title", required=True, help="What it is, in a line."),
    click.option(
        "--captured-at", required=True, metavar="TIME", help="When it was made: 2026-03-02T20:00:00+08:00."
    ),
]  # fmt: skip


def _described(command: Any) -> Any:
    """Add the options that say what an exhibit is."""
    for option in reversed(_words):
        command = option(command)
    return command


@click.group()
def command() -> None:
    """File evidence in disputes, seal, redact and hand it on, read and check it."""


@command.command("file")
@_dispute
@click.argument("file", type=readable_file, required=False)
@_party
@_described
@click.option("--description", default="", help="What it shows.")
@click.option("--supports", multiple=True, metavar="FACT", help="A fact of the case that it is for.")
@click.option("--under-seal", is_flag=True, help="Keep it from the other side until an arbiter orders.")
@click.option("--held", multiple=True, metavar="'WHO | WHEN | HOW'", help="Who had it until now, in order.")
@click.option(
    "--record", type=click.IntRange(min=0), metavar="SEQ", help="An entry of the log, with no FILE."
)
@click.option("--keystore", type=readable_file, help="The party's keystore file, to sign for it.")
@password_option
@click.option("--signature", default="", metavar="0xHEX", help="Made elsewhere over what `request` printed.")
@_by
@json_option
def file_command(  # noqa: PLR0913 (one option each)
    *, dispute: str, file: Path | None, party: str, kind: str, title: str, captured_at: str,
    description: str, supports: tuple[str, ...], under_seal: bool, held: tuple[str, ...],
    record: int | None, keystore: Path | None, password_file: Path | None, signature: str, by: str,
    as_json: bool,
) -> None:  # fmt: skip
    """File FILE, or an entry of the log, in DISPUTE. The same of the same party again adds nothing."""
    from api.exhibits.service import holders  # noqa: PLC0415 (loads the web framework's side)
    from api.forms import instant  # noqa: PLC0415 (as above)
    from ledger.exhibits.filing import ExhibitAsked  # noqa: PLC0415 (beside its only use)

    if (file is None) == (record is None):
        raise click.UsageError("give a FILE, or --record with the number of an entry")
    asked = ExhibitAsked(
        kind=kind,
        title=title,
        captured_at=instant(captured_at),
        description=description,
        file=file.name if file is not None else "",
        supports=supports,
        under_seal=under_seal,
        held=holders("\n".join(held)),
    )
    data = b"" if file is None else file.read_bytes()
    with office() as opened:
        viewer, service = _member(opened, by)
        if keystore is not None:
            signature = _signed(opened, dispute, asked, data, record, party, keystore, password_file)
        shown = service.take(viewer, dispute, asked, party=party, data=data, seq=record, signature=signature)
    _tell(shown, as_json=as_json)


@command.command("request")
@_dispute
@click.argument("file", type=readable_file)
@_party
@_described
@_by
def request_command(  # noqa: PLR0913 (one option each)
    *, dispute: str, file: Path, party: str, kind: str, title: str, captured_at: str, by: str
) -> None:
    """Print what a wallet signs for FILE as an exhibit of DISPUTE (EIP-712)."""
    from api.exhibits.schemas import ExhibitRequest  # noqa: PLC0415 (as above)
    from ledger.exhibits.files import measured  # noqa: PLC0415 (beside its only use)

    kept = measured(file.read_bytes())
    with office() as opened:
        viewer, service = _member(opened, by)
        asked = ExhibitRequest(
            party=party, kind=kind, title=title, captured_at=captured_at, sha256=kept.sha256, bytes=kept.size
        )
        print_json(service.to_sign(viewer, dispute, asked).request)


@command.command("list")
@_dispute
@json_option
def list_command(dispute: str, as_json: bool) -> None:
    """List the exhibits of DISPUTE in the order in which they were filed."""
    from ledger.exhibits.reading import exhibits  # noqa: PLC0415 (as above)

    with office() as opened:
        found = exhibits(opened.log, dispute)
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "no exhibits")
    for one in found:
        say(_line(one))


@command.command("show")
@_dispute
@_number
@click.option("--erc-1497", "standard", is_flag=True, help="Print it as ERC-1497 writes evidence.")
@json_option
def show_command(dispute: str, number: int, standard: bool, as_json: bool) -> None:
    """Show an exhibit: its digest, who had it, and what was ordered of it."""
    from ledger.exhibits.reading import exhibit  # noqa: PLC0415 (as above)
    from ledger.exhibits.standard import evidence_json  # noqa: PLC0415 (as above)

    with office() as opened:
        one = exhibit(opened.log, dispute, number)
    if standard:
        print_json(evidence_json(one, f"/v1/disputes/{one.dispute}/exhibits/{one.number}/file"))
    elif as_json:
        print_json(_row(one))
    else:
        _show(one)


@command.command("get")
@_dispute
@_number
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Where to write its file."
)
@click.option("--original", is_flag=True, help="As it was filed, where a redacted copy stands for it.")
def get_command(dispute: str, number: int, out: Path, original: bool) -> None:
    """Write the file of an exhibit, which is held against its digest."""
    from api.office.exhibits import file_of  # noqa: PLC0415 (loads the curve library)
    from ledger.exhibits.reading import exhibit  # noqa: PLC0415 (as above)

    with office() as opened:
        found = file_of(opened, exhibit(opened.log, dispute, number), original=original)
    with out.open("xb") as file:
        file.write(found.data)
    say(f"{out}: {len(found.data):,} bytes")


@command.command("seal")
@_dispute
@_number
@click.option("--from", "parties", multiple=True, metavar="PARTY", help="From whom; from all others without.")
@_reason
@_arbiter
@json_option
def seal_command(  # noqa: PLR0913 (one option each)
    *, dispute: str, number: int, parties: tuple[str, ...], reason: str, by: str, as_json: bool
) -> None:
    """Order that an exhibit is kept from parties of the case."""
    from api.exhibits.schemas import SealRequest  # noqa: PLC0415 (as above)

    with office() as opened:
        viewer, service = _member(opened, by)
        asked = SealRequest(parties=" ".join(parties), reason=reason)
        _tell(service.seal(viewer, dispute, number, asked), as_json=as_json)


@command.command("unseal")
@_dispute
@_number
@_reason
@_arbiter
@json_option
def unseal_command(dispute: str, number: int, reason: str, by: str, as_json: bool) -> None:
    """Order that a sealed exhibit is opened to all of the case."""
    from api.exhibits.schemas import UnsealRequest  # noqa: PLC0415 (as above)

    with office() as opened:
        viewer, service = _member(opened, by)
        _tell(service.unseal(viewer, dispute, number, UnsealRequest(reason=reason)), as_json=as_json)


@command.command("redact")
@_dispute
@_number
@click.argument("file", type=readable_file)
@click.option("--destroy", is_flag=True, help="Have the file that was filed destroyed; its digest stays.")
@_reason
@_arbiter
@json_option
def redact_command(  # noqa: PLR0913 (one option each)
    *, dispute: str, number: int, file: Path, destroy: bool, reason: str, by: str, as_json: bool
) -> None:
    """Order that FILE, a redacted copy, takes the place of an exhibit's file."""
    with office() as opened:
        viewer, service = _member(opened, by)
        shown = service.redact(
            viewer, dispute, number, file.read_bytes(), file=file.name,
            original="destroyed" if destroy else "kept", reason=reason,
        )  # fmt: skip
    _tell(shown, as_json=as_json)


@command.command("pass")
@_dispute
@_number
@click.option("--to", required=True, help="Who has it now.")
@click.option("--how", required=True, help="How it was handed on.")
@click.option("--at", required=True, metavar="TIME", help="When: 2026-03-02T20:00:00+08:00.")
@click.option("--found", type=readable_file, help="The file as the new holder found it; its digest is kept.")
@_party
@_by
@json_option
def pass_command(  # noqa: PLR0913 (one option each)
    *, dispute: str, number: int, to: str, how: str, at: str, found: Path | None, party: str, by: str,
    as_json: bool,
) -> None:  # fmt: skip
    """Record that an exhibit went to its next holder; another digest than its own is recorded too."""
    with office() as opened:
        viewer, service = _member(opened, by)
        data = found.read_bytes() if found is not None else None
        shown = service.hand_on(viewer, dispute, number, party=party, to=to, how=how, at=at, data=data)
    _tell(shown, as_json=as_json)


@command.command("check")
@click.argument("dispute", required=False)
@json_option
def check_command(dispute: str | None, as_json: bool) -> int:
    """Check the exhibits of DISPUTE, or of all: every file against its digest, signatures, who had it.

    Exit code 1 where something is not as it was filed.
    """
    from api.office.exhibits import checked  # noqa: PLC0415 (loads the curve library)

    with office() as opened:
        found = list(checked(opened, dispute))
    bad = [one for one in found if not one.sound]
    if as_json:
        print_json([{**asdict(one), "sound": one.sound} for one in found])
        return int(bool(bad))
    say_if_none(found, "no exhibits")
    for one in found:
        signed = {None: "not signed", True: "signed", False: "SIGNATURE WRONG"}[one.signature]
        chain = "unbroken" if one.unbroken else "CUSTODY BROKEN"
        say(f"{one.dispute} {one.exhibit}  file {one.file}  {signed}  {chain}")
    return int(bool(bad))


def _member(opened: Office, name: str) -> tuple[Viewer, ExhibitService]:
    from api.cli.member import members_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.exhibits.service import ExhibitService  # noqa: PLC0415 (as above)

    return members_of(opened).viewer_of_member(name), ExhibitService(opened)


def _signed(  # noqa: PLR0913, PLR0917 (what is signed, for which case, with which key)
    opened: Office, dispute: str, asked: ExhibitAsked, data: bytes, record: int | None, party: str,
    keystore: Path, password_file: Path | None,
) -> str:  # fmt: skip
    """Return a keystore's signature of an exhibit."""
    from api.office.exhibits import signing_digest  # noqa: PLC0415 (loads the curve library)
    from contracts.keystore import read_keystore  # noqa: PLC0415 (as above)
    from ledger.exhibits.files import measured  # noqa: PLC0415 (as above)

    content = data if record is None else opened.log.entry(record).leaf
    digest = signing_digest(opened, dispute, asked, measured(content), party)
    return "0x" + read_keystore(keystore, password_of(password_file)).sign(digest).hex()


def _row(one: Exhibit) -> dict[str, Any]:
    from api.office.exhibits import exhibit_json  # noqa: PLC0415 (loads the curve library)

    return exhibit_json(one)


def _line(one: Exhibit) -> str:
    title = one.described.title if one.described is not None else "(erased)"
    marks = [
        *(["late"] if one.late else []),
        *([f"sealed from {', '.join(sorted(one.sealed_from))}"] if one.sealed_from else []),
        *(["redacted"] if one.redaction is not None else []),
        *([] if one.unbroken else ["custody broken"]),
    ]
    more = f"  [{'; '.join(marks)}]" if marks else ""
    return f"{one.name:<4} {one.kind:<12} {one.by:<12} {one.sha256[:12]}…  {title}{more}  (entry {one.seq})"


def _show(one: Exhibit) -> None:
    say(_line(one))
    say(f"  sha256 {one.sha256}  {one.size:,} bytes  made {one.captured_at}")
    described = one.described
    if described is not None and described.description:
        say(f"  {described.description}")
    if described is not None:
        say(f"  signed by {described.address}" if described.address else "  not signed")
    if one.redaction is not None:
        say(f"  shown as {one.shown_sha256}, the file that was filed is {one.redaction.content['original']}")
    for held in one.custody:
        told = f"entry {held.entry_seq}" if held.entry_seq is not None else "as declared"
        other = "" if held.same else ", NOT THE SAME FILE"
        say(f"  held by {held.holder} from {held.at}: {held.how} ({told}{other})")


def _tell(shown: ExhibitShown, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(shown))
        return
    say(f"{shown.name} of {shown.dispute}: {shown.title or ''} (entry {shown.entry_seq})")
    say(f"  sha256 {shown.sha256}")
