"""Conditions of entry held against figures of a relationship. Pure: the figures are the caller's to count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from policies.document import Stage
from policies.fields import Words
from policies.formulas.exact import Facts, Unknown, evaluate
from policies.formulas.parse import parse
from policies.formulas.tree import names
from policies.stages import stage_figures, stages

Figures = Mapping[str, Fraction]
"""What a relationship shows, by the names in stages.yaml; one that cannot be counted yet is left out."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A condition of entry and what came of it: `holds` is None where a figure it reads is not there yet.

    `figures` are what it read.
    """

    id: str
    text: Words
    formula: str
    holds: bool | None
    figures: Mapping[str, Fraction]


def assess(stage: Stage, figures: Figures) -> tuple[Assessed, ...]:
    """Hold the conditions of entry of a stage against figures, in their order."""
    found = []
    for one in stages()[stage].entry:
        node = parse(one.holds)
        value = evaluate(node, Facts(dict(figures)))
        read = {name: figures[name] for name in sorted(names(node)) if name in figures}
        found.append(
            Assessed(one.id, one.text, one.holds, None if isinstance(value, Unknown) else value is True, read)
        )
    return tuple(found)


def figure_text(name: str, value: Fraction) -> str:
    """Write a figure for people: a share in percent, to one place where it is not whole."""
    is_rate = stage_figures()[name].type == "rate"
    shown = value * 100 if is_rate else value
    tenths = round(shown * 10)
    text = f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")
    return f"{text}%" if is_rate else text


def read_text(one: Assessed, language: str) -> str:
    """Write what a condition read, in a language: `order lines received 1,055`."""
    words = [(stage_figures()[name].text, figure_text(name, value)) for name, value in one.figures.items()]
    if language == "zh":
        return "，".join(f"{label.zh} {text}" for label, text in words)
    return ", ".join(f"{label.en} {text}" for label, text in words)
