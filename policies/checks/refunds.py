"""Holds the return window against clearing: a refund that comes after payout needs a way to be taken back."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding
from policies.source import Path


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a finding with the first day on which a refund can follow the payout of its order."""
    returns = agreement.returns
    if returns is None or agreement.commission is None:
        return
    clearing_days = agreement.clearing.days if agreement.clearing else 0
    if returns.window_days <= clearing_days:
        return
    path: Path = ("clauses", agreement.document.clauses.index(returns), "window_days")
    day = clearing_days + 1
    witness = {"day": day, "clearing_days": clearing_days, "window_days": returns.window_days}
    if not returns.recovery:
        yield agreement.finding(
            "returns.outlive-clearing",
            f"a refund on day {day} after receipt comes when the order has been paid out"
            f" (day {clearing_days}), and clause {returns.id} names nothing to recover it from",
            path,
            witness=witness,
            message_zh=f"确认收货后第 {day} 日的退款发生在结算（第 {clearing_days} 日）之后，"
            f"而第 {returns.id} 条未约定追扣来源",
        )
        return
    sources = ", ".join(returns.recovery)
    yield agreement.finding(
        "returns.after-payout",
        f"a refund on day {day} after receipt comes when the order has been paid out (day {clearing_days});"
        f" it is recovered from: {sources}",
        path,
        severity="info",
        witness=witness,
        message_zh=f"确认收货后第 {day} 日的退款发生在结算（第 {clearing_days} 日）之后，"
        f"按约定顺序追扣：{sources}",
    )
