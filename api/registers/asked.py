"""Which events a viewer may tell of an item as it stands, and the fields of the forms, as declared.

What is offered here may still be refused as it is told: a check that is open, a rule that does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from api.reading import PartyName, plain
from api.registers.schemas import EventAsked, FieldAsked, OptionShown
from api.registers.shown import labelled
from api.worded import both, of_words
from ledger.registers.declaration import Register
from ledger.registers.terms import EventTerms

Linked = Callable[[str], Sequence[str]]
"""Names the items of a register that a field may name."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Somebody in whose name the viewer may tell things, and the roles that they have there."""

    party: PartyName
    roles: frozenset[str]


def events_asked(
    of: Register, state: str | None, tellers: Sequence[Teller], linked: Linked
) -> Iterator[EventAsked]:
    """Yield the events that may be told in a state; with no state those that open an item."""
    for name, terms in of.all_events.items():
        if (state is None) != (terms.opens is not None) or (terms.in_ and state not in terms.in_):
            continue
        by = tuple(one.party for one in tellers if not terms.by or one.roles & set(terms.by))
        if by:
            fields = tuple(_field(of, field, terms, linked) for field in terms.fields)
            opening = terms.opens is not None
            yield EventAsked(name, of_words(terms.text.model_dump()), opening, by, fields)


def _field(of: Register, name: str, event: EventTerms, linked: Linked) -> FieldAsked:
    terms = of.all_fields[name]
    options: tuple[OptionShown, ...] = ()
    if terms.options is not None:
        options = tuple(OptionShown(key, of_words(text.model_dump())) for key, text in terms.options.items())
    elif terms.type == "bool":
        options = tuple(OptionShown(one, both(f"registers.{one}")) for one in ("true", "false"))
    elif terms.type == "item":
        options = tuple(OptionShown(one, plain(one)) for one in linked(of.links[name]))
    return FieldAsked(name, terms.type, labelled(terms.text), name in event.needs, options)
