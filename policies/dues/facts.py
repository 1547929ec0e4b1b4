"""Recorded facts read by their declared type, each with its standing: what counts of them for a due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.agreement import Agreement
from policies.decisions.case_file import Standing
from policies.errors import PolicyError
from policies.facts import read_fact
from policies.formulas.exact import Unknown, Value


@dataclass(frozen=True, slots=True)
class FactTold:
    """What the log tells of a fact: its text, None where it is contested, and its standing."""

    text: str | None
    standing: Standing


def read_told(
    agreement: Agreement, told: Mapping[str, FactTold]
) -> tuple[dict[str, Value], dict[str, Standing]]:
    """Return the facts of a case as values, and the standing of those told; defaults stand in for the rest.

    A contested fact is unknown, and so is one whose text does not read by its declared type.
    """
    values: dict[str, Value] = {}
    standing: dict[str, Standing] = {}
    for name, fact in agreement.document.facts.items():
        if fact.of == "case":
            given = told.get(name)
            values[name] = read_value(agreement, name, given)
            if given is not None:
                standing[name] = given.standing
    return values, standing


def read_value(agreement: Agreement, name: str, given: FactTold | None) -> Value:
    """Return one fact as a value: its default where nothing was told, unknown where that is of no use."""
    fact = agreement.document.facts[name]
    text = given.text if given is not None else fact.default
    disputed = given is not None and given.standing == "disputed"
    if text is None or disputed:
        return Unknown(frozenset({name}), disputed=disputed)
    try:
        return read_fact(text, fact.type, agreement.currency, fact.options)
    except PolicyError:
        return Unknown(frozenset({name}))
