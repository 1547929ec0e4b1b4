"""`tallystick restore`: a backup into an installation that holds nothing yet, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.backup import refused
from api.cli.output import (
    database_refusals,
    json_option,
    office,
    print_json,
    progress,
    read_text,
    readable_file,
    say,
)


@click.command()
@click.argument("file", type=readable_file)
@click.option(
    "--checkpoint", "known", type=readable_file, multiple=True,
    help="A checkpoint kept elsewhere that the backup must reach; may be repeated.",
)  # fmt: skip
@click.option("--key-lost", is_flag=True, help="The log's key is lost: do not ask who signed.")
@json_option
def command(file: Path, known: tuple[Path, ...], key_lost: bool, as_json: bool) -> int:
    """Restore FILE into an empty database and data directory, of either kind.

    The log's key must be back in its place first. Everything is verified before anything is kept. Exit code 1
    when the backup fails a check, and then nothing is restored, or when the restored log has faults that it
    had before.
    """
    from api.office.keeping import restore_office  # noqa: PLC0415 (loads the database's libraries)
    from api.settings import Settings  # noqa: PLC0415 (beside its only use)
    from ledger.errors import BackupRefused  # noqa: PLC0415 (as above)

    settings = Settings.from_environment()
    notes = [read_text(path) for path in known]
    with database_refusals(settings.data_dir), progress(file.name, quiet=as_json) as show:
        try:
            report = restore_office(settings, file, key_lost=key_lost, known=notes, progress=show)
        except BackupRefused as fault:
            return refused(fault, as_json=as_json)
    statements = _lines_again()
    if as_json:
        told = {
            "log": report.log,
            "made_at": report.made_at,
            "entries": report.entries,
            "root": report.root.hex(),
        }
        found = [finding.as_json() for finding in report.findings]
        print_json(
            {"ok": not found, **told, "rows": report.rows, "statements": statements, "findings": found}
        )
        return int(bool(found))
    say(f"{report.entries:,} entries of {report.log}, as they stood at {report.made_at}, are restored")
    say(f"  root {report.root.hex()}; {statements:,} statements recomputed")
    for finding in report.findings:
        say(f"{finding.severity}: {finding.path}: {finding.message} [{finding.code}]")
    say("  erase again what was erased since, and let everybody sign in again")
    return int(bool(report.findings))


def _lines_again() -> int:
    from api.office.settling import rebuild_lines  # noqa: PLC0415 (loads polars)

    with office() as opened:
        return rebuild_lines(opened)
