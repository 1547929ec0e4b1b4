"""Facts: what is known to be so, with typed fields. Not rules, and not how facts are matched.

A fact is positive. Absences, sums, comparisons of money, day differences and deadlines are computed by
the exact reader beforehand and enter as facts of their own ("holds").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from policies.errors import FactError
from policies.rules.errors import RulesBeyondLimit

Scalar: TypeAlias = str | int | bool
Kind: TypeAlias = Literal["bool", "int", "text"]
Kinds: TypeAlias = Mapping[tuple[str, str], Kind]

INT_LIMIT = 2**63
"""Integers stay within int64, as the database's do."""

FACTS_LIMIT = 4096
"""Facts in one case: beyond this a case is a settlement, and its figures are computed before the rules."""

_KINDS: dict[type, Kind] = {bool: "bool", int: "int", str: "text"}


def kind_of(value: Any) -> Kind | None:
    """Return the kind of a value by its exact type, so that True is never 1; None if it has no kind."""
    return _KINDS.get(type(value))


def kind_of_scalar(value: Any, where: str) -> Kind:
    """Return the kind of a value that rules can hold.

    Raises FactError for floats, Decimals, dates, None and anything else, and for integers beyond int64.
    """
    kind = kind_of(value)
    if kind is None:
        raise FactError(
            f"{type(value).__name__} cannot be a field of a fact; use text, an integer or true/false "
            "(write a date as a day count or as the fact that was computed from it)",
            where=where,
        )
    if kind == "int" and not -INT_LIMIT <= value < INT_LIMIT:
        raise FactError(
            "an integer beyond int64 cannot be matched; compute the comparison first", where=where
        )
    return kind


class Fact:
    """One thing that is so: a type (`name`, like "event.price_observed") and its fields (`bindings`).

    Two facts with the same name and fields are one fact, so an event carries its own id as a field.
    Immutable; equality is by kind and value, so a field True differs from a field 1.
    Raises FactError for an empty name or a field that is not text, int64 or bool.
    """

    __slots__ = ("bindings", "key", "name")

    name: str
    bindings: Mapping[str, Scalar]
    key: tuple[str, tuple[tuple[str, Kind, Scalar], ...]]
    """The total order of facts: name, then fields with kind and value."""

    def __init__(self, name: str, bindings: Mapping[str, Scalar]) -> None:
        if type(name) is not str or not name:
            raise FactError("a fact needs a name", where=repr(name))
        fields: list[tuple[str, Kind, Scalar]] = []
        for field in bindings:
            if type(field) is not str or not field:
                raise FactError(f"field {field!r} must be a name", where=name)
        for field, value in sorted(bindings.items()):
            fields.append((field, kind_of_scalar(value, f"{name}.{field}"), value))
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "bindings", MappingProxyType(dict(bindings)))
        object.__setattr__(self, "key", (name, tuple(fields)))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a fact does not change: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a fact does not change: {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"Fact({self.name!r}, {dict(self.bindings)!r})"


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts once each, in their total order: the order in which every engine sees them.

    Raises RulesBeyondLimit above FACTS_LIMIT.
    """
    ordered = tuple(sorted(set(facts), key=lambda fact: fact.key))
    if len(ordered) > FACTS_LIMIT:
        raise RulesBeyondLimit(f"{len(ordered)} facts in one case; at most {FACTS_LIMIT} are matched")
    return ordered


def field_kinds(facts: Iterable[Fact]) -> dict[tuple[str, str], Kind]:
    """Return the kind of each (fact name, field).

    Raises FactError where one field has two kinds: comparing them would be an accident.
    """
    kinds: dict[tuple[str, str], Kind] = {}
    for fact in facts:
        for field, kind, _ in fact.key[1]:
            known = kinds.setdefault((fact.name, field), kind)
            if known != kind:
                raise FactError(
                    f"is {known} in one fact and {kind} in another; give it one kind",
                    where=f"{fact.name}.{field}",
                )
    return kinds
