"""`tallystick chain`: checkpoint the log, anchor it, and show what the chain holds."""

from __future__ import annotations

import click

from api.cli.output import json_option, office, print_json, say
from api.office.anchoring import checkpoint_and_anchor
from ledger.checkpoints import anchors


@click.group()
def command() -> None:
    """Checkpoints of the log and their anchors."""


@command.command("anchor")
@json_option
def anchor_command(as_json: bool) -> None:
    """Sign the present state of the log and anchor it on the chain."""
    with office() as opened:
        checkpoint, anchor = checkpoint_and_anchor(opened)
    if as_json:
        print_json({"size": anchor.size, "root": anchor.root.hex(), "transaction": anchor.transaction})
        return
    say(checkpoint.note.rstrip("\n"))
    say(f"anchored in block {anchor.block}, transaction {anchor.transaction}")


@command.command("show")
@json_option
def show_command(as_json: bool) -> None:
    """Show the chain's head and every anchor."""
    with office() as opened:
        head, placed = opened.chain.head(), anchors(opened.log)
        kind, chain_id = opened.chain.kind, opened.chain.chain_id
    rows = [
        {"size": one.size, "root": one.root.hex(), "block": one.block, "transaction": one.transaction}
        for one in placed
    ]
    if as_json:
        print_json({"kind": kind, "chain_id": chain_id, "block": head.number, "anchors": rows})
        return
    say(f"{kind} chain {chain_id}, block {head.number}")
    for row in rows:
        say(f"  {row['size']:>10,} entries  root {row['root']}  block {row['block']}")
