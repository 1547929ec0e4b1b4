"""What is due under a clause on an occasion: what moves in all, or why it is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from policies.decisions.moves import Move
from policies.dues.occasions import Occasion
from policies.formulas.exact import Value

Cause = Literal["missing", "contested", "conflict", "review", "figures"]
"""Facts nobody recorded, facts that a party contests, exceptions that disagree, a person who must look,
figures that the clause cannot work on."""


@dataclass(frozen=True, slots=True)
class HeldBecause:
    """Why nothing is settled of a due: the facts that are lacking by name, and the reasons in words."""

    because: Cause
    facts: tuple[str, ...] = ()
    words: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class WorkedDue:
    """What a clause comes to on an occasion, in all: `moves` in minor units, each above zero.

    A held due moves nothing. `uncovered` is what no account gave, by kind; `facts` are those that the clause
    says how to work out; `trace` says how it came about.
    """

    occasion: Occasion
    moves: tuple[Move, ...] = ()
    held: HeldBecause | None = None
    uncovered: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    trace: tuple[Mapping[str, Any], ...] = ()
