"""`tallystick batch`: what each imported file brought, and voiding a wrong one by two people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.batches.schemas import BatchShown, StatementTouched

_agreement = click.option("--agreement", required=True, metavar="ID", help="The agreement of the orders.")
_by = click.option("--by", required=True, help="A member with the role approve for whose file it was.")


@click.group()
def command() -> None:
    """List batches of imported orders, and void a wrong one by two people."""


@command.command("list")
@_agreement
@json_option
def list_command(agreement: str, as_json: bool) -> None:
    """List what each imported file brought, oldest first."""
    from api.batches.service import shown_batches  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = shown_batches(opened, agreement)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    say_if_none(found, "no files are imported")
    for one in found:
        say(f"{one.batch}@{one.first_seq}  {one.entries:,} entries  {one.mapping}  {_state(one)}")


@command.command("show")
@click.argument("batch")
@_agreement
@json_option
def show_command(batch: str, agreement: str, as_json: bool) -> None:
    """Show what BATCH brought, what its file held, and the statements that rest on it."""
    from api.batches.service import shown_batch  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = shown_batch(opened, agreement, batch)
    if as_json:
        print_json(asdict(found))
        return
    say(f"{found.batch.batch}  {found.batch.entries:,} entries  {found.batch.mapping}  {_state(found.batch)}")
    say(f"  {found.sales:,} sales, {found.receipts:,} receipts, {found.refunds:,} refunds")
    if found.rows is None:
        say("  the import was not finished: import the file again")
    else:
        say(f"  {found.rows:,} rows in the file, {found.rejected_rows:,} not taken, {found.idle_rows:,} idle")
    voided = found.batch.voided_by_seq is not None
    _tell_touched(
        found.statements, "the next run takes them back" if voided else "a void would take them back"
    )


@command.command("void")
@click.argument("batch")
@_agreement
@_by
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@json_option
def void_command(batch: str, agreement: str, by: str, reason: str, as_json: bool) -> None:
    """Propose to void BATCH. It counts until another member confirms."""
    from api.batches.service import BatchService  # noqa: PLC0415 (loads the agreement language)
    from api.cli.member import members_of  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        viewer = members_of(opened).viewer_of_member(by)
        proposed = BatchService(opened).propose(viewer, agreement, batch, reason)
    if as_json:
        print_json(asdict(proposed))
        return
    say(
        f"batch {proposed.batch}: {proposed.by} proposes to void it (entry {proposed.seq}): {proposed.reason}"
    )
    _tell_touched(proposed.statements, "the next run would take them back")
    say(f"another member confirms: tallystick batch confirm {batch} --agreement {agreement} --by …")


@command.command("confirm")
@click.argument("batch")
@_agreement
@_by
@json_option
def confirm_command(batch: str, agreement: str, by: str, as_json: bool) -> None:
    """Void BATCH, which another member proposed to void. From then on it counts no more."""
    from api.batches.service import BatchService  # noqa: PLC0415 (loads the agreement language)
    from api.cli.member import members_of  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        viewer = members_of(opened).viewer_of_member(by)
        voided = BatchService(opened).confirm(viewer, agreement, batch)
    if as_json:
        print_json(asdict(voided))
        return
    who = f"proposed by {voided.proposed_by}, confirmed by {voided.confirmed_by}"
    say(f"batch {voided.batch} is voided from entry {voided.seq} on: {voided.sales:,} sales; {who}")
    _tell_touched(voided.statements, "the next run takes them back")


def _state(one: BatchShown) -> str:
    if one.voided_by_seq is not None:
        return f"voided by entry {one.voided_by_seq}"
    if one.void_proposed_by is not None:
        return f"{one.void_proposed_by} proposes to void it: {one.reason}"
    return f"taken, up to {one.taken_at}"


def _tell_touched(statements: tuple[StatementTouched, ...], what: str) -> None:
    for one in statements:
        whose = f"{one.party.name.spoken('en')} ({one.party.id})"
        say(f"  statement {one.statement} of {whose}: {one.lines:,} lines rest on it; {what}")
    if not statements:
        say("  no statement rests on it")
