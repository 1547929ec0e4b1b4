"""`tallystick accounts`: the chart of accounts with every balance, at a pair of times."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from api.cli.output import json_option, money, office, print_json, say, write_csv

csv_option = click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")
occurred_option = click.option("--occurred", metavar="T", help="Only what happened by this day or time.")
recorded_option = click.option("--recorded", metavar="T", help="Only what was recorded by this day or time.")


@click.command()
@click.option("--agreement", metavar="A", help="Only accounts of this agreement, by id.")
@click.option("--owner", metavar="P", help="Only accounts of this owner.")
@occurred_option
@recorded_option
@json_option
@csv_option
def command(  # noqa: PLR0913, PLR0917 -- one option each
    agreement: str | None,
    owner: str | None,
    occurred: str | None,
    recorded: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Show the chart of accounts with every balance, at a pair of times or now."""
    from api.office.accounts import until_of  # noqa: PLC0415 (beside its only use)
    from ledger.accounts import Account, chart  # noqa: PLC0415 (as above)
    from policies.chart import side_of  # noqa: PLC0415 (as above)
    from policies.money import from_minor  # noqa: PLC0415 (as above)

    found: dict[Account, int] = {}
    with office() as opened:
        until = until_of(opened, agreement, occurred, recorded, opened.log.size())
        after: Account | None = None
        while True:
            some, after = chart(
                opened.engine,
                owners=None if owner is None else {owner},
                agreement=agreement,
                after=after,
                until=until,
            )
            found |= some
            if after is None:
                break
    rows = [
        {
            "account": f"{one.owner}.{one.purpose}",
            "agreement": one.agreement,
            "side": side_of(one.purpose),
            "balance": from_minor(minor, one.currency),
            "balance_minor": minor,
            "currency": one.currency,
        }
        for one, minor in found.items()
    ]
    if as_json:
        print_json({"end": until.end, "occurred": occurred, "recorded": recorded, "accounts": rows})
    elif as_csv:
        write_csv(rows, ("account", "agreement", "side", "balance", "balance_minor", "currency"))
    else:
        _say_chart(rows)


def _say_chart(rows: Iterable[dict[str, Any]]) -> None:
    agreement = None
    for row in rows:
        if row["agreement"] != agreement:
            agreement = row["agreement"]
            say(f"{agreement}")
        amount = money(row["balance_minor"], row["currency"])
        say(f"  {row['account']:<36} {row['side']:<12} {amount:>20} {row['currency']}")
    if agreement is None:
        say("nothing was posted to any such account")
