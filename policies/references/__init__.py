"""Whether the parts of a document fit together: names that exist, types that agree, pools that end in a rest.

Structure is pydantic's work and already done; what needs several orders or a proof is `policies.check`'s.
"""

from __future__ import annotations

from policies.agreement import Agreement
from policies.errors import Finding
from policies.references.clauses import clause
from policies.references.facts import facts, uniqueness
from policies.references.scopes import case_scope, row_scopes
from policies.references.split import commission
from policies.references.tables import events, tables
from policies.references.tests import tests
from policies.references.versions import versions

__all__ = ["case_scope", "reference_findings", "row_scopes"]


def reference_findings(agreement: Agreement) -> list[Finding]:
    """Return every misfit of a document whose structure is sound; empty when all fits.

    Where a table or the calendar is not usable that is all that is said: formulas are read by them.
    """
    unusable = list(tables(agreement))
    if unusable:
        return unusable
    found = [*uniqueness(agreement), *events(agreement), *facts(agreement)]
    found += [*commission(agreement), *tests(agreement)]
    found += versions(agreement)
    for index, one in enumerate(agreement.document.clauses):
        found += clause(agreement, one, ("clauses", index))
    return sorted(found, key=lambda one: (one.line or 0, one.column or 0, one.path, one.code))
