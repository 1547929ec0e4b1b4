"""What of a statement is contested: lines, figures or the whole, what it comes to and on which accounts.

A figure is named by its place in the statement's content, as RFC 6901 writes it: `/totals/0`,
`/opening_minor`. Nothing is contested twice while the first contest stands. Not here: what is held of what is
contested (contest_holds.py), and on which accounts it stands (placed.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.settlement.accounts import DEFAULT_PURPOSE
from ledger.settlement.errors import ContestRefused
from ledger.statements.lines import LineStore
from ledger.statements.placed import Placed
from ledger.statements.reading import Statement, StatementLine, read_line
from policies.errors import did_you_mean

LINES_MAX = 500
"""Lines that one contest names at most; more of them are contested by their figure, or the whole."""

REASON_MAX = 2_000


@dataclass(frozen=True, slots=True)
class ContestAsked:
    """What a party contests: line numbers, figures by their place, or with neither of them the whole."""

    reason: str
    lines: tuple[int, ...] = ()
    figures: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the whole statement is contested."""
        return not (self.lines or self.figures)


@dataclass(frozen=True, slots=True)
class Contested:
    """What a contest says: items as they stand in its entry, and per account purpose what they come to."""

    lines: tuple[dict[str, Any], ...]
    figures: tuple[dict[str, Any], ...]
    whole: bool
    amount_minor: int
    by_purpose: Mapping[str, int]


def contested(store: LineStore, placed: Placed, asked: ContestAsked) -> Contested:
    """Return what is asked to be contested, with its amounts.

    Raises ContestRefused for no reason, too many lines, or a figure that the statement does not have;
    StatementUnknown for a line that it does not have, LinesUnavailable.
    """
    statement = placed.statement
    _require_sound(statement, asked)
    places = figures_of(statement.content)
    for place in asked.figures:
        if place not in places:
            hint = did_you_mean(place, places)
            raise ContestRefused(f"it has no figure '{place[:80]}'{hint}", where=statement.id)
    lines = [read_line(store, statement, number) for number in sorted(set(asked.lines))]
    figures: list[dict[str, Any]] = [
        {"figure": place, "amount_minor": _amount(places[place])} for place in sorted(set(asked.figures))
    ]
    items = tuple(_line_item(line) for line in lines)
    sums = of_whole(placed) if asked.whole else of_items(placed, items, figures)
    return Contested(
        items,
        tuple(figures),
        asked.whole,
        sum(sums.values()),
        sums,
    )


def require_uncontested(statement: Statement, new: Contested, standing: Iterable[Mapping[str, Any]]) -> None:
    """Refuse what a contest that stands already has, by line, by a figure over it, or in the whole.

    `standing` is what the entries of open contests say. Raises ContestRefused.
    """
    for content in standing:
        earlier = f"contest {content['contest']} of it stands already"
        if content["whole"] or new.whole:
            raise ContestRefused(earlier, where=statement.id)
        taken = _taken(statement, content["lines"], content["figures"])
        wanted = _taken(statement, new.lines, new.figures)
        both = (taken.figures & wanted.figures) or (taken.lines & wanted.lines)
        within = (taken.totals & wanted.line_totals) or (wanted.totals & taken.line_totals)
        if both or within:
            raise ContestRefused(f"part of this is contested: {earlier}", where=statement.id)


def figures_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a statement's content can be contested, by place: the opening, and parts of the sum."""
    opening = {"/opening_minor": content["opening_minor"]} if content["opening_minor"] else {}
    return opening | dict(parts_of(content))


def parts_of(content: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the parts of a statement's sum with their places: of lines first, of decisions last."""
    keys = sorted(content, key=lambda key: (key != "totals", key == "adjustments", key))
    return [
        (f"/{key}/{index}", one)
        for key in keys
        if isinstance(content[key], list)
        for index, one in enumerate(content[key])
        if "amount_minor" in one
    ]


def of_items(
    placed: Placed, lines: Iterable[Mapping[str, Any]], figures: Iterable[Mapping[str, Any]]
) -> dict[str, int]:
    """Return what contested lines and figures, as a contest's entry has them, come to by purpose."""
    places = figures_of(placed.statement.content)
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[placed.leg(line["leg"])] += line["amount_minor"]
    for one in figures:
        _add(sums, placed.part(places[one["figure"]]))
    return dict(sums)


def of_whole(placed: Placed) -> dict[str, int]:
    """Return what a statement comes to by purpose of the account, less what was held when it was issued."""
    content = placed.statement.content
    sums: dict[str, int] = defaultdict(int)
    for figure in figures_of(content).values():
        _add(sums, placed.part(figure))
    sums[DEFAULT_PURPOSE] -= content.get("held_minor", 0)
    return dict(sums)


def _require_sound(statement: Statement, asked: ContestAsked) -> None:
    if not asked.reason or len(asked.reason) > REASON_MAX:
        raise ContestRefused(f"give a reason of at most {REASON_MAX} letters", where=statement.id)
    if len(asked.lines) > LINES_MAX:
        raise ContestRefused(
            f"more than {LINES_MAX} lines; contest their figure, or the whole", where=statement.id
        )


def _add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for purpose, amount in more.items():
        sums[purpose] += amount


def _amount(figure: Any) -> int:
    return figure if isinstance(figure, int) else int(figure["amount_minor"])


def _line_item(line: StatementLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "order": line.order,
        "line": line.line,
        "clause": line.clause,
        "leg": line.leg,
        "kind": line.kind,
        "amount_minor": line.amount_minor,
    }


@dataclass(frozen=True, slots=True)
class _Taken:
    """What some items touch: line numbers, figures, and the totals (clause, leg, kind) of either."""

    lines: frozenset[int]
    line_totals: frozenset[tuple[str, str, str]]
    figures: frozenset[str]
    totals: frozenset[tuple[str, str, str]]


def _taken(
    statement: Statement, lines: Sequence[Mapping[str, Any]], figures: Sequence[Mapping[str, Any]]
) -> _Taken:
    places = figures_of(statement.content)
    named = [places[one["figure"]] for one in figures]
    return _Taken(
        frozenset(one["number"] for one in lines),
        frozenset((one["clause"], one["leg"], one["kind"]) for one in lines),
        frozenset(one["figure"] for one in figures),
        frozenset(
            (one["clause"], one["leg"], one["kind"])
            for one in named
            if isinstance(one, dict) and "leg" in one
        ),
    )
