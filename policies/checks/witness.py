"""Witnesses: values found by a proof, written as users write an order or a case. No check stands here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from policies.agreement import Agreement
from policies.errors import Finding, PolicyError
from policies.formulas.exact import Known
from policies.formulas.solver import Domain
from policies.formulas.types import Scope
from policies.money import from_minor, round_minor
from policies.source import Path
from policies.words.text_numbers import decimal_text


def domain_of(agreement: Agreement, types: Scope) -> Domain:
    """Return what the solver needs to know about the names of a document."""
    facts = agreement.document.facts
    counts = {name for name, fact in facts.items() if fact.type == "count"}
    counts |= {f"evidence.{name}" for name, fact in facts.items() if fact.of == "case"}
    options = {name: fact.options for name, fact in facts.items() if fact.options is not None}
    rounding = agreement.commission.rounding.mode if agreement.commission else None
    return Domain(types, agreement.scale, frozenset(counts), rounding, options, agreement.row_types())


def written_values(agreement: Agreement, values: Mapping[str, Known], types: Scope) -> dict[str, str]:
    """Write values as text: money with its places, days as dates, conditions as true and false."""
    return {name: _written(agreement, value, types.get(name, "text")) for name, value in values.items()}


def phrase(agreement: Agreement, values: Mapping[str, str], language: str) -> str:
    """Return the values as a phrase with the names people use: "实付 100.00、运费 10.00"."""
    labels = agreement.labels()
    separator = "、" if language == "zh" else ", "
    return separator.join(
        f"{labels.get(name, {}).get(language, name)} {text}".strip() for name, text in values.items()
    )


def amount(agreement: Agreement, minor: int) -> str:
    """Write minor units as an amount of the document's currency."""
    return from_minor(minor, agreement.currency)


def unproved(agreement: Agreement, what: tuple[str, str], reason: tuple[str, str], path: Path) -> Finding:
    """Return the finding that something could be neither shown nor ruled out, which is never a pass."""
    return agreement.finding(
        "check.unknown",
        f"whether {what[0]} could not be settled: {reason[0]}; judge it by hand, and sign over this warning",
        path,
        severity="warning",
        message_zh=f"未能判定{what[1]}：{reason[1]}；请自行核对后签署确认本提示",
    )


def reason_of(fault: PolicyError) -> tuple[str, str]:
    """Return why a question could not be put, in English and Chinese."""
    return str(fault), fault.data.get("zh", "其中的公式求解器无法读取")


LIMIT_REACHED = ("the search reached its limit", "证明已达资源上限")
"""Why a question stayed open when nothing in it was beyond the solver."""


def _written(agreement: Agreement, value: Known, kind: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Fraction):
        if kind == "money":
            return amount(agreement, round_minor(value * agreement.scale, "half_up"))
        return decimal_text(value)
    return value.isoformat() if isinstance(value, date) else value
