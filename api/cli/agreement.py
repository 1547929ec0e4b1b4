"""`tallystick agreement`: propose a document, sign it party by party, see where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from api.cli.agreement_acts import COMMANDS
from api.cli.output import json_option, office, print_json, read_agreement, readable_file, say, say_if_none
from api.cli.termination import COMMANDS as ENDING
from api.cli.versions import show_version, state_of, version_row
from api.office.agreements import Held, held, held_versions, propose, request_for
from ledger.database import reading
from ledger.signing.proposals import Process
from ledger.terminations import all_terminations


@click.group()
def command() -> None:
    """Propose, sign and list agreements."""


@command.command("propose")
@click.argument("agreement", type=readable_file)
@click.option(
    "--signer", "signers", multiple=True, metavar="PARTY=0xADDRESS", help="A party's signing address."
)
@click.option(
    "--stage", "stages", multiple=True, metavar="PARTY,PARTY", help="Who signs first, then who; once a stage."
)
@click.option("--until", metavar="TIME", help="To be signed by all until then: 2026-03-31T18:00+08:00.")
@click.option("--remind-days", type=int, help="Remind those whose turn it is every so many days.")
@json_option
def propose_command(  # noqa: PLR0913 (one option each)
    *, agreement: Path, signers: tuple[str, ...], stages: tuple[str, ...], until: str | None,
    remind_days: int | None, as_json: bool,
) -> None:  # fmt: skip
    """Propose AGREEMENT for signature. The same document again changes nothing."""
    addresses = dict(_pair(signer) for signer in signers)
    order = tuple(tuple(name.strip() for name in stage.split(",")) for stage in stages)
    process = Process(order, _time(until), remind_days)
    document = read_agreement(agreement)
    unknown = sorted(addresses.keys() - document.parties.keys())
    if unknown:
        raise click.UsageError(f"'{unknown[0]}' is no party; the parties are {', '.join(document.parties)}")
    with office() as opened:
        signed_as = document.with_signers(addresses)
        show_version(propose(opened, signed_as, process=process), opened, as_json=as_json)


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
        versions, now = list(held_versions(opened).values()), opened.clock()
        with reading(opened.engine) as session:
            ends = {name: one.ends_on.isoformat() for name, one in all_terminations(session).items()}
    if as_json:
        print_json([version_row(one, now) | _ending(ends, one) for one in versions])
        return
    say_if_none(versions, "no agreements are held here")
    for one in versions:
        until = ends.get(one.agreement.id)
        ending = "" if until is None else f"; all parties end the agreement with {until}"
        say(f"{one.agreement.ref:<32} {state_of(one, now)}{ending}")


@command.command("show")
@click.argument("ref", metavar="ID@VERSION")
def show_command(ref: str) -> None:
    """Print the exact canonical bytes that were or will be signed."""
    with office() as opened:
        say(held(opened, ref).agreement.canonical.decode())


def _ending(ends: Mapping[str, str], one: Held) -> dict[str, object]:
    until = ends.get(one.agreement.id)
    return {} if until is None else {"ends_on": until}


def _pair(text: str) -> tuple[str, str]:
    key, equals, address = text.partition("=")
    if not equals:
        raise click.UsageError(f"'{text}' is not PARTY=0xADDRESS")
    return key, address


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    from api.forms import instant  # noqa: PLC0415 (loads the web framework's side)

    return instant(text, "--until")


for _one in (*COMMANDS, *ENDING):
    command.add_command(_one)
