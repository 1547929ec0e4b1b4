"""Whether the tests of a document speak of facts and legs that it has."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.errors import Finding, did_you_mean
from policies.references.scopes import steps


def tests(agreement: Agreement) -> Iterator[Finding]:
    """Yield tests that name no fact or leg of the document."""
    facts = agreement.fact_types("order")
    if agreement.commission is not None and agreement.commission.fed is not None:
        facts["whole"] = "money"
    if agreement.commission is not None:
        facts |= {f"volume.{name}": "money" for name in agreement.commission.windows or {}}
    legs = {step.name for step in steps(agreement).values()}
    for index, test in enumerate(agreement.document.tests):
        for name in test.given.keys() - facts.keys():
            message = f"'{name}' is not a fact of an order{did_you_mean(name, facts)}"
            yield agreement.finding("test.unknown-fact", message, ("tests", index, "given", name))
        for name in test.expect.keys() - legs - {"whole"}:
            message = f"'{name}' is not a leg or pool of the split{did_you_mean(name, legs)}"
            yield agreement.finding("test.unknown-leg", message, ("tests", index, "expect", name))
