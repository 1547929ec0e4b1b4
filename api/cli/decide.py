"""`tallystick decide`: a case file decided under agreements, with no database."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.counterfactual import counterfactuals_json, tell_counterfactuals
from api.cli.decided import tell_decision
from api.cli.output import json_option, print_json, read_agreement, read_text, readable_file
from api.office.tables import read_rows
from policies.counterfactuals.search import counterfactuals
from policies.decisions.case import Case, read_case
from policies.decisions.decide import decide
from policies.errors import CaseRejected


@click.command()
@click.argument("files", nargs=-1, required=True, type=readable_file, metavar="AGREEMENT... CASE")
@click.option(
    "--counterfactuals",
    "otherwise",
    is_flag=True,
    help="Tell also which change of each fact would have it decided otherwise.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the reasons.")
@json_option
def command(files: tuple[Path, ...], otherwise: bool, lang: str, as_json: bool) -> None:
    """Decide CASE (JSON or YAML) under one or more AGREEMENT files.

    Prints the outcome, the amount, the clauses and the reasons. Nothing is written anywhere.
    """
    if len(files) < 2:
        raise click.UsageError("give at least one AGREEMENT and, last, the CASE")
    *agreements, path = files
    under, case = [read_agreement(one) for one in agreements], load_case(path)
    decision = decide(under, case)
    searched = counterfactuals(under, case) if otherwise else None
    if as_json:
        more = {"counterfactuals": counterfactuals_json(decision.agreement, searched)} if searched else {}
        print_json(decision.as_json() | more)
        return
    tell_decision(decision.as_json(), decision.agreement, lang)
    if searched is not None:
        tell_counterfactuals(searched, decision.agreement, lang)


def load_case(path: Path) -> Case:
    """Read a case file and, where it names one, the orders file beside it. Raises CaseRejected."""
    case = read_case(read_text(path), name=str(path))
    if case.orders_path is None:
        return case
    orders = path.parent / case.orders_path
    if not orders.is_file():
        raise CaseRejected(f"there is no orders file {orders}", where=f"{path}, orders")
    return case.with_orders(list(read_rows(orders)))
