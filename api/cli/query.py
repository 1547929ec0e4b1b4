"""`tallystick query`: search the ledger for a dispute, within what it concerns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from api.cli.output import json_option, money, office, print_json, say, say_if_none


def _narrowing(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that narrow a question, by the names of its parts."""
    texts = {
        "kind": "Only entries of this kind, such as sale.recorded.",
        "clause": "Only what names this clause.",
        "party": "Only what this party asserted, reads or is posted; of postings, its accounts.",
        "sku": "Only what names this SKU.",
        "session": "Only what names this session.",
        "order": "Only what names this order.",
    }
    times = {
        "occurred_from": "Happened from then on.",
        "occurred_to": "Happened by then.",
        "recorded_from": "Recorded from then on.",
        "recorded_to": "Recorded by then.",
        "known_at": "As the log stood then: what was known on that day.",
    }
    for name, words in reversed((texts | times).items()):
        metavar = "T" if name in times else "TEXT"
        command = click.option(f"--{name.replace('_', '-')}", name, metavar=metavar, help=words)(command)
    of = click.Choice(["entries", "postings", "orders"])
    return click.option("--of", type=of, default="entries", show_default=True, help="What to look for.")(
        command
    )


@click.group()
def command() -> None:
    """Search the ledger for a dispute: entries, postings and orders, at both times.

    A query shows what the dispute concerns: its agreement, and of that what one of its two sides may read.
    Personal data is never shown.
    """


@command.command("run")
@click.argument("dispute_id", metavar="DISPUTE")
@_narrowing
@click.option("--after", default=-1, metavar="SEQ", help="Continue beyond this entry.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500), help="Entries to show.")
@json_option
def run_command(dispute_id: str, after: int, limit: int, as_json: bool, **asked: str | None) -> None:
    """Search for DISPUTE, oldest first. Days count whole, in the agreement's time zone."""
    from api.office.disputes import dispute  # noqa: PLC0415 (loads the agreement language)
    from api.office.queries import case_scope, question_of  # noqa: PLC0415 (as above)
    from ledger.queries.answering import ask  # noqa: PLC0415 (as above)

    with office() as opened:
        one = dispute(opened, dispute_id)
        question = question_of(opened, one.agreement.id, {k: v for k, v in asked.items() if v is not None})
        page = ask(opened.log, case_scope(one), question, after=after, limit=limit)
    if as_json:
        found = {"question": question.as_json(), "size": page.size, "rows": page.rows}
        print_json({**found, "next_after": page.next_after})
        return
    say_if_none(page.rows, "nothing that this dispute concerns meets the question")
    for row in page.rows:
        _say(row)
    if page.next_after is not None:
        say(f"… more; --after {page.next_after} shows it")


def _say(row: Mapping[str, Any]) -> None:
    if "posting" in row:
        one = row["posting"]
        amount = money(one["amount_minor"], one["currency"])
        said = f"{one['account']:<28} {amount:>16} {one['currency']}  {one['clause']} {one['kind']}"
        say(f"{row['seq']:>9}  {row['occurred_at'][:10]}  {said}")
    elif "told" in row:
        say(f"{row['seq']:>9}  {row['agreement']}  order {row['order']} line {row['line']}")
        for one in row["told"]:
            voided = f"  voided by entry {one['voided_by']}" if "voided_by" in one else ""
            days = f"{one['occurred_at'][:10]}, recorded {one['recorded_at'][:10]}"
            say(f"{one['seq']:>13}  {one['event']:<8} {days}{voided}")
    else:
        shown = ", ".join(group["name"] for group in row["groups"])
        say(f"{row['seq']:>9}  {row['occurred_at'][:10]}  {row['kind']:<24} {row['asserter']:<16} {shown}")
