"""`tallystick chain`: checkpoint the log, anchor it, work the chain, show what it holds and what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.office.chain_worker.state import ChainState


@click.group()
def command() -> None:
    """Checkpoints of the log and their anchors."""


@command.command("anchor")
@json_option
def anchor_command(as_json: bool) -> int:
    """Sign the present state of the log and anchor it on the chain.

    Exit code 1 when it is not anchored for good yet: the server goes on with it, or `tallystick chain work`.
    """
    from api.office.anchoring import checkpoint_and_anchor  # noqa: PLC0415 (loads the curve library)
    from api.office.chain_worker.state import chain_state  # noqa: PLC0415 (as above)

    with office() as opened:
        checkpoint, anchor = checkpoint_and_anchor(opened)
        state = chain_state(opened)
    if as_json:
        transaction = anchor.transaction if anchor else None
        print_json({"size": checkpoint.size, "root": checkpoint.root.hex(), "transaction": transaction})
        return int(anchor is None)
    say(checkpoint.note.rstrip("\n"))
    if anchor is None:
        say("not anchored for good yet")
        _say_state(state)
    else:
        say(f"anchored in block {anchor.block}, transaction {anchor.transaction}")
    return int(anchor is None)


@command.command("show")
@json_option
def show_command(as_json: bool) -> None:
    """Show the chain's head and every anchor."""
    from ledger.checkpoints import anchors  # noqa: PLC0415 (as above)

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


@command.command("prove")
@click.argument("seq", type=click.IntRange(0, 2**63 - 1))
@json_option
def prove_command(seq: int, as_json: bool) -> int:
    """Have the anchor on the chain check that entry SEQ is in the log as it was anchored last.

    JSON holds the call, so that others ask a node of their own. Exit code 1 when the contract refuses the
    proof.
    """
    from api.office.anchor_proofs import prove_on_chain  # noqa: PLC0415 (as above)
    from contracts.errors import ChainReverted  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        try:
            proved = prove_on_chain(opened, seq)
        except ChainReverted as refused:
            reason = refused.data["reason"]
            if as_json:
                print_json({"entry": seq, "refused": reason})
            else:
                say(f"entry {seq} is not proved: {reason}")
            return 1
    if as_json:
        row = {"entry": seq, "size": proved.size, "block": proved.block, "chain_id": proved.chain_id}
        hashes = {
            "leaf_hash": f"0x{proved.leaf_hash.hex()}",
            "path": [f"0x{one.hex()}" for one in proved.path],
        }
        print_json({**row, **hashes, "to": proved.contract, "data": f"0x{proved.data.hex()}"})
        return 0
    say(f"entry {seq} is in the log as anchored at {proved.size:,} entries")
    say(f"  checked by LedgerAnchor {proved.contract} on chain {proved.chain_id}")
    say(f"  anchored in block {proved.block}")
    say("  with --json: the call, for a node of your own")
    return 0


@command.command("status")
@json_option
def status_command(as_json: bool) -> int:
    """Show what waits for the chain, how it was last seen, and what holds it up. Asks no chain.

    Exit code 1 when something holds it up.
    """
    from api.office.chain_worker.state import chain_state  # noqa: PLC0415 (as above)

    with office() as opened:
        state = chain_state(opened)
    return _shown(state, as_json=as_json)


@command.command("work")
@json_option
def work_command(as_json: bool) -> int:
    """Register, anchor and record what waits for the chain, once: the server does it by itself.

    Exit code 1 when something holds it up, 2 when another process is at it.
    """
    from api.office.chain_worker.state import chain_state  # noqa: PLC0415 (as above)
    from api.office.chain_worker.work import work  # noqa: PLC0415 (as above)

    with office() as opened:
        done = work(opened, at_once=True)
        state = chain_state(opened)
    if done.skipped:
        raise click.ClickException("another process works the chain now; see tallystick chain status")
    if not as_json:
        say_if_none(done.recorded, "nothing new is final")
        for name in done.recorded:
            say(f"final: {name}")
    return _shown(state, as_json=as_json, recorded=done.recorded)


