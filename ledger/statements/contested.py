"""What of a statement is contested: lines, figures or the whole, what it comes to and on which accounts.

A figure is named by its place in the statement's content, as RFC 6901 writes it: `/totals/0`,
`/opening_minor`. What is contested is held on the accounts that it went to, as far as it is above zero: of
what was taken from a party there is nothing on its account to hold. Nothing is contested twice while the
first contest stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.settlement.accounts import DEFAULT_PURPOSE, owner_and_purpose
from ledger.settlement.errors import ContestRefused
from ledger.statements.lines import LineStore
from ledger.statements.reading import Statement, StatementLine, read_line
from policies.agreement import Agreement
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

    @property
    def held(self) -> dict[str, int]:
        """What is held, by purpose of the account: what is contested of it, where that is above zero."""
        return {purpose: amount for purpose, amount in sorted(self.by_purpose.items()) if amount > 0}


def contested(store: LineStore, statement: Statement, agreement: Agreement, asked: ContestAsked) -> Contested:
    """Return what is asked to be contested, with its amounts.

    Raises ContestRefused for no reason, too many lines, or a figure that the statement does not have;
    StatementUnknown for a line that it does not have, LinesUnavailable.
    """
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
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[purpose_of(agreement, line.leg)] += line.amount_minor
    for one in figures:
        sums[_purpose(agreement, places[one["figure"]])] += one["amount_minor"]
    if asked.whole:
        sums = _of_whole(agreement, statement)
    return Contested(
        tuple(_line_item(line) for line in lines),
        tuple(figures),
        asked.whole,
        sum(sums.values()),
        dict(sums),
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


def purpose_of(agreement: Agreement, leg: str | None) -> str:
    """Return the purpose of the account that a leg, or a kind of funding, is posted on; else the balance."""
    clause = agreement.commission
    named = {step.leg: step.to for step in clause.waterfall if step.leg and step.to} if clause else {}
    named |= {source.kind: source.from_ for source in clause.funding} if clause else {}
    account = named.get(leg) if leg else None
    return owner_and_purpose(agreement, account)[1] if account else DEFAULT_PURPOSE


def _require_sound(statement: Statement, asked: ContestAsked) -> None:
    if not asked.reason or len(asked.reason) > REASON_MAX:
        raise ContestRefused(f"give a reason of at most {REASON_MAX} letters", where=statement.id)
    if len(asked.lines) > LINES_MAX:
        raise ContestRefused(
            f"more than {LINES_MAX} lines; contest their figure, or the whole", where=statement.id
        )


def _of_whole(agreement: Agreement, statement: Statement) -> dict[str, int]:
    """Return what a statement comes to by purpose: of its lines where they went, the rest on the balance."""
    sums: dict[str, int] = defaultdict(int)
    for total in statement.content["totals"]:
        sums[purpose_of(agreement, total["leg"])] += total["amount_minor"]
    held = statement.content.get("held_minor", 0)  # held already, for another reason
    sums[DEFAULT_PURPOSE] += statement.content["closing_minor"] - held - sum(sums.values())
    return sums


def _amount(figure: Any) -> int:
    return figure if isinstance(figure, int) else int(figure["amount_minor"])


def _purpose(agreement: Agreement, figure: Any) -> str:
    return purpose_of(agreement, figure.get("leg") if isinstance(figure, dict) else None)


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
