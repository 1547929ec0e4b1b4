"""Finds data grants whose groups may be of fewer people than they say: buyers that nothing tells apart."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.clauses.data_grant import DataGrant
from policies.errors import Finding


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each grant of groups that counts orders as buyers."""
    for index, clause in enumerate(agreement.document.clauses):
        groups = clause.aggregates if isinstance(clause, DataGrant) else None
        if groups is None or groups.told_apart_by is not None:
            continue
        yield agreement.finding(
            "data.orders-count-as-buyers",
            f"clause {clause.id} gives groups of {groups.at_least} buyers, but nothing tells them apart, so"
            f" one buyer with {groups.at_least} orders makes a group; name a fact with 'told_apart_by'",
            ("clauses", index, "aggregates"),
            severity="warning",
            witness={"buyers": 1, "orders": groups.at_least},
            message_zh=f"第 {clause.id} 条按每组 {groups.at_least} 名买家统计，但没有事实区分买家，"
            f"一名买家的 {groups.at_least} 笔订单即可成组；请以 told_apart_by 指明区分买家的事实",
        )
