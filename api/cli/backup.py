"""`tallystick backup`: the whole installation but its keys, as it stands now, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, office, print_json, progress, say

if TYPE_CHECKING:
    from ledger.errors import BackupRefused


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def command(file: Path, as_json: bool) -> int:
    """Back up the log, the members and the embedded chain to FILE, a new one that only you may read.

    Nobody who writes is held up. The same file restores into SQLite and PostgreSQL. Keys are not in it. Exit
    code 1 when the log contradicts its own checkpoints, and then there is no file.
    """
    from api.office.keeping import back_up_office  # noqa: PLC0415 (loads the database's libraries)
    from ledger.errors import BackupRefused  # noqa: PLC0415 (as above)

    with office() as opened, progress(file.name, quiet=as_json) as show:
        try:
            report = back_up_office(opened, file, show)
        except BackupRefused as fault:
            return refused(fault, as_json=as_json)
        keys = opened.settings.data_dir / "keys"
    size = file.stat().st_size
    if as_json:
        told = {"entries": report.entries, "root": report.root.hex(), "checkpoint": report.checkpoint}
        print_json({"ok": True, "file": str(file), "bytes": size, **told, "rows": report.rows})
        return 0
    say(f"{file}: {report.entries:,} entries, {size:,} bytes")
    say(f"  root {report.root.hex()}, held against every checkpoint")
    say(f"  not in it: the keys in {keys}; keep a copy of them elsewhere")
    return 0


def refused(fault: BackupRefused, *, as_json: bool) -> int:
    """Say which check failed, of a log or of a backup, and return the exit code for it."""
    if as_json:
        print_json({"ok": False, "code": fault.code, "error": str(fault)})
    else:
        say(f"refused: {fault} [{fault.code}]")
    return 1
