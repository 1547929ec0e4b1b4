"""`tallystick measure`: how goods, shipping, after-sale, feedback, streams and sessions went, in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from api.cli.output import json_option, office, print_json, say, say_if_none

if TYPE_CHECKING:
    from api.office.measures import ReportMade


@click.group()
def command() -> None:
    """Work out figures of quality and service over registers, by period, session or SKU."""


@command.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """List the reports there are, with their measures and the fields that they can be told apart by."""
    from ledger.measures.declaration import reports  # noqa: PLC0415 (loads the agreement language)

    if as_json:
        found = [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in reports().values()]
        print_json(found)
        return
    for one in reports().values():
        say(f"{one.report:<12} {one.title.en}: {one.lead.en}")
        say(f"  of the register {one.register_}, by {', '.join(one.by)}")
        for measure in one.measures:
            say(f"  {measure.id:<20} {measure.text.en}")


@command.command("show")
@click.argument("report")
@click.option("--agreement", required=True, metavar="ID", help="Of which agreement.")
@click.option(
    "--period", default="", metavar="PERIOD", help="2026-05, 2026-Q2, 2026; without it, all there is."
)
@click.option("--by", default="", metavar="FIELD", help="Told apart by this field, such as sku or session.")
@json_option
def show_command(*, report: str, agreement: str, period: str, by: str, as_json: bool) -> None:
    """Work REPORT out over the items of an agreement that were opened in a period."""
    from api.office.measures import make_report  # noqa: PLC0415 (as above)
    from ledger.measures.shown import shown  # noqa: PLC0415 (as above)

    with office() as opened:
        made = make_report(opened, report, agreement, period, by)
    if as_json:
        print_json(_made(made))
        return
    say(f"{made.report.title.en} of {made.agreement.id}, {period or 'all there is'}")
    say_if_none(made.rows, "no item was opened then")
    for row in made.rows:
        if by:
            say(f"{by} {row.key or '(not told)'}")
        for one in row.measured:
            figure = shown(one, made.agreement.currency, made.report.register_)
            say(f"  {one.terms.text.en:<44} {figure:>16}  over {one.items}")


@command.command("record")
@click.argument("report")
@click.option("--agreement", required=True, metavar="ID", help="Of which agreement.")
@click.option("--period", required=True, metavar="PERIOD", help="2026-05, 2026-Q2 or 2026, once it is over.")
@json_option
def record_command(*, report: str, agreement: str, period: str, as_json: bool) -> None:
    """Record what REPORT comes to in a period as facts that the document declares, for its clauses to read.

    On the platform's word; others may contest them. The same again adds nothing.
    """
    from api.office.measures import record_measures  # noqa: PLC0415 (as above)

    with office() as opened:
        found = record_measures(opened, report, agreement, period)
    if as_json:
        print_json(found)
        return
    for name, text in found.items():
        say(f"{period} {name} = {text}")


def _made(made: ReportMade) -> dict[str, Any]:
    from ledger.measures.shown import shown  # noqa: PLC0415 (as above)

    return {
        "report": made.report.report,
        "agreement": made.agreement.id,
        "period": made.period or None,
        "by": made.by or None,
        "rows": [
            {
                "key": row.key,
                "items": list(row.items),
                "measures": [
                    {
                        "id": one.terms.id,
                        "value": None if one.value is None else str(one.value),
                        "shown": shown(one, made.agreement.currency, made.report.register_),
                        "items": one.items,
                    }
                    for one in row.measured
                ],
            }
            for row in made.rows
        ],
    }
