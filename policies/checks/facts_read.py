"""Finds facts that are declared and that nothing in the document reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.agreement import Agreement
from policies.errors import Finding, FormulaError
from policies.formulas.tree import Name, walk


def check(agreement: Agreement) -> Iterator[Finding]:
    """Yield an info for each declared fact that no formula, scope or data grant reads."""
    if not agreement.document.facts:
        return
    read = read_names(agreement)
    for name, fact in agreement.document.facts.items():
        if name not in read:
            yield agreement.finding(
                "fact.unread",
                f"the fact '{name}' ({fact.text.en}) is declared, but nothing in the document reads it",
                ("facts", name),
                severity="info",
                witness={"fact": name},
                message_zh=f"事实“{name}”（{fact.text.zh}）已声明，但文件中没有任何条款使用",
            )


def read_names(agreement: Agreement) -> frozenset[str]:
    """Return every name that the document's formulas read or its fields name."""
    document = agreement.document
    parts: list[Any] = [clause.model_dump(by_alias=True, exclude_none=True) for clause in document.clauses]
    parts += [
        agreement.clauses[clause.id].model_dump(by_alias=True, exclude_none=True)
        for clause in document.clauses
    ]
    rest = document.model_dump(by_alias=True, exclude_none=True, exclude={"clauses", "facts", "tests"})
    found: set[str] = set()
    for text in _texts([*parts, rest]):
        found.add(text)
        found |= _names_of(agreement, text)
    # `proven.FACT` and `evidence.FACT` read how a fact stands, and so the fact
    return frozenset(found | {name.partition(".")[2] for name in found})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in {"text", "zh", "en"}:
                yield str(key)
                yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _names_of(agreement: Agreement, text: str) -> frozenset[str]:
    try:
        nodes = [agreement.formula(text)]
    except FormulaError:
        try:
            where = agreement.rows_formula(text).where
        except FormulaError:
            return frozenset()
        nodes = [where] if where is not None else []
    return frozenset(part.name for node in nodes for part in walk(node) if isinstance(part, Name))
