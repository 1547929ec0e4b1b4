"""What is due beside the lines of a statement, as those who may read it are told why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.office.opening import Office
from api.office.settling import explain_stated_due
from api.reading import Money, Text
from api.statements.line_reading import steps_shown
from api.statements.schemas import DueExplained, HeldDueShown
from api.worded import both, label, of_words
from ledger.statements.reading import Statement
from policies.agreement import Agreement


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
        arithmetic=steps_shown(found.steps, found.currency),
    )


def held_dues(agreement: Agreement, content: Mapping[str, Any]) -> tuple[HeldDueShown, ...]:
    """Return what fell due and is held by a statement's content, with the reason in plain words."""
    return tuple(
        HeldDueShown(
            one["clause"],
            one["version"],
            one["about"],
            one["because"],
            tuple(one["facts"]),
            _reason(agreement, one),
        )
        for one in content.get("held_dues", ())
    )


def _reason(agreement: Agreement, held: Mapping[str, Any]) -> Text:
    """Say why a due is held: which facts it waits for, or what a person has to look at."""
    facts = [label(agreement, name) for name in held["facts"]]
    words = [of_words(one) for one in held["words"]]
    return both(
        f"held-due.{held['because']}",
        facts=Text(
            "、".join(one.spoken("zh") for one in facts), ", ".join(one.spoken("en") for one in facts)
        ),
        words=Text(
            "；".join(one.spoken("zh") for one in words), "; ".join(one.spoken("en") for one in words)
        ),
    )
