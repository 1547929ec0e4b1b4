"""Finds duties without a mirrored right or consideration: a party that owes another and gets nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding
from policies.mutuality import owed, receivers


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield an info for each party that owes under a clause and is given nothing by the document."""
    receives = receivers(agreement)
    for index, clause in enumerate(agreement.document.clauses):
        if not clause.computed or clause.not_enforced is not None:
            continue
        for debtor, creditor in sorted(owed(agreement, clause)):
            if debtor not in receives:
                names = [agreement.parties[key].name for key in (debtor, creditor)]
                yield agreement.finding(
                    "duty.one-sided",
                    f"clause {clause.id} binds {names[0].en} toward {names[1].en}, but no leg, remedy or"
                    f" clause of this document gives {names[0].en} anything; state what is given for it",
                    ("clauses", index),
                    severity="info",
                    witness={"clause": clause.id, "owes": debtor, "toward": creditor, "receives": "nothing"},
                    message_zh=f"第 {clause.id} 条使{names[0].zh}对{names[1].zh}负有义务，"
                    f"而文件中没有任何分配、救济或条款使{names[0].zh}受益，请写明对价",
                )
