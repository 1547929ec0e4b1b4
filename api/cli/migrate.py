"""`tallystick migrate`: bring the database to this version, its triggers, roles and rights included."""

from __future__ import annotations

import click

from api.cli.output import json_option, office, print_json, say


@click.command()
@json_option
def command(as_json: bool) -> int:
    """Bring the database to this version: tables, triggers and, on PostgreSQL, roles and their rights.

    Every command but `doctor` does the same to what it opens; on PostgreSQL it is for the owner of the
    tables. Exit code 1 when somebody can do more than the rule says.
    """
    from ledger.privilege_faults import examine_privileges  # noqa: PLC0415 (loads the database's libraries)

    with office() as opened:
        findings = [one for one in examine_privileges(opened.engine) if one.code != "privilege.application"]
        size = opened.log.size()
    if as_json:
        print_json({"entries": size, "findings": [finding.as_json() for finding in findings]})
        return int(any(one.severity == "error" for one in findings))
    for finding in findings:
        say(f"{finding.severity}: {finding.path}: {finding.message} [{finding.code}]")
    say(f"the database is at this version and holds {size:,} entries")
    return int(any(one.severity == "error" for one in findings))
