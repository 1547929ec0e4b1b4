"""What is due beside the lines of a statement, as those who may read it are told why."""

from __future__ import annotations

from api.office.opening import Office
from api.office.settling import explain_stated_due
from api.reading import Money, Text
from api.statements.schemas import ArithmeticStep, DueExplained
from api.worded import of_words
from ledger.statements.reading import Statement


def due_explained(office: Office, statement: Statement, number: int) -> DueExplained:
    """Return why a due of a statement is what it is; the caller has decided who may read it."""
    found = explain_stated_due(office, statement, number)
    return DueExplained(
        statement=statement.id,
        number=number,
        agreement=found.agreement,
        version=found.version,
        clause=found.clause,
        clause_text=of_words(found.clause_text),
        leg=found.leg,
        label=of_words(found.label),
        kind=found.kind,
        about=of_words(found.about),
        amount=Money(found.amount_minor, found.currency),
        causes=tuple(of_words(cause) for cause in found.causes),
        entries=found.entries,
        arithmetic=tuple(
            ArithmeticStep(
                of_words(step.label), Text(step.zh, step.en), Money(step.result_minor, found.currency)
            )
            for step in found.steps
        ),
    )
