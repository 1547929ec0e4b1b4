"""`tallystick witness`: countersign checkpoints of a log, without its database; and take what others signed.

`key`, `sign` and `visit` are for the party: they need a key file, a memory file and the log's pinned key.
`register`, `withdraw`, `take` and `list` are for the installation.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, office, print_json, read_text, readable_file, say, say_if_none
from verifier.report import Fault
from verifier.rotation import pins_followed
from verifier.trust import Trust
from verifier.witness import Countersigned, WitnessKey, countersign, remembered

if TYPE_CHECKING:
    from ledger.witnesses import Witness

_key = click.option("--key", "key_file", required=True, type=readable_file, help="The witness's key file.")
_memory = click.option(
    "--memory",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="What was countersigned last; made on first use, one a log. Never lose it.",
)
_trust = click.option(
    "--trust", required=True, type=readable_file, metavar="KEYS", help="File with the log's pinned key."
)
_rotation = click.option(
    "--rotation",
    type=readable_file,
    multiple=True,
    metavar="STATEMENTS",
    help="Statements by which the log's pinned key names its successor; may be repeated.",
)


@click.group()
def command() -> None:
    """Countersign checkpoints of a log, and keep what others countersigned."""


@command.command("key")
@click.argument("name")
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The key file to make."
)
def key_command(name: str, out: Path) -> None:
    """Make a witness's key NAME in a file and print its public key, to be registered and pinned."""
    try:
        made = WitnessKey(name, secrets.token_bytes(32))
    except Fault as fault:
        raise click.UsageError(f"'{name}' {fault.en}") from None
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(made.text)
    say(made.vkey)


@command.command("sign")
@click.argument("shown", type=readable_file)
@_key
@_memory
@_trust
@_rotation
def sign_command(shown: Path, key_file: Path, memory: Path, trust: Path, rotation: tuple[Path, ...]) -> int:
    """Countersign SHOWN, a checkpoint or a consistency proof, and print the signature line.

    Refuses, with exit code 1, whatever does not extend what was countersigned last.
    """
    try:
        given = countersign(
            shown.read_bytes(), memory, _pins(trust, rotation), _signer(key_file), int(time.time())
        )
    except Fault as fault:
        return _refused(shown.name, fault)
    say(given.line.rstrip("\n"))
    return 0


@command.command("visit")
@click.argument("server", metavar="URL")
@click.option("--code-file", required=True, type=readable_file, help="File with the member's access code.")
@_key
@_memory
@_trust
@_rotation
def visit_command(  # noqa: PLR0913, PLR0917 -- one parameter an option
    server: str, code_file: Path, key_file: Path, memory: Path, trust: Path, rotation: tuple[Path, ...]
) -> int:
    """Fetch the log's latest checkpoint from a server, countersign it and hand the signature in.

    Refuses, with exit code 1, whatever does not extend what was countersigned last.
    """
    from api.cli.asking import Server  # noqa: PLC0415 (beside its only use)

    asked = Server(server, read_text(code_file).strip())
    try:
        last = remembered(memory)
        shown = asked.consistency(last.size if last else 0)
        given = countersign(shown, memory, _pins(trust, rotation), _signer(key_file), int(time.time()))
    except Fault as fault:
        return _refused(server, fault)
    asked.hand_in(given)
    _say_given(given)
    return 0


@command.command("register")
@click.argument("party")
@click.argument("vkey")
def register_command(party: str, vkey: str) -> None:
    """Register VKEY, a witness's public key, for PARTY; the same again changes nothing."""
    from ledger.witnesses import register_witness  # noqa: PLC0415 (loads the database's libraries)

    with office() as opened:
        one = register_witness(opened.log, party, vkey, by="operator", now=opened.clock())
    say(f"{one.key.label} is a witness of {one.party}, by entry {one.registered_seq}")


@command.command("withdraw")
@click.argument("witness", metavar="NAME+HASH")
def withdraw_command(witness: str) -> None:
    """Take no more signatures of a witness. Those taken stay."""
    from ledger.witnesses import withdraw_witness  # noqa: PLC0415 (as above)

    with office() as opened:
        one = withdraw_witness(opened.log, witness, by="operator", now=opened.clock())
    say(f"{one.key.label} is withdrawn, by entry {one.withdrawn_seq}")


@command.command("take")
@click.argument("size", type=click.IntRange(min=0))
@click.argument("line", type=readable_file)
def take_command(size: int, line: Path) -> None:
    """Take LINE, a file with a registered witness's signature, for the checkpoint of SIZE entries."""
    from ledger.cosignatures import add_cosignature  # noqa: PLC0415 (as above)
    from ledger.leaves import microseconds  # noqa: PLC0415 (as above)
    from ledger.notes import split_signature  # noqa: PLC0415 (as above)
    from ledger.witnesses import witness  # noqa: PLC0415 (as above)

    text = read_text(line).rstrip("\n")
    with office() as opened:
        name, data = split_signature(text)
        party = witness(opened.log, f"{name}+{data[:4].hex()}").party
        now_us = microseconds(opened.clock())
        taken = add_cosignature(opened.log, size, text, party=party, now_us=now_us)
    say(f"{taken.label} countersigned the checkpoint of {taken.size:,} entries")


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the registered witnesses."""
    from ledger.witnesses import witnesses  # noqa: PLC0415 (as above)

    with office() as opened:
        found = witnesses(opened.log)
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "there are no witnesses")
    for one in found:
        say(f"{one.key}  {one.party}{'' if one.stands else '  withdrawn'}")


def _row(one: Witness) -> dict[str, object]:
    return {
        "witness": one.key.label,
        "party": one.party,
        "vkey": str(one.key),
        "registered_seq": one.registered_seq,
        "withdrawn_seq": one.withdrawn_seq,
    }


def _pins(trust: Path, rotations: Sequence[Path]) -> Trust:
    return pins_followed(read_text(trust), [read_text(path) for path in rotations])


def _signer(path: Path) -> WitnessKey:
    if path.stat().st_mode & 0o077:
        raise click.UsageError(f"{path}: others may read it; run chmod 600 on it")
    return WitnessKey.parse(read_text(path))


def _say_given(given: Countersigned) -> None:
    say(f"countersigned {given.size:,} entries")
    say(given.line.rstrip("\n"))


def _refused(what: str, fault: Fault) -> int:
    click.echo(f"{what}: not countersigned: {fault.en}", err=True)
    return 2 if fault.unusable else 1
