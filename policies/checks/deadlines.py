"""Holds the days of a document against each other: payout, returns, disputes, appeals and data kept.

A dispute about an order may be filed until the order is paid out, and then takes the days its process
gives for the answer, the evidence and the appeal.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.data_grant import DataGrant
from policies.clauses.dispute_process import DisputeProcess
from policies.errors import Finding
from policies.source import Path

_STEPS = (("answer_days", "to answer", "答辩"), ("evidence_days", "to show evidence", "举证"),
          ("appeal_days", "to appeal", "上诉"))  # fmt: skip


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for steps without time, payout before a dispute ends, and data erased too early."""
    process = agreement.process
    if process is None:
        return
    path: Path = ("clauses", agreement.document.clauses.index(process))
    yield from _no_time(agreement, process, path)
    yield from _payout(agreement, process, path)
    for index, clause in enumerate(agreement.document.clauses):
        if isinstance(clause, DataGrant):
            yield from _erased(agreement, process, clause, ("clauses", index, "retention", "days"))


def dispute_days(process: DisputeProcess) -> int:
    """Return the days from filing to the end of appeal, one after the other."""
    windows = process.windows
    return windows.answer_days + windows.evidence_days + windows.appeal_days


def _no_time(agreement: Agreement, process: DisputeProcess, path: Path) -> Iterator[Finding]:
    for field, what, what_zh in _STEPS:
        if getattr(process.windows, field) == 0:
            yield agreement.finding(
                "deadline.no-time",
                f"clause {process.id} gives 0 days {what}: the step ends on the day on which it begins",
                (*path, "windows", field),
                severity="warning",
                witness={"day": 0, "window": field},
                message_zh=f"第 {process.id} 条给予{what_zh} 0 日：当日开始当日即届满",
            )


def _payout(agreement: Agreement, process: DisputeProcess, path: Path) -> Iterator[Finding]:
    if agreement.commission is None or process.hold != "none":
        return
    paid, ends = (agreement.clearing.days if agreement.clearing else 0), dispute_days(process)
    if paid >= ends:
        return
    yield agreement.finding(
        "payout.before-dispute-ends",
        f"an order disputed on the day of its receipt can be under dispute until day {ends}, but it is paid"
        f" out on day {paid} and clause {process.id} holds nothing; hold the contested amount or clear later",
        (*path, "hold"),
        severity="warning",
        witness={"filed_on_day": 0, "paid_out_on_day": paid, "dispute_ends_on_day": ends},
        message_zh=f"收货当日提出的争议可持续至第 {ends} 日，而订单第 {paid} 日即付款，"
        f"第 {process.id} 条又不冻结任何金额；请冻结争议金额或延后结算",
    )


def _erased(agreement: Agreement, process: DisputeProcess, grant: DataGrant, path: Path) -> Iterator[Finding]:
    cleared = agreement.clearing.days if agreement.clearing else 0
    returned = agreement.returns.window_days if agreement.returns else 0
    needed = max(cleared, returned) + dispute_days(process)
    if grant.retention.days >= needed:
        return
    yield agreement.finding(
        "data.erased-before-dispute-ends",
        f"data granted by clause {grant.id} is gone on day {grant.retention.days} after receipt, while a"
        f" dispute about the order can run until day {needed}",
        path,
        severity="warning",
        witness={"erased_on_day": grant.retention.days, "dispute_ends_on_day": needed},
        message_zh=f"第 {grant.id} 条所授数据于收货后第 {grant.retention.days} 日删除，"
        f"而该订单的争议可持续至第 {needed} 日",
    )
