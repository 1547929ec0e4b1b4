"""`tallystick why ORDER PARTY` answers: why did I get 38.93."""

from __future__ import annotations

from datetime import datetime

import click

from api.cli.explained import tell
from api.cli.output import office, say

_STANDING = {
    "waiting_for_receipt": ("waiting for the buyer's receipt", "待买家确认收货"),
    "clearing": ("within the clearing days, earned from {day}", "账期内，{day} 起可结算"),
    "earned": ("earned since {day}", "{day} 起可结算"),
    "not_computed": ("not computed: facts are lacking", "事实不足，未计算"),
}


@click.command()
@click.argument("order")
@click.argument("party")
@click.option("--agreement", required=True, metavar="ID")
@click.option("--at", metavar="TIME", help="As things stood at this time, with its offset; now when absent.")
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en")
def command(order: str, party: str, agreement: str, at: str | None, lang: str) -> None:
    """Say what PARTY gets out of ORDER, line by line, and why."""
    from api.office.settling import why_paid  # noqa: PLC0415 (loads polars)

    with office() as opened:
        moment = datetime.fromisoformat(at) if at else opened.clock()
        if moment.tzinfo is None:
            raise click.UsageError(f"'{at}' has no offset; write 2026-04-01T00:00:00+08:00")
        for answer in why_paid(opened, agreement, order, party, moment):
            standing = _STANDING[answer.standing][lang == "zh"].format(day=answer.earned_from)
            say(f"{answer.order} line {answer.line}: {standing}")
            for one in answer.explanations:
                tell(one, lang)
