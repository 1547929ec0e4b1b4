"""`tallystick differences`: sales that several sources tell otherwise, and whose report counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from api.cli.output import json_option, office, print_json, say

if TYPE_CHECKING:
    from api.orders.schemas import SaleDiffering


@click.command()
@click.argument("agreement")
@json_option
def command(agreement: str, as_json: bool) -> int:
    """List the sales of AGREEMENT that several sources tell otherwise, as the log stands now.

    Exit code 1 when there are any.
    """
    from api.office.batches import terms_of_orders  # noqa: PLC0415 (loads the agreement language)
    from api.orders.service import shown_difference  # noqa: PLC0415 (as above)
    from ledger.intake.differences import every_difference  # noqa: PLC0415 (as above)

    with office() as opened:
        terms = terms_of_orders(opened, agreement)
        found = [shown_difference(one) for one in every_difference(opened.log, terms)]
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        for one in found:
            _tell(one)
        say(f"{len(found):,} reports differ from the one that counts")
    return int(bool(found))


def _tell(one: SaleDiffering) -> None:
    say(
        f"order {one.order}, line {one.line}: {one.counts.source} counts (entry {one.counts.entry_seq}),"
        f" {one.other.source} differs (entry {one.other.entry_seq})"
    )
    for fact in one.facts:
        say(f"  {fact.fact}: {fact.counts}, not {fact.other}")
