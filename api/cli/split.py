"""`tallystick split`: the exact split of every order line of a file, with no database."""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile

import click

from api.cli.output import json_option, money, read_agreement, readable_file, say
from api.office.tables import REQUIRED, Row, read_rows
from policies.errors import FactError
from policies.facts import order_facts
from policies.splits.line import LineSplit, SplitPlan, split_plan

SPOOLED_CHARACTERS = 16 * 1024 * 1024


@click.command()
@click.argument("agreement", type=readable_file)
@click.argument("orders", type=readable_file)
@json_option
def command(agreement: Path, orders: Path, as_json: bool) -> None:
    """Split every line of ORDERS (CSV or Parquet) under AGREEMENT, ignoring refunds and eligibility.

    ORDERS has the columns order, line, currency, paid and confirmed_at; every other column is the fact of
    that name. Amounts are decimal text in major units, such as 299.00. Nothing is printed unless every line
    splits.
    """
    plan = split_plan(read_agreement(agreement))
    totals: dict[str, int] = defaultdict(int)
    currency = plan.agreement.currency
    count = 0
    # What is printed waits in a file, in memory while it is small: a fault in the last row must not leave
    # half of a JSON value behind, nor millions of rows be held.
    with SpooledTemporaryFile(SPOOLED_CHARACTERS, "w+", encoding="utf-8", newline="") as out:
        for count, (row, split) in enumerate(_splits(plan, orders), 1):
            for leg in split.legs.values():
                totals[leg.party] += leg.amount_minor
            if as_json:
                line = {"order": row["order"], "line": row["line"], "legs": _legs(split)}
                out.write((",\n" if count > 1 else "") + json.dumps(line, ensure_ascii=False))
        if as_json:
            out.seek(0)
            sys.stdout.write('{"lines":[')
            shutil.copyfileobj(out, sys.stdout)
            sys.stdout.write(f'],"totals":{json.dumps(totals)},"currency":{json.dumps(currency)}}}\n')
            return
    say(f"{count} line{'s' * (count != 1)} split under {plan.agreement.ref}, {currency}")
    for party, amount in totals.items():
        say(f"  {party:<16}{money(amount, currency):>20}")
    say(f"  {'the whole':<16}{money(sum(totals.values()), currency):>20}")


def _splits(plan: SplitPlan, orders: Path) -> Iterator[tuple[Row, LineSplit]]:
    seen: set[tuple[str, str]] = set()
    read = plan.fact_names()
    for number, row in enumerate(read_rows(orders, REQUIRED), 1):
        where = f"{orders.name}, row {number}"
        key = (row["order"] or "", row["line"] or "")
        if not all(key):
            raise FactError("every row names its order and line", where=where)
        if key in seen:
            raise FactError(f"order {key[0]}, line {key[1]} stands there twice", where=where)
        seen.add(key)
        if row["currency"] != plan.agreement.currency:
            message = f"'{row['currency']}' is not the agreement's currency, {plan.agreement.currency}"
            raise FactError(message, where=f"{where}, column currency")
        try:
            yield row, plan.split(order_facts(plan.agreement, row, where=where, only=read))
        except FactError as fault:
            raise FactError(
                fault.message, where=fault.where if fault.where != plan.clause.id else where
            ) from None


def _legs(split: LineSplit) -> dict[str, dict[str, object]]:
    return {name: {"party": leg.party, "amount_minor": leg.amount_minor} for name, leg in split.legs.items()}
