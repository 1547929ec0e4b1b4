"""`tallystick decide`: a case file decided under agreements, with no database."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.output import json_option, money, print_json, read_agreement, read_text, readable_file, say
from api.office.tables import read_rows
from policies.case import Case, read_case
from policies.decide import Decision, decide
from policies.errors import CaseRejected

_OUTCOMES = {
    "rejected": ("rejected", "驳回"),
    "granted": ("granted", "支持"),
    "granted_in_part": ("granted in part", "部分支持"),
    "granted_with_set_off": ("granted with set-off", "抵销后支持"),
    "undecided": ("undecided: facts are missing", "未决：事实不足"),
    "conflict": ("conflict: exceptions contradict each other", "冲突：例外条款相互矛盾"),
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=readable_file, metavar="AGREEMENT... CASE")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the reasons.")
@json_option
def command(files: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """Decide CASE (JSON or YAML) under one or more AGREEMENT files.

    Prints the outcome, the amount, the clauses and the reasons. Nothing is written anywhere.
    """
    if len(files) < 2:
        raise click.UsageError("give at least one AGREEMENT and, last, the CASE")
    *agreements, path = files
    decision = decide([read_agreement(one) for one in agreements], load_case(path))
    if as_json:
        print_json(decision.as_json())
    else:
        _tell(decision, lang)


def load_case(path: Path) -> Case:
    """Read a case file and, where it names one, the orders file beside it. Raises CaseRejected."""
    case = read_case(read_text(path), name=str(path))
    if case.orders_path is None:
        return case
    orders = path.parent / case.orders_path
    if not orders.is_file():
        raise CaseRejected(f"there is no orders file {orders}", where=f"{path}, orders")
    return case.with_orders(list(read_rows(orders)))


def _tell(decision: Decision, lang: str) -> None:
    currency = decision.agreement.currency
    say(f"{_OUTCOMES[decision.outcome][lang == 'zh']}: {money(decision.amount_minor, currency)} {currency}")
    say(f"  {'clauses' if lang == 'en' else '条款'}: {', '.join(decision.clauses)}")
    for posting in decision.postings:
        amount = money(posting["amount_minor"], currency)
        say(f"  {posting['from']} -> {posting['to']}  {amount}  {posting['kind']} ({posting['status']})")
    for effect in decision.effects:
        say(f"  * {effect['text'][lang]}")
    for step in decision.trace:
        words = step.get("formula", step)
        if lang in words:
            say(f"  {step['clause']}: {words[lang]}" + _figures(step, currency, lang))
    if decision.missing:
        say(f"  {'missing' if lang == 'en' else '待证事实'}: {', '.join(decision.missing)}")
    for reason in decision.review:
        say(f"  {'a person must look' if lang == 'en' else '须人工复核'}: {reason[lang]}")


def _figures(step: object, currency: str, lang: str) -> str:
    if not isinstance(step, dict) or "amount_minor" not in step:
        return f"  [{step['result']}]" if isinstance(step, dict) and "result" in step else ""
    cap = (
        f"; {'at most' if lang == 'en' else '上限'} {step['cap'][lang]} = {step['cap']['amount']}"
        if "cap" in step
        else ""
    )
    rows = f" x {step['rows']:,}" if "rows" in step else ""
    return f"{rows}{cap} = {money(step['amount_minor'], currency)}"
