"""`tallystick export`: evidence bundles and the keys to trust."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import office, say
from api.office.agreements import held_versions
from api.office.anchoring import checkpoint_and_anchor
from api.office.disputes import dispute
from api.office.opening import Office
from ledger.statements.reading import read_statement

_out = click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)


@click.group()
def command() -> None:
    """Export evidence that verifies offline."""


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


@command.command("keys")
@_out
def keys_command(out: Path) -> None:
    """Export the keys that this installation claims; compare each with its owner before trusting it."""
    with office() as opened:
        _write(out, _keys(opened).encode())


def _keys(opened: Office) -> str:
    from api.office.evidence import trust_file  # noqa: PLC0415 (as above)

    return trust_file(opened, held_versions(opened).values())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    say(f"{path}: {len(data):,} bytes")
