"""`tallystick why ORDER PARTY` answers: why did I get 38.93."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from api.cli.explained import tell
from api.cli.output import json_option, money, office, print_json, say

if TYPE_CHECKING:
    from api.office.settling import OrderOf
    from ledger.statements.explanation import LineAnswer


@click.command()
@click.argument("order")
@click.argument("party")
@click.option("--agreement", metavar="ID", help="Only under this agreement, where several know the order.")
@click.option("--at", metavar="TIME", help="As things stood at this time, with its offset; now when absent.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the answer.")
@json_option
def command(  # noqa: PLR0913, PLR0917 (one argument an option)
    order: str, party: str, agreement: str | None, at: str | None, lang: str, as_json: bool
) -> None:
    """Say what PARTY, by its key in the document or its id, gets out of ORDER, line by line, and why."""
    from api.office.settling import why_order  # noqa: PLC0415 (loads polars)

    with office() as opened:
        moment = _moment(at) if at else opened.clock()
        found = why_order(opened, order, party, moment, agreement)
    if as_json:
        print_json(
            [
                {"agreement": one.agreement.ref, "party": one.party, **_plain(answer)}
                for one in found
                for answer in one.answers
            ]
        )
        return
    _tell(found, order, party, lang)


def _tell(found: list[OrderOf], order: str, party: str, lang: str) -> None:
    from api.language import catalogue  # noqa: PLC0415 (only for people)

    words = catalogue("zh" if lang == "zh" else "en")
    totals: dict[str, int] = defaultdict(int)
    for one in found:
        for answer in one.answers:
            for each in answer.explanations:
                totals[each.currency] += each.amount_minor
    amount = "; ".join(f"{money(minor, currency)} {currency}" for currency, minor in sorted(totals.items()))
    say(words.text("why.total", party=party, order=order, amount=amount or "0"))
    for one in found:
        for answer in one.answers:
            standing = words.text(f"line-standing.{answer.standing}", day=answer.earned_from or "—")
            where = f"第 {answer.line} 行" if lang == "zh" else f"line {answer.line}"
            say(f"{answer.order} {where}: {standing}")
            for each in answer.explanations:
                tell(each, lang)


def _plain(answer: LineAnswer) -> dict[str, object]:
    day = answer.earned_from
    return {**asdict(answer), "earned_from": day.isoformat() if day else None}


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"'{text}' is not a time; write 2026-04-01T00:00:00+08:00") from None
    if moment.tzinfo is None:
        raise click.UsageError(f"'{text}' has no offset; write 2026-04-01T00:00:00+08:00")
    return moment
