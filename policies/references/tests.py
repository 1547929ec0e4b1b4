"""Whether the tests of a document speak of facts and legs that it has."""

from __future__ import annotations

from collections.abc import Iterator

from policies.agreement import Agreement
from policies.document import DocumentTest
from policies.errors import Finding, did_you_mean
from policies.references.scopes import cores, steps


def tests(agreement: Agreement) -> Iterator[Finding]:
    """Yield tests that name no fact or leg of the document."""
    facts = agreement.fact_types("order")
    if agreement.commission is not None and agreement.commission.fed is not None:
        facts["whole"] = "money"
    if agreement.commission is not None:
        facts |= {f"volume.{name}": "money" for name in agreement.commission.windows or {}}
    legs = {step.name for step in steps(agreement).values()}
    for index, test in enumerate(agreement.document.tests):
        if test.case is not None:
            yield from _case(agreement, test, index)
            continue
        for name in test.given.keys() - facts.keys():
            message = f"'{name}' is not a fact of an order{did_you_mean(name, facts)}"
            yield agreement.finding("test.unknown-fact", message, ("tests", index, "given", name))
        for name in test.expect.keys() - legs - {"whole"}:
            message = f"'{name}' is not a leg or pool of the split{did_you_mean(name, legs)}"
            yield agreement.finding("test.unknown-leg", message, ("tests", index, "expect", name))


def _case(agreement: Agreement, test: DocumentTest, index: int) -> Iterator[Finding]:
    known = {"outcome", "amount", "review"}
    for clause in cores(agreement).values():
        known |= {f"awarded.{remedy.kind}" for remedy in clause.remedies}
        known |= {f"effect.{effect.id}" for effect in clause.effects}
    for name in test.expect.keys() - known:
        message = f"'{name}' is nothing that a decision says{did_you_mean(name, known)}"
        yield agreement.finding("test.unknown-figure", message, ("tests", index, "expect", name))
