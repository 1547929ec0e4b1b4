"""What a settlement run does not settle yet, by name: said before signing, and refused by a run.

What a document says beyond what a run carries is split by `tallystick split` and never settled otherwise
than it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.agreement import Agreement
from policies.dues.reads import SETTLED_AMOUNT, due_names
from policies.source import Path


@dataclass(frozen=True, slots=True)
class NotSettled:
    """Why no run settles a document, in both languages, and the part of it that says so."""

    message: str
    message_zh: str
    path: Path


def not_settled(agreement: Agreement) -> Iterator[NotSettled]:
    """Yield each reason why a run does not settle a document; none where it does."""
    clause = agreement.commission
    if clause is None:
        return
    if clause.fed is not None and agreement.returns is not None:
        yield NotSettled(
            f"what is shared out is fed by {clause.fed.from_}, whose refunds take it back, and the returns"
            f" clause {agreement.returns.id} says it otherwise; leave it to {clause.fed.from_}",
            f"分配总额由 {clause.fed.from_} 转入，其冲正随该协议的退款，"
            f"而第 {agreement.returns.id} 条另有约定；请以 {clause.fed.from_} 为准",
            ("clauses", agreement.document.clauses.index(agreement.returns)),
        )
    if clause.fed is not None and agreement.attribution is not None:
        yield NotSettled(
            f"what is shared out is fed by {clause.fed.from_}, which says by itself whose each order is;"
            " leave out the attribution clause",
            f"分配总额由 {clause.fed.from_} 转入，订单归属由该协议确定；请删去归属条款",
            ("clauses", agreement.document.clauses.index(agreement.attribution)),
        )
    if clause.windows or clause.rounding.at == "statement":
        yield from _dues_over_windows(agreement)


def _dues_over_windows(agreement: Agreement) -> Iterator[NotSettled]:
    """Yield what falls due by figures of legs, where legs are no sum over lines alone."""
    for index, clause in enumerate(agreement.document.clauses):
        read = due_names(agreement, clause.id) if clause.falls_due is not None else frozenset()
        legs = sorted(
            one
            for one in read
            if one == SETTLED_AMOUNT or one.partition(".")[0] in {"due", "settled", "reversed"}
        )
        if legs:
            yield NotSettled(
                f"clause {clause.id} falls due by {', '.join(legs)}, and the split counts over windows or"
                " rounds per statement, so that no sum over lines gives it; read order facts instead",
                f"第 {clause.id} 条按 {'、'.join(legs)} 到期结算，而分佣按期间累计或按结算单取整，"
                "逐单之和并非其数；请改用订单事实",
                ("clauses", index, "falls_due"),
            )
