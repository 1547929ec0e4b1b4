"""`tallystick facts`: record what a party says of facts that dues rest on, contest them, see what counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, readable_file, say, say_if_none
from api.cli.pairs import pairs

if TYPE_CHECKING:
    from api.office.facts import FactShown


@click.group()
def command() -> None:
    """Record and contest facts that what falls due rests on."""


@command.command("record")
@click.argument("agreement", metavar="ID")
@click.argument("facts", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--party", required=True, help="On whose word: the party's key in the document.")
@click.option("--about", help="The period (2026-05, 2026-Q2, 2026), case or row that they are of.")
@click.option("--clause", help="The clause that the case is under.")
@click.option("--rows", metavar="SET", help="The set of events that the row belongs to.")
@click.option(
    "--contest", "contested", multiple=True, metavar="NAME", help="Contest a fact; as often as needed."
)
@click.option("--source", help="The source that tells them, where it is not the party itself.")
@click.option("--at", metavar="TIME", help="When it was so, with its offset; else now.")
@click.option(
    "--file", "evidence", type=readable_file, help="The file they rest on; only its digest is kept."
)
@json_option
def record_command(  # noqa: PLR0913 (one option each)
    *, agreement: str, facts: tuple[str, ...], party: str, about: str | None, clause: str | None,
    rows: str | None, contested: tuple[str, ...], source: str | None, at: str | None, evidence: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Record facts of agreement ID, each as NAME=VALUE, or contest what another party recorded.

    What a party says later takes the place of what it said before.
    """
    import hashlib  # noqa: PLC0415 (beside its only use)

    from api.office.facts import FACTS_SOURCE, record_facts  # noqa: PLC0415 (loads polars)
    from api.office.holds import moment  # noqa: PLC0415 (as above)
    from ledger.settlement.recorded_facts import FactsGiven  # noqa: PLC0415 (as above)

    told = pairs(facts)
    digest = hashlib.sha256(evidence.read_bytes()).hexdigest() if evidence else None
    given = FactsGiven(told, contested, about, clause, rows, digest)
    with office() as opened:
        when = moment(at) if at else None
        seq = record_facts(opened, agreement, party, given, source=source or FACTS_SOURCE, at=when)
    if as_json:
        print_json({"agreement": agreement, "entry_seq": seq})
    else:
        say(f"{agreement}: recorded in entry {seq}")


@command.command("list")
@click.argument("agreement", metavar="ID")
@json_option
def list_command(agreement: str, as_json: bool) -> None:
    """List the facts recorded of agreement ID, what counts of each, and who said what."""
    from api.office.facts import facts_shown  # noqa: PLC0415 (loads polars)

    with office() as opened:
        found = list(facts_shown(opened, agreement))
    if as_json:
        print_json([_row(one) for one in found])
        return
    say_if_none(found, "no facts are recorded")
    for one in found:
        of = " ".join(part for part in (one.clause, one.rows, one.about) if part) or "the agreement"
        value = one.value if one.value is not None else "contested"
        say(f"{of:<28} {one.fact:<24} {value:>18}  {one.standing}")
        for said in one.said:
            says = said.text if said.text is not None else "contests it"
            say(f"  entry {said.seq}: {said.asserter} ({said.source}): {says}")


def _row(one: FactShown) -> dict[str, Any]:
    return {
        "clause": one.clause,
        "rows": one.rows,
        "about": one.about,
        "fact": one.fact,
        "value": one.value,
        "standing": one.standing,
        "said": [
            {"entry_seq": said.seq, "by": said.asserter, "source": said.source, "value": said.text}
            for said in one.said
        ],
    }
