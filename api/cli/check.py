"""`tallystick check`: findings on agreement files, with path, line, severity, code and witness."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, print_json, read_agreement, readable_file, say
from policies.errors import AgreementRejected, Finding


@click.command()
@click.argument("agreements", nargs=-1, required=True, type=readable_file)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the findings.")
@json_option
def command(agreements: tuple[Path, ...], lang: str, as_json: bool) -> int:
    """Check AGREEMENT files: structure, names, types, their own tests, and proofs about every order.

    Exit code 0 when no finding is an error, 1 when one is.
    """
    found = [(path, finding) for path in agreements for finding in _findings(path)]
    failed = any(finding.severity == "error" for _, finding in found)
    if as_json:
        print_json({"ok": not failed, "findings": [finding.as_json(str(path)) for path, finding in found]})
        return int(failed)
    for path, finding in found:
        say(_line(path, finding, lang))
    errors = sum(finding.severity == "error" for _, finding in found)
    say(f"agreements checked: {len(agreements)}, errors: {errors}, other findings: {len(found) - errors}")
    return int(failed)


def _findings(path: Path) -> list[Finding]:
    from policies.check import check  # noqa: PLC0415 (loads z3)

    try:
        return check(read_agreement(path))
    except AgreementRejected as fault:
        return list(fault.findings)


def _line(path: Path, finding: Finding, lang: str) -> str:
    where = f"{path}:{finding.line}:{finding.column}" if finding.line else str(path)
    message = finding.message_zh if lang == "zh" and finding.message_zh else finding.message
    at = f" {finding.path}:" if finding.path else ""
    witness = "".join(f"\n      {name} = {value}" for name, value in (finding.witness or {}).items())
    return f"{where}: {finding.severity}:{at} {message} [{finding.code}]{witness}"