@command.command("begin-anew")
@click.option("--reason", required=True, help="How it came to be lost; it stays in the log.")
@json_option
def begin_anew_command(reason: str, as_json: bool) -> None:
    """Record that the embedded chain is lost and in no backup, and let it begin from nothing.

    The worker puts on it what the log has on record. The log says for good that a chain was lost.
    """
    from api.office.beginning_anew import begin_anew  # noqa: PLC0415 (loads the curve library)
    from api.office.chain_worker.kept import lease  # noqa: PLC0415 (as above)

    with office() as opened, lease(opened) as mine:
        if not mine:
            raise click.ClickException("another process works the chain now; try again")
        lost = begin_anew(opened, reason)
    if as_json:
        print_json({"entry": lost.seq, "lost_block": lost.number})
        return
    say(f"entry {lost.seq} says that the chain was lost after block {lost.number}")
    say("  the server puts on a new one what is on record, or tallystick chain work")


@command.command("deploy")
@click.option("--registry", help="Address of an agreement registry that stands already, to use it.")
@click.option("--anchor", help="Address of a ledger anchor that stands already, to use it.")
@json_option
def deploy_command(registry: str | None, anchor: str | None, as_json: bool) -> None:
    """Deploy registry and anchor to the chain behind TALLYSTICK_CHAIN, and keep where they stand.

    Once for an installation; what stands is left alone. The embedded chain needs none of it.
    """
    from api.office.deploying import place_contracts  # noqa: PLC0415 (loads the curve library)

    given = {name: address for name, address in (("registry", registry), ("anchor", anchor)) if address}
    with office() as opened:
        placed = place_contracts(opened, given)
        chain_id, payer = opened.settings.chain.chain_id, opened.chain_key.address
        balance = opened.chain.balance(payer)
    if as_json:
        print_json({
            "chain_id": chain_id, "sender": payer, "balance": str(balance),
            "contracts": {one.name: {"address": one.address, "deployed": one.is_new} for one in placed},
        })  # fmt: skip
        return
    for one in placed:
        say(f"{one.artifact:<20} {one.address}  {'deployed' if one.is_new else 'stood already'}")
    say(f"chain {chain_id}; {payer} sends, and has {balance} wei left")


def _shown(state: ChainState, *, as_json: bool, **more: Any) -> int:
    if as_json:
        print_json({**_row(state), **more})
    else:
        _say_state(state)
    return int(state.standing == "held_up")


def _say_state(state: ChainState) -> None:
    say(f"{state.standing.replace('_', ' ')}: chain {state.chain_id}, registry {state.registry or 'none'}")
    if state.seen is not None:
        seen = state.seen
        say(f"  seen {seen.at}: {seen.kind} chain, block {seen.head}, final {seen.final}")
        say(f"  sends as {seen.address}, nonce {seen.nonce}, holds {seen.balance} wei")
    if state.anchored is not None:
        say(f"  anchored: {state.anchored.size:,} of {state.entries:,} entries, block {state.anchored.block}")
    if state.sealed is not None:
        say(f"  sealed in the log: block {state.sealed.number}, by entry {state.sealed.seq}")
    if state.fault is not None:
        say(f"  held up since {state.fault.since}: {state.fault.message} [{state.fault.code}]")
        say(f"  tried {state.failures} time(s), again at {state.next_at}")
    for one in state.tasks:
        where = f" in block {one.block}" if one.block is not None else ""
        say(f"  {one.name:<32} {one.state.replace('_', ' ')}{where}")
        if one.fault is not None:
            say(f"    since {one.fault.since}: {one.fault.message} [{one.fault.code}]")


def _row(state: ChainState) -> dict[str, Any]:
    from msgspec import to_builtins  # noqa: PLC0415 (beside its only use)

    row: dict[str, Any] = to_builtins(state)
    row["anchored"] = None if state.anchored is None else state.anchored.size
    sealed = state.sealed
    row["sealed"] = None if sealed is None else {"block": sealed.number, "entry": sealed.seq}
    return row
