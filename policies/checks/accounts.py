"""Finds remedies paid from accounts that nobody funds, by people who never signed, and slips of purposes."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.chart import CHART, meant
from policies.checks.paths import legs_to, party_of, payees_of, payers_of, remedy_path
from policies.errors import Finding
from policies.source import Path

SET_ASIDE = ("deposit", "reserve", "pool", "bond")
"""Purposes of accounts that hold only what was put into them; every other one is its owner's own purse."""


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield a warning for each account that a remedy is paid from and nothing is ever paid into."""
    funded = funded_accounts(agreement)
    for index, clause in enumerate(agreement.document.clauses):
        core = agreement.clauses[clause.id]
        for at, remedy in enumerate(core.remedies):
            path: Path = (*remedy_path(clause, core, at, ("clauses", index)), "from")
            for account in dict.fromkeys(payers_of(agreement, remedy)):
                yield from _funded(agreement, account, funded, path)
    yield from _slips(agreement)


def funded_accounts(agreement: Agreement) -> frozenset[str]:
    """Return the accounts into which something is paid: by a leg or a remedy, or carried over."""
    found = {account for _, account in legs_to(agreement)}
    for clause in agreement.document.clauses:
        for remedy in agreement.clauses[clause.id].remedies:
            paid = payees_of(agreement, remedy)
            found |= set(paid)
            # what a clause gives back to its owner was put up by the owner under that clause
            found |= {one for one in payers_of(agreement, remedy) if party_of(one) in map(party_of, paid)}
    opening = agreement.document.opening
    return frozenset(found | set(opening.balances if opening is not None else ()))


def _funded(agreement: Agreement, account: str, funded: frozenset[str], path: Path) -> Iterator[Finding]:
    owner, _, purpose = account.partition(".")
    if owner in agreement.document.payees:
        people = agreement.document.payees[owner].name
        yield agreement.finding(
            "remedy.payer-unbound",
            f"{people.en} ({owner}) are to pay, but do not sign this document and are not bound by it",
            path,
            severity="warning",
            witness={"account": account},
            message_zh=f"约定由{people.zh}（{owner}）付款，但其并未签署本文件，不受约束",
        )
    elif purpose in SET_ASIDE and account not in funded:
        yield agreement.finding(
            "remedy.account-unfunded",
            f"a remedy is paid from {account}, into which nothing in this document is ever paid",
            path,
            severity="warning",
            witness={"account": account, "paid_in": "0"},
            message_zh=f"救济自 {account} 支付，而文件中没有任何款项转入该账户",
        )


def _slips(agreement: Agreement) -> Iterator[Finding]:
    """Yield a hint for each account whose purpose reads like a standard one and is not; each purpose once."""
    asked: set[str] = set()
    for account, path in _named(agreement):
        owner, _, purpose = account.partition(".")
        standard = meant(purpose) if purpose else None
        if standard is None or purpose in asked:
            continue
        asked.add(purpose)
        words = CHART[standard]
        yield agreement.finding(
            "account.unfamiliar",
            f"{account} is an account of its own beside the standard '{standard}' ({words.en});"
            f" did you mean '{owner}.{standard}'?",
            path,
            severity="info",
            witness={"account": account, "standard": standard},
            message_zh=f"{account} 不是标准账户“{standard}”（{words.zh}）；是否应为 {owner}.{standard}？",
        )


def _named(agreement: Agreement) -> Iterator[tuple[str, Path]]:
    """Yield each account that legs and remedies name, with where."""
    if agreement.commission is not None:
        at = agreement.document.clauses.index(agreement.commission)
        for place, step in enumerate(agreement.commission.waterfall):
            if step.to is not None:
                yield step.to, ("clauses", at, "waterfall", place, "to")
    for index, clause in enumerate(agreement.document.clauses):
        core = agreement.clauses[clause.id]
        for place, remedy in enumerate(core.remedies):
            path = remedy_path(clause, core, place, ("clauses", index))
            for account in (*payers_of(agreement, remedy), *payees_of(agreement, remedy)):
                yield account, path
