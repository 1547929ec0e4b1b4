"""`tallystick explain STATEMENT FIGURE` answers: why is this figure what it is."""

from __future__ import annotations

from dataclasses import asdict

import click

from api.cli.explained import tell, tell_due
from api.cli.output import json_option, money, office, print_json, say


@click.command()
@click.argument("statement")
@click.argument("figure")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@json_option
def command(statement: str, figure: str, lang: str, as_json: bool) -> None:
    """Say why FIGURE of STATEMENT is what it is: its parts, clause, version, facts and arithmetic.

    FIGURE is `payable`, `closing`, `opening`, `held` or `carried_forward`, a place such as /totals/0, a leg
    such as streamer_share, an amount such as 38.93, or a line such as line:7.
    """
    from api.office.settling import explain_stated_figure  # noqa: PLC0415 (loads polars)
    from ledger.statements.reading import read_statement  # noqa: PLC0415 (as above)

    with office() as opened:
        found = explain_stated_figure(opened, read_statement(opened.log, statement), figure)
    if as_json:
        print_json(asdict(found))
        return
    for words in found.words:
        say(words[lang])
    for part in found.parts:
        say(f"  {part.place:<18} {part.label[lang]:<40} {money(part.amount_minor, found.currency):>18}")
    if found.count > 1:
        for line in found.lines:
            amount = money(line.amount_minor, found.currency)
            say(f"  line:{line.number:<12} {line.order} {line.line}  {amount}")
    if found.line is not None:
        tell(found.line, lang)
    if found.due is not None:
        tell_due(found.due, lang)
