"""Finds duties without a mirrored right or consideration: a party that owes another and gets nothing here."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.checks.paths import legs_to, party_of, payees_of, payers_of
from policies.clauses.core import Clause
from policies.clauses.templates import Templated
from policies.errors import Finding


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield an info for each party that owes under a clause and is given nothing by the document."""
    receives = receivers(agreement)
    for index, clause in enumerate(agreement.document.clauses):
        if not clause.computed or clause.not_enforced is not None:
            continue
        for debtor, creditor in sorted(_owed(agreement, clause)):
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


def receivers(agreement: Agreement) -> frozenset[str]:
    """Return the parties to whom the document gives anything: a leg, a remedy, or another's duty."""
    found = {party_of(account) for _, account in legs_to(agreement)}
    for clause in agreement.document.clauses:
        for remedy in agreement.clauses[clause.id].remedies:
            found |= {party_of(account) for account in payees_of(agreement, remedy)}
        found |= {creditor for _, creditor in _owed(agreement, clause)}
    return frozenset(found & agreement.parties.keys())


def _owed(agreement: Agreement, clause: Clause) -> set[tuple[str, str]]:
    """Return who owes whom under a clause: by its holder, or by who pays its remedies."""
    owed: set[tuple[str, str]] = set()
    if clause.holder is not None and clause.toward is not None:
        pair = (clause.holder, clause.toward)
        has_right = isinstance(clause, Templated) and clause.template.holds == "right"
        owed.add(pair[::-1] if has_right else pair)
    for remedy in agreement.clauses[clause.id].remedies:
        owed |= {
            (party_of(payer), party_of(payee))
            for payer in payers_of(agreement, remedy)
            for payee in payees_of(agreement, remedy)
        }
    return {(debtor, creditor) for debtor, creditor in owed
            if {debtor, creditor} <= agreement.parties.keys() and debtor != creditor}  # fmt: skip
