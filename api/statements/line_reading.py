"""A line of a statement, with the facts and the arithmetic behind an amount, as those who may read it see it.

Nothing is looked up here, and nobody's access decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.reading import Money, Text
from api.statements.schemas import ArithmeticStep, FactUsed, StatementLine
from api.worded import label, of_words, who
from ledger.statements.arithmetic import ArithmeticStep as StoredStep
from ledger.statements.explanation import FactUsed as StoredFact
from ledger.statements.reading import Statement
from ledger.statements.reading import StatementLine as StoredLine
from policies.agreement import Agreement

_ASSERTED = "asserted"
"""Standing of a fact that its source states and nobody has confirmed or contested."""


def line_shown(
    agreement: Agreement, statement: Statement, stored: StoredLine, contested: Mapping[int, int]
) -> StatementLine:
    """Return a line as it is shown; `contested` are the contests that are open, by line number."""
    return StatementLine(
        number=stored.number,
        order=stored.order,
        line=stored.line,
        clause=stored.clause,
        version=stored.version,
        leg=stored.leg,
        label=label(agreement, stored.leg),
        kind=stored.kind,
        entries=stored.entries,
        amount=Money(stored.amount_minor, statement.content["currency"]),
        contest=contested.get(stored.number),
    )


def facts_shown(agreement: Agreement, facts: Iterable[StoredFact]) -> tuple[FactUsed, ...]:
    """Return the facts behind an amount, each with who said so."""
    return tuple(
        FactUsed(
            one.name,
            of_words(one.label),
            one.value,
            who(agreement, one.asserter),
            one.source,
            _ASSERTED,
            one.seq,
        )
        for one in facts
    )


def steps_shown(steps: Iterable[StoredStep], currency: str) -> tuple[ArithmeticStep, ...]:
    """Return the steps by which an amount of a currency was reached."""
    return tuple(
        ArithmeticStep(of_words(step.label), Text(step.zh, step.en), Money(step.result_minor, currency))
        for step in steps
    )
