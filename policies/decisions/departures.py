"""Where a ruling departs from what the rules proposed, part by part, each with the person's reason for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from policies.decisions.rulings import Ruling
from policies.money import from_minor

Part = Literal["fact", "outcome", "amount", "component", "effect"]
PARTS: tuple[Part, ...] = ("fact", "outcome", "amount", "component", "effect")


@dataclass(frozen=True, slots=True)
class Departure:
    """One part that a ruling has otherwise: what the rules had, what it has, None where there is none.

    `name` is the fact, component or effect; empty for outcome and amount. Amounts are decimal text.
    """

    part: Part
    name: str
    before: str | None
    after: str | None
    because: str | None

    def as_json(self) -> dict[str, str | None]:
        """Return it as plain JSON."""
        return {
            "part": self.part,
            "name": self.name,
            "before": self.before,
            "after": self.after,
            "because": self.because,
        }


def departures(
    before: Mapping[str, Any], after: Mapping[str, Any], ruling: Ruling, facts: Mapping[str, str]
) -> Iterator[Departure]:
    """Yield each part of the decision `before` that `after` has otherwise; both as JSON.

    `facts` are those that the rules had, as text, a disputed one left out.
    """
    for name, found in ruling.finds.items():
        if facts.get(name) != found.value:
            yield Departure("fact", name, facts.get(name), found.value, found.because)
    if before["outcome"] != after["outcome"]:
        yield Departure("outcome", "", before["outcome"], after["outcome"], None)
    if before["amount_minor"] != after["amount_minor"]:
        yield Departure("amount", "", before["amount"], after["amount"], None)
    yield from _components(before, after, ruling)
    had, has = ({one["id"] for one in content["effects"]} for content in (before, after))
    for name in sorted(had ^ has):
        before_it, after_it = ("follows" if name in one else None for one in (had, has))
        yield Departure("effect", name, before_it, after_it, ruling.strikes.get(name))


def _components(before: Mapping[str, Any], after: Mapping[str, Any], ruling: Ruling) -> Iterator[Departure]:
    because = {one.kind: one.because for one in ruling.awards}
    had, has = ({**content["components"], **content["beside_claim"]} for content in (before, after))
    for name in sorted({*had, *has}):
        if had.get(name) != has.get(name):
            was, now = (
                from_minor(one[name], after["currency"]) if name in one else None for one in (had, has)
            )
            yield Departure("component", name, was, now, because.get(name))
