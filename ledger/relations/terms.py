"""What the events of a register's item are counted into, as counted.yaml says; counting is counting.py's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from policies.fields import Model, Name
from policies.source import read_source


class FactTerms(Model):
    """How a fact of a clause comes of events: a field's sum, mean or last value; `less` is taken off."""

    take: Literal["sum", "mean", "last"]
    field: Name
    events: tuple[Name, ...] = Field(min_length=1)
    less: tuple[Name, ...] = ()
    where: dict[Name, str] = Field(default_factory=dict)


class CostTerms(Model):
    """Costs that roles share: the field of their amount, who `paid_by`, the field of each role's share."""

    field: Name
    events: tuple[Name, ...] = Field(min_length=1)
    paid_by: Name
    shares: dict[Name, Name]


class CountTerms(Model):
    """What a register's items come to under clauses of one kind."""

    clause: Name
    facts: dict[Name, FactTerms]
    costs: CostTerms | None = None


@cache
def counted() -> Mapping[str, CountTerms]:
    """Return what is counted, by register."""
    text = files("ledger.relations").joinpath("counted.yaml").read_text(encoding="utf-8")
    return {
        name: CountTerms.model_validate(one) for name, one in read_source(text, "counted.yaml").plain.items()
    }
