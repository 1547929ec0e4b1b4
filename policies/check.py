"""Checks before signing: everything that is said about a sound document before its parties sign it.

A document that loads fits together; here it is asked whether it does what it says. Each check is one file
of policies/checks. The same document always gives the same findings in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from policies.agreement import Agreement
from policies.checks import (
    clause_text,
    conditions,
    exceptions,
    funding,
    kinds,
    own_tests,
    readiness,
    refunds,
    shares,
)
from policies.errors import Finding
from policies.packs.findings import findings as findings_of_law
from policies.packs.pack import Pack

CHECKS: tuple[Callable[[Agreement], Iterable[Finding]], ...] = (
    own_tests.check,
    clause_text.check,
    kinds.check,
    funding.check,
    shares.check,
    conditions.check,
    exceptions.check,
    refunds.check,
    readiness.check,
)
"""Every check, cheapest first; each reads the agreement alone."""


def check(agreement: Agreement, packs: Sequence[Pack] | None = None) -> list[Finding]:
    """Return what stands against signing (errors), what parties should know (warnings) and what is left.

    In order of line, path and code. An error stops signing; parties may sign over a named warning. The
    regulation packs of the document's jurisdiction apply unless others, or none, are given.
    """
    found = [finding for one in CHECKS for finding in one(agreement)]
    found += findings_of_law(agreement, packs)
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0, one.path, one.code, one.message))
