"""`tallystick lottery`: seal a seed, fix the list of entrants, draw, and draw again to check."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from api.cli.output import json_option, office, print_json, read_text, readable_file, say

_by = click.option("--by", required=True, help="On whose word: the party's key in the document.")
_entrants = click.option(
    "--entrants", "file", type=readable_file, required=True, help="The list of entrants, one a line."
)


@click.group()
def command() -> None:
    """Draw lotteries so that anyone can redo the draw."""


@command.command("seed")
@json_option
def seed_command(as_json: bool) -> None:
    """Make a seed. Announce its digest as `commitment`; keep the seed secret until the draw."""
    from ledger.sessions.draw import sealed  # noqa: PLC0415 (loads the database's libraries)
    from ledger.sessions.lottery import new_seed  # noqa: PLC0415 (as above)

    seed = new_seed()
    if as_json:
        print_json({"seed": seed, "commitment": sealed(seed)})
    else:
        say(f"seed        {seed}")
        say(f"commitment  {sealed(seed)}")


@command.command("close")
@click.argument("lottery")
@_entrants
@_by
@json_option
def close_command(lottery: str, file: Path, by: str, as_json: bool) -> None:
    """Close LOTTERY: the list of entrants is fixed by its digest; the list itself stays with you."""
    from api.office.sessions import close_lottery  # noqa: PLC0415 (loads polars)
    from ledger.sessions.draw import digest_of, entrants_of  # noqa: PLC0415 (as above)

    names = entrants_of(read_text(file))
    with office() as opened:
        seq = close_lottery(opened, lottery, names, by=by)
    if as_json:
        print_json(
            {"lottery": lottery, "entry_seq": seq, "participants": len(names), "sha256": digest_of(names)}
        )
    else:
        say(f"{lottery}: closed with {len(names):,} entrants in entry {seq}")


@command.command("draw")
@click.argument("lottery")
@_entrants
@click.option("--seed", required=True, help="The seed that was announced by its digest.")
@_by
@json_option
def draw_command(lottery: str, file: Path, seed: str, by: str, as_json: bool) -> None:
    """Draw LOTTERY: show the seed, and work out who won."""
    from api.office.sessions import draw_lottery  # noqa: PLC0415 (loads polars)
    from ledger.sessions.draw import entrants_of  # noqa: PLC0415 (as above)
    from ledger.sessions.lottery import redo  # noqa: PLC0415 (as above)

    names = entrants_of(read_text(file))
    with office() as opened:
        seq = draw_lottery(opened, lottery, seed, names, by=by)
        won = redo(opened.log, lottery, names).winners
    if as_json:
        print_json({"lottery": lottery, "entry_seq": seq, "winners": list(won)})
    else:
        say(f"{lottery}: drawn in entry {seq}")
        for name in won:
            say(f"  {name}")


@command.command("check")
@click.argument("lottery")
@_entrants
@json_option
def check_command(lottery: str, file: Path, as_json: bool) -> int:
    """Draw LOTTERY again from the record and the list of entrants; exit code 1 where it differs."""
    from ledger.sessions.draw import entrants_of  # noqa: PLC0415 (loads the database's libraries)
    from ledger.sessions.lottery import fairness, redo  # noqa: PLC0415 (as above)

    names = entrants_of(read_text(file))
    with office() as opened:
        record = fairness(opened.log, lottery)
        found = redo(opened.log, lottery, names)
    if as_json:
        print_json(asdict(record) | {"redone": asdict(found)})
        return int(bool(found.differences))
    say(f"{lottery}: {record.winners} of {record.participants} win, odds {record.odds}")
    say(f"  sealed {record.commitment} in entry {record.announced_seq}")
    say(f"  closed in entry {record.closed_seq}, whose hash is {record.closing_leaf_hash}")
    for one in found.differences:
        say(f"  differs: {one}")
    if not found.differences:
        say("  drawn again, the same win")
    return int(bool(found.differences))
