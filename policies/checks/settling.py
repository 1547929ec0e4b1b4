"""Tells the parties, before they sign, what of the split no settlement run settles yet."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding
from policies.splits.settled import not_settled


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each part of the split for which a run would refuse the document."""
    for one in not_settled(agreement):
        yield agreement.finding(
            "settlement.not-yet",
            f"no run settles this agreement yet: {one.message}",
            one.path,
            severity="warning",
            message_zh=f"本协议尚不能结算：{one.message_zh}",
        )
