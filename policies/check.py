"""Checks before signing: everything that is said about a sound document before its parties sign it.

A document that loads fits together; here it is asked whether it does what it says. Each check is one file
of policies/checks. The same document always gives the same findings in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from policies.agreement import Agreement
from policies.checks import (
    accepted,
    accounts,
    clause_text,
    clawback,
    conditions,
    deadlines,
    duties,
    exceptions,
    exposure,
    facts_read,
    funding,
    kinds,
    own_tests,
    readiness,
    refunds,
    remedies,
    review,
    shares,
)
from policies.errors import Finding
from policies.packs.findings import findings as findings_of_law
from policies.packs.pack import Pack

CHECKS: tuple[Callable[[Agreement], Iterable[Finding]], ...] = (
    own_tests.check,
    clause_text.check,
    kinds.check,
    readiness.check,
    facts_read.check,
    accounts.check,
    duties.check,
    refunds.check,
    deadlines.check,
    funding.check,
    shares.check,
    clawback.check,
    conditions.check,
    exceptions.check,
    remedies.check,
    review.check,
    exposure.check,
)
"""Every check, cheapest first; each reads the agreement alone."""


def check(agreement: Agreement, packs: Sequence[Pack] | None = None) -> list[Finding]:
    """Return what stands against signing (errors), what parties should know (warnings) and what is left.

    In order of line, path and code. An error stops signing, and so does a warning until every party signs
    over it by name (`accepted_findings`). The regulation packs of the document's jurisdiction apply unless
    others, or none, are given.
    """
    found = [finding for one in CHECKS for finding in one(agreement)]
    found += findings_of_law(agreement, packs)
    return in_order(accepted.mark(agreement, found, every_pack=packs is None))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which the document is read."""
    return sorted(findings, key=lambda one: (one.line or 0, one.column or 0, one.path, one.code, one.message))
