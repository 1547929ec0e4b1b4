"""What a sale funds, as postings: pairs from a funding's source to its target, and differences of them."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.entries import Posting
from ledger.intake.terms import Funding, IntakeTerms


def funding_pair(
    funding: Funding, amount_minor: int, terms: IntakeTerms, suffix: str = ""
) -> tuple[Posting, Posting]:
    """Return the two postings of a funding; `suffix` is added to its kind."""

    def posting(account: str, amount: int) -> Posting:
        owner, _, purpose = account.rpartition(".")
        return Posting(
            owner=owner,
            purpose=purpose,
            agreement=terms.agreement,
            currency=terms.currency,
            amount_minor=amount,
            clause=funding.clause,
            kind=f"{funding.kind}{suffix}",
        )

    return posting(funding.source, -amount_minor), posting(funding.target, amount_minor)


def funding_postings(
    after: Mapping[Funding, int], before: Mapping[Funding, int], terms: IntakeTerms, suffix: str = ""
) -> tuple[Posting, ...]:
    """Return the postings that bring what was funded before to what is funded after, none of zero."""
    found: list[Posting] = []
    for funding in dict.fromkeys([*after, *before]):
        amount = after.get(funding, 0) - before.get(funding, 0)
        if amount:
            found += funding_pair(funding, amount, terms, suffix)
    return tuple(found)
