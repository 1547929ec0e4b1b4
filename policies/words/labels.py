"""What people call the names that clauses bring into formulas: figures, and what is awarded and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from policies.chart import CHART
from policies.clauses.core import Clause
from policies.clauses.family import draws_of, sources_named

Labels = dict[str, dict[str, str]]

PURPOSES = {name: (one.zh, one.en) for name, one in CHART.items()}
"""What accounts are kept for, in Chinese and English: `KEY.PURPOSE`."""


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
                found.setdefault(remedy.kind, words)
                found[f"awarded.{remedy.kind}"] = {"zh": f"已判{words['zh']}", "en": f"{words['en']} awarded"}
        for draw in draws_of(clause):
            if draw.kind is not None and draw.text is not None:
                found.setdefault(draw.kind, draw.text.model_dump())
        for pool in (clause.pools or {}).values():
            if pool.text is not None:
                found.setdefault(pool.kind, pool.text.model_dump())
    return found | _accounts(sources_named(clauses), people)


def account_words(account: str, labels: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return an account in both languages: whose it is, what for, and which order's where it names one."""
    plain, _, order = account.partition(":")
    owner, _, purpose = plain.partition(".")
    spoken: dict[str, str] = {}
    for place, language in enumerate(("zh", "en")):
        kept = {key: words[place] for key, words in PURPOSES.items()}
        parts = [labels.get(owner, {}).get(language) or kept.get(owner, owner)]
        parts += [kept.get(purpose, purpose)] if purpose else []
        spoken[language] = "·".join([*parts, order] if order else parts)
    return spoken


def _accounts(accounts: Iterable[str], people: Mapping[str, Mapping[str, str]]) -> Labels:
    found: Labels = {}
    for account in accounts:
        owner, _, purpose = account.partition(".")
        name = f"{owner}.{purpose or 'balance'}"
        who = account_words(name, people)
        found[f"drawn.{name}"] = {"zh": f"已自{who['zh']}支取", "en": f"drawn from {who['en']}"}
        found[f"balance.{name}"] = {"zh": f"{who['zh']}现有金额", "en": f"what is in {who['en']}"}
    return found
