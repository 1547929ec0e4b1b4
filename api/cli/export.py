"""`tallystick export`: evidence bundles, the keys to trust, and the accounts as journals and vouchers."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import click

from api.cli.output import money, office, readable_file, say
from api.office.agreements import held_versions
from api.office.anchoring import checkpoint_and_anchor
from api.office.disputes import dispute
from api.office.opening import Office
from ledger.statements.reading import read_statement

_FILE = click.Path(dir_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])
_out = click.option("--out", required=True, type=_FILE, help="The file to write.")


@click.group()
def command() -> None:
    """Export evidence that verifies offline, and journals and vouchers for accounting programs."""


@command.command("statement")
@click.argument("statement")
@_out
def statement_command(statement: str, out: Path) -> None:
    """Export the evidence bundle of STATEMENT: agreement, signatures, lines, proofs, checkpoint, anchor."""
    from api.office.evidence import statement_bundle  # noqa: PLC0415 (loads polars)

    with office() as opened:
        one = read_statement(opened.log, statement)
        checkpoint_and_anchor(opened)
        _write(out, statement_bundle(opened, one))


@command.command("decision")
@click.argument("dispute_id", metavar="DISPUTE")
@click.option("--party", required=True, help="For whom: the id of a party to the dispute.")
@_out
def decision_command(dispute_id: str, party: str, out: Path) -> None:
    """Export the evidence bundle of a decided DISPUTE as one of its parties may hold it."""
    from api.office.evidence import decision_bundle  # noqa: PLC0415 (as above)

    with office() as opened:
        one = dispute(opened, dispute_id)
        if party not in one.parties:
            raise click.UsageError(f"'{party}' is not among {', '.join(one.parties)}")
        checkpoint_and_anchor(opened)
        _write(out, decision_bundle(opened, one, party))


@command.command("rotations")
@_out
def rotations_command(out: Path) -> None:
    """Export the statements by which the log's keys named their successors, oldest first."""
    from ledger.rotation import rotations  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        _write(out, "".join(one.note for one in rotations(opened.log)).encode())


@command.command("keys")
@_out
def keys_command(out: Path) -> None:
    """Export the keys that this installation claims; compare each with its owner before trusting it."""
    with office() as opened:
        _write(out, _keys(opened).encode())


@command.command("journal")
@click.argument("program", type=click.Choice(["hledger", "beancount"]))
@click.option("--agreement", metavar="ID", help="Only the accounts of this agreement.")
@click.option("--party", metavar="PARTY", help="As this party may read it, by its id; else everything.")
@click.option(
    "--from", "first", type=_DAY, metavar="DAY", help="The first day; earlier ones are carried over."
)
@click.option("--to", "last", type=_DAY, metavar="DAY", help="The last day.")
@click.option("--period", metavar="MONTH", help="This month of the agreement, such as 2026-03, as closed.")
@click.option("-o", "--out", type=_FILE, help="The file to write, instead of standard output.")
def journal_command(  # noqa: PLR0913, PLR0917 -- one limit each
    program: Literal["hledger", "beancount"],
    agreement: str | None,
    party: str | None,
    first: datetime | None,
    last: datetime | None,
    period: str | None,
    out: Path | None,
) -> None:
    """Export the accounts as a journal for PROGRAM: every posting, and every balance asserted at the end.

    Days such as 2026-03-31 are those of the agreement's time zone.
    """
    if period is not None and (agreement is None or first or last):
        raise click.UsageError("--period is a month of one --agreement, and takes no --from or --to")
    from api.office.journals import journal_of  # noqa: PLC0415 (beside its only use)
    from ledger.disclosed import Sight  # noqa: PLC0415 (as above)

    with office() as opened:
        text = journal_of(
            opened,
            program,
            sight=Sight(frozenset({party})) if party else None,
            agreement=agreement,
            first=_date(first),
            last=_date(last),
            period=period,
        )
        if out is None:
            sys.stdout.writelines(text)
            return
        _write_whole(out, (line.encode() for line in text))


