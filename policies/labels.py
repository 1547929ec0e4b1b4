"""What people call the names that clauses bring into formulas: figures, and what is awarded and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policies.clauses.core import Clause
from policies.clauses.family import sources_named

Labels = dict[str, dict[str, str]]


def clause_labels(clauses: Mapping[str, Clause], people: Mapping[str, Mapping[str, str]]) -> Labels:
    """Return labels in both languages by name; `people` are the labels of parties by their keys."""
    found: Labels = {}
    for clause in clauses.values():
        for name, figure in (clause.figures or {}).items():
            if figure.text is not None:
                found[name] = figure.text.model_dump()
        for remedy in clause.remedies:
            if remedy.text is not None:
                words = remedy.text.model_dump()
                found[f"awarded.{remedy.kind}"] = {"zh": f"已判{words['zh']}", "en": f"{words['en']} awarded"}
    return found | _accounts(sources_named(clauses), people)


def _accounts(accounts: Iterable[str], people: Mapping[str, Mapping[str, str]]) -> Labels:
    found: Labels = {}
    for account in accounts:
        owner, _, purpose = account.partition(".")
        who = people.get(owner, {"zh": owner, "en": owner})
        name = f"{owner}.{purpose or 'balance'}"
        zh, en = f"{who['zh']} {purpose or 'balance'}", f"{who['en']} {purpose or 'balance'}"
        found[f"drawn.{name}"] = {"zh": f"已自 {zh} 支取", "en": f"drawn from {en}"}
    return found
