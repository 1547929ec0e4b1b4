"""`tallystick why ORDER PARTY` answers: why did I get 38.93."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from api.cli.explained import tell
from api.cli.output import office, say

if TYPE_CHECKING:
    from policies.agreement import Agreement

_STANDING = {
    "waiting_for_receipt": ("waiting for the buyer's receipt", "待买家确认收货"),
    "clearing": ("within the clearing days, earned from {day}", "账期内，{day} 起可结算"),
    "after_sale_open": ("waiting for an after-sale case to be closed", "售后未了结，待其了结"),
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
    from api.office.settling import documents, why_paid  # noqa: PLC0415 (loads polars)

    with office() as opened:
        moment = _moment(at) if at else opened.clock()
        _require_party(documents(opened, agreement)[-1], party)
        for answer in why_paid(opened, agreement, order, party, moment):
            standing = _STANDING[answer.standing][lang == "zh"].format(day=answer.earned_from)
            where = f"第 {answer.line} 行" if lang == "zh" else f"line {answer.line}"
            say(f"{answer.order} {where}: {standing}")
            for one in answer.explanations:
                tell(one, lang)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"'{text}' is not a time; write 2026-04-01T00:00:00+08:00") from None
    if moment.tzinfo is None:
        raise click.UsageError(f"'{text}' has no offset; write 2026-04-01T00:00:00+08:00")
    return moment


def _require_party(agreement: Agreement, party: str) -> None:
    """Refuse somebody the agreement does not know, whose share would else read as nothing."""
    keys = [*agreement.parties, *agreement.document.payees]
    if party not in {*keys, *(agreement.party_id(key) for key in agreement.parties)}:
        raise click.UsageError(f"'{party}' is not in {agreement.ref}, which knows {', '.join(keys)}")
