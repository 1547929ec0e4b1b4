"""The facts of a case one by one, as places in it that can be changed; nothing here decides anything.

A place is a fact of the case, the amount claimed, a figure of what was settled or of a balance, or one fact
of one row of orders or events. Facts that the document gives a default are places too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from policies.agreement import Agreement
from policies.decisions.case import Case
from policies.decisions.case_file import FactGiven, RowGiven, Standing
from policies.document import FactType
from policies.source import Path

ROWS_LIMIT = 12
"""Rows of one set whose facts are changed one by one; a longer set is looked at in its first rows."""


@dataclass(frozen=True, slots=True)
class Place:
    """One fact of a case: where it stands, the name formulas read it by, its type, and its text.

    `text` is None while nobody has shown the fact. `alike` says how many rows its row stands for.
    """

    path: Path
    name: str
    type: FactType
    text: str | None
    options: tuple[str, ...] = ()
    alike: int = 1


def places(agreement: Agreement, case: Case, missing: Iterable[str]) -> Iterator[Place]:
    """Yield every fact of a case that can be changed, and those of `missing` that it could be given."""
    file, lacking = case.file, set(missing)
    for name, fact in agreement.document.facts.items():
        if fact.of != "case":
            continue
        given = file.facts.get(name)
        shown = given.value if given is not None and given.status != "disputed" else None
        text = None if name in lacking else shown or (fact.default if given is None else None)
        if text is not None or name in lacking:
            yield Place(("facts", name), name, fact.type, text, tuple(fact.options or ()))
    if file.claim.amount is not None:
        yield Place(("claim", "amount"), "claim.amount", "money", file.claim.amount)
    if file.occurred_on is not None:
        yield Place(("occurred_on",), "occurred_on", "date", file.occurred_on)
    for leg, text in file.settled.items() if file.settled != "in_full" else ():
        yield Place(("settled", leg), f"settled.{leg}", "money", text)
    for account, text in file.balances.items():
        full = f"{account}.balance" if account in agreement.parties else account
        yield Place(("balances", account), f"balance.{full}", "money", text)
    yield from _of_rows(agreement, "order", ("orders",), case.rows or ())
    for name, rows in file.events.items():
        yield from _of_rows(agreement, name, ("events", name), rows)


def _of_rows(
    agreement: Agreement, of: str, path: Path, rows: Iterable[Mapping[str, str | None]]
) -> Iterator[Place]:
    declared = {name: fact for name, fact in agreement.document.facts.items() if fact.of == of}
    for index, row in zip(range(ROWS_LIMIT), rows, strict=False):
        for name, text in row.items():
            fact = declared.get(name)
            if fact is not None and text:
                alike = int(row.get("count") or "1")
                yield Place((*path, index, name), name, fact.type, text, tuple(fact.options or ()), alike)


def with_text(case: Case, place: Place, text: str) -> Case:
    """Return the case with another text at a place; a fact that was missing counts as proven."""
    file = case.file
    match place.path:
        case ("facts", str(name)):
            before = file.facts.get(name)
            given = (
                FactGiven(value=text)
                if before is None or place.text is None
                else before.model_copy(update={"value": text})
            )
            return _with(case, facts={**file.facts, name: given})
        case ("claim", _):
            return _with(case, claim=file.claim.model_copy(update={"amount": text}))
        case ("occurred_on",):
            return _with(case, occurred_on=text)
        case ("settled" | "balances" as part, key):
            return _with(case, **{part: {**getattr(file, part), key: text}})
        case ("orders", int(index), _):
            rows = _with_cell(case.rows or (), index, place.name, text)
            return replace(case, rows=tuple(rows))
        case _:
            of, index = str(place.path[1]), int(place.path[2])
            rows = _with_cell(file.events[of], index, place.name, text)
            return _with(case, events={**file.events, of: rows})


def with_standing(case: Case, name: str, status: Standing) -> Case:
    """Return the case with another standing of a fact that it gives."""
    given = case.file.facts[name].model_copy(update={"status": status})
    return _with(case, facts={**case.file.facts, name: given})


def _with(case: Case, **changes: object) -> Case:
    return replace(case, file=case.file.model_copy(update=changes))


def _with_cell(rows: Iterable[Mapping[str, str | None]], at: int, name: str, text: str) -> list[RowGiven]:
    return [{**row, name: text} if index == at else dict(row) for index, row in enumerate(rows)]
