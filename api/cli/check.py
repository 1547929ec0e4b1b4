"""`tallystick check`: findings on agreement files, with path, line, severity, code and witness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, print_json, read_agreement, read_text, readable_file, say
from policies.errors import AgreementRejected, Finding

if TYPE_CHECKING:
    from policies.agreement import Agreement
    from policies.packs.pack import Pack


@click.command()
@click.argument("agreements", nargs=-1, required=True, type=readable_file)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the findings.")
@click.option(
    "--pack",
    "named",
    multiple=True,
    metavar="PACK",
    help="This regulation pack, or a pack file of your own, and no other; may be repeated.",
)
@click.option(
    "--packs",
    "jurisdiction",
    metavar="JURISDICTION",
    help="The regulation packs of this jurisdiction, such as EU.",
)
@click.option(
    "--against",
    type=readable_file,
    metavar="OLD",
    help="The version before: say for which orders the new one pays a party less.",
)
@click.option("--no-packs", is_flag=True, help="No regulation packs.")
@json_option
def command(  # noqa: PLR0913, PLR0917 (one argument an option)
    agreements: tuple[Path, ...],
    lang: str,
    named: tuple[str, ...],
    jurisdiction: str | None,
    against: Path | None,
    no_packs: bool,
    as_json: bool,
) -> int:
    """Check AGREEMENT files: structure, names, types, their own tests, proofs about every order, and the law.

    The regulation packs of a document's jurisdiction apply unless you choose others. They are no legal
    advice. Several agreements are also held against each other: links that do not fit, promises of one
    party that cannot all be kept. Exit code 0 when no finding is an error, 1 when one is.
    """
    packs = _packs(named, jurisdiction, no_packs=no_packs)
    if against is not None and len(agreements) > 1:
        raise click.UsageError("--against compares one AGREEMENT with the version before it; give one")
    found = _findings(agreements, packs, against)
    failed = any(finding.severity == "error" for _, finding in found)
    if as_json:
        print_json({"ok": not failed, "findings": [finding.as_json(str(path)) for path, finding in found]})
        return int(failed)
    for path, finding in found:
        say(_line(path, finding, lang))
    errors = sum(finding.severity == "error" for _, finding in found)
    say(f"agreements checked: {len(agreements)}, errors: {errors}, other findings: {len(found) - errors}")
    return int(failed)


def _packs(named: Sequence[str], jurisdiction: str | None, *, no_packs: bool) -> Sequence[Pack] | None:
    """Return the packs that were chosen, None where those of each document's jurisdiction apply."""
    if sum(map(bool, (named, jurisdiction, no_packs))) > 1:
        raise click.UsageError("--pack, --packs and --no-packs each choose the packs; give one of them")
    if no_packs:
        return ()
    if not named and jurisdiction is None:
        return None
    from policies.packs.shipped import PackRejected, packs_named, packs_of, read_pack  # noqa: PLC0415 (as below)

    if jurisdiction is not None:
        chosen = packs_of(jurisdiction)
        if not chosen:
            raise click.UsageError(
                f"no pack is shipped for {jurisdiction}; write two capitals such as CN, EU or US"
            )
        return chosen
    try:
        return [
            read_pack(read_text(Path(one)), name=one) if Path(one).is_file() else packs_named([one])[0]
            for one in named
        ]
    except PackRejected as fault:
        raise click.UsageError(str(fault)) from None


def _findings(
    paths: Sequence[Path], packs: Sequence[Pack] | None, against: Path | None
) -> list[tuple[Path, Finding]]:
    """Return the findings on each file, on the files together, and on one against its version before."""
    from policies.check import check, check_against, check_together  # noqa: PLC0415 (loads z3)

    found: list[tuple[Path, Finding]] = []
    sound: list[tuple[Path, Agreement]] = []
    for path in paths:
        try:
            agreement = read_agreement(path)
        except AgreementRejected as fault:
            found += [(path, finding) for finding in fault.findings]
            continue
        found += [(path, finding) for finding in check(agreement, packs)]
        sound.append((path, agreement))
    if against is not None and sound:
        old = read_agreement(against)
        found += [(sound[0][0], finding) for finding in check_against(sound[0][1], old)]
    if len(sound) > 1:
        between = check_together([agreement for _, agreement in sound])
        found += [(next(path for path, one in sound if one is of), finding) for of, finding in between]
    return found


def _line(path: Path, finding: Finding, lang: str) -> str:
    where = f"{path}:{finding.line}:{finding.column}" if finding.line else str(path)
    message = finding.message_zh if lang == "zh" and finding.message_zh else finding.message
    at = f" {finding.path}:" if finding.path else ""
    witness = "".join(f"\n      {name}: {_plain(value)}" for name, value in (finding.witness or {}).items())
    return f"{where}: {finding.severity}:{at} {message} [{finding.code}]{witness}"


def _plain(value: Any) -> str:
    """Write a part of a witness as people would: `paid 100.00, freight 10.00`."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    return ", ".join(map(_plain, value)) if isinstance(value, list | tuple) else str(value)
