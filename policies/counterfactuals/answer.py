"""What a search for counterfactuals answers: single changes, each with what it would lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies.counterfactuals.places import Place
from policies.decisions.case_file import Standing
from policies.decisions.decide import Worked
from policies.decisions.decision import Outcome
from policies.money import from_minor


@dataclass(frozen=True, slots=True)
class Result:
    """What a decision comes to for the parties, whatever the exact amount."""

    outcome: Outcome
    paid: bool


def result_of(worked: Worked) -> Result:
    """Return what a decision comes to."""
    return Result(worked.decision.outcome, worked.decision.amount_minor > 0)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far along its line a fact is decided alike; None where nothing ends it on that side."""

    low: str | None
    high: str | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """One change of one fact under which the case is decided otherwise.

    `texts` are values of the fact. They are none where any text but those `apart` will do, or where
    `standing`, what the fact rests on, changes instead. `reach` is there for a fact with an order, whose one
    text is the nearest value.
    `outcome` and `amount_minor` are what is decided at the nearest value.
    """

    place: Place
    texts: tuple[str, ...]
    outcome: Outcome
    amount_minor: int
    reach: Reach | None = None
    standing: Standing | None = None
    apart: tuple[str, ...] | None = None

    def as_json(self, currency: str) -> dict[str, Any]:
        """Return it as plain JSON, without words."""
        found: dict[str, Any] = {
            "fact": self.place.name,
            "path": list(self.place.path),
            "type": self.place.type,
            "given": self.place.text,
            "values": list(self.texts),
        }
        if self.reach is not None:
            found |= {"from": self.reach.low, "to": self.reach.high}
        if self.standing is not None:
            found["standing"] = self.standing
        if self.apart is not None:
            found["anything_but"] = list(self.apart)
        amount = from_minor(self.amount_minor, currency)
        return {
            **found,
            "outcome": self.outcome,
            "amount_minor": self.amount_minor,
            "amount": amount,
        }


@dataclass(frozen=True, slots=True)
class Counterfactuals:
    """What a search found: the changes, and the facts of which none was found that matters.

    `complete` is false where a case is too large to be decided as often as that takes.
    """

    found: tuple[Counterfactual, ...]
    steady: tuple[Place, ...]
    complete: bool
