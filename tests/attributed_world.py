"""A session beside a team leader's links: two agreements that say by their clauses whose an order is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ledger.entries import NewEntry
from ledger.settlement.claims import Claim, given_lines
from ledger.settlement.facts import LineBook
from ledger.settlement.kernels import Kernel
from ledger.settlement.terms import Terms, attributing_terms, read_terms
from policies.agreement import Agreement
from policies.loading import load_agreement
from tests.settlement_world import book

LINKED = Path(__file__).parents[1] / "examples" / "agreements" / "linked"
SESSION, LEADER = "session-1111", "leader-link"

SAID = {
    "session": {"session": "S-1111"},
    "both": {"coupon": "HEAD1111", "link_owner": "leader"},
    "leader": {"link_owner": "leader"},
    "nobody": {},
    "unknown": {"link_owner": "mcn"},
}
"""What sales say, by whose they are: the second is a tie, for both routes have priority 2."""


@lru_cache(maxsize=4)
def attributing(name: str) -> Agreement:
    """Return `session-1111` or `leader-link` of the examples."""
    return load_agreement((LINKED / f"{name}.yaml").read_text(encoding="utf-8"), name=f"{name}.yaml")


def both(*more: Agreement) -> dict[str, Terms]:
    """Return the terms of the two beside each other, and beside more agreements."""
    own = {name: attributing(name) for name in (SESSION, LEADER)}
    return {
        name: read_terms(
            [one],
            beside=tuple(attributing_terms([other]) for other in (*own.values(), *more) if other is not one),
        )
        for name, one in own.items()
    }


def attributed_book(
    terms: Terms,
    entries: Sequence[NewEntry],
    claims: Sequence[Claim] = (),
    kernel: Kernel = "columns",
    beside: Sequence[Sequence[NewEntry]] = (),
) -> LineBook:
    """Return the lines of one of them as a log of these entries tells them, with claims.

    `beside` are entries told under each agreement beside it.
    """
    found = replace(book(terms, entries), kernel=kernel, given=given_lines(claims, terms.id))
    others = tuple(book(other, told) for other, told in zip(terms.beside, beside, strict=True))
    return replace(found, beside=others)