@command.command("vouchers")
@click.argument("layout")
@click.option("--agreement", required=True, metavar="ID", help="Of which agreement.")
@click.option("--period", required=True, metavar="MONTH", help="A closed month, such as 2026-03.")
@click.option(
    "--accounts", required=True, type=readable_file, help="The account mapping: which account has which code."
)
@_out
def vouchers_command(layout: str, agreement: str, period: str, accounts: Path, out: Path) -> None:
    """Export the vouchers of a closed month for an accounting program, in LAYOUT.

    Layouts: kingdee-k3, yonyou-u8, csv.
    """
    from api.vouchers.files import voucher_file  # noqa: PLC0415 (loads polars)
    from ledger.vouchers.accounts import load_account_map  # noqa: PLC0415 (as above)

    mapping = load_account_map(accounts)
    with office() as opened:
        made = voucher_file(opened, agreement, period, layout, mapping)
    _write(out, made.data)
    total = money(made.total_minor, made.currency)
    say(f"{made.vouchers:,} vouchers, {made.lines:,} lines, {total} {made.currency} on each side")


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


@command.command("completeness")
@click.argument("party")
@click.option(
    "--size", type=click.IntRange(min=0), help="Under the signed checkpoint of this size; else now."
)
@_out
def completeness_command(party: str, size: int | None, out: Path) -> None:
    """Export the proof that these are all entries that concern PARTY, a JSON line an entry.

    Keep it, or its first line: `verify --kept` holds it against the next one.
    """
    from api.office.completeness import completeness_lines  # noqa: PLC0415 (loads polars)

    with office() as opened:
        _write_whole(out, completeness_lines(opened, party, size))


@command.command("entry")
@click.argument("seq", type=click.IntRange(min=0))
@click.option("--party", help="For whom: groups that name this party are opened, others withheld.")
@_out
def entry_command(seq: int, party: str | None, out: Path) -> None:
    """Export the proof that entry SEQ is in the log, as a C2SP tlog-proof.

    Without a party no group is opened.
    """
    from api.office.log_proofs import entry_proof  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        _write(out, entry_proof(opened, seq, lambda group: party in group.readers).encode())


@command.command("checkpoint")
@click.option("--size", type=click.IntRange(min=0), help="The signed one of this size; else signed now.")
@_out
def checkpoint_command(size: int | None, out: Path) -> None:
    """Export the signed checkpoint of the whole log as it is now, or one signed earlier."""
    from api.office.log_proofs import signed_checkpoint  # noqa: PLC0415 (as above)

    with office() as opened:
        _write(out, signed_checkpoint(opened, size).note.encode())


@command.command("chain")
@_out
def chain_command(out: Path) -> None:
    """Export a copy of the embedded chain, which `verify --chain` holds against a bundle.

    It holds salted digests, signatures and addresses of every agreement: for auditors.
    """
    from api.office.keeping import copy_chain  # noqa: PLC0415 (beside its only use)

    with office() as opened:
        say(f"{out}: {copy_chain(opened, out):,} bytes")


@command.command("consistency")
@click.argument("old", type=click.IntRange(min=0))
@click.option("--size", type=click.IntRange(min=0), help="Up to the signed checkpoint of this size.")
@_out
def consistency_command(old: int, size: int | None, out: Path) -> None:
    """Export the proof that the log begins with the first OLD entries, up to the latest checkpoint."""
    from api.office.log_proofs import consistency_proof  # noqa: PLC0415 (as above)

    with office() as opened:
        _write(out, consistency_proof(opened, old, size).encode())


def _keys(opened: Office) -> str:
    from api.office.evidence import trust_file  # noqa: PLC0415 (as above)

    return trust_file(opened, held_versions(opened).values())


def _write_whole(out: Path, lines: Iterable[bytes]) -> None:
    """Write a file line by line, and put it in its place only when it is whole."""
    fresh = out.with_name(f".{out.name}.part")
    try:
        with fresh.open("wb") as file:
            file.writelines(lines)
        size = fresh.stat().st_size
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    say(f"{out}: {size:,} bytes")


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    say(f"{path}: {len(data):,} bytes")
