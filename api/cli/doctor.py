"""`tallystick doctor`: compare schema, triggers, entries, tree and files with what they should be."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, office, print_json, read_text, readable_file, say
from ledger.doctor import examine
from ledger.kept import examine_kept
from ledger.notes import VerifierKey
from ledger.privilege_faults import examine_privileges
from verifier.report import Fault
from verifier.trust import parse_trust


@click.command()
@click.option(
    "--kept",
    type=readable_file,
    multiple=True,
    metavar="CHECKPOINT",
    help="A checkpoint that a party kept, to be held against the log; may be repeated.",
)
@click.option(
    "--trust",
    type=readable_file,
    metavar="KEYS",
    help="File of the log's keys to go by, instead of those that lie here: for an auditor, on a copy.",
)
@json_option
def command(kept: tuple[Path, ...], trust: Path | None, as_json: bool) -> int:
    """Examine the whole log, who may change it, the lines behind statements, files of exhibits, the chain.

    Exit code 1 when anything is amiss; warnings alone give 0.
    """
    from api.office.chain_worker.state import chain_worker_faults  # noqa: PLC0415 (loads the curve library)
    from api.office.exhibits import exhibit_faults  # noqa: PLC0415 (as above)
    from api.office.sealing import seal_faults  # noqa: PLC0415 (as above)
    from api.office.settling import line_file_faults  # noqa: PLC0415 (loads polars)

    with office(upgrade=False) as opened:  # migrating would put back what is to be found missing
        keys = _trusted(trust) or opened.log_key.verifiers
        findings = [*examine_privileges(opened.engine), *examine(opened.engine, keys)]
        unmigrated = any(finding.code == "database.unmigrated" for finding in findings)
        size = 0 if unmigrated else opened.log.size()
        if kept and not unmigrated:
            notes = [(str(path), read_text(path)) for path in kept]
            findings += examine_kept(opened.engine, notes, keys)
        if not any(finding.severity == "error" for finding in findings):
            findings += [
                *line_file_faults(opened),
                *exhibit_faults(opened),
                *chain_worker_faults(opened),
                *seal_faults(opened),
            ]
    faults = [finding for finding in findings if finding.severity == "error"]
    if as_json:
        print_json(
            {"ok": not faults, "entries": size, "findings": [finding.as_json() for finding in findings]}
        )
        return int(bool(faults))
    for finding in findings:
        say(f"{finding.severity}: {finding.path}: {finding.message} [{finding.code}]")
    say(f"{size:,} entries examined: {'all is as it should be' if not faults else f'{len(faults)} fault(s)'}")
    return int(bool(faults))


def _trusted(trust: Path | None) -> list[VerifierKey]:
    """Return the log's keys that a trust file pins; none without one."""
    if trust is None:
        return []
    try:
        pinned = parse_trust(read_text(trust)).log_keys
    except Fault as fault:
        raise click.ClickException(f"{trust}: {fault.en}") from fault
    if not pinned:
        raise click.ClickException(f"{trust} pins no log's key; add its line NAME+HASH+KEY")
    return [VerifierKey.of(key.name, key.public) for key in pinned]
