"""`tallystick payout`: what is payable, batches by two people, their files, and what banks answer.

Who prepares, releases or reads a payment file does so with an access code of the paying party's own: whoever
runs the installation pays for nobody.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, money, office, print_json, readable_file, say
from api.cli.payee_account import command as account

if TYPE_CHECKING:
    from api.access import Viewer
    from api.office.opening import Office
    from api.payouts.service import PayoutService
    from ledger.payouts.payable import Payable
    from ledger.payouts.reading import Batch

_code = click.option(
    "--code-file",
    required=True,
    type=click.File(encoding="utf-8"),
    help="File with the access code of a member who may pay for the payer; - is standard input.",
)
_mapping = click.option(
    "--mapping", required=True, help="A shipped payment mapping, or a file of your own that ends in .yaml."
)
_WAITS = {
    "account": "waits for an account of the payee",
    "cooling": "waits: the payee changed the account",
    "invoice": "waits for an invoice of the payee",
    "erased": "waits: the details of the account were erased",
    "minimum": "carried: below the minimum",
    "identity": "waits: the payee's identity is not verified",
}


@click.group()
def command() -> None:
    """Pay what statements leave to be paid: batches prepared by one person, released by another."""


command.add_command(account)


@command.command("due")
@click.option("--agreement", metavar="ID", help="Only under this agreement.")
@json_option
def due_command(agreement: str | None, as_json: bool) -> None:
    """Show what is payable to whom now, what of it waits, and why."""
    from api.office.payouts import payables_of  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = [one for one in payables_of(opened) if agreement in {None, one.id}]
    if as_json:
        print_json([_payable_row(one) for one in found])
        return
    for one in found:
        say(f"{one.id:<20} {one.payee:<14} {money(one.payable_minor, one.currency):>16} {_state_of(one)}")
    if not found:
        say("no statement was issued under an agreement by which somebody pays")


@command.command("prepare")
@click.option("--payer", required=True, help="Who pays: the party's id.")
@click.option("--currency", help="Which, where payments are due in several.")
@_code
@json_option
def prepare_command(payer: str, currency: str | None, code_file: Any, as_json: bool) -> None:
    """Prepare a batch of everything that is payable by PAYER. Another member releases it."""
    with office() as opened:
        viewer, service = _member(opened, code_file)
        made = service.prepare(viewer, payer, currency)
        _show_batch(opened, made.batch.id, as_json=as_json)


@command.command("release")
@click.argument("batch")
@click.option("--digest", help="The batch's digest as you saw it; one of another batch is refused.")
@_code
@json_option
def release_command(batch: str, digest: str | None, code_file: Any, as_json: bool) -> None:
    """Release BATCH, which another member prepared, if all of it is payable still."""
    with office() as opened:
        viewer, service = _member(opened, code_file)
        service.release(viewer, batch, digest)
        _show_batch(opened, batch, as_json=as_json)


@command.command("cancel")
@click.argument("batch")
@click.option("--reason", required=True, help="Why, as it will stand in the log.")
@_code
@json_option
def cancel_command(batch: str, reason: str, code_file: Any, as_json: bool) -> None:
    """Cancel BATCH before it is released; what it held is payable again."""
    with office() as opened:
        viewer, service = _member(opened, code_file)
        service.cancel(viewer, batch, reason)
        _show_batch(opened, batch, as_json=as_json)


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List batches, oldest first, with how they stand."""
    from api.office.payouts import batches_of  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        found = batches_of(opened)
    if as_json:
        print_json([_batch_row(one) for one in found])
        return
    for one in found:
        total = money(one.total_minor, one.currency)
        say(f"{one.id}  {one.state}  {len(one.payments)} payment(s), {total} {one.currency}")


@command.command("show")
@click.argument("batch")
@json_option
def show_command(batch: str, as_json: bool) -> None:
    """Show BATCH: its payments and how each stands, and for one that waits what changed since."""
    with office() as opened:
        _show_batch(opened, batch, as_json=as_json)


