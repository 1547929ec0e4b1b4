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
    amendment,
    clause_text,
    clawback,
    conditions,
    deadlines,
    duties,
    exceptions,
    exposure,
    facts_read,
    funding,
    groups,
    kinds,
    ladders,
    own_cases,
    own_tests,
    readiness,
    refunds,
    remedies,
    review,
    settling,
    shares,
    stage,
    steps,
    together,
)
from policies.errors import Finding
from policies.formulas.solver import one_context
from policies.links import link_findings
from policies.packs.findings import findings as findings_of_law
from policies.packs.pack import Pack
from policies.versions.amendment import amendment_findings

CHECKS: tuple[Callable[[Agreement], Iterable[Finding]], ...] = (
    own_tests.check,
    own_cases.check,
    clause_text.check,
    kinds.check,
    stage.check,
    readiness.check,
    facts_read.check,
    accounts.check,
    ladders.check,
    settling.check,
    steps.check,
    duties.check,
    refunds.check,
    deadlines.check,
    groups.check,
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


_NOT_GIVEN = frozenset({"link.missing", "link.two-versions"})
"""What only matters where orders are split: that the deal is whole, in one version of each document."""


def check(agreement: Agreement, packs: Sequence[Pack] | None = None) -> list[Finding]:
    """Return what stands against signing (errors), what parties should know (warnings) and what is left.

    In order of line, path and code. An error stops signing, and so does a warning until every party signs
    over it by name (`accepted_findings`). The regulation packs of the document's jurisdiction apply unless
    others, or none, are given.
    """
    with one_context():
        found = [finding for one in CHECKS for finding in one(agreement)]
    found += findings_of_law(agreement, packs)
    found += accepted.unmatched(agreement, found, every_pack=packs is None)
    return in_order(accepted.mark(agreement, found))


def check_against(new: Agreement, old: Agreement) -> list[Finding]:
    """Return what parties should know of a version that follows another.

    From when it binds and how far back it reaches; whom it pays less, and for what order.
    """
    return in_order(accepted.mark(new, [*amendment_findings(old, new), *amendment.check(new, old)]))


def check_together(agreements: Sequence[Agreement]) -> list[tuple[Agreement, Finding]]:
    """Return what stands between agreements, each finding with the agreement it is about.

    Pairs are compared by the identity of their parties; versions of one agreement are not compared. Links
    are held against the documents that are given; one that is not given is not judged.
    """
    linked = (one for one in link_findings(agreements) if one[1].code not in _NOT_GIVEN)
    found = [*together.check(agreements), *linked]
    return [(one, finding) for one in agreements
            for finding in in_order(accepted.mark(one, (f for of, f in found if of is one)))]  # fmt: skip


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order in which the document is read."""
    return sorted(findings, key=lambda one: (one.line or 0, one.column or 0, one.path, one.code, one.message))