@command.command("file")
@click.argument("batch")
@_mapping
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
@_code
def file_command(batch: str, mapping: str, out: Path, code_file: Any) -> None:
    """Write BATCH, once released, as the file that a bank or provider takes. The same bytes each time.

    It holds account numbers: it is readable by its owner alone.
    """
    import os  # noqa: PLC0415 (beside its only use)

    from ledger.payouts.mapping import load_payment_mapping  # noqa: PLC0415 (loads the agreement language)

    with office() as opened:
        viewer, service = _member(opened, code_file)
        made = service.file(viewer, batch, load_payment_mapping(mapping))
    part = out.with_name(f".{out.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(made.data)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    left = f", {made.left_out} that this file cannot pay" if made.left_out else ""
    say(f"{out}: {made.payments} payment(s){left}; sha256 {made.sha256}")


@command.command("answer")
@click.argument("file", type=readable_file)
@click.option("--payer", required=True, help="Whose payments these are: the party's id.")
@_mapping
@_code
@json_option
def answer_command(file: Path, payer: str, mapping: str, code_file: Any, as_json: bool) -> None:
    """Record what the bank's or provider's FILE says of payments. The same file again adds nothing.

    Exits with 1 where rows were not taken: an unknown reference, another amount, something paid twice.
    """
    from ledger.payouts.answers import FILE_BYTES_MAX  # noqa: PLC0415 (loads the agreement language)
    from ledger.payouts.mapping import load_payment_mapping  # noqa: PLC0415 (as above)

    with file.open("rb") as opened_file:
        data = opened_file.read(FILE_BYTES_MAX + 1)
    with office() as opened:
        viewer, service = _member(opened, code_file)
        taken = service.answer(viewer, payer, load_payment_mapping(mapping), data)
    if as_json:
        print_json(asdict(taken))
    else:
        say(f"{taken.confirmed} confirmed, {taken.failed} failed, {taken.returned} returned")
        say(f"{taken.repeated} on record already")
        for one in taken.not_taken:
            say(f"  line {one.line}, {one.reference}: {one.message} [{one.fault}]")
    if taken.not_taken:
        raise click.exceptions.Exit(1)


def _member(opened: Office, code_file: Any) -> tuple[Viewer, PayoutService]:
    """Return who an access code belongs to, and payouts as they may see them."""
    from api.cli.member import viewer_of  # noqa: PLC0415 (loads the web framework's side of access)
    from api.payouts.service import PayoutService  # noqa: PLC0415 (as above)

    return viewer_of(opened, code_file), PayoutService(opened)


def _show_batch(opened: Office, batch: str, *, as_json: bool) -> None:
    from api.office.payouts import changes_since, one_batch  # noqa: PLC0415 (loads the agreement language)

    one = one_batch(opened, batch)
    changed = changes_since(opened, batch) if one.state == "prepared" else []
    if as_json:
        print_json({**_batch_row(one), "changed": [one.said for one in changed]})
        return
    total = money(one.total_minor, one.currency)
    say(f"{one.id}  {one.state}, prepared by {one.prepared_by} over {one.as_of_seq:,} entries")
    say(f"  {len(one.payments)} payment(s), {total} {one.currency}; digest {one.digest}")
    for payment in one.payments:
        amount = money(payment.amount_minor, one.currency)
        say(f"  {payment.number:>4} {payment.payee:<14} {amount:>16} to {payment.masked}  {payment.state}")
        for part in payment.parts:
            say(f"       {part.statement}: {money(part.amount_minor, one.currency)}")
    for what in changed:
        say(f"  changed: {what.said}")


def _state_of(one: Payable) -> str:
    if one.waits is not None:
        return _WAITS[one.waits]
    if one.payable_minor:
        return f"to {one.account.masked}" if one.account else ""
    told = (
        (one.open_minor, "may still be contested"),
        (one.contested_minor, "contested"),
        (one.held_minor, "held"),
        (one.owed_minor, "owed by the payee"),
        (one.decided_minor, "decided since"),
        (one.on_its_way_minor, "on its way"),
        (one.paid_minor, "paid"),
    )
    return "; ".join(f"{money(minor, one.currency)} {what}" for minor, what in told if minor)


def _payable_row(one: Payable) -> dict[str, Any]:
    return {
        "agreement": one.id,
        "payer": one.payer,
        "payee": one.payee,
        "currency": one.currency,
        "payable_minor": one.payable_minor,
        "waits": one.waits,
        "account": one.account.masked if one.account else None,
        "due_minor": one.due_minor,
        "open_minor": one.open_minor,
        "uninvoiced_minor": one.uninvoiced_minor,
        "contested_minor": one.contested_minor,
        "held_minor": one.held_minor,
        "owed_minor": one.owed_minor,
        "decided_minor": one.decided_minor,
        "paid_minor": one.paid_minor,
        "on_its_way_minor": one.on_its_way_minor,
        "statements": [asdict(part) for part in one.parts],
    }


def _batch_row(one: Batch) -> dict[str, Any]:
    return {
        "batch": one.id,
        "seq": one.seq,
        "state": one.state,
        "payer": one.payer,
        "currency": one.currency,
        "total_minor": one.total_minor,
        "as_of_seq": one.as_of_seq,
        "prepared_by": one.prepared_by,
        "digest": one.digest,
        "payments": [
            {
                "number": payment.number,
                "reference": payment.reference,
                "agreement": payment.agreement,
                "payee": payment.payee,
                "amount_minor": payment.amount_minor,
                "account": payment.masked,
                "state": payment.state,
                "statements": [asdict(part) for part in payment.parts],
                "entries": dict(payment.seqs),
            }
            for payment in one.payments
        ],
    }
